#include "services/registry/registry_directory.h"

#include "common/status/status.h"
#include "services/registry/contact_store.h"

namespace idea::registry {

absl::StatusOr<auth::Person> RegistryDirectory::Find(const std::string& entity, const std::string& person) {
  auth::Person found;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    found = {};
    ASSIGN_OR_RETURN(const auto contact, FindPerson(db, entity, person));
    if (!contact) return absl::OkStatus();
    found.contact = contact->name();
    found.display_name = contact->display_name();
    found.title = contact->title();
    if (!ActsAt(*contact, clock_.Now())) return absl::OkStatus();
    for (const int role : contact->roles()) found.roles.push_back(static_cast<common::v1::ContactRole>(role));
    return absl::OkStatus();
  }));
  return found;
}

}  // namespace idea::registry
