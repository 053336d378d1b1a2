#include "services/dispute/opening_facts.h"

#include "tests/services/dispute/dispute_fixture.h"

// The holders of an office on a day.
namespace idea::dispute {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;

constexpr clock::Micros kDay = clock::kSecond * 3600 * 24;

class OfficeHolders : public DisputeTest {
 protected:
  registry::v1::Contact AddContactsFrom(const std::string& entity, const std::string& person,
                                        clock::Micros start) {
    registry::v1::CreateContactRequest request;
    request.set_parent(entity);
    request.mutable_contact()->set_person(person);
    request.mutable_contact()->set_display_name("Mx. " + person);
    request.mutable_contact()->set_email(person + "@example.org");
    request.mutable_contact()->add_roles(common::v1::CONTACT_ROLE_AGENCY_CDO);
    *request.mutable_contact()->mutable_start_time() = clock::ToProto(start);
    const auto response =
        registry_->harness().Ask<registry::v1::CreateContactResponse>(registry_->Keeper(entity), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->contact() : registry::v1::Contact();
  }
  void Delegate(const std::string& principal, const std::string& delegate, clock::Micros start,
                clock::Micros end) {
    registry::v1::CreateDelegationRequest request;
    request.set_parent(kAgency);
    request.mutable_delegation()->set_principal(std::string(kAgency) + "/contacts/" + principal);
    request.mutable_delegation()->set_delegate(std::string(kAgency) + "/contacts/" + delegate);
    request.mutable_delegation()->add_roles(common::v1::CONTACT_ROLE_AGENCY_CDO);
    *request.mutable_delegation()->mutable_start_time() = clock::ToProto(start);
    *request.mutable_delegation()->mutable_end_time() = clock::ToProto(end);
    ASSERT_THAT(registry_->harness().Ask<registry::v1::CreateDelegationResponse>(
                    testing::At(kAgency, principal), request),
                IsOk());
  }
  void End(const std::string& contact) {
    registry::v1::UpdateContactRequest request;
    request.mutable_contact()->set_name(contact);
    *request.mutable_contact()->mutable_end_time() = clock::ToProto(Now());
    request.mutable_update_mask()->add_paths("end_time");
    ASSERT_THAT(registry_->harness().Ask<registry::v1::UpdateContactResponse>(testing::At(kAgency), request),
                IsOk());
  }
  // The offices of a dispute on kBucp that would be opened today.
  std::vector<v1::Office> Offices() {
    v1::ExplainTrackRequest request;
    request.set_name(kBucp);
    const auto response = harness_->Ask<v1::ExplainTrackResponse>(testing::At(kProviderDept, "p"), request);
    EXPECT_THAT(response, IsOk());
    if (!response.ok()) return {};
    return {response->explanation().offices().begin(), response->explanation().offices().end()};
  }
  clock::Micros Now() { return env_.clock.Now(); }
};

TEST_P(OfficeHolders, AreThoseWhoseTermHasBegunAndHasNotEnded) {
  EXPECT_EQ(Offices().at(0).entity(), kAgency);
  End(std::string(kAgency) + "/contacts/officer");
  AddContactsFrom(kAgency, "successor", Now() + kDay);
  // Until the successor begins, the officers of the departments mediate.
  EXPECT_EQ(Offices().at(0).entity(), kRecipientDept);
  EXPECT_EQ(Offices().at(1).entity(), kProviderDept);
  env_.clock.Advance(kDay);
  EXPECT_EQ(Offices().at(0).entity(), kAgency);
  EXPECT_THAT(Offices().at(0).holders(), ElementsAre("Mx. successor"));
}

TEST_P(OfficeHolders, HaveDelegatesOnTheDaysOfTheDelegation) {
  ASSERT_THAT(registry_->AddContact(kAgency, "deputy", {common::v1::CONTACT_ROLE_PROGRAM}), IsOk());
  Delegate("officer", "deputy", Now() + kDay, Now() + 3 * kDay);
  const std::string dispute = Open()->name();
  EXPECT_THAT(Offices().at(0).holders(), ElementsAre("Mx. officer"));
  const testing::TestCaller deputy = testing::At(kAgency, "deputy");
  EXPECT_FALSE(Escalate(dispute, deputy).ok());
  env_.clock.Advance(2 * kDay);
  EXPECT_THAT(Offices().at(0).holders(),
              ElementsAre("Mx. officer", "Mx. deputy, standing in for Mx. officer"));
  const auto escalated = Escalate(dispute, deputy);
  ASSERT_THAT(escalated, IsOk());
  // Under their own name, with the principal, in the history and in the event.
  EXPECT_EQ(escalated->history(1).person(), "deputy");
  EXPECT_EQ(escalated->history(1).on_behalf().principal_name(), "Mx. officer");
  EXPECT_EQ(Get(dispute)->history(1).ShortDebugString(), escalated->history(1).ShortDebugString());
  EXPECT_THAT(harness_->Events().back().actor().on_behalf().delegation(),
              ::testing::StartsWith(std::string(kAgency) + "/delegations/"));
  env_.clock.Advance(kDay);
  EXPECT_THAT(Offices().at(0).holders(), ElementsAre("Mx. officer"));
}

TEST_P(OfficeHolders, HaveNoDelegatesAfterTheyLeft) {
  ASSERT_THAT(registry_->AddContact(kAgency, "deputy", {common::v1::CONTACT_ROLE_PROGRAM}), IsOk());
  Delegate("officer", "deputy", Now(), Now() + 3 * kDay);
  const std::string dispute = Open()->name();
  End(std::string(kAgency) + "/contacts/officer");
  env_.clock.Advance(clock::kSecond);
  EXPECT_EQ(Offices().at(0).entity(), kRecipientDept);
  EXPECT_FALSE(Escalate(dispute, testing::At(kAgency, "deputy")).ok());
}

INSTANTIATE_TEST_SUITE_P(Every, OfficeHolders, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::dispute
