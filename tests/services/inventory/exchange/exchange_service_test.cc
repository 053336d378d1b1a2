#include "services/inventory/exchange/exchange_service.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <future>
#include <set>

#include "common/clock/date.h"
#include "common/events/positions.h"
#include "common/flow/flow.h"
#include "tests/services/inventory/exchange/exchange_fixture.h"
#include "tests/support/eventually.h"

namespace idea::inventory {
namespace {

using status::Reason;
using testing::At;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;

class Exchange : public ExchangeTest {};

TEST_P(Exchange, PermitsUnfiledAndDeniesTerminatedAgreements) {
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  EXPECT_EQ(replica_->Verdict(Question()), v1::VERDICT_DENIED);
  v1::Filing filing = Execute();
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  const auto permitted = replica_->Check(Question(), At(kRecipient));
  ASSERT_THAT(permitted, IsOk());
  EXPECT_EQ(permitted->verdict(), v1::VERDICT_PERMITTED) << permitted->DebugString();
  EXPECT_EQ(permitted->filing(), "filings/1");
  EXPECT_EQ(clock::FromProto(permitted->time()), env_.clock.Now());
  Terminate(filing);
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  EXPECT_EQ(replica_->Check(Question())->denials(0).reason(), v1::DENIAL_REASON_ENDED);
}

TEST_P(Exchange, LoadsExistingAgreementsAtStart) {
  for (int n = 1; n < 30; ++n) Execute(n, "entities/" + std::to_string(n));
  v1::Filing ended = Execute(30);
  Terminate(ended);
  const auto other = Start();
  EXPECT_EQ(other->Verdict(Question()), v1::VERDICT_DENIED_UNKNOWN) << "it has not looked yet";
  ASSERT_THAT(other->index_worker.Pass(), IsOk());
  EXPECT_EQ(other->index.size(), 30u);
  EXPECT_EQ(other->Check(Question())->denials(0).reason(), v1::DENIAL_REASON_ENDED);
}

TEST_P(Exchange, GivesStrangersTheSameDenial) {
  v1::CheckExchangeRequest nobody = Question();
  nobody.set_provider("entities/nobody");
  Execute();
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  const auto one = replica_->Check(Question(), At(kStranger));
  const auto other = replica_->Check(nobody, At(kStranger));
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->denials(0).reason(), v1::DENIAL_REASON_NO_AGREEMENT);
  EXPECT_EQ(one->ShortDebugString(), other->ShortDebugString());
  EXPECT_EQ(replica_->Check(Question(), At(testing::kCdoEntity))->verdict(), v1::VERDICT_PERMITTED);
  EXPECT_THAT(replica_->Check(Question(), testing::Service("drafting")),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
}

// A replica that is not fresh must not permit anything.
TEST_P(Exchange, DeniesWhileItIsNotFresh) {
  Execute();
  const auto brief = Start(std::chrono::milliseconds(5'000));
  ASSERT_THAT(brief->index_worker.Pass(), IsOk());
  EXPECT_EQ(brief->Verdict(Question()), v1::VERDICT_PERMITTED);
  for (const clock::Micros jump : {6 * clock::kSecond, -6 * clock::kSecond}) {
    env_.clock.Advance(jump);
    const auto unknown = brief->Check(Question());
    EXPECT_EQ(unknown->verdict(), v1::VERDICT_DENIED_UNKNOWN);
    EXPECT_EQ(unknown->denials(0).reason(), v1::DENIAL_REASON_INDEX_NOT_FRESH);
    EXPECT_EQ(unknown->filing(), "");
    ASSERT_THAT(brief->index_worker.Pass(), IsOk());
    EXPECT_EQ(brief->Verdict(Question()), v1::VERDICT_PERMITTED);
  }
}

TEST_P(Exchange, ReportsFreshnessAsHealth) {
  Execute();
  const auto brief = Start(std::chrono::milliseconds(500));
  const auto becomes = [&](bool healthy, v1::Verdict verdict) {
    return testing::Eventually(
        [&] { return brief->healthy == healthy && brief->Verdict(Question()) == verdict; });
  };
  const auto rename = [&](const char* change) {
    EXPECT_THAT(
        replica_->database->Write([&](storage::Transaction& db) { return db.Execute(change, {}).status(); }),
        IsOk());
  };
  brief->index_worker.Start();
  ASSERT_TRUE(becomes(true, v1::VERDICT_PERMITTED));
  rename("ALTER TABLE events RENAME TO away");
  EXPECT_TRUE(becomes(false, v1::VERDICT_DENIED_UNKNOWN));
  rename("ALTER TABLE away RENAME TO events");
  EXPECT_TRUE(becomes(true, v1::VERDICT_PERMITTED));
  brief->index_worker.Stop();
}

TEST_P(Exchange, KeepsEndedAgreementsEndedIfTheClockIsSetBack) {
  v1::Filing filing = Execute();
  *filing.mutable_end_date() = exchange::DateOf(20'454);  // 2026-01-01, the day on which the clock begins
  ASSERT_THAT(Write([&](auto& db) { return SaveFiling(db, filing.state(), filing); }, filing.name()), IsOk());
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  EXPECT_EQ(replica_->Verdict(Question()), v1::VERDICT_PERMITTED);
  for (const clock::Micros jump : {24 * 3600 * clock::kSecond, -24 * 3600 * clock::kSecond}) {
    env_.clock.Advance(jump);
    ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
    EXPECT_EQ(replica_->Verdict(Question()), v1::VERDICT_DENIED);
  }
}

// At midnight in the time zone of the parties: at daylight saving time changes, in leap years and at the end
// of a year. Setting the clock back starts no agreement twice and keeps ended ones ended.
TEST_P(Exchange, BeginsAndEndsWithItsFirstAndLastDay) {
  using absl::CivilDay;
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
  Replica replica(place_->address(), env_, kHour, zone);
  const auto midnight = [&](CivilDay day) { return absl::ToUnixMicros(absl::FromCivil(day, zone)); };
  int n = 0;
  for (const auto& [first, last] : {std::pair(CivilDay(2026, 10, 31), CivilDay(2026, 11, 1)),
                                    {CivilDay(2026, 12, 31), CivilDay(2027, 1, 1)},
                                    {CivilDay(2027, 2, 28), CivilDay(2027, 3, 1)},
                                    {CivilDay(2027, 3, 14), CivilDay(2027, 3, 14)},
                                    {CivilDay(2027, 11, 7), CivilDay(2027, 11, 7)},
                                    {CivilDay(2028, 2, 29), CivilDay(2028, 2, 29)},
                                    {CivilDay(2028, 3, 12), CivilDay(2028, 11, 5)}}) {
    env_.clock.Set(midnight(first) - clock::kDay);
    v1::CheckExchangeRequest question = Question();
    question.set_recipient("entities/" + std::to_string(++n));
    Execute(n, question.recipient(), [&, begin = first, end = last](v1::Filing& filing) {
      *filing.mutable_start_date() = clock::DateOf(begin);
      *filing.mutable_end_date() = clock::DateOf(end);
    });
    const auto denied_at = [&](clock::Micros now) {
      env_.clock.Set(now);
      EXPECT_THAT(replica.index_worker.Pass(), IsOk());
      const auto decision = replica.Check(question);
      EXPECT_THAT(decision, IsOk());
      if (!decision.ok() || decision->denials().empty()) return std::string();
      return flow::NameOf(decision->denials(0).reason());
    };
    constexpr clock::Micros kBack = 3600 * clock::kSecond;
    const clock::Micros begin = midnight(first), end = midnight(last + 1);
    EXPECT_EQ(denied_at(begin - kBack), "NOT_STARTED") << first;
    EXPECT_EQ(denied_at(begin - 1), "NOT_STARTED") << first;
    EXPECT_EQ(denied_at(begin), "") << first;
    EXPECT_EQ(denied_at(end - kBack), "") << last;
    EXPECT_EQ(denied_at(end - 1), "") << last;
    EXPECT_EQ(denied_at(end), "ENDED") << last;
    EXPECT_EQ(denied_at(end + kBack), "ENDED") << last;
    EXPECT_EQ(denied_at(end - kBack), "ENDED") << last << ": the clock was set back";
  }
}

// A failover to a server without the latest filings, while the replica runs.
TEST_P(Exchange, RemovesFilingsThatTheDatabaseLost) {
  Execute(1);
  Execute(2, kStranger);
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  ASSERT_EQ(replica_->index.size(), 2u);
  v1::CheckExchangeRequest question = Question();
  question.set_at_least_as_fresh(replica_->Check(Question())->revision_token());
  ASSERT_THAT(replica_->database->Write([](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(db.Execute("DELETE FROM events WHERE subject = 'filings/2'", {}).status());
    RETURN_IF_ERROR(db.Execute("DELETE FROM filings WHERE id = '2'", {}).status());
    RETURN_IF_ERROR(db.Execute("UPDATE event_epochs SET copy = 'another server'", {}).status());
    if (db.engine() == storage::Engine::kSqlite) return absl::OkStatus();
    return db.Execute("DELETE FROM unplaced_events WHERE seq NOT IN (SELECT seq FROM events)", {}).status();
  }),
              IsOk());
  ASSERT_THAT(events::OpenLog(*replica_->database), IsOk());
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  EXPECT_EQ(replica_->index.size(), 1u);
  EXPECT_EQ(replica_->Verdict(Question()), v1::VERDICT_PERMITTED);
  EXPECT_THAT(replica_->Check(question), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID))
      << "it was given for what is lost";
}

TEST_P(Exchange, IsAtLeastAsFreshAsDemanded) {
  v1::Filing filing = Execute();
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  const auto other = Start();
  ASSERT_THAT(other->index_worker.Pass(), IsOk());
  Terminate(filing);
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  for (const std::string& token : {replica_->Check(Question())->revision_token(), filing.name() + "@2"}) {
    v1::CheckExchangeRequest question = Question();
    question.set_at_least_as_fresh(token);
    EXPECT_EQ(replica_->Verdict(question), v1::VERDICT_DENIED);
    EXPECT_EQ(other->Verdict(question), v1::VERDICT_DENIED_UNKNOWN) << token;
  }
  EXPECT_EQ(other->Verdict(Question()), v1::VERDICT_PERMITTED) << "as old as its bound lets it be";
}

// Without a request. scripts/bench.sh measures that it takes less than a second.
TEST_P(Exchange, ShowsATerminationOnEveryReplica) {
  v1::Filing filing = Execute();
  std::array<std::unique_ptr<Replica>, 3> replicas;
  const auto all = [&](v1::Verdict wanted) {
    return std::all_of(replicas.begin(), replicas.end(), [&](const auto& replica) {
      return testing::Eventually([&] { return replica->Verdict(Question()) == wanted; });
    });
  };
  for (auto& replica : replicas) {
    replica = Start(std::chrono::milliseconds(1000));
    replica->index_worker.Start();
  }
  ASSERT_TRUE(all(v1::VERDICT_PERMITTED));
  Terminate(filing);
  EXPECT_TRUE(all(v1::VERDICT_DENIED));
  for (const auto& replica : replicas) replica->index_worker.Stop();
}

// The watch and the check include committed changes while other transactions are open.
TEST_P(Exchange, StaysFreshWhileSomebodysTransactionStaysOpen) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "SQLite has one writer";
  v1::Filing filing = Execute();
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  std::promise<void> wrote;
  std::promise<void> may_end;
  std::future<absl::Status> slow = std::async(std::launch::async, [&] {
    return replica_->database->Write([&](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(db.Execute("INSERT INTO cursors (name, owner, lease_until, txid, seq) VALUES "
                                 "('slow', '', 0, 0, 0)",
                                 {})
                          .status());
      wrote.set_value();
      may_end.get_future().wait();
      return absl::OkStatus();
    });
  });
  wrote.get_future().wait();
  const auto beginning =
      replica_->harness.Watch<v1::WatchExchangesResponse>(At(kProvider), v1::WatchExchangesRequest());
  ASSERT_THAT(beginning, IsOk());
  Terminate(filing);
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  EXPECT_EQ(replica_->Verdict(Question()), v1::VERDICT_DENIED);
  v1::WatchExchangesRequest resume;
  resume.set_resume_token(beginning->at(0).resume_token());
  const auto seen = replica_->harness.Watch<v1::WatchExchangesResponse>(At(kProvider), resume);
  may_end.set_value();
  ASSERT_THAT(slow.get(), IsOk());
  ASSERT_THAT(seen, IsOk());
  ASSERT_FALSE(seen->empty());
  EXPECT_EQ(seen->back().change().state(), v1::FILING_STATE_ENDED);
}

TEST_P(Exchange, StreamsOnlyVisibleAgreements) {
  Execute(1);
  const auto first =
      replica_->harness.Watch<v1::WatchExchangesResponse>(At(kRecipient), v1::WatchExchangesRequest());
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->size(), 1u);
  EXPECT_FALSE(first->at(0).has_change());
  Execute(2, kStranger);
  v1::Filing third = Execute(3);
  Terminate(third);
  v1::WatchExchangesRequest resume;
  resume.set_resume_token(first->at(0).resume_token());
  const auto seen = [&](const std::string& entity) {
    std::set<std::string> filings;
    const auto changes = replica_->harness.Watch<v1::WatchExchangesResponse>(At(entity), resume);
    EXPECT_THAT(changes, IsOk());
    for (const auto& each : *changes) filings.insert(each.change().filing() + "@" + each.change().etag());
    return filings;
  };
  // A message may be repeated after a resumption: the first agreement was streamed before.
  EXPECT_EQ(seen(kRecipient).count("filings/3@2"), 1u);
  EXPECT_EQ(seen(kRecipient).count("filings/2@1"), 0u);
  EXPECT_EQ(seen(kStranger), std::set<std::string>{"filings/2@1"});
  EXPECT_EQ(seen(testing::kCdoEntity).count("filings/2@1"), 1u);
  EXPECT_THAT(seen("entities/nobody"), IsEmpty());
  resume.set_resume_token("no token");
  EXPECT_THAT(replica_->harness.Watch<v1::WatchExchangesResponse>(At(kRecipient), resume),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_P(Exchange, DecidesAThousandRequestsInOrder) {
  Execute();
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  v1::BatchCheckExchangeRequest batch;
  for (int i = 0; i < 1000; ++i) {
    v1::CheckExchangeRequest& question = *batch.add_requests() = Question();
    if (i % 2 == 1) question.set_recipient("entities/unknown-" + std::to_string(i));
  }
  const auto response = replica_->harness.Ask<v1::BatchCheckExchangeResponse>(At(kProvider), batch);
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->decisions_size(), 1000);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(response->decisions(i).verdict(), i % 2 == 0 ? v1::VERDICT_PERMITTED : v1::VERDICT_DENIED);
  }
  *batch.add_requests() = Question();
  EXPECT_THAT(replica_->harness.Ask<v1::BatchCheckExchangeResponse>(At(kProvider), batch),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  batch.clear_requests();
  EXPECT_THAT(replica_->harness.Ask<v1::BatchCheckExchangeResponse>(At(kProvider), batch),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Exchange, LimitsTheSizeOfABatchResponse) {
  Execute();
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  v1::CheckExchangeRequest question = Question();
  question.clear_data_elements();
  for (int i = 100; i < 200; ++i) question.add_data_elements(std::to_string(i) + std::string(33, 'x'));
  v1::BatchCheckExchangeRequest batch;
  for (int i = 0; i < 500; ++i) *batch.add_requests() = question;
  const auto fits = replica_->harness.Ask<v1::BatchCheckExchangeResponse>(At(kProvider), batch);
  ASSERT_THAT(fits, IsOk());
  EXPECT_EQ(fits->decisions(499).denials(0).data_elements_size(), 100);
  for (int i = 0; i < 450; ++i) *batch.add_requests() = question;
  const auto refused = replica_->harness.Ask<v1::BatchCheckExchangeResponse>(At(kProvider), batch);
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::StartsWith("requests: at most the first "));
}

TEST_P(Exchange, RefusesInvalidRequests) {
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  const auto asked = [&](const std::function<void(v1::CheckExchangeRequest&)>& with) {
    v1::CheckExchangeRequest question = Question();
    with(question);
    return replica_->Check(question).status();
  };
  const auto invalid = FailsWith(Reason::ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(asked([](auto& q) { q.clear_provider(); }), invalid);
  EXPECT_THAT(asked([](auto& q) { q.set_recipient("department-x"); }), invalid);
  EXPECT_THAT(asked([](auto& q) { q.clear_data_elements(); }), invalid);
  EXPECT_THAT(asked([](auto& q) { q.add_data_elements(""); }), invalid);
  EXPECT_THAT(asked([](auto& q) { q.set_purpose("a\nb"); }), invalid);
  EXPECT_THAT(asked([](auto& q) { q.mutable_time()->set_seconds(1LL << 60); }), invalid);
  EXPECT_THAT(asked([](auto& q) {
                for (int i = 0; i < 2001; ++i) q.add_data_elements("e");
              }),
              invalid);
  for (const char* token :
       {"x", "-1", "1x", "filings/1@", "filings/1@x", "bucps/1@2", "@1", "99999999999999999999"}) {
    EXPECT_THAT(asked([&](auto& q) { q.set_at_least_as_fresh(token); }), invalid) << token;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Exchange, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
