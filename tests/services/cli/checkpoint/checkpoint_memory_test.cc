#include "services/cli/checkpoint/checkpoint_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/status/status.h"
#include "services/cli/context/state_file.h"
#include "tests/services/cli/memory_log.h"
#include "tests/support/log_key_file.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;
using testing::MemoryLog;
using ::testing::Optional;

class Checkpoints : public ::testing::Test {
 protected:
  Checkpoints() {
    std::string pattern = ::testing::TempDir() + "checkpoints.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    log_.Grow(9);
    other_.Grow(9);
  }
  ~Checkpoints() override { std::filesystem::remove_all(folder_); }

  // As a new run of ideactl whose server has this history.
  std::optional<std::string> Observe(const std::string& note, const MemoryLog* server) const {
    CheckpointMemory memory({{"XDG_STATE_HOME", folder_}});
    if (server == nullptr) return memory.Compare(note, nullptr);
    return memory.Compare(note, [&](int64_t from, int64_t size) -> absl::StatusOr<std::vector<std::string>> {
      if (size > server->size()) return status::Error(status::Reason::ERROR_REASON_NOT_IN_LOG, "short");
      return server->Proof(from, size);
    });
  }
  std::string File() const { return folder_ + "/ideactl/checkpoints.json"; }

  const testing::LogKeyFile key_file_, second_key_file_{testing::LogKeyFile::kSecondPem};
  const transparency::LogKey key_ = *transparency::LogKey::Load(key_file_.path(), "example.org/log");
  const transparency::LogKey second_key_ =
      *transparency::LogKey::Load(second_key_file_.path(), "example.org/log");
  MemoryLog log_{key_, "first"}, other_{key_, "another first"};
  std::string folder_;
};

TEST_F(Checkpoints, FollowALogThatOnlyGrows) {
  for (const int64_t size : {3, 3, 7, 5, 10, 1})
    EXPECT_EQ(Observe(log_.Note(size), &log_), std::nullopt) << size;
  EXPECT_THAT(ReadWhole(File()), Optional(HasSubstr("\\n10\\n")));
  struct stat about {};
  ASSERT_EQ(stat(File().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(Checkpoints, RevealAForkOfEqualSizeWithoutAServer) {
  EXPECT_EQ(Observe(log_.Note(5), nullptr), std::nullopt);
  EXPECT_THAT(Observe(other_.Note(5), nullptr), Optional(HasSubstr("two histories")));
  // Every later use repeats the warning, and both notes are kept.
  EXPECT_THAT(Observe(log_.Note(6), &log_), Optional(HasSubstr(File())));
  const std::string kept = *ReadWhole(File());
  EXPECT_THAT(kept, HasSubstr(log_.Note(5).substr(18, 44)));
  EXPECT_THAT(kept, HasSubstr(other_.Note(5).substr(18, 44)));
}

TEST_F(Checkpoints, RevealAForkOfAnotherSizeByTheProof) {
  EXPECT_EQ(Observe(log_.Note(5), &log_), std::nullopt);
  EXPECT_THAT(Observe(other_.Note(8), &other_), Optional(HasSubstr("of 5 and of 8 entries")));
}

TEST_F(Checkpoints, RevealALogThatWasCutOff) {
  EXPECT_EQ(Observe(log_.Note(8), &log_), std::nullopt);
  MemoryLog shorter(key_, "first");
  shorter.Grow(4);
  EXPECT_THAT(Observe(shorter.Note(5), &shorter), Optional(HasSubstr("two histories")));
}

TEST_F(Checkpoints, AreComparedLaterIfNoServerCanBeAsked) {
  EXPECT_EQ(Observe(log_.Note(4), nullptr), std::nullopt);
  EXPECT_EQ(Observe(other_.Note(6), nullptr), std::nullopt);
  EXPECT_EQ(Observe(log_.Note(7), nullptr), std::nullopt);
  EXPECT_THAT(Observe(log_.Note(9), &log_), Optional(HasSubstr("of 9 and of 6 entries")));
}

TEST_F(Checkpoints, OfAnotherKeyAreOfAnotherLog) {
  const MemoryLog replaced(second_key_, "a development log that was created again");
  EXPECT_EQ(Observe(log_.Note(1), &log_), std::nullopt);
  EXPECT_EQ(Observe(replaced.Note(1), &replaced), std::nullopt);
}

TEST_F(Checkpoints, IgnoreOtherTextsAndADamagedFile) {
  for (const std::string& text : {std::string(), std::string("not a note"), key_.SignNote("a\nb\n")})
    EXPECT_EQ(Observe(text, nullptr), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(File()));
  std::filesystem::create_directories(folder_ + "/ideactl");
  std::ofstream(File()) << "{damaged";
  EXPECT_EQ(Observe(log_.Note(2), nullptr), std::nullopt);
  EXPECT_THAT(Observe(other_.Note(2), nullptr), Optional(HasSubstr("two histories")));
}

TEST_F(Checkpoints, OfSeveralProcessesAreAllCompared) {
  std::vector<pid_t> children;
  for (int64_t size = 1; size <= 10; ++size) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(Observe(log_.Note(size), &log_) ? 1 : 0);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int result = 0;
    ASSERT_EQ(waitpid(child, &result, 0), child);
    EXPECT_EQ(result, 0);
  }
  // The file is whole, and the processes' newest checkpoint reveals another history.
  EXPECT_EQ(Observe(log_.Note(10), &log_), std::nullopt);
  EXPECT_THAT(Observe(other_.Note(10), nullptr), Optional(HasSubstr("two histories")));
}

}  // namespace
}  // namespace idea::cli
