#include "common/transparency/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/log_key_file.h"
#include "tests/support/matchers.h"

namespace idea::transparency {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::StartsWith;

class Checkpoints : public ::testing::Test {
 protected:
  absl::StatusOr<LogKey> Load(const std::string& origin = "example.org/log") const {
    return LogKey::Load(file_.path(), origin);
  }

  const testing::LogKeyFile file_;
  const std::string root_ = std::string(32, 'r');
};

TEST_F(Checkpoints, AreNotesThatTheVerifierOpens) {
  const auto key = Load();
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(key->verifier(), StartsWith("example.org/log+"));
  const std::string note = key->Sign(42, root_);
  EXPECT_THAT(
      note,
      StartsWith(
          "example.org/log\n42\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n\n\u2014 example.org/log "));
  const auto opened = OpenCheckpoint(note, key->verifier());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->origin, "example.org/log");
  EXPECT_EQ(opened->size, 42);
  EXPECT_EQ(opened->root, root_);
}

TEST_F(Checkpoints, MayHaveSignaturesOfOthersToo) {
  const auto key = Load();
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(OpenCheckpoint(key->Sign(1, root_) + "\u2014 witness.example AAAAAAAAAA==\n", key->verifier()),
              IsOk());
}

TEST_F(Checkpoints, AreRefusedOnceAnyByteIsAnother) {
  const auto key = Load();
  ASSERT_THAT(key, IsOk());
  const std::string note = key->Sign(42, root_);
  for (size_t i = 0; i < note.size(); ++i) {
    std::string changed = note;
    changed[i] ^= 1;
    EXPECT_FALSE(OpenCheckpoint(changed, key->verifier()).ok()) << "byte " << i;
  }
  EXPECT_FALSE(OpenCheckpoint(note.substr(0, note.find("\u2014")), key->verifier()).ok());
}

TEST_F(Checkpoints, AreRefusedUnderAnotherKey) {
  const auto key = Load();
  const auto other = Load("example.org/other");
  ASSERT_THAT(key, IsOk());
  ASSERT_THAT(other, IsOk());
  EXPECT_FALSE(OpenCheckpoint(key->Sign(42, root_), other->verifier()).ok());
  for (const char* verifier : {"", "example.org/log", "example.org/log+00000000+AZ1hsZ3v", "a+b+c"}) {
    EXPECT_THAT(OpenCheckpoint(key->Sign(42, root_), verifier).status().message(), HasSubstr("verifier"));
  }
}

TEST_F(Checkpoints, AreOpenedByEachOfTheKeysOfALog) {
  const auto earlier = Load();
  const testing::LogKeyFile second(testing::LogKeyFile::kSecondPem);
  const auto later = LogKey::Load(second.path(), "example.org/log");
  const auto other = Load("example.org/other");
  ASSERT_THAT(later, IsOk());
  const std::string both = later->verifier() + "\r\n" + earlier->verifier() + "\n";
  EXPECT_THAT(OpenCheckpoint(earlier->Sign(1, root_), both), IsOk());
  EXPECT_THAT(OpenCheckpoint(later->Sign(2, root_), both), IsOk());
  EXPECT_FALSE(OpenCheckpoint(earlier->Sign(1, root_), later->verifier()).ok());
  EXPECT_FALSE(OpenCheckpoint(later->Sign(2, root_), earlier->verifier()).ok());
  EXPECT_THAT(OpenCheckpoint(earlier->Sign(1, root_), both + other->verifier()).status().message(),
              HasSubstr("more than one log"));
}

// The key, its id and the signature of other implementations of C2SP signed notes, computed from the
// definition with the public key and the signature of a standard Ed25519 (cryptography of Python).
TEST_F(Checkpoints, AreByteForByteWhatTheDefinitionSays) {
  const auto key = Load();
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->verifier(), "example.org/log+1c66b9ea+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
  EXPECT_EQ(key->Sign(42, root_),
            "example.org/log\n42\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n\n\u2014 example.org/log "
            "HGa56qqA36dXNf0y7VMbERDXmn+lvZPHCmUj41AG1lY/6t80BvHyfYEAwMVTweZNhw6S11IIbxvGy8TEMjJzXGpUewE=\n");
}

// The example of golang.org/x/mod/sumdb/note in Go, the origin of the format.
TEST_F(Checkpoints, AreNotesThatOthersSign) {
  const std::string note =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n"
      "\n"
      "\u2014 PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  const std::string verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  EXPECT_THAT(OpenNote(note, verifier), testing::IsOkAndHolds(StartsWith("If you think")));
}

TEST_F(Checkpoints, AreTakenInTheOneWayToWriteThem) {
  const auto key = Load();
  ASSERT_THAT(key, IsOk());
  const std::string root = "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n";
  EXPECT_THAT(OpenCheckpoint(key->SignNote("example.org/log\n42\n" + root), key->verifier()), IsOk());
  // Lines after the root are extensions.
  EXPECT_THAT(OpenCheckpoint(key->SignNote("example.org/log\n42\n" + root + "more\n"), key->verifier()),
              IsOk());
  for (const std::string& text : std::vector<std::string>{
           "example.org/log\n042\n" + root, "example.org/log\n-0\n" + root, "example.org/log\n+1\n" + root,
           "example.org/log\n 1\n" + root, "example.org/log\n\n" + root, "example.org/log\n42\ncnJy\n",
           "example.org/else\n42\n" + root, "example.org/log\n42\n"}) {
    EXPECT_FALSE(OpenCheckpoint(key->SignNote(text), key->verifier()).ok()) << text;
  }
  const std::string note = key->Sign(42, root_);
  for (const std::string& spoiled :
       {note.substr(0, note.size() - 1), note + "\n", note + "x\n", note + "\u2014 a AAAA\n", note + note}) {
    EXPECT_FALSE(OpenCheckpoint(spoiled, key->verifier()).ok()) << spoiled;
  }
}

TEST_F(Checkpoints, NeedAnExistingSecretKeyOfTheRightKind) {
  EXPECT_THAT(LogKey::Load(file_.path() + ".none", "a").status().message(), HasSubstr("cannot be read"));
  file_.Write(testing::LogKeyFile::kPem, 0644);
  EXPECT_THAT(Load().status().message(), HasSubstr("chmod 600"));
  file_.Write(testing::LogKeyFile::kPem, 0440);
  EXPECT_THAT(Load(), IsOk());
  file_.Write("no key");
  EXPECT_THAT(Load().status().message(), HasSubstr("not a private Ed25519 key"));
  file_.Write(testing::LogKeyFile::kPem);
  for (const char* origin : {"", "a b", "a+b", "a\nb"}) {
    EXPECT_THAT(Load(origin).status().message(), HasSubstr("origin"));
  }
}

}  // namespace
}  // namespace idea::transparency
