#include "services/notification/delivery/shard_store.h"

#include "services/notification/subscription/subscription_store.h"
#include "tests/services/notification/recording_service.h"

namespace idea::notification {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;

class Shards : public testing::OnBackend {
 protected:
  void SetUp() override {
    testing::OnBackend::SetUp();
    if (!IsSkipped()) MigrateInboxes(database());
  }
  void Renew(ShardLeases& leases, clock::Micros steady) {
    ASSERT_THAT(
        database().Write([&](storage::Transaction& db) { return leases.Renew(db, steady); }, kDeliveryLane),
        IsOk());
    leases.Commit(steady);
  }
  static constexpr clock::Micros kSecond = clock::kSecond;
};

TEST_P(Shards, BelongToTheOnlyReplica) {
  ShardLeases one("one");
  Renew(one, kSecond);
  EXPECT_THAT(one.Owned(kSecond), SizeIs(kShards));
  EXPECT_THAT(one.Owned(kSecond + ShardLeases::kLease), IsEmpty());
}

TEST_P(Shards, AreSharedByReplicasAndNeverOwnedTwice) {
  ShardLeases one("one"), two("two");
  Renew(one, 1 * kSecond);
  Renew(two, 1 * kSecond);
  EXPECT_THAT(two.Owned(1 * kSecond), IsEmpty());
  for (int i = 2; i < 5; ++i) {
    Renew(one, i * kSecond);
    Renew(two, i * kSecond);
    EXPECT_LE(one.Owned(i * kSecond).size() + two.Owned(i * kSecond).size(), static_cast<size_t>(kShards));
  }
  EXPECT_THAT(one.Owned(4 * kSecond), SizeIs(kShards / 2));
  EXPECT_THAT(two.Owned(4 * kSecond), SizeIs(kShards / 2));
  for (const int64_t shard : one.Owned(4 * kSecond))
    EXPECT_THAT(two.Owned(4 * kSecond), Not(Contains(shard)));
}

TEST_P(Shards, OfADeadReplicaAreTakenOverAfterItsLease) {
  ShardLeases one("one"), two("two");
  Renew(one, 1 * kSecond);
  // Its clock shows another time.
  const clock::Micros start = 1000 * kSecond;
  Renew(two, start);
  Renew(two, start + ShardLeases::kLease - 1);
  EXPECT_THAT(two.Owned(start + ShardLeases::kLease - 1), IsEmpty());
  Renew(two, start + ShardLeases::kLease);
  EXPECT_THAT(two.Owned(start + ShardLeases::kLease), SizeIs(kShards));
  // The first one lives again and gets its part back.
  for (int i = 1; i < 4; ++i) {
    Renew(one, (100 + i) * kSecond);
    Renew(two, start + ShardLeases::kLease + i * kSecond);
  }
  EXPECT_THAT(one.Owned(103 * kSecond), SizeIs(kShards / 2));
}

TEST_P(Shards, AreGivenBackAtAStop) {
  ShardLeases one("one"), two("two");
  Renew(one, 1 * kSecond);
  ASSERT_THAT(database().Write([&](storage::Transaction& db) { return one.Return(db); }, kDeliveryLane),
              IsOk());
  Renew(two, 1 * kSecond);
  EXPECT_THAT(two.Owned(1 * kSecond), SizeIs(kShards));
}

INSTANTIATE_TEST_SUITE_P(Every, Shards, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::notification
