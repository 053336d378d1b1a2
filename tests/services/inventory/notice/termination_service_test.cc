#include "services/inventory/notice/termination_service.h"

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
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::UnorderedElementsAre;

class NoticesOfAnEnd : public Notices {};

TEST_P(NoticesOfAnEnd, AreGivenByATermination) {
  for (const auto& [grounds, kind] : {std::pair{v1::GROUNDS_RULE_CHANGE, NOTICE_KIND_RULE_CHANGE},
                                      {v1::GROUNDS_RECIPIENT_ACTS, NOTICE_KIND_RECIPIENT_ACTS},
                                      {v1::GROUNDS_VIOLATION, NOTICE_KIND_VIOLATION}}) {
    SCOPED_TRACE(flow::NameOf(kind));
    const int64_t size = LogSize();
    // The event is about this BUCP once, and about another BUCP otherwise.
    v1::RecordExecutionRequest another;
    another.set_bucp("bucps/" + std::to_string(100 + kind));
    another.set_title("Food aid");
    another.set_revision("bucps/1/revisions/3");
    another.set_digest(std::string(64, 'a'));
    another.add_recipients(kX);
    another.add_providers(kY);
    *another.mutable_execute_time() = clock::ToProto(env_.clock.Now());
    filing_ =
        harness_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), another)->filing().name();
    ASSERT_THAT(Terminate(grounds, "within 30 days"), IsOk());
    const auto names = List(kX, "filing = \"" + filing_ + "\"");
    ASSERT_EQ(names.size(), 1u);
    const auto notice = Get(names[0], kX);
    EXPECT_EQ(notice->kind(), kind);
    EXPECT_THAT(notice->text(), HasSubstr("we have ended the exchange"));
    EXPECT_THAT(notice->text(), HasSubstr("passed on to a vendor"));
    EXPECT_THAT(notice->text(), HasSubstr("Deletion and removal: within 30 days"));
    EXPECT_EQ(LogSize(), size + 2);
    EXPECT_THAT(Duties(kX, "filing = \"" + filing_ + "\""), ::testing::SizeIs(2));
  }
}

// A product decision: the agreement gives the Data Recipient no clause. 8.8 defines the duties.
TEST_P(NoticesOfAnEnd, AreGivenByARecipientThatNoLongerNeedsTheData) {
  const auto end = [&](const std::string& entity) {
    v1::TerminateFilingRequest request;
    request.set_name(filing_);
    request.set_grounds(v1::GROUNDS_NO_LONGER_NEEDED);
    request.set_reason("the program has ended");
    return harness_->Ask<v1::TerminateFilingResponse>(At(entity, "p"), request);
  };
  const auto provider = end(kY);
  EXPECT_THAT(provider, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(status::MetadataOf(provider.status(), "by"), "first Data Recipient");
  EXPECT_THAT(end(kZ), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto ended = end(kX);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->filing().state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(ended->filing().grounds(), v1::GROUNDS_NO_LONGER_NEEDED);
  const auto names = List(kX);
  ASSERT_EQ(names.size(), 1u);
  const auto notice = Get(names[0], kY);
  ASSERT_THAT(notice, IsOk());
  EXPECT_EQ(notice->kind(), NOTICE_KIND_NO_LONGER_NEEDED);
  EXPECT_EQ(notice->giver(), kX);
  std::vector<std::string> to;
  for (const auto& recipient : notice->recipients()) to.push_back(recipient.entity());
  EXPECT_THAT(to, ::testing::UnorderedElementsAre(kY, kZ, testing::kCdoEntity));
  EXPECT_THAT(notice->text(), HasSubstr("the program has ended"));
  // Each Data Recipient has the duty to return or destroy until it attests.
  EXPECT_THAT(Duties(testing::kCdoEntity, "state = OPEN"), ::testing::SizeIs(2));
  Given(NOTICE_KIND_DESTRUCTION_ATTESTATION, kX);
  EXPECT_THAT(Duties(testing::kCdoEntity, "state = OPEN"), ::testing::SizeIs(1));
  EXPECT_THAT(end(kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

// A proposal creates no duty. The end creates one for each Data Recipient, until it attests.
TEST_P(NoticesOfAnEnd, OfAProposedEndCreateNoDuty) {
  for (const auto kind : {NOTICE_KIND_RULE_CHANGE, NOTICE_KIND_RECIPIENT_ACTS, NOTICE_KIND_VIOLATION}) {
    Given(kind, kY);
    EXPECT_THAT(Duties(testing::kCdoEntity), IsEmpty()) << flow::NameOf(kind);
  }
  ASSERT_THAT(Terminate(v1::GROUNDS_VIOLATION), IsOk());
  const auto duties = Duties(testing::kCdoEntity);
  ASSERT_THAT(duties, ::testing::SizeIs(2));
  EXPECT_EQ(duties[0].citation(), "agreement 8.8");
}

TEST_P(NoticesOfAnEnd, ThatAttestDestructionCloseTheDuty) {
  // Before the end no duty exists.
  Given(NOTICE_KIND_DESTRUCTION_ATTESTATION);
  ASSERT_THAT(Terminate(v1::GROUNDS_RULE_CHANGE), IsOk());
  const std::string incident = Given(NOTICE_KIND_SECURITY_INCIDENT);
  const std::string attestation = Given(NOTICE_KIND_DESTRUCTION_ATTESTATION);
  EXPECT_EQ(harness_->Events().back().type(), event::kDutyCompleted);
  const auto done = Duties(testing::kCdoEntity, "state = DONE");
  ASSERT_THAT(done, ::testing::SizeIs(1));
  EXPECT_EQ(done[0].entity(), kX);
  EXPECT_EQ(done[0].kind(), NOTICE_KIND_RULE_CHANGE);
  EXPECT_EQ(done[0].answer(), attestation);
  EXPECT_EQ(done[0].person(), "p");
  // The duty of the other Data Recipient stays open, and so do other duties.
  std::set<std::string> open;
  for (const v1::Duty& duty : Duties(testing::kCdoEntity, "state = OPEN")) {
    open.insert(duty.entity() == kX ? duty.name() : duty.entity());
  }
  EXPECT_EQ(open, (std::set<std::string>{kZ, incident + "/duties/1"}));
  // A second attestation finds no open duty. validate_only closes none.
  Given(NOTICE_KIND_DESTRUCTION_ATTESTATION);
  EXPECT_THAT(Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kZ, "p"), AllDetails(), true), IsOk());
  EXPECT_THAT(Duties(testing::kCdoEntity, "state = OPEN"), ::testing::SizeIs(2));
  Given(NOTICE_KIND_DESTRUCTION_ATTESTATION, kZ);
  EXPECT_THAT(Duties(testing::kCdoEntity, "state = OPEN"), ::testing::SizeIs(1));
}

TEST_P(NoticesOfAnEnd, ThatCommentOnAReportCloseTheDutyOnThatReport) {
  auto details = AllDetails();
  details.set_product("Another report");
  const auto other = Give(NOTICE_KIND_STUDY_REPORT, At(kX, "p"), details);
  ASSERT_THAT(other, IsOk());
  Given(NOTICE_KIND_STUDY_REPORT);
  const std::string comments = Given(NOTICE_KIND_STUDY_COMMENTS, kY);
  const auto done = Duties(kY, "state = DONE");
  ASSERT_THAT(done, ::testing::SizeIs(1));
  EXPECT_EQ(done[0].answer(), comments);
  EXPECT_EQ(Duties(kY, "state = OPEN AND kind = STUDY_REPORT").at(0).name(), other->name() + "/duties/1");
}

// Section 5.16: recording the certification in the registry answers a reminder.
TEST_P(NoticesOfAnEnd, OfCertificationsAreAnsweredByACertification) {
  const auto certify = [&](const std::string& entity, clock::Micros recorded, const std::string& id) {
    v1::RecordCertificationRequest request;
    request.set_certification(entity + "/certifications/2026-03-02");
    *request.mutable_record_time() = clock::ToProto(recorded);
    request.set_person("p");
    request.set_request_id(id);
    const auto answer = harness_->Ask<v1::RecordCertificationResponse>(testing::Service("registry"), request);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->duties_size() : -1;
  };
  const clock::Micros before = env_.clock.Now();
  env_.clock.Advance(clock::kSecond);
  const std::string first = Given(NOTICE_KIND_CERTIFICATION_REMINDER, testing::kCdoEntity);
  filing_ = Execute("bucps/2");
  const std::string second = Given(NOTICE_KIND_CERTIFICATION_REMINDER, testing::kCdoEntity);
  // Another duty of the same department.
  Given(NOTICE_KIND_SECURITY_INCIDENT);
  const clock::Micros after = env_.clock.Now();
  env_.clock.Advance(clock::kSecond);
  Given(NOTICE_KIND_CERTIFICATION_REMINDER, testing::kCdoEntity);
  EXPECT_EQ(certify(kX, before, ids::NewUuid()), 0) << "it was recorded before anybody was reminded";
  const std::string id = ids::NewUuid();
  EXPECT_EQ(certify(kX, after, id), 2);
  EXPECT_EQ(certify(kX, after, id), 2) << "the same answer to the same command";
  EXPECT_EQ(certify(kX, after, ids::NewUuid()), 0);
  for (const std::string& reminder : {first, second}) {
    for (const v1::Duty& duty : Duties(testing::kCdoEntity, "notice = \"" + reminder + "\"")) {
      const bool done = duty.entity() == kX;
      EXPECT_EQ(duty.state(), done ? v1::DUTY_STATE_DONE : v1::DUTY_STATE_OPEN);
      EXPECT_EQ(duty.answer(), done ? std::string(kX) + "/certifications/2026-03-02" : "");
      EXPECT_EQ(duty.person(), done ? "p" : "");
      EXPECT_EQ(duty.note(), done ? "certification of 2026-03-02" : "");
    }
  }
  // The later reminder and the incident.
  EXPECT_THAT(Duties(kX, "state = OPEN AND entity = \"" + std::string(kX) + "\""), ::testing::SizeIs(2));
  EXPECT_THAT(harness_->Ask<v1::RecordCertificationResponse>(At(kX, "p"), v1::RecordCertificationRequest()),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
}

TEST_P(NoticesOfAnEnd, OfAnEndNeedAnAgreementInForce) {
  const auto proposed = Give(NOTICE_KIND_RULE_CHANGE, kY);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_THAT(proposed->text(), HasSubstr("we propose to end the exchange"));
  ASSERT_THAT(Terminate(v1::GROUNDS_RULE_CHANGE), IsOk());
  EXPECT_THAT(Terminate(v1::GROUNDS_RULE_CHANGE), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(List(kY), ::testing::SizeIs(2));
  EXPECT_THAT(Give(NOTICE_KIND_VIOLATION, kY), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  // Notices about the data are still possible.
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT), IsOk());
  EXPECT_THAT(Give(NOTICE_KIND_DESTRUCTION_ATTESTATION), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, NoticesOfAnEnd, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::inventory
