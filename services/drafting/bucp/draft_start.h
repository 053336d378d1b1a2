#ifndef IDEA_SERVICES_DRAFTING_BUCP_DRAFT_START_H_
#define IDEA_SERVICES_DRAFTING_BUCP_DRAFT_START_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "idea/drafting/v1/drafting.pb.h"

namespace idea::drafting {

// What a new draft follows.
struct DraftOrigin {
  // The version of the template, "templates/{template}"; empty: the newest that fits the number of
  // departments.
  std::string form = {};
  // The executed BUCP that it amends; empty: none.
  std::string amends = {};
  // The BUCP whose content it has; empty: none.
  std::string copied_from = {};
};

// Stores a new draft with its first revision, and records its event (guidebook steps 3 and 8).
absl::StatusOr<v1::Bucp> StartDraft(rpc::Call& call, const v1::Content& content, const DraftOrigin& origin);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_DRAFT_START_H_
