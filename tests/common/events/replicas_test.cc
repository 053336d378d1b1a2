#include <atomic>
#include <thread>

#include "common/events/relay.h"
#include "tests/common/events/event_log.h"
#include "tests/support/postgres/postgres_server.h"

namespace idea::events {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

constexpr int kReplicas = 4;
constexpr int kEvents = 200;

// Replicas share a relay cursor on a server. Its owner is replaced after every few deliveries.
TEST(ReplicasOfARelay, LeaveNoConflictsInTheLogOfTheServer) {
  if (const std::string why = testing::PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
  testing::PostgresServer server;
  const auto open = [&] {
    auto opened = storage::Open(server.address());
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  };
  const auto writer = open();
  ASSERT_THAT(storage::Migrate(*writer, "events", k_events_schema), IsOk());
  ASSERT_THAT(OpenLog(*writer), IsOk());

  std::atomic<int> delivered{0};
  std::atomic<int> owners{0};
  std::vector<std::thread> replicas;
  for (int i = 0; i < kReplicas; ++i) {
    replicas.emplace_back([&] {
      const auto database = open();
      const clock::SystemClock clock;
      Notifier notifier;
      Relay::Settings settings;
      settings.service = "drafting";
      settings.lease = std::chrono::milliseconds(100);
      const Target target = {"review",
                             [&](const Event&) {
                               ++delivered;
                               return absl::OkStatus();
                             },
                             nullptr};
      auto relay = std::make_unique<Relay>(settings, target, *database, notifier, clock);
      while (delivered < kEvents) {
        const absl::StatusOr<int> passed = relay->Pass();
        EXPECT_THAT(passed, IsOk());
        if (!passed.ok() || *passed == 0) continue;
        // Simulates a crash of its process: it does not release the lease.
        relay = std::make_unique<Relay>(settings, target, *database, notifier, clock);
        ++owners;
      }
    });
  }
  std::thread events([&] {
    for (int i = 0; delivered < kEvents; ++i) {
      EventRecorder recorder(clock::kSecond, {}, "request", "");
      recorder.Record({"BucpSent", "bucps/" + std::to_string(i)});
      EXPECT_THAT(
          writer->Write([&](storage::Transaction& db) { return Append(db, recorder.events(), nullptr); }),
          IsOk());
      EXPECT_THAT(PlaceEvents(*writer), IsOk());
    }
  });
  for (std::thread& replica : replicas) replica.join();
  events.join();
  EXPECT_GE(owners, 1);
  EXPECT_THAT(server.Log(), Not(HasSubstr("could not serialize access")));
  EXPECT_THAT(server.Log(), Not(HasSubstr("ERROR:")));
}

}  // namespace
}  // namespace idea::events
