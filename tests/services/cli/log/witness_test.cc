#include "services/cli/log/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/cli/log/witness_server.h"
#include "tests/services/cli/memory_log.h"
#include "tests/support/log_key_file.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::MemoryLog;
using transparency::KeyType;
using transparency::LogKey;
using transparency::NoteSigner;

constexpr int64_t kTime = 1'800'000'000;

Submission Submit(const MemoryLog& log, int64_t from, int64_t to) {
  return {from, from == 0 ? std::vector<std::string>() : log.Proof(from, to), log.Note(to)};
}

class Witnesses : public ::testing::Test {
 protected:
  Witnesses() {
    std::string pattern = ::testing::TempDir() + "witness.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    log_.Grow(9);
    other_.Grow(9);
  }
  ~Witnesses() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<std::unique_ptr<Witness>> Open() const {
    return Witness::Open(folder_,
                         *NoteSigner::Load(witness_key_.path(), "cdo.example", KeyType::kCosignature),
                         log_key_.verifier());
  }
  // Files in the state's folder with other notes of the log than the last checkpoint.
  std::vector<std::string> Conflicts() const {
    std::vector<std::string> notes;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().string().find(".conflict-") == std::string::npos) continue;
      std::ifstream file(entry.path());
      notes.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return notes;
  }

  const testing::LogKeyFile log_file_, witness_key_{testing::LogKeyFile::kSecondPem};
  const LogKey log_key_ = *LogKey::Load(log_file_.path(), "example.org/log");
  MemoryLog log_{log_key_, "first"}, other_{log_key_, "another first"};
  std::string folder_;
};

TEST_F(Witnesses, CosignALogThatOnlyGrows) {
  const auto witness = Open();
  ASSERT_THAT(witness, IsOk());
  for (const auto& [from, to] : {std::pair<int64_t, int64_t>{0, 3}, {3, 4}, {4, 4}, {4, 10}}) {
    const Answer answer = (*witness)->Add(Submit(log_, from, to), kTime);
    EXPECT_EQ(answer.result, SubmissionResult::kCosigned) << answer.text;
    const auto note = transparency::ParseNote(log_.Note(to));
    EXPECT_TRUE((*witness)->key().Verifies(note->text, answer.cosignature));
    EXPECT_EQ(transparency::CosignTime(answer.cosignature), kTime);
    EXPECT_EQ((*witness)->Last("example.org/log").size, to);
  }
}

TEST_F(Witnesses, AnswerAsSpecified) {
  const auto witness = Open();
  ASSERT_THAT(witness, IsOk());
  ASSERT_EQ((*witness)->Add(Submit(log_, 0, 5), kTime).result, SubmissionResult::kCosigned);
  const auto stranger = LogKey::Load(witness_key_.path(), "example.org/log");
  const auto unknown = LogKey::Load(log_file_.path(), "example.org/other");
  const std::string root(32, 'r');
  const auto with = [](Submission submission, auto&& change) {
    change(submission);
    return submission;
  };
  const struct {
    const char* name;
    Submission submission;
    SubmissionResult result;
  } cases[] = {
      {"an unknown log", {5, {}, unknown->Sign(6, root)}, SubmissionResult::kUnknownLog},
      {"another key", {5, {}, stranger->Sign(6, root)}, SubmissionResult::kNotSigned},
      {"no note", {5, {}, "example.org/log\n6\n"}, SubmissionResult::kMalformed},
      {"no checkpoint", {5, {}, log_key_.SignNote("example.org/log\nx\n")}, SubmissionResult::kMalformed},
      {"an old size above", with(Submit(log_, 5, 6), [](Submission& s) { s.old_size = 7; }),
       SubmissionResult::kMalformed},
      {"another old size", Submit(log_, 4, 6), SubmissionResult::kConflict},
      {"an old size of 0", Submit(log_, 0, 6), SubmissionResult::kConflict},
      {"a smaller tree", Submit(log_, 3, 4), SubmissionResult::kConflict},
      {"no proof", with(Submit(log_, 5, 6), [](Submission& s) { s.proof.clear(); }),
       SubmissionResult::kNotConsistent},
      {"a proof too much", with(Submit(log_, 5, 6), [&](Submission& s) { s.proof.push_back(root); }),
       SubmissionResult::kNotConsistent},
      {"a proof for the same tree", with(Submit(log_, 5, 5), [&](Submission& s) { s.proof.push_back(root); }),
       SubmissionResult::kNotConsistent},
      {"another history", Submit(other_, 5, 7), SubmissionResult::kNotConsistent},
      {"another tree of the size", Submit(other_, 5, 5), SubmissionResult::kConflict},
  };
  for (const auto& each : cases) {
    const Answer answer = (*witness)->Add(each.submission, kTime);
    EXPECT_EQ(answer.result, each.result) << each.name << ": " << answer.text;
    if (answer.result == SubmissionResult::kConflict) EXPECT_EQ(answer.size, 5) << each.name;
    EXPECT_EQ((*witness)->Last("example.org/log").size, 5) << each.name;
  }
  // The log has signed two trees of one size: the other one is kept.
  EXPECT_THAT(Conflicts(), ::testing::ElementsAre(other_.Note(5)));
}

TEST_F(Witnesses, KeepTheirState) {
  {
    const auto witness = Open();
    ASSERT_EQ((*witness)->Add(Submit(log_, 0, 5), kTime).result, SubmissionResult::kCosigned);
    EXPECT_THAT(Open().status().message(), HasSubstr("another witness"));
  }
  const auto witness = Open();
  ASSERT_THAT(witness, IsOk());
  EXPECT_EQ((*witness)->Add(Submit(other_, 0, 6), kTime).result, SubmissionResult::kConflict);
  EXPECT_EQ((*witness)->Add(Submit(log_, 5, 6), kTime).result, SubmissionResult::kCosigned);
}

TEST_F(Witnesses, DoNotStartWithADamagedState) {
  { ASSERT_EQ((*Open())->Add(Submit(log_, 0, 5), kTime).result, SubmissionResult::kCosigned); }
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().extension() == ".checkpoint") std::ofstream(entry.path()) << "damaged";
  }
  EXPECT_THAT(Open().status().message(), HasSubstr("the state of the witness"));
}

TEST_F(Witnesses, DoNotCosignWhatTheyCannotStore) {
  const auto witness = Open();
  std::filesystem::remove_all(folder_);
  EXPECT_EQ((*witness)->Add(Submit(log_, 0, 5), kTime).result, SubmissionResult::kFailed);
  EXPECT_EQ((*witness)->Last("example.org/log").size, 0);
}

TEST_F(Witnesses, ParseSubmissionsOfTheSpecification) {
  const Submission submission = Submit(log_, 5, 9);
  const std::string body = FormatSubmission(submission);
  EXPECT_THAT(body, ::testing::StartsWith("old 5\n"));
  const auto read = ParseSubmission(body);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->old_size, 5);
  EXPECT_EQ(read->proof, submission.proof);
  EXPECT_EQ(read->note, submission.note);
  std::string many = "old 5\n";
  for (int i = 0; i < 64; ++i) many += "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  for (const std::string& malformed :
       {std::string(), std::string("old 5"), std::string("old 05\n\nx"), std::string("old -1\n\nx"),
        std::string("old x\n\nx"), std::string("new 5\n\nx"), std::string("old 5\nAAAA\n\nx"),
        std::string("old 5\r\n\nx"), std::string("old 99999999999999999999\n\nx"), many + "\nx"}) {
    EXPECT_FALSE(ParseSubmission(malformed).ok()) << malformed;
  }
}

// The response that curl receives: status code, type and body.
std::string Post(int port, const std::string& path, const std::string& body, const std::string& more = "") {
  const std::string file = ::testing::TempDir() + "submission-" + std::to_string(port);
  std::ofstream(file, std::ios::binary) << body;
  const std::string command = "curl -s -w '%{http_code} %{content_type}' --data-binary @" + file + " " +
                              more + " http://127.0.0.1:" + std::to_string(port) + path;
  FILE* pipe = popen(command.c_str(), "r");
  std::string said;
  char part[4096];
  while (const size_t size = fread(part, 1, sizeof part, pipe)) said.append(part, size);
  pclose(pipe);
  std::filesystem::remove(file);
  return said;
}

TEST_F(Witnesses, ServeAddCheckpointOverHttp) {
  if (std::system("command -v curl >/dev/null") != 0) GTEST_SKIP() << "curl is not installed";
  const auto witness = Open();
  const auto server = WitnessServer::Listen("127.0.0.1:0", **witness, [] { return kTime; });
  ASSERT_THAT(server, IsOk());
  const int port = (*server)->port();
  const std::string first = Post(port, "/add-checkpoint", FormatSubmission(Submit(log_, 0, 5)));
  EXPECT_THAT(first, ::testing::StartsWith("\u2014 cdo.example "));
  EXPECT_THAT(first, HasSubstr("200 text/plain"));
  EXPECT_EQ(Post(port, "/add-checkpoint", FormatSubmission(Submit(log_, 0, 6))), "5\n409 text/x.tlog.size");
  EXPECT_THAT(Post(port, "/add-checkpoint", FormatSubmission(Submit(other_, 5, 6))), HasSubstr("422 "));
  EXPECT_THAT(Post(port, "/add-checkpoint", "old 5"), HasSubstr("400 "));
  EXPECT_THAT(Post(port, "/add-checkpoint", std::string(100'000, 'x')), HasSubstr("413 "));
  EXPECT_THAT(Post(port, "/add-checkpoint", "", "-X GET"), HasSubstr("405 "));
  EXPECT_THAT(Post(port, "/other", "x"), HasSubstr("404 "));
  EXPECT_THAT(Post(port, "/add-checkpoint", FormatSubmission(Submit(log_, 5, 9))), HasSubstr("200 "));
}

}  // namespace
}  // namespace idea::cli
