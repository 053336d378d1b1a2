#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_PARTIES_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_PARTIES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/rpc/call.h"
#include "common/server/registry_client.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"

// What the registry knows about the parties and contacts of a BUCP.
namespace idea::drafting {

struct Signatories {
  // Parties that are not in the registry.
  std::vector<std::string> unknown;
  // Parties that have not signed and are not covered by a signature.
  std::vector<std::string> outside;
};

// The entities that must have signed IDEA: the parties, and the education agency that signs.
std::vector<std::string> SignatoriesOf(const v1::Content& content);

absl::StatusOr<Signatories> Confirm(const server::RegistryClient& registry,
                                    const std::vector<std::string>& entities);
// Checks that every party is known and a signatory (guidebook step 2).
absl::Status CheckSignatories(const Signatories& signatories);

// Whether the contact `name` is in `contacts`, has the role, and has not ended.
bool HoldsRole(const std::vector<registry::v1::Contact>& contacts, const std::string& name, int role,
               clock::Micros now);
// Returns INVALID_FIELD unless the contacts that are in `after` and not in `before` belong to the department,
// have the role and have not ended.
absl::Status CheckContacts(const server::RegistryClient& registry, clock::Micros now,
                           const v1::Content& before, const v1::Content& after);

// Checks the content of a new draft and its contacts, and asks for its signatories.
absl::StatusOr<Signatories> GatherNewDraft(const server::RegistryClient& registry, clock::Micros now,
                                           const v1::Content& content);
// Checks that the caller is a recipient of the new draft and that every party is a signatory (guidebook
// step 3).
absl::Status CheckNewDraft(rpc::Call& call, const v1::Content& content, const Signatories& signatories);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_PARTIES_H_
