// `ideactl log verify` detects changes of the database file.
#include "common/storage/database.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "tests/story/with_ideactl.h"

namespace idea::story {
namespace {

using ::testing::HasSubstr;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class TamperedFile : public WithIdeactl {
 protected:
  void SetUp() override {
    WithIdeactl::SetUp();
    ASSERT_EQ(Run({"log", "checkpoint", "-o", "json"}), cli::kDone) << err_;
    const size_t at = out_.find("idea.local/log+");
    ASSERT_NE(at, std::string::npos) << out_;
    std::ofstream(folder_ / "log.pub") << out_.substr(at, out_.find('"', at) - at) << "\n";
    address_ = places_->address();
    address_.replace(address_.find("{service}"), 9, "inventory");
    file_ = address_.substr(std::string("sqlite:").size());
    // Those of the two accessions.
    Await("the first entries", [&] {
      return Must<inventory::v1::GetCheckpointResponse>(kCdo, "", inventory::v1::GetCheckpointRequest())
                 .size() == 2;
    });
    ASSERT_EQ(Import(Line("A-1") + Line("A-2") + Line("A-3") + Line("A-4")), cli::kDone) << out_ << err_;
    ASSERT_EQ(Verify(), cli::kDone) << out_;
  }

  // Keeps the checkpoint, as a regular check does.
  cli::ExitCode Verify() {
    return Run({"log", "verify", "--key", folder_ / "log.pub", "--earlier", folder_ / "checkpoint"});
  }
  // While nobody serves; all is in the one file then.
  void WhileItIsStopped(const std::function<void()>& change) {
    server_.reset();
    ASSERT_FALSE(std::filesystem::exists(file_ + "-wal") && std::filesystem::file_size(file_ + "-wal") > 0);
    change();
    Open();
    WriteContext();
  }
  // Every place of the file that has these bytes.
  void Replace(const std::string& bytes, const std::string& by) {
    ASSERT_EQ(bytes.size(), by.size());
    std::string all = ReadFile(file_);
    int places = 0;
    for (size_t at = 0; (at = all.find(bytes, at)) != std::string::npos; ++places)
      all.replace(at, by.size(), by);
    ASSERT_GT(places, 0) << bytes;
    std::ofstream(file_, std::ios::binary) << all;
  }
  void Execute(const std::vector<std::string>& statements) {
    const auto database = storage::Open(address_);
    ASSERT_THAT(database, IsOk());
    EXPECT_THAT((*database)->Write([&](storage::Transaction& db) -> absl::Status {
      for (const std::string& statement : statements) RETURN_IF_ERROR(db.Execute(statement, {}).status());
      return absl::OkStatus();
    }),
                IsOk());
  }

  std::string address_, file_;
};

TEST_P(TamperedFile, IsFoundOut) {
  struct Case {
    const char* found;
    std::function<void()> change;
  };
  const std::string kept = folder_ / "kept.db";
  const std::vector<Case> cases = {
      {"edited: filings/", [&] { Replace("Agreement A-2", "Agreement B-2"); }},
      {"edited: entry 3",
       [&] {
         Execute(
             {"UPDATE log_entries SET entry = (SELECT entry FROM log_entries WHERE idx = 4) WHERE idx = 3"});
       }},
      {"edited: entry 2", [&] { Replace("LOG_ENTRY_KIND_IMPORTED", "LOG_ENTRY_KIND_EXPORTED"); }},
      {"deleted: entry ", [&] { Execute({"DELETE FROM filings WHERE title = 'Agreement A-3'"}); }},
      {"reordered: entry 3",
       [&] {
         Execute({"UPDATE log_entries SET idx = -1 WHERE idx = 3",
                  "UPDATE log_entries SET idx = 3 WHERE idx = 4",
                  "UPDATE log_entries SET idx = 4 WHERE idx = -1"});
       }},
      {"truncated: entries are missing", [&] { Execute({"DELETE FROM log_entries WHERE idx = 5"}); }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.found);
    WhileItIsStopped([&] {
      std::filesystem::copy_file(file_, kept, std::filesystem::copy_options::overwrite_existing);
      each.change();
    });
    EXPECT_EQ(Verify(), cli::kNotProved);
    EXPECT_THAT(out_, HasSubstr(each.found));
    WhileItIsStopped(
        [&] { std::filesystem::copy_file(kept, file_, std::filesystem::copy_options::overwrite_existing); });
    ASSERT_EQ(Verify(), cli::kDone) << out_;
  }
}

// The file of an earlier day is consistent. Only the kept checkpoint reveals the rollback.
TEST_P(TamperedFile, OfAnEarlierDayIsFoundOut) {
  const std::string kept = folder_ / "kept.db";
  WhileItIsStopped([&] { std::filesystem::copy_file(file_, kept); });
  ASSERT_EQ(Import(Line("A-5") + Line("A-6")), cli::kDone) << out_ << err_;
  ASSERT_EQ(Verify(), cli::kDone) << out_;
  WhileItIsStopped(
      [&] { std::filesystem::copy_file(kept, file_, std::filesystem::copy_options::overwrite_existing); });
  EXPECT_EQ(Verify(), cli::kNotProved);
  EXPECT_THAT(out_, HasSubstr("rolled back: the log had 8"));
  ASSERT_EQ(Import(Line("B-5") + Line("B-6") + Line("B-7")), cli::kDone) << out_ << err_;
  EXPECT_EQ(Verify(), cli::kNotProved);
  EXPECT_THAT(out_, HasSubstr("forked: the first 8"));
}

INSTANTIATE_TEST_SUITE_P(File, TamperedFile, ::testing::Values("sqlite"), testing::BackendName);

}  // namespace
}  // namespace idea::story
