#include "services/registry/delegation/delegation_service.h"

#include "services/registry/registry_events.h"
#include "tests/services/registry/registry_fixture.h"

namespace idea::registry {
namespace {

using namespace common::v1;  // NOLINT: the roles, by their own names
using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kX[] = "entities/department-x";
constexpr char kChief[] = "entities/department-x/contacts/chief";
constexpr char kDeputy[] = "entities/department-x/contacts/deputy";

class Delegations : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(registry_->AddContact(kX, "chief", {CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY}), IsOk());
    ASSERT_THAT(registry_->AddContact(kX, "deputy", {CONTACT_ROLE_PROGRAM}), IsOk());
    ASSERT_THAT(registry_->AddContact("entities/board-z", "zed", {CONTACT_ROLE_LEGAL}), IsOk());
  }
  // From `from` to `to` seconds from now.
  v1::Delegation Period(int from, int to, const std::vector<ContactRole>& roles = {CONTACT_ROLE_LEGAL}) {
    v1::Delegation delegation;
    delegation.set_principal(kChief);
    delegation.set_delegate(kDeputy);
    for (const ContactRole role : roles) delegation.add_roles(role);
    *delegation.mutable_start_time() = clock::ToProto(env_.clock.Now() + from * clock::kSecond);
    *delegation.mutable_end_time() = clock::ToProto(env_.clock.Now() + to * clock::kSecond);
    return delegation;
  }
  absl::StatusOr<v1::Delegation> Create(const v1::Delegation& delegation,
                                        const testing::TestCaller& who = At(kX, "chief")) {
    v1::CreateDelegationRequest request;
    request.set_parent(kX);
    *request.mutable_delegation() = delegation;
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::CreateDelegationResponse>(who, request));
    return response.delegation();
  }
  absl::StatusOr<v1::Delegation> End(const std::string& name, const testing::TestCaller& who = X()) {
    v1::EndDelegationRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::EndDelegationResponse>(who, request));
    return response.delegation();
  }
  v1::ResolvePersonResponse Resolve(const std::string& person) {
    v1::ResolvePersonRequest request;
    request.set_entity(kX);
    request.set_person(person);
    const auto response = harness().Ask<v1::ResolvePersonResponse>(testing::Service("review"), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? *response : v1::ResolvePersonResponse();
  }
  void EndContact(const std::string& name) {
    v1::UpdateContactRequest request;
    request.mutable_contact()->set_name(name);
    *request.mutable_contact()->mutable_end_time() = clock::ToProto(env_.clock.Now());
    request.mutable_update_mask()->add_paths("end_time");
    EXPECT_THAT(harness().Ask<v1::UpdateContactResponse>(X(), request), IsOk());
  }
};

TEST_P(Delegations, CountFromStartTimeToEndTime) {
  const auto created = Create(Period(10, 20));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(harness().Events().back().type(), kDelegationCreated);
  EXPECT_THAT(Resolve("deputy").roles(), ElementsAre(CONTACT_ROLE_PROGRAM));
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(Resolve("deputy").roles(), ElementsAre(CONTACT_ROLE_PROGRAM, CONTACT_ROLE_LEGAL));
  EXPECT_THAT(Resolve("deputy").delegations(), ElementsAre(created->name()));
  ASSERT_EQ(Resolve("deputy").delegated_roles_size(), 1);
  const v1::DelegatedRole delegated = Resolve("deputy").delegated_roles(0);
  EXPECT_EQ(delegated.role(), CONTACT_ROLE_LEGAL);
  EXPECT_EQ(delegated.on_behalf().principal(), kChief);
  EXPECT_EQ(delegated.on_behalf().principal_name(), "Mx. chief");
  EXPECT_EQ(delegated.on_behalf().delegation(), created->name());
  EXPECT_EQ(Resolve("chief").delegated_roles_size(), 0);
  EXPECT_THAT(Resolve("chief").roles(), ElementsAre(CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY));
  EXPECT_THAT(registry_->directory().Find(kX, "deputy")->roles,
              ElementsAre(CONTACT_ROLE_PROGRAM, CONTACT_ROLE_LEGAL));
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(Resolve("deputy").roles(), ElementsAre(CONTACT_ROLE_PROGRAM));
  EXPECT_THAT(Resolve("deputy").delegations(), IsEmpty());
}

TEST_P(Delegations, CountOnlyWhileBothActAndThePrincipalHasTheRole) {
  ASSERT_THAT(Create(Period(0, 100, {CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY})), IsOk());
  v1::UpdateContactRequest less;
  less.mutable_contact()->set_name(kChief);
  less.mutable_contact()->add_roles(CONTACT_ROLE_PRIVACY);
  less.mutable_update_mask()->add_paths("roles");
  ASSERT_THAT(harness().Ask<v1::UpdateContactResponse>(registry_->Keeper(kX), less), IsOk());
  EXPECT_THAT(Resolve("deputy").roles(), ElementsAre(CONTACT_ROLE_PROGRAM, CONTACT_ROLE_PRIVACY));
  EndContact(kChief);
  EXPECT_THAT(Resolve("deputy").roles(), ElementsAre(CONTACT_ROLE_PROGRAM));
}

TEST_P(Delegations, GiveNoRolesToContactsWhoNoLongerAct) {
  ASSERT_THAT(Create(Period(0, 100)), IsOk());
  EndContact(kDeputy);
  EXPECT_THAT(Resolve("deputy").roles(), IsEmpty());
}

// A platform's certificate without a person's token cannot delegate the roles of a sponsor or counsel.
TEST_P(Delegations, AreRecordedByHoldersOfTheRolesOrDataCoordinators) {
  EXPECT_THAT(Create(Period(0, 100), X()), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  for (const char* other : {"deputy", "nobody"}) {
    EXPECT_THAT(Create(Period(0, 100), At(kX, other)), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED))
        << other;
  }
  const auto by_chief = Create(Period(0, 100));
  ASSERT_THAT(by_chief, IsOk());
  EXPECT_EQ(by_chief->person(), "chief");
  // A delegate holds the role and cannot delegate it.
  EXPECT_THAT(Create(Period(0, 100), At(kX, "deputy")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  ASSERT_THAT(registry_->AddContact(kX, "coordinator", {CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
  EXPECT_THAT(Create(Period(0, 100, {CONTACT_ROLE_PRIVACY}), At(kX, "coordinator")), IsOk());
  // The delegator must hold each of several roles.
  ASSERT_THAT(registry_->AddContact(kX, "counsel", {CONTACT_ROLE_LEGAL}), IsOk());
  EXPECT_THAT(Create(Period(0, 100, {CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY}), At(kX, "counsel")),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
}

TEST_P(Delegations, CannotBeDelegatedFurther) {
  ASSERT_THAT(Create(Period(0, 100)), IsOk());
  ASSERT_THAT(registry_->AddContact(kX, "third", {CONTACT_ROLE_PROGRAM}), IsOk());
  v1::Delegation onward = Period(0, 50);
  onward.set_principal(kDeputy);
  onward.set_delegate("entities/department-x/contacts/third");
  EXPECT_THAT(Create(onward), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

// A delegate acts for the principal, and gives nobody authority: neither a key to sign with nor a role.
TEST_P(Delegations, LetNobodyChangeKeysOrRoles) {
  ASSERT_THAT(registry_->AddContact(kX, "coordinator", {CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
  v1::Delegation delegation = Period(0, 100, {CONTACT_ROLE_DATA_COORDINATOR});
  delegation.set_principal(std::string(kX) + "/contacts/coordinator");
  ASSERT_THAT(Create(delegation, At(kX, "coordinator")), IsOk());
  ASSERT_EQ(Resolve("deputy").delegated_roles_size(), 1);
  for (const char* contact : {"coordinator", "chief", "deputy"}) {
    v1::UpdateContactRequest request;
    request.mutable_contact()->set_name(std::string(kX) + "/contacts/" + contact);
    request.mutable_contact()->set_public_key(
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
    request.mutable_contact()->add_roles(CONTACT_ROLE_EXECUTIVE_SPONSOR);
    for (const char* path : {"public_key", "roles"}) {
      request.clear_update_mask();
      request.mutable_update_mask()->add_paths(path);
      EXPECT_THAT(harness().Ask<v1::UpdateContactResponse>(At(kX, "deputy"), request),
                  FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED))
          << contact << " " << path;
    }
  }
}

TEST_P(Delegations, CanBeEndedOnceBeforeTheirEndTime) {
  const auto created = Create(Period(0, 100));
  ASSERT_THAT(created, IsOk());
  EXPECT_THAT(End(created->name(), At("entities/board-z")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  env_.clock.Advance(clock::kSecond);
  const auto ended = End(created->name());
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(clock::FromProto(ended->end_time()), env_.clock.Now());
  EXPECT_THAT(Resolve("deputy").roles(), ElementsAre(CONTACT_ROLE_PROGRAM));
  EXPECT_THAT(End(created->name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(End(std::string(kX) + "/delegations/none"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(End(kChief), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Delegations, AreListedTheLatestFirst) {
  const auto first = Create(Period(1, 100)), second = Create(Period(2, 100));
  ASSERT_THAT(second, IsOk());
  v1::ListDelegationsRequest request;
  request.set_parent(kX);
  request.set_page_size(1);
  request.set_filter("delegate = \"" + std::string(kDeputy) + "\"");
  auto page = harness().Ask<v1::ListDelegationsResponse>(At("entities/board-z"), request);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->delegations_size(), 1);
  EXPECT_EQ(page->delegations(0).ShortDebugString(), second->ShortDebugString());
  request.set_page_token(page->next_page_token());
  page = harness().Ask<v1::ListDelegationsResponse>(At("entities/board-z"), request);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->delegations(0).name(), first->name());
  request.set_filter("roles = 1");
  EXPECT_THAT(harness().Ask<v1::ListDelegationsResponse>(At("entities/board-z"), request),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
  request.clear_filter();
  EXPECT_THAT(harness().Ask<v1::ListDelegationsResponse>(At("entities/board-z"), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  request.set_parent("entities/nobody");
  EXPECT_THAT(harness().Ask<v1::ListDelegationsResponse>(At("entities/board-z"), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Delegations, AreRefusedIfTheyAreInconsistent) {
  EXPECT_THAT(Create(Period(0, 100), At("entities/board-z")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  std::vector<v1::Delegation> wrong(10, Period(0, 100));
  wrong[0].set_delegate("entities/board-z/contacts/zed");
  wrong[1].set_principal("entities/board-z/contacts/zed");
  wrong[2].set_delegate(kChief);
  wrong[3].set_delegate("entities/department-x/contacts/nobody");
  wrong[4] = Period(0, 100, {CONTACT_ROLE_SECURITY});
  wrong[5] = Period(0, 100, {CONTACT_ROLE_LEGAL, CONTACT_ROLE_LEGAL});
  wrong[6] = Period(100, 100);
  wrong[7] = Period(-20, -10);
  wrong[8].clear_end_time();
  wrong[9].clear_roles();
  for (const v1::Delegation& delegation : wrong) {
    EXPECT_THAT(Create(delegation), FailsWith(Reason::ERROR_REASON_INVALID_FIELD))
        << delegation.ShortDebugString();
  }
  v1::ListDelegationsRequest request;
  request.set_parent(kX);
  EXPECT_EQ(harness().Ask<v1::ListDelegationsResponse>(X(), request)->delegations_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(Every, Delegations, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::registry
