#ifndef IDEA_TESTS_SERVICES_REGISTRY_REGISTRY_FIXTURE_H_
#define IDEA_TESTS_SERVICES_REGISTRY_REGISTRY_FIXTURE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "idea/registry/v1/registry.pb.h"
#include "services/registry/accession/accession_service.h"
#include "services/registry/certification/certification_service.h"
#include "services/registry/contact/contact_access.h"
#include "services/registry/contact/contact_service.h"
#include "services/registry/delegation/delegation_access.h"
#include "services/registry/delegation/delegation_service.h"
#include "services/registry/entity/entity_service.h"
#include "services/registry/signatory_list/signatory_list_service.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"
#include "tests/support/service_harness/service_harness.h"

extern const idea::config::EmbeddedFile k_registry_schema[];

namespace idea::registry {

inline google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

// The registry with the real pipeline, on one database.
class RegistryHarness {
 public:
  RegistryHarness(testing::TestEnv& env, storage::Database& database)
      : entities_([this](std::string_view, const rpc::Context&, const google::protobuf::Message& request,
                         google::protobuf::Message* response) { return ask_peer(request, response); }),
        contacts_(testing::kCdoEntity, testing::kGovernorEntity),
        directory_(database, env.clock),
        harness_("registry", k_registry_schema, env, database, directory_) {
    entities_.Bind(harness_.router());
    accessions_.Bind(harness_.router());
    signatories_.Bind(harness_.router());
    contacts_.Bind(harness_.router());
    delegations_.Bind(harness_.router());
    certifications_.Bind(harness_.router());
  }

  // Responds for the other services, with empty lists unless a test replaces it.
  std::function<absl::Status(const google::protobuf::Message& request, google::protobuf::Message* response)>
      ask_peer = [](const auto&, auto*) { return absl::OkStatus(); };

  testing::ServiceHarness& harness() { return harness_; }
  RegistryDirectory& directory() { return directory_; }

  // Imports rows below the header as the CDO's platform.
  absl::StatusOr<v1::ImportSignatoriesResponse> Import(const std::string& rows, bool validate_only = false) {
    v1::ImportSignatoriesRequest request;
    request.add_csv("name,acronym,parent_agency,kind,source\n" + rows);
    request.set_validate_only(validate_only);
    return harness_.Ask<v1::ImportSignatoriesResponse>(testing::At(testing::kCdoEntity), request);
  }

  // Records a person as a contact of the entity. The platform records the first contact, if it is a keeper.
  // Otherwise the keeper does, a sponsor who is recorded first if necessary.
  absl::StatusOr<v1::Contact> AddContact(const std::string& entity, const std::string& person,
                                         const std::vector<common::v1::ContactRole>& roles) {
    v1::Contact planned;
    for (const common::v1::ContactRole role : roles) planned.add_roles(role);
    if (!keepers_.contains(entity) && !IsKeeper(planned)) {
      RETURN_IF_ERROR(
          Record(entity, "keeper", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR}, testing::At(entity))
              .status());
      keepers_[entity] = "keeper";
    }
    const auto keeper = keepers_.find(entity);
    const bool first = keeper == keepers_.end();
    auto hired = Record(entity, person, roles, first ? testing::At(entity) : Keeper(entity));
    if (first && hired.ok()) keepers_[entity] = person;
    return hired;
  }
  // Adds the contact "deputy", with a role that tests do not need, and delegates a role of `principal` to it
  // for a day. Returns the delegation.
  absl::StatusOr<v1::Delegation> Delegate(const std::string& entity, const std::string& principal,
                                          common::v1::ContactRole role, clock::Micros now) {
    RETURN_IF_ERROR(AddContact(entity, "deputy", {common::v1::CONTACT_ROLE_TECHNOLOGY}).status());
    v1::CreateDelegationRequest request;
    request.set_parent(entity);
    v1::Delegation& delegation = *request.mutable_delegation();
    delegation.set_principal(entity + "/contacts/" + principal);
    delegation.set_delegate(entity + "/contacts/deputy");
    delegation.add_roles(role);
    *delegation.mutable_end_time() = clock::ToProto(now + clock::kDay);
    ASSIGN_OR_RETURN(const auto made,
                     harness().Ask<v1::CreateDelegationResponse>(testing::At(entity, principal), request));
    return made.delegation();
  }
  // The keeper of an entity to which AddContact added a contact.
  testing::TestCaller Keeper(const std::string& entity) { return testing::At(entity, keepers_[entity]); }

  absl::StatusOr<v1::Contact> Record(const std::string& entity, const std::string& person,
                                     const std::vector<common::v1::ContactRole>& roles,
                                     const testing::TestCaller& who) {
    v1::CreateContactRequest request;
    request.set_parent(entity);
    request.mutable_contact()->set_person(person);
    request.mutable_contact()->set_display_name("Mx. " + person);
    request.mutable_contact()->set_email(person + "@example.org");
    for (const common::v1::ContactRole role : roles) request.mutable_contact()->add_roles(role);
    ASSIGN_OR_RETURN(auto response, harness_.Ask<v1::CreateContactResponse>(who, request));
    return response.contact();
  }

  // Changes the fields of the mask, as the person "cdo" of the CDO's office.
  absl::StatusOr<v1::Entity> Change(const v1::Entity& entity, const std::vector<std::string>& mask) {
    v1::UpdateEntityRequest request;
    *request.mutable_entity() = entity;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    ASSIGN_OR_RETURN(auto response, harness_.Ask<v1::UpdateEntityResponse>(
                                        testing::At(testing::kCdoEntity, "cdo"), request));
    return response.entity();
  }

  // Records whether an entity is under the Governor's authority, as the person "cdo" of the CDO's office.
  absl::Status SetAuthority(const std::string& entity, v1::GovernorAuthority authority) {
    v1::SetGovernorAuthorityRequest request;
    request.set_name(entity);
    request.set_governor_authority(authority);
    return harness_.Ask<v1::SetGovernorAuthorityResponse>(testing::At(testing::kCdoEntity, "cdo"), request)
        .status();
  }

 private:
  EntityService entities_;
  AccessionService accessions_;
  SignatoryListService signatories_;
  ContactService contacts_;
  DelegationService delegations_;
  CertificationService certifications_;
  RegistryDirectory directory_;
  testing::ServiceHarness harness_;
  // The keeper of each entity, as a person.
  std::map<std::string, std::string> keepers_;
};

// A registry with the CDO's office and its contact "cdo", an agency, two of its departments of which one has
// signed, and a board.
class RegistryTest : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    registry_ = std::make_unique<RegistryHarness>(env_, database());
    const auto imported = registry_->Import(
        "CDO Office,,,office,s\n"
        "Agency A,A,,agency,idea-agreement-2021-signature-block\n"
        "Department X,DX,Agency A,department,idea-list-of-signatories\n"
        "Department Y,DY,Agency A,department,s\n"
        "Board Z,,,board,s\n");
    ASSERT_THAT(imported, testing::IsOk());
    ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "cdo", {common::v1::CONTACT_ROLE_STATEWIDE_CDO}),
                testing::IsOk());
  }
  testing::ServiceHarness& harness() { return registry_->harness(); }
  static testing::TestCaller Cdo() { return testing::At(testing::kCdoEntity, "cdo"); }
  static testing::TestCaller X() { return testing::At("entities/department-x"); }

  testing::TestEnv env_;
  std::unique_ptr<RegistryHarness> registry_;
};

}  // namespace idea::registry

#endif  // IDEA_TESTS_SERVICES_REGISTRY_REGISTRY_FIXTURE_H_
