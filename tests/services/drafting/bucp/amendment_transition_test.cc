#include "services/drafting/bucp/amendment_transition.h"

#include <atomic>
#include <thread>

#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/drafting_events.h"
#include "tests/services/drafting/drafting_fixture.h"
#include "tests/support/refusals.h"

// Exactly one agreement of an amendment family is in force.
namespace idea::drafting {
namespace {

using enum v1::State;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;

// It is the evening of 2026-06-01 in California, and the next day in UTC.
class Amendments : public DraftingTest {
 protected:
  void SetUp() override {
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
    env_.clock.SetZone(zone);
    env_.clock.Set(1'780'365'600 * clock::kSecond);
    DraftingTest::SetUp();
  }
  // A day relative to today in California.
  google::type::Date Day(int plus) {
    const absl::CivilDay day = clock::DayOf(env_.clock.Now(), env_.clock.zone()) + plus;
    google::type::Date date;
    date.set_year(static_cast<int>(day.year()));
    date.set_month(day.month());
    date.set_day(day.day());
    return date;
  }
  v1::Content ContentUntil(int days) {
    v1::Content content = CompleteContent();
    auto& dates = *content.mutable_administrative()->mutable_critical_dates();
    *dates.mutable_start_date() = Day(-10);
    *dates.mutable_end_date() = Day(days);
    return content;
  }
  v1::Bucp Execute(const v1::Bucp& sent) {
    const v1::Bucp frozen = Sign(Must(Freeze(sent.name())));
    return Must(CompleteSignatures(frozen.name(), frozen.frozen_digest()));
  }
  v1::Bucp AgreedUntil(int days) { return Execute(Must(Send(Must(Create(ContentUntil(days))).name()))); }
  v1::Bucp ExecutedAmendment(const v1::Bucp& of) {
    return Execute(Must(Send(Must(Amend(of.name())).name())));
  }
  absl::StatusOr<v1::Bucp> Withdraw(const std::string& name) {
    auto request = Of<v1::WithdrawBucpRequest>(name);
    request.set_reason("not needed");
    return AskForBucp<v1::WithdrawBucpResponse>(By(kRecipientDept), request);
  }
  absl::StatusOr<v1::Bucp> End(const std::string& name) {
    auto end = Of<v1::EndBucpRequest>(name);
    end.set_filing("filings/1");
    end.set_reason("passed on");
    return AskForBucp<v1::EndBucpResponse>(testing::Service("inventory"), end);
  }
  // Runs what the relay runs after the register refused the execution of an amendment.
  absl::Status RegisterRefuses(const std::string& amendment) {
    return database().Write([&](storage::Transaction& db) -> absl::Status {
      common::v1::Actor actor;
      actor.set_service("drafting");
      events::EventRecorder recorder(env_.clock.Now(), actor, "", "");
      const StepScope scope = {db, recorder, clock::DayOf(recorder.now(), env_.clock.zone())};
      RETURN_IF_ERROR(CloseRefusedAmendment(scope, amendment));
      return events::Append(db, recorder.events(), nullptr);
    });
  }
  v1::State StateOf(const std::string& name) { return Must(Get(name)).state(); }
};

TEST_P(Amendments, AreOpenOneAtATime) {
  const v1::Bucp old = NewExecuted();
  const v1::Bucp first = Must(Amend(old.name()));
  const auto second = Amend(old.name());
  EXPECT_THAT(second, FailsWith(Reason::ERROR_REASON_AMENDMENT_OPEN));
  EXPECT_EQ(status::MetadataOf(second.status(), "amendment"), first.name());
  Must(Send(first.name()));
  Must(Hold(first.name()));
  EXPECT_THAT(Amend(old.name()), FailsWith(Reason::ERROR_REASON_AMENDMENT_OPEN));
  // A rejected or withdrawn amendment allows another one.
  Must(Reject(first.name()));
  const v1::Bucp third = Must(Amend(old.name()));
  EXPECT_THAT(Amend(old.name()), FailsWith(Reason::ERROR_REASON_AMENDMENT_OPEN));
  Must(Withdraw(third.name()));
  const v1::Bucp fourth = Must(Amend(old.name()));
  // An executed amendment can itself be amended.
  const v1::Bucp newest = Execute(Must(Send(fourth.name())));
  EXPECT_EQ(newest.state(), STATE_EXECUTED);
  EXPECT_EQ(Must(Get(old.name())).superseded_by(), newest.name());
  EXPECT_THAT(Amend(old.name()), FailsWith(Reason::ERROR_REASON_NOT_EXECUTED));
  EXPECT_THAT(Amend(newest.name()), IsOk());
}

TEST_P(Amendments, AreStartedOnceForConcurrentCalls) {
  const v1::Bucp old = NewExecuted();
  std::atomic<int> started = 0, refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      absl::StatusOr<v1::Bucp> result;
      do {
        result = Amend(old.name());
      } while (status::ReasonOf(result.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
      if (result.ok()) ++started;
      if (status::ReasonOf(result.status()) == Reason::ERROR_REASON_AMENDMENT_OPEN) ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(started, 1);
  EXPECT_EQ(refused, 7);
}

TEST_P(Amendments, EndWithTheAmendedBucp) {
  for (const v1::State state : {STATE_DRAFT, STATE_SENT, STATE_IN_REVIEW, STATE_SIGNING}) {
    const v1::Bucp old = NewExecuted();
    v1::Bucp amendment = Must(Amend(old.name()));
    if (state != STATE_DRAFT) amendment = Must(Send(amendment.name()));
    if (state == STATE_IN_REVIEW || state == STATE_SIGNING) amendment = Must(Freeze(amendment.name()));
    if (state == STATE_SIGNING) amendment = Sign(amendment);
    ASSERT_EQ(amendment.state(), state);
    Must(End(old.name()));
    EXPECT_EQ(StateOf(amendment.name()), STATE_NOT_APPROVED) << v1::State_Name(state);
    EXPECT_EQ(LastEvent().type(), kBucpNotApproved);
    EXPECT_EQ(LastEvent().subject(), amendment.name());
    // The event makes review close the routing.
    EXPECT_EQ(LastMoved().digest(), amendment.frozen_digest());
    EXPECT_THAT(CompleteSignatures(amendment.name(), std::string(64, 'a')),
                FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  }
}

TEST_P(Amendments, EndWhenADisputeReleasesThem) {
  for (const bool frozen : {false, true}) {
    const v1::Bucp old = Execute(NewSent(true));
    const v1::Bucp amendment = Must(Send(Must(Amend(old.name())).name()));
    if (frozen) Must(Freeze(amendment.name()));
    Must(Hold(amendment.name()));
    Must(End(old.name()));
    EXPECT_EQ(StateOf(amendment.name()), STATE_DISPUTED);
    EXPECT_THAT(Release(amendment.name(), "disputes/2"), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
    const v1::Bucp closed = Must(Release(amendment.name()));
    EXPECT_EQ(closed.state(), STATE_NOT_APPROVED);
    EXPECT_TRUE(closed.dispute().empty());
    EXPECT_EQ(LastEvent().type(), kBucpNotApproved);
  }
}

// Its last day is over, but the event has not arrived yet.
TEST_P(Amendments, AreNotExecutedAfterTheLastDayOfTheAmendedBucp) {
  const v1::Bucp old = AgreedUntil(1);
  const v1::Bucp late = Must(Amend(old.name()));
  ASSERT_THAT(Update(late.name(), ContentUntil(100), {"administrative.critical_dates"}), IsOk());
  const v1::Bucp frozen = Sign(Must(Freeze(Must(Send(late.name())).name())));
  env_.clock.Advance(2 * clock::kDay);
  EXPECT_THAT(CompleteSignatures(frozen.name(), std::string(64, 'b')),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  const v1::Bucp closed = Must(CompleteSignatures(frozen.name(), frozen.frozen_digest()));
  EXPECT_EQ(closed.state(), STATE_NOT_APPROVED);
  EXPECT_FALSE(closed.has_execute_time());
  EXPECT_EQ(LastEvent().type(), kBucpNotApproved);
  EXPECT_EQ(StateOf(old.name()), STATE_EXECUTED);
  const auto again = Amend(old.name());
  EXPECT_THAT(again, FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED));
  EXPECT_EQ(status::MetadataOf(again.status(), "amends"), old.name());
}

TEST_P(Amendments, AreExecutedOnTheLastDay) {
  const v1::Bucp old = AgreedUntil(1);
  const v1::Bucp amendment = Must(Amend(old.name()));
  env_.clock.Advance(clock::kDay);
  EXPECT_EQ(Execute(Must(Send(amendment.name()))).state(), STATE_EXECUTED);
  EXPECT_EQ(StateOf(old.name()), STATE_ENDED);
}

// Terminated in the register before the execution arrived.
TEST_P(Amendments, ThatTheRegisterRefusesAreNotApproved) {
  const v1::Bucp old = NewExecuted();
  const v1::Bucp refused = ExecutedAmendment(old);
  const v1::Bucp next = Must(Amend(refused.name()));
  ASSERT_THAT(RegisterRefuses(refused.name()), IsOk());
  const v1::Bucp closed = Must(Get(refused.name()));
  EXPECT_EQ(closed.state(), STATE_NOT_APPROVED);
  EXPECT_FALSE(closed.has_execute_time());
  EXPECT_EQ(StateOf(next.name()), STATE_NOT_APPROVED);
  EXPECT_EQ(StateOf(old.name()), STATE_ENDED);
  // The relay may repeat it.
  EXPECT_THAT(RegisterRefuses(refused.name()), IsOk());
}

TEST_P(Amendments, ThatTheRegisterRefusesCloseTheirAmendment) {
  const v1::Bucp refused = ExecutedAmendment(NewExecuted());
  const v1::Bucp newer = ExecutedAmendment(refused);
  const v1::Bucp draft = Must(Amend(newer.name()));
  ASSERT_THAT(RegisterRefuses(refused.name()), IsOk());
  EXPECT_EQ(StateOf(refused.name()), STATE_ENDED);
  EXPECT_EQ(StateOf(newer.name()), STATE_NOT_APPROVED);
  EXPECT_EQ(StateOf(draft.name()), STATE_NOT_APPROVED);
}

// An earlier release allowed two open amendments.
TEST_P(Amendments, OfAnEarlierReleaseAreNotBothExecuted) {
  const v1::Bucp old = NewExecuted();
  const v1::Bucp first = Must(Amend(old.name()));
  const auto forget = [](storage::Transaction& db) {
    return db.Execute("DELETE FROM open_amendments", {}).status();
  };
  ASSERT_THAT(database().Write(forget), IsOk());
  const v1::Bucp second = Must(Amend(old.name()));
  EXPECT_EQ(Execute(Must(Send(second.name()))).state(), STATE_EXECUTED);
  EXPECT_EQ(Execute(Must(Send(first.name()))).state(), STATE_NOT_APPROVED);
  EXPECT_EQ(StateOf(second.name()), STATE_EXECUTED);
}

TEST_P(Amendments, MayRemoveAnAddedPartyUntilTheyAreSent) {
  const v1::Bucp amendment = Must(Amend(NewExecuted().name()));
  const v1::Content before = amendment.content();
  v1::Content wider = before;
  wider.add_recipients(kStranger);
  ASSERT_THAT(registry_->AddContact(kStranger, "sponsor", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR}),
              IsOk());
  auto& contacts = *wider.mutable_business_case()->mutable_contact_information()->add_departments();
  contacts.set_entity(kStranger);
  contacts.set_data_coordinator(std::string(kStranger) + "/contacts/p");
  contacts.set_executive_sponsor(std::string(kStranger) + "/contacts/sponsor");
  const std::vector<std::string> paths = {"recipients", "business_case.contact_information"};
  ASSERT_THAT(Update(amendment.name(), wider, paths), IsOk());
  EXPECT_THAT(Get(amendment.name(), kStranger), IsOk());
  ASSERT_THAT(Update(amendment.name(), before, paths), IsOk());
  EXPECT_THAT(Get(amendment.name(), kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::Content fewer = wider;
  fewer.set_providers(0, kStranger);
  fewer.mutable_recipients()->RemoveLast();
  EXPECT_THAT(Update(amendment.name(), fewer, {"providers"}),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  // After sending, parties remain, even if the BUCP is returned.
  ASSERT_THAT(Update(amendment.name(), wider, paths), IsOk());
  Must(Send(amendment.name()));
  EXPECT_THAT(Update(amendment.name(), before, {"recipients"}),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  Must(AskForBucp<v1::ReturnBucpResponse>(By(kProviderDept), [&] {
    auto request = Of<v1::ReturnBucpRequest>(amendment.name());
    request.set_reason("not yet");
    return request;
  }()));
  EXPECT_THAT(Update(amendment.name(), before, {"recipients"}),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Amendments, CanBeFiledAfterTheirEnd) {
  const v1::Bucp ended = NewExecuted();
  Must(End(ended.name()));
  auto record = Of<v1::RecordFilingRequest>(ended.name());
  record.set_filing("filings/1");
  const v1::Bucp filed = Must(AskForBucp<v1::RecordFilingResponse>(testing::Service("inventory"), record));
  EXPECT_EQ(filed.state(), STATE_ENDED);
  EXPECT_EQ(filed.filing(), "filings/1");
}

TEST_P(Amendments, AreSentAndFrozenOnlyWithAFutureEndDate) {
  const char kPath[] = "content.administrative.critical_dates.end_date";
  const v1::Bucp over = Must(Create(ContentUntil(-1)));
  const auto refused = Send(over.name());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(testing::FieldsOf(refused.status()), ::testing::ElementsAre(kPath));
  const v1::Bucp sent = Must(Send(Must(Create(ContentUntil(0))).name()));
  env_.clock.Advance(clock::kDay);
  const auto late = Freeze(sent.name());
  EXPECT_THAT(late, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(testing::FieldsOf(late.status()), ::testing::ElementsAre(kPath));
  EXPECT_EQ(StateOf(sent.name()), STATE_SENT);
  ASSERT_THAT(Update(sent.name(), ContentUntil(0), {"administrative.critical_dates"}), IsOk());
  EXPECT_THAT(Freeze(sent.name()), IsOk());
}

// The last day ends at midnight where the parties are.
TEST_P(Amendments, AndWhatTheyAmendAreSentAndFrozenUntilTheirLastDayIsOver) {
  for (const absl::CivilDay last :
       {absl::CivilDay(2026, 10, 31), absl::CivilDay(2026, 11, 1), absl::CivilDay(2026, 12, 31),
        absl::CivilDay(2027, 3, 13), absl::CivilDay(2027, 3, 14), absl::CivilDay(2028, 2, 28),
        absl::CivilDay(2028, 2, 29)}) {
    const clock::Micros midnight =
        absl::ToUnixMicros(absl::FromCivil(absl::CivilSecond(last + 1), env_.clock.zone()));
    env_.clock.Set(midnight - clock::kDay / 2);
    const v1::Bucp sent = Must(Create(ContentUntil(0)));
    const v1::Bucp late = Must(Create(ContentUntil(0)));
    env_.clock.Set(midnight - 1);
    EXPECT_THAT(Send(sent.name()), IsOk()) << last;
    env_.clock.Set(midnight);
    EXPECT_THAT(Freeze(sent.name()), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << last;
    EXPECT_THAT(Send(late.name()), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << last;
    // It is still the last day if somebody sets the clock back.
    env_.clock.Set(midnight - 3600 * clock::kSecond);
    EXPECT_THAT(Freeze(sent.name()), IsOk()) << last;
    EXPECT_THAT(Send(late.name()), IsOk()) << last;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Amendments, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
