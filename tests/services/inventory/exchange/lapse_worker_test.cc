#include "services/inventory/exchange/lapse_worker.h"

#include "services/inventory/exchange/exchange_service.h"
#include "tests/services/inventory/inventory_fixture.h"

// The consequences of a withdrawal from IDEA in inventory (agreement 13.2), with a real registry.
namespace idea::inventory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOkAndHolds;
using ::testing::UnorderedElementsAre;

// One replica: its worker, index and service.
struct Replica {
  Replica(rpc::PeerClient ask, storage::Database& database, testing::TestEnv& env, bool after_withdrawal)
      : worker(std::move(ask), testing::kCdoEntity, database, notifier, env.clock),
        index(after_withdrawal),
        index_worker({database, notifier, env.clock, std::chrono::hours(1), [](bool) {}}, index),
        service(index, index_worker, env.clock, absl::UTCTimeZone()) {}
  events::Notifier notifier;
  LapseWorker worker;
  exchange::ExchangeIndex index;
  ExchangeWorker index_worker;
  ExchangeService service;
};

class Withdrawal : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "cdo", {common::v1::CONTACT_ROLE_STATEWIDE_CDO}),
                IsOk());
    for (const char* entity : {"entities/agency-a", kSecondRecipient}) Sign(entity);
    replica_ = Start();
    replica_->service.Bind(harness_->router());
    const auto filing = Record();
    ASSERT_THAT(filing, IsOk());
    filing_ = filing->name();
  }
  std::unique_ptr<Replica> Start(bool after_withdrawal = false) {
    const auto ask = [this](std::string_view, const rpc::Context&, const google::protobuf::Message& request,
                            google::protobuf::Message* response) -> absl::Status {
      if (registry_down_) return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
      RETURN_IF_ERROR(registry_->harness().Send(testing::Service("inventory"), request, response));
      answered_();
      return absl::OkStatus();
    };
    return std::make_unique<Replica>(ask, database(), env_, after_withdrawal);
  }
  static google::type::Date Day(int year, int month, int day) {
    google::type::Date date;
    date.set_year(year);
    date.set_month(month);
    date.set_day(day);
    return date;
  }
  void Sign(const std::string& entity, const google::type::Date& day = Day(2021, 1, 1)) {
    registry::v1::CreateAccessionRequest request;
    request.set_parent(entity);
    request.mutable_accession()->set_instrument(registry::v1::INSTRUMENT_ADDENDUM);
    *request.mutable_accession()->mutable_sign_date() = day;
    request.mutable_accession()->set_evidence("on file");
    EXPECT_THAT(registry_->harness().Ask<registry::v1::CreateAccessionResponse>(
                    At(testing::kCdoEntity, "cdo"), request),
                IsOk());
  }
  void Withdraw(const std::string& entity, const google::type::Date& day) {
    registry::v1::WithdrawEntityRequest request;
    request.set_name(entity);
    *request.mutable_withdraw_date() = day;
    request.set_evidence("letter on file");
    EXPECT_THAT(registry_->harness().Ask<registry::v1::WithdrawEntityResponse>(At(testing::kCdoEntity, "cdo"),
                                                                               request),
                IsOk());
  }
  static v1::CheckExchangeRequest Question(const std::string& recipient = kSecondRecipient) {
    v1::CheckExchangeRequest question;
    question.set_provider(kProvider);
    question.set_recipient(recipient);
    question.add_data_elements("County");
    return question;
  }
  v1::ExchangeDecision Check(Replica& replica, const v1::CheckExchangeRequest& question = Question()) {
    EXPECT_THAT(replica.index_worker.Pass(), IsOk());
    v1::CheckExchangeResponse response;
    auth::Caller caller;
    caller.kind = common::v1::CALLER_KIND_CDO;
    EXPECT_THAT(replica.service.CheckExchange(caller, question, response), IsOk());
    return response.decision();
  }
  // Types and subjects of the events PartyLapsed and PartyReturned.
  std::vector<std::string> Notifications() {
    std::vector<std::string> notifications;
    for (const events::Event& event : harness_->Events()) {
      if (event.citation() != "agreement 13.2" || event.subject() == kLapsesSubject) continue;
      EXPECT_THAT(event.audience(),
                  UnorderedElementsAre(kRecipient, kSecondRecipient, kProvider, testing::kCdoEntity));
      notifications.push_back(event.type() + " " + event.subject());
    }
    return notifications;
  }

  bool registry_down_ = false;
  // Called when the registry has answered.
  std::function<void()> answered_ = [] {};
  std::unique_ptr<Replica> replica_;
  std::string filing_;
};

// It is 2026-01-01.
TEST_P(Withdrawal, NotifiesBothSidesOnceAndDeniesFromItsDayOn) {
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(0));
  EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_PERMITTED);
  Withdraw(kSecondRecipient, Day(2026, 1, 3));
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(1));
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(0));
  EXPECT_THAT(Notifications(), ElementsAre("PartyLapsed " + filing_));
  EXPECT_THAT(LastEvent().summary(), ::testing::HasSubstr("from 2026-01-03 on"));
  EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_PERMITTED);
  // A decision for a future day uses the current lapses.
  auto later = Question();
  *later.mutable_time() = clock::ToProto(env_.clock.Now() + 2 * clock::kDay);
  EXPECT_EQ(Check(*replica_, later).verdict(), v1::VERDICT_DENIED);
  env_.clock.Advance(2 * clock::kDay);
  const auto decision = Check(*replica_);
  EXPECT_EQ(decision.verdict(), v1::VERDICT_DENIED);
  EXPECT_EQ(decision.denials(0).reason(), v1::DENIAL_REASON_NO_LONGER_SIGNATORY);
  EXPECT_EQ(decision.lapsed_parties(0).entity(), kSecondRecipient);
  EXPECT_EQ(decision.lapsed_parties(0).since().day(), 3);
  // The agency still covers the other Data Recipient.
  EXPECT_EQ(Check(*replica_, Question(kRecipient)).verdict(), v1::VERDICT_PERMITTED);
  // After the clock is set, no event repeats and no exchange is permitted again.
  const clock::Micros midnight = env_.clock.Now();
  constexpr clock::Micros kHour = 3600 * clock::kSecond;
  for (const clock::Micros set : {kHour, -kHour, clock::Micros{0}}) {
    env_.clock.Set(midnight + set);
    EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(0));
    EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_DENIED);
  }
  EXPECT_EQ(Notifications().size(), 1u);
}

TEST_P(Withdrawal, InThePastIsKnownToEveryReplica) {
  Withdraw("entities/agency-a", Day(2025, 6, 1));
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(2));
  const auto other = Start(true);
  EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_DENIED);
  const auto decision = Check(*other, Question(kRecipient));
  EXPECT_EQ(decision.verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(decision.lapsed_parties_size(), 2);
  // Its worker adds nothing: nobody is notified twice.
  EXPECT_THAT(other->worker.Pass(), IsOkAndHolds(0));
  EXPECT_THAT(Notifications(), ::testing::SizeIs(2));
  // The parties of an agreement that is recorded later are notified too.
  Execute("bucps/2");
  ASSERT_THAT(Record("bucps/2"), IsOk());
  EXPECT_THAT(other->worker.Pass(), IsOkAndHolds(2));
}

TEST_P(Withdrawal, NotifiesNobodyIfTheAgencyStillCovers) {
  Sign(kProvider);
  Withdraw(kProvider, Day(2026, 1, 1));
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(0));
  EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_PERMITTED);
}

TEST_P(Withdrawal, EndsWithANewSignature) {
  Withdraw(kSecondRecipient, Day(2025, 12, 1));
  ASSERT_THAT(replica_->worker.Pass(), IsOkAndHolds(1));
  EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_DENIED);
  Sign(kSecondRecipient, Day(2026, 1, 1));
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(1));
  EXPECT_THAT(Notifications(), ElementsAre("PartyLapsed " + filing_, "PartyReturned " + filing_));
  EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_PERMITTED);
  auto before = Question();
  *before.mutable_time() = clock::ToProto(env_.clock.Now() - clock::kDay);
  EXPECT_EQ(Check(*replica_, before).lapsed_parties_size(), 1);
}

TEST_P(Withdrawal, OfAPartyOfAnEndedAgreementNotifiesNobody) {
  ASSERT_THAT(Terminate(filing_), IsOk());
  Withdraw(kSecondRecipient, Day(2025, 12, 1));
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(0));
  EXPECT_THAT(Notifications(), IsEmpty());
}

TEST_P(Withdrawal, AppliesWhileTheRegistryDoesNotAnswer) {
  Withdraw(kSecondRecipient, Day(2025, 12, 1));
  ASSERT_THAT(replica_->worker.Pass(), IsOk());
  registry_down_ = true;
  EXPECT_FALSE(replica_->worker.Pass().ok());
  EXPECT_EQ(Check(*replica_).verdict(), v1::VERDICT_DENIED);
  // The parties of an agreement that is recorded now are notified too.
  Execute("bucps/2");
  ASSERT_THAT(Record("bucps/2"), IsOk());
  EXPECT_FALSE(replica_->worker.Pass().ok());
  EXPECT_THAT(Notifications(), ::testing::SizeIs(2));
}

// Another replica stores a newer answer while this one waits for its answer.
TEST_P(Withdrawal, IsNotReplacedByAnOlderAnswer) {
  Withdraw(kSecondRecipient, Day(2025, 12, 1));
  const auto other = Start();
  bool first = true;
  answered_ = [&] {
    if (!std::exchange(first, false)) return;
    Withdraw("entities/agency-a", Day(2025, 12, 1));
    EXPECT_THAT(other->worker.Pass(), IsOkAndHolds(3));
  };
  EXPECT_THAT(replica_->worker.Pass(), IsOkAndHolds(0));
  EXPECT_EQ(Check(*replica_, Question(kRecipient)).verdict(), v1::VERDICT_DENIED);
  EXPECT_THAT(Notifications(), ::testing::SizeIs(3));
}

TEST_P(Withdrawal, IsInTheBatchAndInTheWatch) {
  const auto begin = harness_->Watch<v1::WatchExchangesResponse>(At(kProvider), v1::WatchExchangesRequest());
  ASSERT_THAT(begin, IsOk());
  Withdraw(kSecondRecipient, Day(2025, 12, 1));
  ASSERT_THAT(replica_->worker.Pass(), IsOk());
  v1::WatchExchangesRequest resume;
  resume.set_resume_token(begin->at(0).resume_token());
  const auto changes = harness_->Watch<v1::WatchExchangesResponse>(At(kProvider), resume);
  ASSERT_THAT(changes, IsOk());
  ASSERT_EQ(changes->size(), 1u);
  EXPECT_EQ(changes->at(0).change().filing(), filing_);
  ASSERT_EQ(changes->at(0).change().lapsed_parties_size(), 1);
  EXPECT_EQ(changes->at(0).change().lapsed_parties(0).entity(), kSecondRecipient);
  ASSERT_THAT(replica_->index_worker.Pass(), IsOk());
  v1::BatchCheckExchangeRequest batch;
  *batch.add_requests() = Question(kRecipient);
  *batch.add_requests() = Question();
  const auto decisions = harness_->Ask<v1::BatchCheckExchangeResponse>(At(kProvider), batch);
  ASSERT_THAT(decisions, IsOk());
  EXPECT_EQ(decisions->decisions(0).verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(decisions->decisions(1).verdict(), v1::VERDICT_DENIED);
}

INSTANTIATE_TEST_SUITE_P(Every, Withdrawal, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
