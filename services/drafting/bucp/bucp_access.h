#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_ACCESS_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_ACCESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/flow/flow.h"
#include "common/rpc/call.h"
#include "idea/drafting/v1/drafting.pb.h"

// Who sees a BUCP, who receives its events, and which roles a caller has in it.
namespace idea::drafting {

// Shows the BUCP from its current revision on. Changes nothing if it is already shown.
void Show(v1::Bucp& bucp);

// Which BUCPs the caller may list. The caller must outlive the result.
auth::Visibility VisibilityOf(const auth::Caller& caller);

// The roles of the caller in this BUCP.
flow::Roles RolesOf(const auth::Caller& caller, const v1::Bucp& bucp);

// Returns the BUCP if the caller may see it. Recipients, the Statewide CDO's office and peer services always
// may. Providers and the education agency that signs may once it is shown. Returns NOT_FOUND to anyone else.
absl::StatusOr<v1::Bucp> FindVisible(rpc::Call& call, const std::string& name);

// The same for a gather step, which has its own snapshot.
absl::StatusOr<v1::Bucp> FindVisible(storage::Transaction& db, const auth::Caller& caller,
                                     const std::string& name);

// The first revision of the BUCP that the caller sees. The recipients' revisions of the unsent draft are not
// shown to the other side.
int32_t FirstRevisionFor(const auth::Caller& caller, const v1::Bucp& bucp);

// Returns NOT_FOUND unless the caller sees the BUCP and this revision of it: "bucps/{id}/revisions/{n}".
absl::Status CheckRevisionVisible(storage::Transaction& db, const auth::Caller& caller,
                                  const std::string& revision);

// The entities that receive the events of the BUCP: every party that sees it, and the education agency that
// signs.
std::vector<std::string> AudienceOf(const v1::Bucp& bucp);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_ACCESS_H_
