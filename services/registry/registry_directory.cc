#include "services/registry/registry_directory.h"

#include "common/status/status.h"
#include "services/registry/delegation_store.h"

namespace idea::registry {

absl::StatusOr<auth::Person> RegistryDirectory::Find(const std::string& entity, const std::string& person) {
  v1::ResolvePersonResponse found;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(found, Resolve(db, entity, person, clock_.Now()));
    return absl::OkStatus();
  }));
  auth::Person resolved{found.contact(), found.display_name(), found.title(), {}};
  for (const int role : found.roles()) resolved.roles.push_back(static_cast<common::v1::ContactRole>(role));
  return resolved;
}

}  // namespace idea::registry
