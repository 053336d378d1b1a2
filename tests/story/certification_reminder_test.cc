#include "idea/inventory/v1/duty.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "tests/story/two_departments.h"

// The Statewide CDO reminds the parties of their certifications (agreement 5.16), and one of them answers.
namespace idea::story {
namespace {

class CertificationReminder : public TwoDepartments {
 protected:
  inventory::v1::Duty DutyOf(const std::string& entity) {
    inventory::v1::ListDutiesRequest request;
    request.set_filter("entity = \"" + entity + "\" AND kind = NOTICE_KIND_CERTIFICATION_REMINDER");
    const auto page = Must<inventory::v1::ListDutiesResponse>(entity, "", request);
    return page.duties().empty() ? inventory::v1::Duty() : page.duties(0);
  }
};

// The registry is dropped in the moment in which it has recorded the certification.
TEST_P(CertificationReminder, IsAnsweredByTheCertificationAlone) {
  PrepareUpToTheLastSignature();
  ASSERT_THAT(SignLast(), IsOk());
  Await("agreement in force", [&] { return FilingsAs(kX).size() == 1; });
  inventory::v1::GiveNoticeRequest remind;
  remind.set_filing(FilingsAs(kX)[0].name());
  remind.set_kind(inventory::v1::NOTICE_KIND_CERTIFICATION_REMINDER);
  Must<inventory::v1::GiveNoticeResponse>(kCdo, "cdo", remind);
  ASSERT_EQ(DutyOf(kX).state(), inventory::v1::DUTY_STATE_OPEN);
  registry::v1::CreateCertificationRequest certify;
  certify.set_parent(kX);
  certify.mutable_certification()->mutable_certify_date()->set_year(2026);
  certify.mutable_certification()->mutable_certify_date()->set_month(3);
  certify.mutable_certification()->mutable_certify_date()->set_day(2);
  certify.mutable_certification()->set_evidence("SIMM 5330-B");
  const auto certified = Must<registry::v1::CreateCertificationResponse>(kX, "", certify);
  Open();
  Await("answered reminder", [&] { return DutyOf(kX).state() == inventory::v1::DUTY_STATE_DONE; });
  EXPECT_EQ(DutyOf(kX).answer(), certified.certification().name());
  EXPECT_EQ(DutyOf(kY).state(), inventory::v1::DUTY_STATE_OPEN);
}

INSTANTIATE_TEST_SUITE_P(Every, CertificationReminder, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
