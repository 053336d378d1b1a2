#include "idea/inventory/v1/exchange.pb.h"
#include "tests/story/two_departments.h"

// Education records whose source is an agency that takes no part in the exchange: it signs, and nothing more.
namespace idea::story {
namespace {

using testing::kEducationAgency;

class EducationAgency : public TwoDepartments {
 protected:
  void SetUp() override {
    TwoDepartments::SetUp();
    if (IsSkipped()) return;
    registry::v1::ImportSignatoriesRequest import;
    import.add_csv(
        "name,acronym,parent_agency,kind,source\n"
        "Department of Education,,,department,idea-list-of-signatories\n");
    ASSERT_THAT(Ask<registry::v1::ImportSignatoriesResponse>(kCdo, "", import), IsOk());
    AddContact(kEducationAgency, "agency-sponsor", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR});
    AddContact(kEducationAgency, "agency-program", {common::v1::CONTACT_ROLE_PROGRAM});
    *content_.mutable_administrative()->mutable_education_records() =
        drafting::EducationContent().administrative().education_records();
    content_.mutable_administrative()->mutable_education_records()->set_source_agency(kEducationAgency);
  }
  inventory::v1::Verdict CheckFrom(const std::string& provider) {
    inventory::v1::CheckExchangeRequest check;
    check.set_provider(provider);
    check.set_recipient(kX);
    check.add_data_elements(content_.technical().data_elements().elements(0).field_name());
    check.mutable_time()->set_seconds(1'830'000'000);  // within the agreement's term
    return Must<inventory::v1::CheckExchangeResponse>(kX, "", check).decision().verdict();
  }
};

TEST_P(EducationAgency, SignsAndGetsNoPartInTheExchange) {
  drafting::v1::CreateBucpRequest create;
  *create.mutable_content() = content_;
  bucp_ = Must<drafting::v1::CreateBucpResponse>(kX, "p", create).bucp().name();
  drafting::v1::SendBucpRequest send;
  send.set_name(bucp_);
  Must<drafting::v1::SendBucpResponse>(kX, "p", send);
  EXPECT_EQ(BucpAs(kEducationAgency).state(), drafting::v1::STATE_SENT);
  drafting::v1::FreezeBucpRequest freeze;
  freeze.set_name(bucp_);
  EXPECT_THAT(Ask<drafting::v1::FreezeBucpResponse>(kEducationAgency, "agency-program", freeze),
              testing::FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  digest_ = Must<drafting::v1::FreezeBucpResponse>(kX, "p", freeze).bucp().frozen_digest();
  Await("a routing", [&] {
    routing_ = RoutingAs(kEducationAgency).name();
    return !routing_.empty();
  });
  for (const char* entity : {kX, kY}) {
    for (const auto discipline :
         {review::v1::DISCIPLINE_LEGAL, review::v1::DISCIPLINE_PRIVACY, review::v1::DISCIPLINE_SECURITY}) {
      review::v1::RegisterOpinionRequest opinion;
      opinion.set_routing(routing_);
      opinion.set_discipline(discipline);
      opinion.set_position(review::v1::POSITION_SUPPORTS);
      opinion.set_text("no concern");
      opinion.set_digest(digest_);
      Must<review::v1::RegisterOpinionResponse>(entity, "p", opinion);
    }
  }
  ASSERT_THAT(Sign(kX, "cdss-sponsor", review::v1::CAPACITY_EXECUTIVE_SPONSOR), IsOk());
  ASSERT_THAT(Sign(kY, "dhcs-sponsor", review::v1::CAPACITY_EXECUTIVE_SPONSOR), IsOk());
  EXPECT_THAT(Sign(kX, "cdss-coordinator", review::v1::CAPACITY_DATA_COORDINATOR),
              testing::FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED))
      << "the agency has not signed";
  ASSERT_THAT(Sign(kEducationAgency, "agency-sponsor", review::v1::CAPACITY_EDUCATION_AGENCY), IsOk());
  ASSERT_THAT(Sign(kX, "cdss-coordinator", review::v1::CAPACITY_DATA_COORDINATOR), IsOk());
  ASSERT_THAT(SignLast(), IsOk());
  Await("an agreement in force", [&] { return FilingsAs(kX).size() == 1; });
  EXPECT_EQ(BucpAs(kEducationAgency).state(), drafting::v1::STATE_EXECUTED);
  EXPECT_THAT(FilingsAs(kX)[0].providers(), ::testing::ElementsAre(kY));
  Await("an exchange that is permitted", [&] { return CheckFrom(kY) == inventory::v1::VERDICT_PERMITTED; });
  EXPECT_EQ(CheckFrom(kEducationAgency), inventory::v1::VERDICT_DENIED);
}

INSTANTIATE_TEST_SUITE_P(Every, EducationAgency, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
