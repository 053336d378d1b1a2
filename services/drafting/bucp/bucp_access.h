#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_ACCESS_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_ACCESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/flow/flow.h"
#include "common/rpc/call.h"
#include "idea/drafting/v1/drafting.pb.h"

// Who sees a BUCP, who hears of it, and which parts a caller plays for it.
namespace idea::drafting {

// Whether the Data Providers and the education agency that signs see the BUCP: it was sent or shared. A draft
// that was not belongs to the recipients.
bool IsShown(const v1::Bucp& bucp);

// Shows the BUCP from its current revision on. Changes nothing if it is shown already.
void Show(v1::Bucp& bucp);

// The parts that the caller plays for this BUCP.
flow::Parts PartsOf(const auth::Caller& caller, const v1::Bucp& bucp);

// The BUCP, if the caller may see it: recipients, the Statewide CDO's office and peer services always;
// providers and the education agency that signs once it is shown. NOT_FOUND for anyone else.
absl::StatusOr<v1::Bucp> FindVisible(rpc::Call& call, const std::string& name);

// The same in a gather step, where the call has no transaction of its own.
absl::StatusOr<v1::Bucp> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                     const std::string& name);

// The first revision of the BUCP that the caller sees: the recipients' revisions of the unsent draft are not
// shown to the other side.
int32_t FirstRevisionFor(const auth::Caller& caller, const v1::Bucp& bucp);

// NOT_FOUND unless the caller sees the BUCP, and this revision of it: "bucps/{id}/revisions/{n}".
absl::Status CheckRevisionVisible(storage::Transaction& db, const auth::Caller& caller,
                                  const std::string& revision);

// Everybody who sees the BUCP as a party or signs it, each once: who is told.
std::vector<std::string> AudienceOf(const v1::Bucp& bucp);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_ACCESS_H_
