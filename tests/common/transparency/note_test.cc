#include "common/transparency/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/transparency/checkpoint.h"
#include "tests/support/log_key_file.h"
#include "tests/support/matchers.h"

namespace idea::transparency {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::StartsWith;

constexpr char kText[] = "example.org/log\n42\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n";
constexpr int64_t kTime = 1679315147;

class Cosignatures : public ::testing::Test {
 protected:
  NoteSigner Witness(const std::string& name = "witness.example/w1") const {
    return *NoteSigner::Load(file_.path(), name, KeyType::kCosignature);
  }

  const testing::LogKeyFile file_;
};

TEST_F(Cosignatures, SayWhenTheWitnessSawTheCheckpoint) {
  const NoteSigner witness = Witness();
  const NoteSignature line = witness.Cosign(kText, kTime);
  EXPECT_EQ(CosignTime(line), kTime);
  EXPECT_TRUE(witness.key().Verifies(kText, line));
  const auto read = ParseSignatures(FormatSignature(line));
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), 1U);
  EXPECT_TRUE(witness.key().Verifies(kText, read->front()));
}

TEST_F(Cosignatures, AreOfOneTextTimeAndKey) {
  const NoteSigner witness = Witness();
  const NoteSignature line = witness.Cosign(kText, kTime);
  EXPECT_FALSE(witness.key().Verifies(std::string(kText) + "\n", line));
  for (size_t i = 0; i < line.signature.size(); ++i) {
    NoteSignature changed = line;
    changed.signature[i] ^= 1;
    EXPECT_FALSE(witness.key().Verifies(kText, changed)) << "byte " << i;
  }
  const testing::LogKeyFile second(testing::LogKeyFile::kSecondPem);
  const auto other = NoteSigner::Load(second.path(), "witness.example/w1", KeyType::kCosignature);
  ASSERT_THAT(other, IsOk());
  EXPECT_FALSE(other->key().Verifies(kText, line));
  EXPECT_FALSE(Witness("witness.example/w2").key().Verifies(kText, line));
}

TEST_F(Cosignatures, AreNotSignaturesAndSignaturesNotCosignatures) {
  const auto log = NoteSigner::Load(file_.path(), "witness.example/w1", KeyType::kSignature);
  ASSERT_THAT(log, IsOk());
  const NoteSigner witness = Witness();
  EXPECT_NE(log->key().verifier(), witness.key().verifier());
  EXPECT_FALSE(witness.key().Verifies(kText, log->Sign(kText)));
  EXPECT_FALSE(log->key().Verifies(kText, witness.Cosign(kText, kTime)));
}

TEST_F(Cosignatures, HaveTheKeyIdOfTheSpecification) {
  // The first four bytes of SHA-256(name, newline, 0x04, 32 bytes of 0), computed by another implementation.
  const auto key = NoteKey::Parse("witness.example/w1+490ca8b1+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->type(), KeyType::kCosignature);
  EXPECT_EQ(key->verifier(), "witness.example/w1+490ca8b1+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

TEST_F(Cosignatures, AreAddedToACheckpointThatTheLogsKeyStillOpens) {
  const auto log = LogKey::Load(file_.path(), "example.org/log");
  ASSERT_THAT(log, IsOk());
  const std::string note = log->Sign(42, std::string(32, 'r'));
  EXPECT_THAT(note, StartsWith(kText));
  const std::string cosigned = note + FormatSignature(Witness().Cosign(kText, kTime));
  EXPECT_THAT(OpenCheckpoint(cosigned, log->verifier()), IsOk());
  const auto parsed = ParseNote(cosigned);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_TRUE(*IsSignedBy(*parsed, Witness().key()));
  EXPECT_FALSE(*IsSignedBy(*ParseNote(note), Witness().key()));
}

TEST(NoteKeys, AreOfAKnownKindAndFitTheirId) {
  for (const char* verifier :
       {"", "a", "a+b", "a+b+c", "w+490ca8b1+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "witness.example/w1+490ca8b1+BgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "witness.example/w1+490CA8B1+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "witness.example/w1+490ca8b1+BAAA"}) {
    EXPECT_THAT(NoteKey::Parse(verifier).status().message(), HasSubstr("verifier")) << verifier;
  }
}

TEST(Notes, AreRefusedIfMalformed) {
  for (const char* note :
       {"", "\n", "text", "text\n", "text\n\n", "text\n\n\u2014 name AAAAAAA=", "text\n\n- name AAAAAAA=\n",
        "text\n\n\u2014 name AAAA\n", "text\n\n\u2014 na+me AAAAAAA=\n", "text\n\n\u2014 name AAAAAAB=\n",
        "text\n\n\u2014  AAAAAAA=\n", "text\n\n\u2014 name AAAAAAA=\n\n"}) {
    EXPECT_FALSE(ParseNote(note).ok()) << note;
  }
  EXPECT_THAT(ParseNote("text\n\n\u2014 name AAAAAAA=\n"), IsOk());
}

}  // namespace
}  // namespace idea::transparency
