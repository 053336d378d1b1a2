#include "services/inventory/exchange/exchange_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "common/clock/date.h"
#include "common/events/sequencer.h"
#include "common/flow/flow.h"
#include "common/ids/ids.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/inventory_events.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/service_harness/service_harness.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kProvider[] = "entities/department-y";
constexpr char kRecipient[] = "entities/department-x";
constexpr char kStranger[] = "entities/stranger";
constexpr std::chrono::milliseconds kHour{3'600'000};

class NobodyHasARole : public auth::Directory {
 public:
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    return auth::Person();
  }
};

// A replica of the service: its own index and connections, the same database.
struct Replica {
  Replica(const std::string& address, testing::TestEnv& env, std::chrono::milliseconds bound,
          absl::TimeZone zone = absl::UTCTimeZone())
      : database(*storage::Open(address)),
        index_worker({*database, notifier, env.clock, bound, [this](bool fresh) { healthy = fresh; }}, index),
        service(index, index_worker, env.clock, zone),
        harness("inventory", k_inventory_schema, env, *database, directory) {
    service.Bind(harness.router());
  }
  absl::StatusOr<v1::ExchangeDecision> Check(const v1::CheckExchangeRequest& request,
                                             const testing::TestCaller& who = At(kProvider)) {
    ASSIGN_OR_RETURN(const auto response, harness.Ask<v1::CheckExchangeResponse>(who, request));
    return response.decision();
  }
  v1::Verdict Verdict(const v1::CheckExchangeRequest& request) {
    const auto decision = Check(request);
    EXPECT_THAT(decision, IsOk());
    return decision.ok() ? decision->verdict() : v1::VERDICT_UNSPECIFIED;
  }

  std::unique_ptr<storage::Database> database;
  events::Notifier notifier;
  ExchangeIndex index;
  std::atomic<bool> healthy{true};
  ExchangeWorker index_worker;
  ExchangeService service;
  NobodyHasARole directory;
  testing::ServiceHarness harness;
};

v1::CheckExchangeRequest Question() {
  v1::CheckExchangeRequest question;
  question.set_provider(kProvider);
  question.set_recipient(kRecipient);
  question.add_data_elements("County");
  return question;
}

class Exchange : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WhyNot(GetParam()); !why.empty()) GTEST_SKIP() << why;
    place_.emplace(GetParam());
    replica_ = Start();
  }
  void TearDown() override { replica_.reset(); }

  // A replica that reads the database only when the test calls Pass().
  std::unique_ptr<Replica> Start(std::chrono::milliseconds bound = kHour) {
    return std::make_unique<Replica>(place_->address(), env_, bound);
  }

  // Stores a filing with its event.
  absl::Status Write(const std::function<absl::Status(storage::Transaction&)>& change,
                     const std::string& name) {
    return replica_->database->Write([&](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(change(db));
      events::EventRecorder recorder(env_.clock.Now(), {}, "request", "");
      recorder.Record({.type = "FilingChanged", .subject = name});
      return events::Append(db, recorder.events(), nullptr);
    });
  }
  v1::Filing Execute(int n = 1, const std::string& recipient = kRecipient,
                     const std::function<void(v1::Filing&)>& with = nullptr) {
    v1::Filing filing;
    const std::string id = std::to_string(n);
    filing.set_name("filings/" + id);
    filing.set_bucp("bucps/" + id);
    filing.set_revision("bucps/" + id + "/revisions/1");
    filing.set_title("Food aid");
    filing.add_providers(kProvider);
    filing.add_recipients(recipient);
    filing.set_recurrence(drafting::v1::RECURRENCE_ONGOING);
    filing.set_frequency("monthly");
    filing.set_state(v1::FILING_STATE_UNFILED);
    *filing.mutable_execute_time() = clock::ToProto(env_.clock.Now());
    if (with) with(filing);
    v1::Terms terms;
    terms.add_data_elements("County");
    EXPECT_THAT(
        Write([&](auto& db) { return InsertFiling(db, filing, terms, env_.clock.Now()); }, filing.name()),
        IsOk());
    return filing;
  }
  void Terminate(v1::Filing& filing) {
    const v1::FilingState from = filing.state();
    filing.set_state(v1::FILING_STATE_ENDED);
    *filing.mutable_end_time() = clock::ToProto(env_.clock.Now());
    EXPECT_THAT(Write([&](auto& db) { return SaveFiling(db, from, filing); }, filing.name()), IsOk());
  }
  absl::StatusOr<v1::Transfer> Record(const testing::TestCaller& who, clock::Micros at = 0,
                                      const std::function<void(v1::RecordTransferRequest&)>& with = nullptr) {
    v1::RecordTransferRequest request;
    request.set_parent("filings/1");
    request.set_provider(kProvider);
    request.set_recipient(kRecipient);
    if (at != 0) *request.mutable_transfer_time() = clock::ToProto(at);
    request.set_record_count(12);
    // Different data each time.
    request.set_digest(ids::Sha256Hex(std::to_string(++recorded_)));
    if (with) with(request);
    ASSIGN_OR_RETURN(const auto response, replica_->harness.Ask<v1::RecordTransferResponse>(who, request));
    return response.transfer();
  }
  absl::StatusOr<v1::ListTransfersResponse> Transfers(const testing::TestCaller& who) {
    v1::ListTransfersRequest request;
    request.set_parent("filings/1");
    return replica_->harness.Ask<v1::ListTransfersResponse>(who, request);
  }

  testing::TestEnv env_;
  int recorded_ = 0;
  std::optional<testing::Place> place_;
  std::unique_ptr<Replica> replica_;
};

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
  *filing.mutable_end_date() = DateOf(20'454);  // 2026-01-01, the day on which the clock begins
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

TEST_P(Exchange, RecordsTransfersWithFindings) {
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

TEST_P(Exchange, FindsTransfersRecordedTwice) {
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

TEST_P(Exchange, RecordsATransferWithoutRecords) {
  Execute();
  const auto empty = Record(At(kProvider), 0, [](auto& request) { request.set_record_count(0); });
  ASSERT_THAT(empty, IsOk());
  EXPECT_EQ(empty->record_count(), 0);
}

TEST_P(Exchange, RefusesTransfersOfStrangers) {
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

INSTANTIATE_TEST_SUITE_P(Every, Exchange, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
