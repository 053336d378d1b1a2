#include <fstream>
#include <functional>
#include <random>

#include "services/notification/inbox/inbox_worker.h"
#include "tests/services/notification/recording_service.h"
#include "tests/support/fault_timer.h"
#include "tests/support/redis/redis_server.h"

namespace idea::notification {
namespace {

using std::chrono::milliseconds;
using testing::IsOk;

constexpr int kRounds = 32;
constexpr int kBucps = 3;

// Two services record events, and two replicas of notification store them, through a Redis that another
// client uses.
class RedisFaults : public testing::OnBackend {
 protected:
  struct Fault {
    // Listed in docs/FAULTS.md.
    const char* name;
    std::function<void()> act;
  };

  void SetUp() override {
    testing::OnBackend::SetUp();
    if (IsSkipped()) return;
    MigrateInboxes(database());
    options_.event_keys_file = redis_.folder() + "/keys";
    std::ofstream(options_.event_keys_file) << std::string(64, 'a') << "\n";
    drafting_ = std::make_unique<RecordingService>("drafting", options_, GetParam());
    review_ = std::make_unique<RecordingService>("review", options_, GetParam());
    StartReplicas();
  }
  void StartReplicas() {
    for (int i = 0; i < 2; ++i) {
      replicas_.push_back(
          std::make_unique<InboxWorker>(options_, database(), notifier_, &metrics_, milliseconds(50)));
      replicas_.back()->Start();
    }
  }
  void Record(int events) {
    for (int i = 0; i < events; ++i) {
      RecordingService& service = random_() % 2 == 0 ? *drafting_ : *review_;
      service.Record("bucps/" + std::to_string(random_() % kBucps));
    }
  }
  void ExpectAll() { ExpectEachOnceInOrder(database(), {drafting_.get(), review_.get()}); }
  void Run(const std::vector<std::vector<std::string>>& commands) {
    redis::Connection connection(redis_.address(), milliseconds(5000));
    for (const auto& command : commands) EXPECT_THAT(connection.Run(command), IsOk());
  }
  std::vector<Fault> Faults() {
    const std::string queue = server::kQueue, cursor = queue + ":cursor:";
    return {
        {"Redis killed and restarted",
         [this] {
           redis_.Kill();
           redis_.Start();
         }},
        {"Redis paused",
         [this] {
           redis_.Freeze();
           drafting_->Record("bucps/0");
           redis_.Thaw();
         }},
        {"Redis wiped",
         [this] {
           redis_.Kill();
           redis_.Wipe();
           redis_.Start();
         }},
        {"Redis emptied", [this] { Run({{"FLUSHALL"}}); }},
        {"Redis queue deleted",
         [=, this] {
           Run({{"DEL", queue}});
         }},
        {"Redis queue trimmed by hand",
         [=, this] {
           Run({{"XTRIM", queue, "MAXLEN", "0"}});
         }},
        {"Redis queue trimmed by hand",
         [=, this] {
           Run({{"XTRIM", queue, "MAXLEN", "3"}});
         }},
        {"Redis positions deleted",
         [=, this] {
           Run({{"DEL", cursor + "drafting", cursor + "review"}});
         }},
        {"Redis positions deleted",
         [=, this] {
           Run({{"DEL", cursor + "review", queue + ":sources"}});
         }},
        {"Redis evicts keys",
         [this] {
           Run({{"CONFIG", "SET", "maxmemory-policy", "allkeys-random"},
                {"CONFIG", "SET", "maxmemory", "1"},
                {"SET", "x", "y"},
                {"CONFIG", "SET", "maxmemory", "0"}});
         }},
        {"Redis restored from a backup", [this] { redis_.Restore(); }},
        {"Redis gets forged messages",
         [=, this] {
           const std::string body = SampleEvent("forged", {kDepartments[0]}).SerializeAsString();
           const std::vector<std::string> forged = {"XADD",   queue,       "*",     "source", "drafting",
                                                    "cursor", "c",         "after", "",       "body",
                                                    body,     "signature", "00"};
           Run(std::vector<std::vector<std::string>>(500, forged));
           Run({{"SET", cursor + "drafting", "forged"}, {"SADD", queue + ":sources", "forged"}});
         }},
    };
  }

  testing::RedisServer redis_;
  redis::Options options_{redis_.address()};
  std::unique_ptr<RecordingService> drafting_, review_;
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  std::vector<std::unique_ptr<InboxWorker>> replicas_;
  std::mt19937 random_{16};
};

TEST_P(RedisFaults, EndAndNewEventsArrive) {
  redis_.Backup();
  for (const Fault& fault : Faults()) {
    Record(10);
    ExpectAll();
    Record(5);
    fault.act();
    const testing::FaultTimer timer(fault.name);
    Record(1);
    ExpectAll();
    timer.Recovered();
  }
}

// At random, while events flow, and while notification is down.
TEST_P(RedisFaults, NeitherLoseNorRepeatNorReorderEvents) {
  const std::vector<Fault> faults = Faults();
  redis_.Backup();
  for (int round = 0; round < kRounds; ++round) {
    Record(10);
    // A part of it has arrived, or nothing.
    if (random_() % 2 == 0) ExpectAll();
    const bool down = random_() % 3 == 0;
    if (down) replicas_.clear();
    Record(static_cast<int>(random_() % 5));
    faults[random_() % faults.size()].act();
    if (random_() % 4 == 0) redis_.Backup();
    if (!down) continue;
    Record(static_cast<int>(random_() % 5));
    StartReplicas();
  }
  ExpectAll();
}

INSTANTIATE_TEST_SUITE_P(Every, RedisFaults, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::notification
