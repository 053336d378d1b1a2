#ifndef IDEA_SERVICES_REGISTRY_CONTACT_OWN_ENTITY_H_
#define IDEA_SERVICES_REGISTRY_CONTACT_OWN_ENTITY_H_

#include <string>

#include "common/rpc/call.h"
#include "common/status/status.h"

namespace idea::registry {

// An entity keeps what is its own (agreement section 5.3): to anyone else there is nothing to change there.
inline absl::Status CheckOwn(const rpc::Call& call, const std::string& entity) {
  if (call.caller().entity == entity) return absl::OkStatus();
  return status::Error(status::Reason::ERROR_REASON_NOT_FOUND, "there is no such entity of the caller's")
      .With("name", entity);
}

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_OWN_ENTITY_H_
