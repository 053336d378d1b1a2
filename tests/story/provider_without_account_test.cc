#include "idea/inventory/v1/exchange.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "tests/story/two_departments.h"

// The guidebook's steps with a Data Provider without an account at the start: a signatory without contacts in
// the exchange (guidebook step 4: no list of contacts exists).
namespace idea::story {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;

constexpr const char* kN = testing::kEducationAgency;

class ProviderWithoutAccount : public TwoDepartments {
 protected:
  void SetUp() override {
    TwoDepartments::SetUp();
    if (IsSkipped()) return;
    registry::v1::ImportSignatoriesRequest import;
    import.add_csv(
        "name,acronym,parent_agency,kind,source\nDepartment of "
        "Education,,,department,idea-list-of-signatories\n");
    ASSERT_THAT(Ask<registry::v1::ImportSignatoriesResponse>(kCdo, "", import), IsOk());
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(content_, &json).ok());
    const std::string from = kY, to = kN;
    for (size_t at = 0; (at = json.find(from, at)) != std::string::npos; at += to.size())
      json.replace(at, from.size(), to);
    complete_.Clear();
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &complete_).ok());
  }

  // The draft that department X can write before department N has an account.
  drafting::v1::Content Draft() {
    drafting::v1::Content draft = complete_;
    auto& contacts = *draft.mutable_business_case()->mutable_contact_information();
    contacts.mutable_departments()->RemoveLast();
    auto& department = *contacts.add_departments();
    department.set_entity(kN);
    department.mutable_program_contact()->set_display_name("A. Lee");
    department.mutable_program_contact()->set_title("Program Manager");
    department.mutable_program_contact()->set_email("a.lee@n.example.org");
    return draft;
  }
  void Record(const std::string& as, const std::string& by, const std::string& person,
              const std::vector<common::v1::ContactRole>& roles) {
    registry::v1::CreateContactRequest request;
    request.set_parent(kN);
    request.mutable_contact()->set_person(person);
    request.mutable_contact()->set_display_name("Mx. " + person);
    request.mutable_contact()->set_email(person + "@n.example.org");
    for (const auto role : roles) request.mutable_contact()->add_roles(role);
    Must<registry::v1::CreateContactResponse>(as, by, request);
  }
  template <class Response, class Request>
  Response Step(const std::string& entity, const std::string& person, Request request = {}) {
    request.set_name(bucp_);
    return Must<Response>(entity, person, request);
  }
  void Give(const std::string& entity, const std::string& person) {
    for (const auto discipline :
         {review::v1::DISCIPLINE_LEGAL, review::v1::DISCIPLINE_PRIVACY, review::v1::DISCIPLINE_SECURITY}) {
      review::v1::RegisterOpinionRequest opinion;
      opinion.set_routing(routing_);
      opinion.set_discipline(discipline);
      opinion.set_position(review::v1::POSITION_SUPPORTS);
      opinion.set_text("no concern");
      opinion.set_digest(digest_);
      Must<review::v1::RegisterOpinionResponse>(entity, person, opinion);
    }
  }

  drafting::v1::Content complete_;
};

TEST_P(ProviderWithoutAccount, WalksTheGuidebooksSteps) {
  // Steps 1 and 2: IDEA applies, both are signatories.
  drafting::v1::AssessApplicabilityRequest assess;
  assess.set_public_records(drafting::v1::ANSWER_NO);
  assess.set_internal_use(drafting::v1::ANSWER_NO);
  assess.add_parties(kX);
  assess.add_parties(kN);
  EXPECT_EQ(Must<drafting::v1::AssessApplicabilityResponse>(kX, "", assess).outcome(),
            drafting::v1::APPLICABILITY_REQUIRED);

  // Step 3: a draft, which is department X's alone.
  drafting::v1::CreateBucpRequest create;
  *create.mutable_content() = Draft();
  bucp_ = Must<drafting::v1::CreateBucpResponse>(kX, "p", create).bucp().name();
  drafting::v1::GetBucpRequest get;
  get.set_name(bucp_);
  EXPECT_THAT(Ask<drafting::v1::GetBucpResponse>(kN, "", get), FailsWith(Reason::ERROR_REASON_NOT_FOUND));

  // Step 4: sent, with an invitation for the program contact.
  const auto sent = Step<drafting::v1::SendBucpResponse, drafting::v1::SendBucpRequest>(kX, "p");
  EXPECT_THAT(sent.invite(), ElementsAre(kN));
  drafting::v1::RenderMessageRequest message;
  message.set_kind(drafting::v1::MESSAGE_KIND_INITIATE_EXCHANGE);
  const auto invitation = Step<drafting::v1::RenderMessageResponse>(kX, "p", message);
  EXPECT_THAT(invitation.to(), ElementsAre("a.lee@n.example.org"));
  EXPECT_THAT(invitation.body(), HasSubstr("Dear A. Lee,"));
  EXPECT_THAT(invitation.body(), HasSubstr("How to join"));
  EXPECT_THAT(invitation.eml(), HasSubstr("To: a.lee@n.example.org"));

  // Department N joins: the Statewide CDO's office records its first contact, who records the others.
  Record(kCdo, "cdo", "n-coordinator", {common::v1::CONTACT_ROLE_DATA_COORDINATOR});
  Record(kN, "n-coordinator", "n-sponsor", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR});
  Record(kN, "n-coordinator", "n-p",
         {common::v1::CONTACT_ROLE_PROGRAM, common::v1::CONTACT_ROLE_LEGAL, common::v1::CONTACT_ROLE_PRIVACY,
          common::v1::CONTACT_ROLE_SECURITY});

  // Step 5: it reads the BUCP, and completes its own contacts before the freeze.
  EXPECT_EQ(BucpAs(kN).state(), drafting::v1::STATE_SENT);
  drafting::v1::FreezeBucpRequest freeze;
  freeze.set_name(bucp_);
  EXPECT_THAT(Ask<drafting::v1::FreezeBucpResponse>(kX, "p", freeze),
              FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  drafting::v1::UpdateBucpRequest complete;
  complete.set_name(bucp_);
  *complete.mutable_content() = Draft();
  auto& own = *complete.mutable_content()
                   ->mutable_business_case()
                   ->mutable_contact_information()
                   ->mutable_departments(1);
  own.clear_program_contact();
  own.set_data_coordinator(std::string(kN) + "/contacts/n-coordinator");
  own.set_executive_sponsor(std::string(kN) + "/contacts/n-sponsor");
  complete.mutable_update_mask()->add_paths("business_case.contact_information");
  Must<drafting::v1::UpdateBucpResponse>(kN, "n-p", complete);
  digest_ = Must<drafting::v1::FreezeBucpResponse>(kN, "n-p", freeze).bucp().frozen_digest();
  Await("a routing", [&] {
    routing_ = RoutingAs(kX).name();
    return !routing_.empty();
  });
  Give(kX, "p");
  Give(kN, "n-p");
  ASSERT_THAT(Sign(kX, "cdss-sponsor", review::v1::CAPACITY_EXECUTIVE_SPONSOR), IsOk());
  ASSERT_THAT(Sign(kN, "n-sponsor", review::v1::CAPACITY_EXECUTIVE_SPONSOR), IsOk());
  ASSERT_THAT(Sign(kX, "cdss-coordinator", review::v1::CAPACITY_DATA_COORDINATOR), IsOk());
  ASSERT_THAT(Sign(kN, "n-coordinator", review::v1::CAPACITY_DATA_COORDINATOR), IsOk());

  // Steps 6 and 7: filed, and data may flow.
  Await("an agreement in force", [&] { return FilingsAs(kN).size() == 1; });
  inventory::v1::FileBucpRequest file;
  file.set_bucp(bucp_);
  file.set_digest(digest_);
  const auto filed = Must<inventory::v1::FileBucpResponse>(kX, "p", file).filing();
  EXPECT_EQ(filed.state(), inventory::v1::FILING_STATE_FILED);
  inventory::v1::CheckExchangeRequest check;
  check.set_provider(kN);
  check.set_recipient(kX);
  check.add_data_elements(complete_.technical().data_elements().elements(0).field_name());
  check.set_at_least_as_fresh(filed.name() + "@" + filed.etag());
  check.mutable_time()->set_seconds(1875052800);  // 2029-06-01
  inventory::v1::ExchangeDecision decision;
  Await("a permission", [&] {
    decision = Must<inventory::v1::CheckExchangeResponse>(kN, "", check).decision();
    return decision.verdict() == inventory::v1::VERDICT_PERMITTED;
  });
  EXPECT_EQ(decision.filing(), filed.name());

  // Step 8: department X no longer needs the data.
  inventory::v1::TerminateFilingRequest end;
  end.set_name(filed.name());
  end.set_grounds(inventory::v1::GROUNDS_NO_LONGER_NEEDED);
  end.set_reason("the program has ended");
  EXPECT_EQ(Must<inventory::v1::TerminateFilingResponse>(kX, "cdss-coordinator", end).filing().state(),
            inventory::v1::FILING_STATE_ENDED);
  Await("an end", [&] { return BucpAs(kN).state() == drafting::v1::STATE_ENDED; });
}

INSTANTIATE_TEST_SUITE_P(Every, ProviderWithoutAccount, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
