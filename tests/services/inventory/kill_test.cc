#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/exchange/exchange_index.h"
#include "common/ids/resource_names.h"
#include "common/transparency/leaf_digests.h"
#include "common/transparency/merkle.h"
#include "services/inventory/filing/filing_store.h"
#include "tests/services/inventory/filing_harness.h"
#include "tests/support/backends.h"
#include "tests/support/crashing_database.h"
#include "tests/support/log_key_file.h"
#include "tests/support/sanitizer.h"

namespace idea::inventory {
namespace {

using testing::CrashingDatabase;
using testing::IsOk;
using When = CrashingDatabase::When;

constexpr int kKills = 100;
// Number of concurrent filings, which share commits.
constexpr int kTogether = 4;

// Kills the register during filings, restarts and checks it.
class AKilledRegister : public ::testing::TestWithParam<std::string> {
 protected:
  struct Request {
    std::string bucp, request_id;
  };

  void SetUp() override {
    if (const std::string why = testing::WhyNot(GetParam()); !why.empty()) GTEST_SKIP() << why;
    place_.emplace(GetParam());
  }

  std::vector<Request> NewRequests(int count) {
    std::vector<Request> requests;
    for (int i = 0; i < count; ++i) {
      requests.push_back({"bucps/" + std::to_string(++agreements_), ids::NewUuid()});
    }
    return requests;
  }

  // Files all of them concurrently. Calls `answered` for each response.
  static void FileAll(FilingHarness& harness, const std::vector<Request>& requests,
                      const std::function<void(const v1::Filing&)>& answered) {
    std::vector<std::future<void>> filers;
    for (const Request& request : requests) {
      filers.push_back(std::async(std::launch::async, [&] {
        const auto filing = harness.File(request.bucp, request.request_id);
        ASSERT_THAT(filing, IsOk());
        answered(*filing);
      }));
    }
  }

  // The number of steps of the filing of one agreement.
  int Steps(bool recorded) {
    const std::vector<Request> requests = NewRequests(1);
    const auto database = *storage::Open(place_->address());
    CrashingDatabase falling(*database);
    FilingHarness harness(env_, key_, falling);
    if (recorded) Record(harness, requests);
    falling.Arm(0);
    FileAll(harness, requests, [](const v1::Filing&) {});
    return falling.steps();
  }

  // Files all of them in a separate process and kills it. Returns the receipts of the responses before that,
  // by BUCP.
  std::map<std::string, std::string> FileAndFall(const std::vector<Request>& requests, int fall_at, When when,
                                                 bool recorded) {
    int answers[2];
    EXPECT_EQ(pipe(answers), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto database = *storage::Open(place_->address());
      CrashingDatabase falling(*database);
      FilingHarness harness(env_, key_, falling);
      if (recorded) Record(harness, requests);
      falling.Arm(fall_at, when);
      FileAll(harness, requests, [&](const v1::Filing& filing) {
        const std::string line = filing.bucp() + " " + filing.receipt().receipt_id() + "\n";
        if (write(answers[1], line.data(), line.size()) < 0) _exit(1);
      });
      _exit(0);
    }
    close(answers[1]);
    std::string said;
    char buffer[4096];
    for (ssize_t got; (got = read(answers[0], buffer, sizeof buffer)) > 0;) {
      said.append(buffer, static_cast<size_t>(got));
    }
    close(answers[0]);
    int ended = 0;
    waitpid(child, &ended, 0);
    killed_ += WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL ? 1 : 0;
    std::map<std::string, std::string> receipts;
    std::istringstream lines(said);
    for (std::string bucp, receipt; lines >> bucp >> receipt;) receipts[bucp] = receipt;
    return receipts;
  }

  // Kills a register during filings, and checks its database.
  void Kill(int together, int fall_at, When when, bool recorded) {
    SCOPED_TRACE("step " + std::to_string(fall_at) + " of " + std::to_string(together) + " filings");
    const std::vector<Request> requests = NewRequests(together);
    const auto answered = FileAndFall(requests, fall_at, when, recorded);
    const auto database = *storage::Open(place_->address());
    ExpectAgreement(*database, requests, answered);
    FilingHarness harness(env_, key_, *database);
    for (const Request& request : requests) {
      const auto first = harness.File(request.bucp, request.request_id);
      ASSERT_THAT(first, IsOk());
      if (answered.contains(request.bucp)) {
        EXPECT_EQ(first->receipt().receipt_id(), answered.at(request.bucp));
      }
      const auto again = harness.File(request.bucp, request.request_id);
      ASSERT_THAT(again, IsOk());
      EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
      receipts_[request.bucp] = first->receipt().receipt_id();
    }
    ExpectAgreement(*database, requests, receipts_);
    all_.insert(all_.end(), requests.begin(), requests.end());
  }

  static void Record(FilingHarness& harness, const std::vector<Request>& requests) {
    for (const Request& request : requests) ASSERT_THAT(harness.Record(request.bucp), IsOk());
  }

  // Expects that all tables agree about each filing of `requests` and about all of them. Runs in the lane,
  // after what the server still does for a dead client.
  void ExpectAgreement(storage::Database& database, const std::vector<Request>& requests,
                       const std::map<std::string, std::string>& receipts) {
    std::set<std::string> looked_at;
    for (const Request& request : requests) looked_at.insert(request.bucp);
    const absl::Status looked = database.Write(
        [&](storage::Transaction& db) -> absl::Status {
          ASSIGN_OR_RETURN(const auto all, ReadFilingsAfter(db, "filings/", 1'000'000));
          ASSIGN_OR_RETURN(const int64_t filed, ExpectLog(db));
          int64_t with_receipt = 0;
          exchange::ExchangeIndex index;
          std::map<std::string, std::string> kept;
          for (const FilingAndTerms& each : all) {
            if (looked_at.contains(each.filing.bucp())) RETURN_IF_ERROR(ExpectOneOf(db, each.filing));
            index.Put(each.filing, each.terms);
            if (!each.filing.has_receipt()) continue;
            ++with_receipt;
            kept[each.filing.bucp()] = each.filing.receipt().receipt_id();
          }
          EXPECT_EQ(filed, with_receipt);
          EXPECT_EQ(index.size(), all.size());
          for (const FilingAndTerms& each : all) {
            EXPECT_EQ(std::to_string(index.VersionOf(each.filing.name(), auth::Visibility::All())),
                      each.filing.etag());
          }
          for (const auto& [bucp, receipt] : receipts) EXPECT_EQ(kept[bucp], receipt) << bucp;
          return absl::OkStatus();
        },
        kLogLane);
    EXPECT_THAT(looked, IsOk());
  }

  // Expects that the tree is that of the entries. Returns the number of entries.
  static absl::StatusOr<int64_t> ExpectLog(storage::Transaction& db) {
    ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
    ASSIGN_OR_RETURN(const auto entries, ReadEntries(db, 0, 1'000'000));
    ASSIGN_OR_RETURN(const auto leaves, ReadNodes(db, 0, 0, 1'000'000));
    EXPECT_EQ(entries.size(), static_cast<size_t>(edge.size));
    EXPECT_EQ(leaves.size(), entries.size());
    transparency::CompactRange tree;
    for (const std::string& entry : entries) tree.Append(transparency::LeafHash(entry));
    EXPECT_EQ(tree.Root(), edge.Root());
    EXPECT_EQ(Count(db, "SELECT COUNT(*) FROM log_subjects", {}), edge.size);
    EXPECT_EQ(Count(db, "SELECT COUNT(*) FROM filing_list WHERE entity = ''", {}),
              Count(db, "SELECT COUNT(*) FROM filings", {}));
    return edge.size;
  }

  // Expects that a filing has all of its rows, once, or none.
  static absl::Status ExpectOneOf(storage::Transaction& db, const v1::Filing& filing) {
    SCOPED_TRACE(filing.bucp());
    const std::string id = ids::kFilings.IdIn(filing.name());
    const bool filed = filing.state() == v1::FILING_STATE_FILED;
    EXPECT_EQ(filing.has_receipt(), filed);
    EXPECT_EQ(Count(db, "SELECT COUNT(*) FROM filing_list WHERE filing = $1", {id}), 3);
    EXPECT_EQ(Count(db, "SELECT COUNT(*) FROM filing_list WHERE filing = $1 AND state = $2 AND filed = $3",
                    {id, int64_t{filing.state()}, clock::FromProto(filing.file_time())}),
              3);
    EXPECT_EQ(Count(db, "SELECT COUNT(*) FROM filing_texts WHERE filing = $1", {id}), 1);
    EXPECT_EQ(
        Count(db,
              "SELECT COUNT(*) FROM events WHERE subject = $1 AND type = 'BucpFiled' AND answer IS NOT NULL",
              {filing.name()}),
        filed ? 1 : 0);
    ASSIGN_OR_RETURN(const std::vector<int64_t> places, ReadIndexes(db, filing.name()));
    EXPECT_EQ(places.size(), filed ? 1U : 0U);
    if (!filed || places.size() != 1) return absl::OkStatus();
    const v1::LogLeaf& leaf = filing.receipt().leaf();
    EXPECT_EQ(leaf.leaf_index(), places.front());
    ASSIGN_OR_RETURN(const auto entries, ReadEntries(db, places.front(), 1));
    EXPECT_THAT(entries, ::testing::ElementsAre(leaf.entry()));
    EXPECT_THAT(leaf.entry(), ::testing::HasSubstr(transparency::FilingDigest(filing)));
    return absl::OkStatus();
  }

  static int64_t Count(storage::Transaction& db, std::string_view sql, const storage::Args& args) {
    const auto row = db.QueryOne(sql, args);
    EXPECT_THAT(row, IsOk());
    return row.ok() ? (*row)->Int(0) : -1;
  }

  const testing::TestEnv env_;
  const testing::LogKeyFile key_file_;
  const transparency::LogKey key_ = *transparency::LogKey::Load(key_file_.path(), "idea.test/log");
  std::optional<testing::Place> place_;
  int agreements_ = 0;
  int killed_ = 0;
  std::vector<Request> all_;
  // The receipts of the responses, by BUCP.
  std::map<std::string, std::string> receipts_;
};
INSTANTIATE_TEST_SUITE_P(Every, AKilledRegister, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

TEST_P(AKilledRegister, HasAllOfAFilingOrNothingAndAnswersTheSameRequestWithOneReceipt) {
  if (testing::kCannotFork) GTEST_SKIP() << "ThreadSanitizer does not follow a fork";
  for (const bool recorded : {false, true}) {
    const int steps = Steps(recorded);
    ASSERT_GE(steps, 10);
    const int before = killed_;
    for (int at = 1; at <= steps; ++at) Kill(1, at, When::kAtStep, recorded);
    EXPECT_EQ(killed_ - before, steps);
    for (int i = 0; i < 5; ++i) Kill(1, 1, When::kWhileCommitting, recorded);
    for (int i = 0; i < 5; ++i) Kill(kTogether, 1 + i * steps / 2, When::kWhileCommitting, recorded);
  }
  const int steps = kTogether * Steps(true);
  for (int at = 1; killed_ < kKills; at += 7) Kill(kTogether, 1 + at % steps, When::kAtStep, true);
  ExpectAgreement(**storage::Open(place_->address()), all_, receipts_);
}

}  // namespace
}  // namespace idea::inventory
