#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/events/epochs.h"
#include "common/events/positions.h"
#include "services/inventory/exchange/lapse_store.h"
#include "tests/services/inventory/exchange/exchange_fixture.h"
#include "tests/support/matchers.h"

namespace idea::inventory {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;

using Messages = std::vector<v1::WatchExchangesResponse>;

class ExchangeSnapshot : public ExchangeTest {
 protected:
  std::unique_ptr<rpc::Pipeline::Stream> Open(const std::string& entity) {
    v1::WatchExchangesRequest request;
    request.set_snapshot(true);
    auto opened = replica_->harness.OpenWatch(At(entity), request);
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  absl::StatusOr<Messages> Next(rpc::Pipeline::Stream& stream) {
    RETURN_IF_ERROR(events::PlaceEvents(*replica_->database));
    ASSIGN_OR_RETURN(const auto bytes, stream.Next());
    Messages messages(bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i) EXPECT_TRUE(messages[i].ParseFromString(bytes[i]));
    return messages;
  }
  // All messages up to the next one with a time. Advances the clock so that one comes.
  Messages NextUntilTime(rpc::Pipeline::Stream& stream) {
    env_.clock.Advance(clock::kSecond);
    Messages all;
    while (all.empty() || !all.back().has_time()) {
      const auto messages = Next(stream);
      EXPECT_THAT(messages, IsOk());
      if (!messages.ok() || (messages->empty() && !all.empty())) return all;
      all.insert(all.end(), messages->begin(), messages->end());
    }
    return all;
  }
  static std::multiset<std::string> FilingsIn(const Messages& messages) {
    std::multiset<std::string> filings;
    for (const auto& each : messages) {
      if (each.has_agreement())
        filings.insert(each.agreement().filing().name() + "@" + each.agreement().filing().etag());
    }
    return filings;
  }
  void SetLapses(const std::vector<exchange::Lapse>& lapses) {
    ASSERT_THAT(replica_->database->Write([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const int64_t version, ReadLapsesVersion(db));
      ASSIGN_OR_RETURN(const bool stored, ReplaceLapses(db, version, lapses));
      EXPECT_TRUE(stored);
      return absl::OkStatus();
    }),
                IsOk());
  }
};

TEST_P(ExchangeSnapshot, HasRulesThenEveryVisibleAgreementThenATime) {
  std::multiset<std::string> expected;
  // More than one step.
  for (int n = 1; n <= 120; ++n) {
    Execute(n, n % 2 == 0 ? kRecipient : kStranger);
    if (n % 2 == 0) expected.insert("filings/" + std::to_string(n) + "@1");
  }
  SetLapses({{kStranger, 100, 200}, {kRecipient, 300, exchange::kNoEnd}});
  const auto stream = Open(kRecipient);
  const Messages first = NextUntilTime(*stream);
  ASSERT_TRUE(first.front().has_rules());
  const v1::ExchangeRules& rules = first.front().rules();
  EXPECT_EQ(rules.entity(), kRecipient);
  EXPECT_FALSE(rules.all_entities());
  EXPECT_FALSE(rules.permits_lapsed());
  EXPECT_EQ(rules.time_zone(), "UTC");
  ASSERT_EQ(rules.lapses_size(), 2);
  EXPECT_EQ(rules.lapses(0).entity(), kRecipient);
  EXPECT_FALSE(rules.lapses(0).has_end_date());
  EXPECT_TRUE(rules.lapses(1).has_end_date());
  EXPECT_EQ(FilingsIn(first), expected);
  ASSERT_TRUE(first.back().has_time());
  EXPECT_EQ(clock::FromProto(first.back().time()), env_.clock.Now());
  for (const auto& each : first) EXPECT_EQ(each.resume_token(), "");

  const Messages of_office = NextUntilTime(*Open(testing::kCdoEntity));
  EXPECT_TRUE(of_office.front().rules().all_entities());
  EXPECT_EQ(of_office.front().rules().entity(), "");
  EXPECT_EQ(FilingsIn(of_office).size(), 120u);
  EXPECT_THAT(FilingsIn(NextUntilTime(*Open("entities/nobody"))), IsEmpty());
}

TEST_P(ExchangeSnapshot, ShowsEachLaterChangeToThoseWhoMaySeeIt) {
  v1::Filing filing = Execute(1);
  const auto stream = Open(kRecipient);
  const auto of_stranger = Open(kStranger);
  NextUntilTime(*stream);
  NextUntilTime(*of_stranger);
  Execute(2, kStranger);
  Execute(3);
  Terminate(filing);
  const Messages changes = NextUntilTime(*stream);
  EXPECT_EQ(FilingsIn(changes).count("filings/1@2"), 1u);
  EXPECT_EQ(FilingsIn(changes).count("filings/3@1"), 1u);
  EXPECT_EQ(FilingsIn(changes).count("filings/2@1"), 0u);
  EXPECT_EQ(FilingsIn(NextUntilTime(*of_stranger)), std::multiset<std::string>{"filings/2@1"});
  SetLapses({{kRecipient, 300, exchange::kNoEnd}});
  const Messages lapsed = NextUntilTime(*stream);
  ASSERT_TRUE(lapsed.front().has_rules());
  EXPECT_EQ(lapsed.front().rules().lapses_size(), 1);
  EXPECT_FALSE(NextUntilTime(*stream).front().has_rules());
}

TEST_P(ExchangeSnapshot, SendsATimeAboutOnceASecondAndNeverBeforeItIsComplete) {
  for (int n = 1; n <= 60; ++n) Execute(n);
  const auto stream = Open(kRecipient);
  for (int step = 0; step < 2; ++step) {
    const auto messages = Next(*stream);
    ASSERT_THAT(messages, IsOk());
    for (const auto& each : *messages) EXPECT_FALSE(each.has_time());
  }
  NextUntilTime(*stream);
  auto at_once = Next(*stream);
  ASSERT_THAT(at_once, IsOk());
  EXPECT_THAT(*at_once, IsEmpty());
  // A clock that was set back does not end the times.
  env_.clock.Set(env_.clock.Now() - clock::kDay);
  auto set_back = Next(*stream);
  ASSERT_THAT(set_back, IsOk());
  ASSERT_EQ(set_back->size(), 1u);
  EXPECT_EQ(clock::FromProto(set_back->front().time()), env_.clock.Now());
}

TEST_P(ExchangeSnapshot, LeavesOutContactsAndLegalAuthority) {
  Execute(1);
  ASSERT_THAT(Write(
                  [&](storage::Transaction& db) -> absl::Status {
                    ASSIGN_OR_RETURN(v1::Terms terms, FindTerms(db, "filings/1"));
                    terms.mutable_contacts()->add_departments()->set_entity(kProvider);
                    terms.mutable_legal_authority()->add_departments()->set_entity(kProvider);
                    return db.ExecuteDeferred("UPDATE filing_terms SET body = $1",
                                              {storage::Blob{terms.SerializeAsString()}});
                  },
                  "filings/1"),
              IsOk());
  const Messages messages = NextUntilTime(*Open(kRecipient));
  int agreements = 0;
  for (const auto& each : messages) {
    if (!each.has_agreement()) continue;
    ++agreements;
    EXPECT_FALSE(each.agreement().terms().has_contacts());
    EXPECT_FALSE(each.agreement().terms().has_legal_authority());
    EXPECT_THAT(each.agreement().terms().data_elements(), ElementsAre("County"));
  }
  EXPECT_GE(agreements, 1);
}

TEST_P(ExchangeSnapshot, EndsWhenTheDatabaseWasRestored) {
  Execute(1);
  const auto stream = Open(kRecipient);
  NextUntilTime(*stream);
  ASSERT_THAT(
      replica_->database->Write([](storage::Transaction& db) { return events::BeginEpoch(db, false); }),
      IsOk());
  EXPECT_THAT(Next(*stream), FailsWith(Reason::ERROR_REASON_CONCURRENT_CHANGE));
  EXPECT_EQ(FilingsIn(NextUntilTime(*Open(kRecipient))), std::multiset<std::string>{"filings/1@1"});
}

TEST_P(ExchangeSnapshot, HasNoResumeToken) {
  v1::WatchExchangesRequest request;
  request.set_snapshot(true);
  request.set_resume_token("x");
  EXPECT_THAT(replica_->harness.Watch<v1::WatchExchangesResponse>(At(kRecipient), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

INSTANTIATE_TEST_SUITE_P(Every, ExchangeSnapshot, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::inventory
