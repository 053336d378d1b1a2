#include "services/drafting/bucp/revision_service.h"

#include <string>
#include <utility>
#include <vector>

#include "common/listing/listing.h"
#include "common/listing/offset_token.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_access.h"
#include "services/drafting/bucp/revision_store.h"
#include "services/drafting/content/content_diff.h"

namespace idea::drafting {

void RevisionService::Bind(rpc::Router& router) {
  router.Bind(this, &RevisionService::GetRevision);
  router.Bind(this, &RevisionService::ListRevisions);
  router.Bind(this, &RevisionService::DiffRevisions);
}

absl::StatusOr<v1::GetRevisionResponse> RevisionService::GetRevision(rpc::Call& call,
                                                                     const v1::GetRevisionRequest& request) {
  RETURN_IF_ERROR(CheckRevisionVisible(call.db(), call.caller(), request.name()));
  v1::GetRevisionResponse response;
  ASSIGN_OR_RETURN(*response.mutable_revision(), FindRevision(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::ListRevisionsResponse> RevisionService::ListRevisions(
    rpc::Call& call, const v1::ListRevisionsRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.parent()));
  return drafting::ListRevisions(call.db(), request, FirstRevisionFor(call.caller(), bucp));
}

absl::StatusOr<v1::DiffRevisionsResponse> RevisionService::DiffRevisions(
    rpc::Call& call, const v1::DiffRevisionsRequest& request) {
  v1::Revision sides[2];
  const std::string* names[] = {&request.from(), &request.to()};
  for (int i = 0; i < 2; ++i) {
    RETURN_IF_ERROR(CheckRevisionVisible(call.db(), call.caller(), *names[i]));
    ASSIGN_OR_RETURN(sides[i], FindRevision(call.db(), *names[i]));
  }
  // Revisions never change, so the list of their differences does not change between pages.
  const std::string whole = request.from() + " " + request.to();
  ASSIGN_OR_RETURN(const size_t begin, listing::OffsetOf(whole, request.page_token()));
  std::vector<v1::FieldChange> changes = DiffContents(sides[0].content(), sides[1].content());
  v1::DiffRevisionsResponse response;
  size_t bytes = 0;
  for (size_t i = begin; i < changes.size(); ++i) {
    bytes += changes[i].ByteSizeLong();
    const bool full = bytes > listing::kMaxPageBytes ||
                      (request.page_size() > 0 && response.changes_size() == request.page_size());
    if (full && i > begin) {
      response.set_next_page_token(listing::OffsetToken(whole, i));
      break;
    }
    *response.add_changes() = std::move(changes[i]);
  }
  return response;
}

}  // namespace idea::drafting
