#include "services/registry/delegation/delegation_access.h"

#include "common/clock/date.h"
#include "common/status/status.h"
#include "services/registry/accession/accession_store.h"
#include "services/registry/accession/standing_rules.h"
#include "services/registry/delegation/delegation_store.h"

namespace idea::registry {

absl::StatusOr<auth::Person> RegistryDirectory::Find(const std::string& entity, const std::string& person) {
  v1::ResolvePersonResponse found;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(found, Resolve(db, entity, person, clock_.Now()));
    return absl::OkStatus();
  }));
  auth::Person resolved{found.contact(), found.display_name(), found.title(), {}, {}};
  for (const int role : found.roles()) resolved.roles.push_back(static_cast<common::v1::ContactRole>(role));
  for (const v1::DelegatedRole& one : found.delegated_roles())
    resolved.delegated.push_back({one.role(), one.on_behalf()});
  return resolved;
}

absl::StatusOr<bool> RegistryDirectory::IsOutsider(const std::string& entity) {
  const std::string day = clock::DateText(clock::DayOf(clock_.Now(), clock_.zone()));
  v1::SignatoryConfirmation confirmation;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(auto lineages, Lineages(db, {entity}, day));
    confirmation = Confirm(entity, lineages[entity], day);
    return absl::OkStatus();
  }));
  return confirmation.withdrawn() || confirmation.standing() == v1::SIGNATORY_STANDING_UNKNOWN;
}

}  // namespace idea::registry
