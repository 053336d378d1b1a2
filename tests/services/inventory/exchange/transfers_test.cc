#include <gmock/gmock.h>

#include "services/inventory/exchange/exchange_service.h"
#include "services/inventory/inventory_events.h"
#include "tests/services/inventory/exchange/exchange_fixture.h"

namespace idea::inventory {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;

class RecordedTransfers : public ExchangeTest {};

TEST_P(RecordedTransfers, RecordsTransfersWithFindings) {
  Execute();
  const clock::Micros day = 24 * 3600 * clock::kSecond;
  const clock::Micros begin = env_.clock.Now();
  env_.clock.Advance(100 * day);
  const auto first = Record(At(kProvider), begin + day);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->findings(), IsEmpty());
  EXPECT_EQ(first->reporter(), kProvider);
  const auto second = Record(At(kRecipient), begin + 2 * day);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->findings(0), v1::TRANSFER_FINDING_TOO_FREQUENT);
  const auto third = Record(At(kProvider), begin + 65 * day);
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(third->findings(0), v1::TRANSFER_FINDING_LATE);
  const auto early = Record(At(kProvider), begin - 40 * day);
  ASSERT_THAT(early, IsOk());
  EXPECT_EQ(early->findings(0), v1::TRANSFER_FINDING_NOT_IN_FORCE);
  EXPECT_EQ(replica_->harness.Events().back().type(), event::kTransferRecorded);

  const auto listed = Transfers(At(testing::kCdoEntity));
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->transfers_size(), 4);
  EXPECT_EQ(listed->transfers(0).name(), third->name());
  EXPECT_EQ(listed->transfers(3).name(), early->name());
  EXPECT_TRUE(listed->schedule().understood());
  EXPECT_EQ(listed->schedule().last_transfer_time().seconds(), third->transfer_time().seconds());
  EXPECT_EQ(listed->schedule().missed_periods(), 0);
  env_.clock.Advance(61 * day);
  EXPECT_EQ(Transfers(At(kProvider))->schedule().missed_periods(), 2);
}

TEST_P(RecordedTransfers, FindsTransfersRecordedTwice) {
  Execute();
  const clock::Micros begin = env_.clock.Now();
  env_.clock.Advance(20 * clock::kDay);
  const auto digest = [](char of) {
    return [of](v1::RecordTransferRequest& request) { request.set_digest(std::string(64, of)); };
  };
  const auto first = Record(At(kProvider), begin + clock::kDay, digest('b'));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->findings(), IsEmpty());
  // The other side records the same transfer, which was sent once.
  const auto received = Record(At(kRecipient), begin + 2 * clock::kDay, digest('b'));
  ASSERT_THAT(received, IsOk());
  EXPECT_THAT(received->findings(), ElementsAre(v1::TRANSFER_FINDING_RECORDED_BY_BOTH));
  const auto again = Record(At(kProvider), begin + 3 * clock::kDay, digest('b'));
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->findings(),
              ElementsAre(v1::TRANSFER_FINDING_TOO_FREQUENT, v1::TRANSFER_FINDING_SAME_DIGEST,
                          v1::TRANSFER_FINDING_RECORDED_BY_BOTH));
  const auto other = Record(At(kProvider), begin + 4 * clock::kDay, digest('c'));
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(other->findings(), ElementsAre(v1::TRANSFER_FINDING_TOO_FREQUENT));
  // Read later, the first one has the findings too.
  const auto listed = Transfers(At(kProvider));
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->transfers(3).name(), first->name());
  EXPECT_THAT(listed->transfers(3).findings(),
              ElementsAre(v1::TRANSFER_FINDING_SAME_DIGEST, v1::TRANSFER_FINDING_RECORDED_BY_BOTH));
}

TEST_P(RecordedTransfers, RecordsATransferWithoutRecords) {
  Execute();
  const auto empty = Record(At(kProvider), 0, [](auto& request) { request.set_record_count(0); });
  ASSERT_THAT(empty, IsOk());
  EXPECT_EQ(empty->record_count(), 0);
}

TEST_P(RecordedTransfers, RefusesTransfersOfStrangers) {
  Execute();
  EXPECT_THAT(Record(At(kStranger)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Transfers(At(kStranger)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Record(At(testing::kCdoEntity)), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto invalid = FailsWith(Reason::ERROR_REASON_INVALID_FIELD);
  const auto record = [&](const std::function<void(v1::RecordTransferRequest&)>& with) {
    return Record(At(kProvider), 0, with).status();
  };
  EXPECT_THAT(record([](auto& r) { r.set_provider(kRecipient); }), invalid);
  EXPECT_THAT(record([](auto& r) { r.set_recipient(kStranger); }), invalid);
  EXPECT_THAT(record([](auto& r) { r.set_record_count(-1); }), invalid);
  EXPECT_THAT(record([](auto& r) { r.set_digest("abc"); }), invalid);
  EXPECT_THAT(Record(At(kProvider), env_.clock.Now() + clock::kSecond), invalid);
  EXPECT_THAT(record([](auto& r) { r.set_parent("filings/9"); }), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

INSTANTIATE_TEST_SUITE_P(Every, RecordedTransfers, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::inventory
