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

TEST_F(Checkpoints, NeedAKeyThatIsThereAndSecretAndOfTheRightKind) {
  EXPECT_THAT(LogKey::Load(file_.path() + ".none", "a").status().message(), HasSubstr("cannot be read"));
  file_.Write(testing::LogKeyFile::kPem, 0644);
  EXPECT_THAT(Load().status().message(), HasSubstr("chmod 600"));
  file_.Write(testing::LogKeyFile::kPem, 0440);
  EXPECT_THAT(Load(), IsOk());
  file_.Write("no key");
  EXPECT_THAT(Load().status().message(), HasSubstr("no private Ed25519 key"));
  file_.Write(testing::LogKeyFile::kPem);
  for (const char* origin : {"", "a b", "a+b", "a\nb"}) {
    EXPECT_THAT(Load(origin).status().message(), HasSubstr("origin"));
  }
}

}  // namespace
}  // namespace idea::transparency
