#include "services/inventory/notice/notice_service.h"

#include <gtest/gtest.h>

#include <set>

#include "common/clock/date.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/transparency/leaf_digests.h"
#include "services/inventory/inventory_events.h"
#include "tests/services/inventory/notice/notice_fixture.h"

namespace idea::inventory {
namespace {

using enum v1::NoticeKind;
using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::FieldsOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// --- notices ---

TEST_P(Notices, ContainFactsOfTheRegisterAndTheRegistry) {
  v1::NoticeDetails details;
  details.set_description("A laptop with an encrypted disk was stolen.");
  const auto notice = Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "p"), details, true);
  ASSERT_THAT(notice, IsOk());
  EXPECT_EQ(notice->subject(), "Security incident involving data exchanged under IDEA: Food aid");
  EXPECT_THAT(notice->text(),
              StartsWith("To: Mx. p, Data Coordinator, Department Y\nSubject: Security incident"));
  for (const char* part :
       {"\"Food aid\" (bucps/1)", "demographic", "A laptop with an encrypted disk was stolen.", "section 8.6",
        "Mx. p\nDepartment X\n"}) {
    EXPECT_THAT(notice->text(), HasSubstr(part));
  }
}

TEST_P(Notices, CanBePreviewed) {
  const int64_t size = LogSize();
  const size_t recorded = harness_->Events().size();
  ASSERT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "p"), AllDetails(), true), IsOk());
  EXPECT_EQ(LogSize(), size);
  EXPECT_EQ(harness_->Events().size(), recorded);
  EXPECT_THAT(List(kX), IsEmpty());
  EXPECT_THAT(Duties(kX), IsEmpty());
}

TEST_P(Notices, HaveAMaximumPerKind) {
  Given(NOTICE_KIND_SECURITY_INCIDENT);
  ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
    for (int i = 0; i < 198; ++i) {
      RETURN_IF_ERROR(db.ExecuteDeferred(
          "INSERT INTO notices (id, filing, bucp, kind, giver, state, version, created, body) "
          "SELECT $1, filing, bucp, kind, giver, state, version, created, body FROM notices "
          "LIMIT 1",
          {"n" + std::to_string(i)}));
    }
    return absl::OkStatus();
  }),
              IsOk());
  Given(NOTICE_KIND_SECURITY_INCIDENT);
  const auto refused = Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "p"), AllDetails());
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
  EXPECT_EQ(status::MetadataOf(refused.status(), "limit"), "200");
  EXPECT_THAT(Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kX, "p"), AllDetails()), IsOk());
}

TEST_P(Notices, AreLeavesOfTheLog) {
  const int64_t size = LogSize();
  const std::string name = Given(NOTICE_KIND_DESTRUCTION_ATTESTATION);
  EXPECT_EQ(LogSize(), size + 1);
  v1::Notice notice = *Get(name, kY);
  EXPECT_EQ(notice.leaf().leaf_index(), size);
  EXPECT_THAT(notice.leaf().entry(), HasSubstr("\"notice\":\"" + name + "\""));
  EXPECT_THAT(notice.leaf().entry(), HasSubstr("\"noticeKind\":\"DESTRUCTION_ATTESTATION\""));
  EXPECT_THAT(notice.leaf().entry(), HasSubstr("\"noticeDigest\":\"" + notice.digest() + "\""));
  v1::GetInclusionProofRequest prove;
  prove.set_leaf_index(size);
  const auto proof = harness_->Ask<v1::GetInclusionProofResponse>(At(kStranger), prove);
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->leaf().entry(), notice.leaf().entry());
  // The digest is that of the notice as given.
  const std::string digest = notice.digest();
  notice.clear_digest();
  notice.clear_leaf();
  notice.clear_state();
  notice.clear_age_days();
  EXPECT_EQ(digest::Digest(notice), digest);
}

TEST_P(Notices, AreVisibleToGiversAndAddressees) {
  const std::string incident = Given(NOTICE_KIND_SECURITY_INCIDENT);
  const std::string violation = Given(NOTICE_KIND_VIOLATION, kY);
  for (const char* entity : {kX, kY, testing::kCdoEntity})
    EXPECT_THAT(Get(incident, entity), IsOk()) << entity;
  for (const char* entity : {kZ, kAgencyA, kStranger}) {
    EXPECT_THAT(Get(incident, entity), FailsWith(Reason::ERROR_REASON_NOT_FOUND)) << entity;
  }
  for (const char* entity : {kX, kZ, kY, kAgencyA, kAgencyB})
    EXPECT_THAT(Get(violation, entity), IsOk()) << entity;
  EXPECT_THAT(List(kAgencyA), ElementsAre(violation));
  EXPECT_THAT(List(kStranger), IsEmpty());
  EXPECT_THAT(Duties(kStranger), IsEmpty());
  EXPECT_THAT(Acknowledge(violation, At(kStranger, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Complete(violation + "/duties/1", At(kStranger, "p")),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const events::Event recorded = harness_->Events().back();
  EXPECT_EQ(recorded.type(), event::kNoticeGiven);
  EXPECT_EQ(recorded.citation(), "agreement 7.4");
  EXPECT_THAT(recorded.audience(), UnorderedElementsAre(kX, kZ, kY, testing::kCdoEntity, kAgencyA, kAgencyB));
}

TEST_P(Notices, ReachADepartmentWithoutContacts) {
  registry::v1::UpdateContactRequest end;
  end.mutable_contact()->set_name(std::string(kY) + "/contacts/p");
  *end.mutable_contact()->mutable_end_time() = clock::ToProto(env_.clock.Now());
  end.mutable_update_mask()->add_paths("end_time");
  ASSERT_THAT(registry_->harness().Ask<registry::v1::UpdateContactResponse>(At(kY), end), IsOk());
  const auto notice = Give(NOTICE_KIND_SECURITY_INCIDENT);
  ASSERT_THAT(notice, IsOk());
  EXPECT_THAT(notice->recipients(0).names(), IsEmpty());
  EXPECT_THAT(notice->text(), StartsWith("To: Data Coordinator, Department Y\n"));
  EXPECT_THAT(Get(notice->name(), kY), IsOk());
}

TEST_P(Notices, AreListedByFilter) {
  const std::string first = Given(NOTICE_KIND_SECURITY_INCIDENT);
  env_.clock.Advance(2 * kDay);
  const std::string second = Given(NOTICE_KIND_VIOLATION, kY);
  EXPECT_THAT(List(testing::kCdoEntity), ElementsAre(second, first));
  EXPECT_THAT(List(kX, "kind = SECURITY_INCIDENT"), ElementsAre(first));
  EXPECT_THAT(List(kX, "filing = \"" + filing_ + "\" AND bucp = \"bucps/1\""), ElementsAre(second, first));
  EXPECT_THAT(List(kX, "giver = \"" + std::string(kY) + "\""), ElementsAre(second));
  EXPECT_THAT(List(testing::kCdoEntity, "party = \"" + std::string(kAgencyB) + "\""), ElementsAre(second));
  EXPECT_THAT(List(kX, "state = ACKNOWLEDGED"), IsEmpty());
  EXPECT_EQ(Get(first, kX)->age_days(), 2);
  v1::ListNoticesRequest bad;
  bad.set_filter("color = red");
  EXPECT_THAT(harness_->Ask<v1::ListNoticesResponse>(At(kX), bad),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
  v1::ListDutiesRequest wrong;
  wrong.set_filter("state : x");
  EXPECT_THAT(harness_->Ask<v1::ListDutiesResponse>(At(kX), wrong),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

// --- acknowledgement ---

// The notice names the person that a delegate acted for. The digest covers the notice as given, without
// acknowledgements.
TEST_P(Notices, NameTheEntityThatADelegateActedFor) {
  for (const char* entity : {kX, kY}) {
    ASSERT_THAT(registry_->Delegate(entity, "p", common::v1::CONTACT_ROLE_DATA_COORDINATOR, env_.clock.Now()),
                IsOk());
  }
  const auto given = Give(v1::NOTICE_KIND_SECURITY_INCIDENT, At(kX, "deputy"), AllDetails());
  ASSERT_THAT(given, IsOk());
  EXPECT_EQ(given->person(), "deputy");
  EXPECT_EQ(given->on_behalf().principal_name(), "Mx. p");
  EXPECT_EQ(given->digest(), transparency::NoticeDigest(*given));
  EXPECT_EQ(harness_->Events().back().actor().on_behalf().principal(), std::string(kX) + "/contacts/p");
  const auto acknowledged = Acknowledge(given->name(), At(kY, "deputy"));
  ASSERT_THAT(acknowledged, IsOk());
  int by_deputy = 0;
  for (const v1::NoticeRecipient& recipient : acknowledged->recipients())
    by_deputy += recipient.on_behalf().principal() == std::string(kY) + "/contacts/p" ? 1 : 0;
  EXPECT_EQ(by_deputy, 1);
  EXPECT_EQ(acknowledged->digest(), transparency::NoticeDigest(*acknowledged));
}

TEST_P(Notices, AreAcknowledgedOnceByEachAddressee) {
  const std::string name = Given(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY);
  EXPECT_THAT(Acknowledge(name, At(kX, "p")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Acknowledge(name, At(kZ, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Acknowledge(name, At(kY)), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  env_.clock.Advance(kDay);
  const auto once = Acknowledge(name, At(kY, "p"));
  ASSERT_THAT(once, IsOk());
  EXPECT_EQ(once->state(), v1::NOTICE_STATE_GIVEN);
  EXPECT_EQ(clock::FromProto(once->recipients(0).acknowledge_time()), env_.clock.Now());
  EXPECT_EQ(once->recipients(0).person(), "p");
  EXPECT_THAT(Acknowledge(name, At(kY, "p")), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  const auto all = Acknowledge(name, At(testing::kCdoEntity, "p"));
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->state(), v1::NOTICE_STATE_ACKNOWLEDGED);
  EXPECT_THAT(List(kX, "state = NOTICE_STATE_ACKNOWLEDGED"), ElementsAre(name));
  EXPECT_EQ(harness_->Events().back().type(), event::kNoticeAcknowledged);
  // The notice as given does not change.
  EXPECT_EQ(all->digest(), Get(name, kX)->digest());
}

// --- days ---

TEST_P(Notices, Of88AreDueTenDaysAfterCircumstancesChanged) {
  v1::NoticeDetails details = AllDetails();
  *details.mutable_date() = Today(-10);
  const auto in_time = Give(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY, At(kX, "p"), details);
  ASSERT_THAT(in_time, IsOk());
  EXPECT_EQ(clock::DayOf(in_time->due_date()), clock::DayOf(Today()));
  EXPECT_FALSE(in_time->late());
  *details.mutable_date() = Today(-11);
  EXPECT_TRUE(Give(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY, At(kX, "p"), details)->late());
  *details.mutable_date() = Today(1);
  const auto refused = Give(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY, At(kX, "p"), details);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("details.date"));
}

TEST_P(Notices, OfStudyReportsAreDueSixtyDaysBeforeTheRelease) {
  v1::NoticeDetails details = AllDetails();
  *details.mutable_date() = Today(60);
  EXPECT_FALSE(Give(NOTICE_KIND_STUDY_REPORT, At(kX, "p"), details)->late());
  *details.mutable_date() = Today(59);
  const auto late = Give(NOTICE_KIND_STUDY_REPORT, At(kX, "p"), details);
  EXPECT_TRUE(late->late());
  EXPECT_EQ(clock::DayOf(late->due_date()), clock::DayOf(Today(-1)));
}

TEST_P(Notices, OfImmediateDutiesHaveAnAgeAndNoDueDate) {
  const std::string name = Given(NOTICE_KIND_UNAUTHORIZED_ACCESS);
  env_.clock.Advance(100 * kDay);
  EXPECT_FALSE(Get(name, kY)->has_due_date());
  const v1::Duty duty = Duties(kY).at(0);
  EXPECT_FALSE(duty.has_due_date());
  EXPECT_FALSE(duty.overdue());
  EXPECT_EQ(duty.age_days(), 100);
}

TEST_P(Notices, OfDestroyedEducationRecordsNeedTwoWitnesses) {
  v1::NoticeDetails details = AllDetails();
  EXPECT_THAT(Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kX, "p"), details, true), IsOk());
  content_.mutable_business_case()->mutable_data_categories()->set_education_records(
      drafting::v1::ANSWER_YES);
  for (const std::vector<std::string>& witnesses :
       {std::vector<std::string>{}, {"A. Alder"}, {"A. Alder", "A. Alder"}}) {
    *details.mutable_witnesses() = {witnesses.begin(), witnesses.end()};
    const auto refused = Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kX, "p"), details);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("details.witnesses"));
  }
  details.clear_witnesses();
  details.add_witnesses("A. Alder");
  details.add_witnesses("B. Birch");
  const auto given = Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kX, "p"), details);
  ASSERT_THAT(given, IsOk());
  EXPECT_THAT(given->text(), HasSubstr("Witnesses: A. Alder, B. Birch."));
}

// --- duties ---

TEST_P(Notices, CreateDutiesThatTheirOwnersComplete) {
  const std::string name = Given(NOTICE_KIND_STUDY_REPORT);
  const std::string duty = name + "/duties/1";
  EXPECT_THAT(Complete(duty, At(kX, "p")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Complete(name + "/duties/2", At(kY, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  env_.clock.Advance(45 * kDay);
  EXPECT_FALSE(Duties(kY).at(0).overdue());
  env_.clock.Advance(kDay);
  EXPECT_TRUE(Duties(kY, "state = OPEN").at(0).overdue());
  EXPECT_THAT(Duties(kY, "due_time > 2000-01-01"), ::testing::SizeIs(1));
  const auto done = Complete(duty, At(kY, "p"));
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->state(), v1::DUTY_STATE_DONE);
  EXPECT_FALSE(done->overdue());
  EXPECT_EQ(done->note(), "done by letter");
  EXPECT_EQ(done->person(), "p");
  EXPECT_THAT(Complete(duty, At(kY, "p")), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  env_.clock.Advance(kDay);
  EXPECT_EQ(Duties(kX).at(0).age_days(), 46);
  EXPECT_THAT(Duties(kX, "state = OPEN"), IsEmpty());
  EXPECT_EQ(harness_->Events().back().type(), event::kDutyCompleted);
}

// The due day is over at midnight where the parties are: at changes of the clocks, in leap years and at the
// end of a year. It is computed for each answer, so that a clock that is set back leaves no duty overdue.
TEST_P(Notices, AreFollowedByDutiesThatAreOverdueFromMidnightOn) {
  constexpr clock::Micros kHour = 3600 * clock::kSecond;
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
  for (const absl::CivilDay last :
       {absl::CivilDay(2026, 10, 31), absl::CivilDay(2026, 11, 1), absl::CivilDay(2026, 12, 31),
        absl::CivilDay(2027, 2, 28), absl::CivilDay(2027, 3, 13), absl::CivilDay(2027, 3, 14),
        absl::CivilDay(2028, 2, 28), absl::CivilDay(2028, 2, 29)}) {
    env_.clock.Set(absl::ToUnixMicros(absl::FromCivil(absl::CivilSecond(last - 45) + 82'800, zone)));
    const std::string name = Given(NOTICE_KIND_STUDY_REPORT);
    const clock::Micros midnight = absl::ToUnixMicros(absl::FromCivil(last + 1, zone));
    for (const clock::Micros from_midnight : {-kHour, clock::Micros{-1}, clock::Micros{0}, kHour, -kHour}) {
      env_.clock.Set(midnight + from_midnight);
      const std::vector<v1::Duty> open = Duties(kY, "state = OPEN");
      ASSERT_EQ(open.size(), 1u);
      EXPECT_EQ(clock::DayOf(open[0].due_date()), last);
      EXPECT_EQ(open[0].overdue(), from_midnight >= 0) << last << " " << from_midnight;
    }
    ASSERT_THAT(Complete(name + "/duties/1", At(kY, "p")), IsOk());
  }
}

// --- refused calls ---

TEST_P(Notices, AreRefusedToOtherRolesAndForInvalidRequests) {
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX), AllDetails()),
              FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "nobody"), AllDetails()),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, testing::Service("drafting"), AllDetails()),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  const auto field = [&](v1::GiveNoticeRequest request) {
    const auto refused = harness_->Ask<v1::GiveNoticeResponse>(At(kX, "p"), request);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    const auto fields = FieldsOf(refused.status());
    return fields.empty() ? "" : fields[0];
  };
  v1::GiveNoticeRequest request;
  request.set_filing(filing_);
  EXPECT_EQ(field(request), "kind");
  request.set_kind(static_cast<v1::NoticeKind>(99));
  EXPECT_EQ(field(request), "kind");
  request.set_kind(NOTICE_KIND_SECURITY_INCIDENT);
  *request.mutable_details() = AllDetails();
  request.mutable_details()->set_requester("two\nlines");
  EXPECT_EQ(field(request), "details.requester");
  *request.mutable_details() = AllDetails();
  request.mutable_details()->mutable_date()->set_day(32);
  EXPECT_EQ(field(request), "details.date");
  request.set_filing("bucps/1");
  EXPECT_EQ(field(request), "filing");
  *request.mutable_details() = AllDetails();
  request.set_filing("filings/none");
  EXPECT_THAT(harness_->Ask<v1::GiveNoticeResponse>(At(kX, "p"), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("notices/none", kX), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("filings/1", kX), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Acknowledge("notices/none", At(kX, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::CompleteDutyRequest unsaid;
  unsaid.set_name(Given(NOTICE_KIND_SECURITY_INCIDENT) + "/duties/1");
  EXPECT_THAT(harness_->Ask<v1::CompleteDutyResponse>(At(kX, "p"), unsaid),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Notices, FailWhileAPeerDoesNotAnswer) {
  for (const char* peer : {"registry", "drafting"}) {
    down_ = peer;
    EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
    EXPECT_THAT(Terminate(v1::GROUNDS_VIOLATION), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  }
  down_ = "";
  EXPECT_THAT(List(testing::kCdoEntity), IsEmpty());
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, Notices, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
