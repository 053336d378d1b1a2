#include <array>
#include <random>

#include "tests/services/notification/recording_service.h"
#include "tests/services/notification/replica.h"
#include "tests/support/redis/redis_server.h"

namespace idea::notification {
namespace {

using testing::IsOk;

constexpr int kRounds = 20;
constexpr int kBucps = 4;

// Kills, restarts, pauses and continues three replicas at random while two services record events of four
// BUCPs.
using ReplicaFaults = testing::OnBackend;

TEST_P(ReplicaFaults, NeitherLoseNorRepeatNorReorderEvents) {
  const testing::RedisServer redis;
  PrepareReplicas(redis, address());
  MigrateInboxes(database());
  std::array<Replica, 3> replicas;
  for (Replica& replica : replicas) replica.Start();
  RecordingService drafting("drafting", redis.address(), GetParam()),
      review("review", redis.address(), GetParam());
  std::mt19937 random(15);
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 10; ++i) {
      RecordingService& service = random() % 2 == 0 ? drafting : review;
      service.Record("bucps/" + std::to_string(random() % kBucps));
    }
    // Faults occur while replicas wait, read and write.
    if (round % 4 == 0) {
      for (Replica& replica : replicas) {
        if (replica.paused()) replica.Continue();
      }
      ExpectEachOnceInOrder(database(), {&drafting, &review});
    }
    Replica& replica = replicas[random() % replicas.size()];
    if (replica.paused()) {
      replica.Continue();
    } else if (random() % 2 == 0) {
      replica.Pause();
    } else {
      replica.Kill();
      replica.Start();
    }
  }
  for (Replica& replica : replicas) {
    if (replica.paused()) replica.Continue();
  }
  ExpectEachOnceInOrder(database(), {&drafting, &review});
}

INSTANTIATE_TEST_SUITE_P(Every, ReplicaFaults, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::notification
