#include <chrono>
#include <memory>

#include "common/metrics/metrics.h"
#include "common/server/feed.h"
#include "common/status/status.h"
#include "services/notification/inbox/inbox_store.h"
#include "services/notification/inbox/inbox_worker.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/fault_timer.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_sentinels.h"

namespace idea::notification {
namespace {

using testing::Eventually;
using testing::IsOk;

struct Setup {
  std::string backend;
  // Whether Redis and the Sentinels require TLS, users and passwords.
  bool secured;
};

// Two feeds and two workers, each with its own database, that find Redis through Sentinels.
class Failover : public ::testing::TestWithParam<Setup> {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WhyNot(GetParam().backend); !why.empty()) GTEST_SKIP() << why;
    redis_ = std::make_unique<testing::RedisSentinels>(GetParam().secured);
    inboxes_ = testing::Fresh(GetParam().backend);
    drafting_ = testing::Fresh(GetParam().backend);
    for (storage::Database* database : {inboxes_.get(), drafting_.get()}) {
      ASSERT_THAT(storage::Migrate(*database, "events", k_events_schema), IsOk());
    }
    ASSERT_THAT(storage::Migrate(*inboxes_, "notification", k_notification_schema), IsOk());
    for (int i = 0; i < 2; ++i) {
      feeds_.push_back(
          std::make_unique<server::Feed>("drafting", redis_->options(), *drafting_, drafted_, metrics_));
      workers_.push_back(std::make_unique<InboxWorker>(redis_->options(), *inboxes_, notifier_, &metrics_));
      feeds_.back()->Start();
      workers_.back()->Start();
    }
  }
  void Record(int events) {
    for (int i = 0; i < events; ++i) {
      expected_.push_back("e" + std::to_string(expected_.size() + 1));
      ASSERT_THAT(drafting_->Write([&](storage::Transaction& db) {
        return events::Append(db, {SampleEvent(expected_.back(), {"entities/a"})}, nullptr);
      }),
                  IsOk());
      drafted_.Notify();
    }
  }
  std::vector<std::string> Inbox() {
    std::vector<events::LoggedEvent> items;
    EXPECT_THAT(inboxes_->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(items, ReadInbox(db, "entities/a", 0, 100'000));
      return absl::OkStatus();
    }),
                IsOk());
    return IdsOf(items);
  }
  // Every event is in the inbox, each once, in order.
  void ExpectAll(const char* when) {
    EXPECT_TRUE(Eventually([&] { return Inbox().size() >= expected_.size(); })) << when;
    EXPECT_EQ(Inbox(), expected_) << when;
  }
  // Records events until the condition is true.
  template <class Condition>
  void RecordUntil(const Condition& holds) {
    EXPECT_TRUE(Eventually([&] {
      Record(2);
      return holds();
    }));
  }

  std::unique_ptr<testing::RedisSentinels> redis_;
  std::unique_ptr<storage::Database> inboxes_, drafting_;
  events::Notifier notifier_, drafted_;
  metrics::Metrics metrics_;
  std::vector<std::unique_ptr<server::Feed>> feeds_;
  std::vector<std::unique_ptr<InboxWorker>> workers_;
  std::vector<std::string> expected_;
};

TEST_P(Failover, OfAKilledMasterNeitherLosesNorRepeatsEvents) {
  Record(20);
  ExpectAll("before");
  Record(20);
  redis_->master().Kill();
  const testing::FaultTimer timer("Redis master killed, replica promoted");
  RecordUntil([&] { return redis_->IsPromoted(); });
  Record(5);
  ExpectAll("after the replica was promoted");
  timer.Recovered();
  redis_->master().Start();
  Record(5);
  ExpectAll("after the old master came back");
}

// The master is paused, so that its connections stay open, and the replica lacks messages that the inboxes
// have. Later the old master continues and acts as a master for some time.
TEST_P(Failover, OfAPausedMasterToALaggingReplicaNeitherLosesNorRepeatsEvents) {
  Record(20);
  ExpectAll("before");
  redis::Connection replica(redis_->OptionsOf(redis_->replica()), std::chrono::seconds(5));
  redis::Connection master(redis_->OptionsOf(redis_->master()), std::chrono::seconds(5));
  ASSERT_THAT(replica.Run({"CONFIG", "SET", "masteruser", "nobody"}), IsOk());
  ASSERT_THAT(replica.Run({"CONFIG", "SET", "masterauth", "nothing"}), IsOk());
  ASSERT_THAT(master.Run({"CLIENT", "KILL", "TYPE", "replica"}), IsOk());
  Record(10);
  ExpectAll("the inboxes have what the replica has not got");
  redis_->master().Freeze();
  const testing::FaultTimer timer("Redis master paused, replica promoted");
  RecordUntil([&] { return redis_->IsPromoted(); });
  Record(5);
  ExpectAll("after the replica was promoted");
  timer.Recovered();
  redis_->master().Thaw();
  Record(5);
  ExpectAll("after the old master went on");
}

INSTANTIATE_TEST_SUITE_P(Every, Failover,
                         ::testing::Values(Setup{"sqlite", false}, Setup{"sqlite", true},
                                           Setup{"postgres", true}),
                         [](const ::testing::TestParamInfo<Setup>& info) {
                           return info.param.backend + (info.param.secured ? "Secured" : "");
                         });

}  // namespace
}  // namespace idea::notification
