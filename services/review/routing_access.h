#ifndef IDEA_SERVICES_REVIEW_ROUTING_ACCESS_H_
#define IDEA_SERVICES_REVIEW_ROUTING_ACCESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/flow/flow.h"
#include "common/rpc/call.h"
#include "idea/review/v1/routing.pb.h"

// The roles of a caller in a routing, and which routings a caller sees.
namespace idea::review {

// The routings that the caller may see: all for the Statewide CDO's office and for peer services, otherwise
// those that ask the caller's entity for a step. Refers to `caller`.
auth::Visibility VisibilityOf(const auth::Caller& caller);

// Returns the routing. NOT_FOUND if it does not exist or the caller may not see it.
absl::StatusOr<v1::Routing> FindVisible(rpc::Call& call, const std::string& name);

// The roles of the caller in the flow of the routing.
flow::Roles RolesOf(const auth::Caller& caller, const v1::Routing& routing);

// ROLE_REQUIRED if the person does not have the role of the step.
absl::Status CheckRole(const auth::Caller& caller, common::v1::ContactRole role);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_ACCESS_H_
