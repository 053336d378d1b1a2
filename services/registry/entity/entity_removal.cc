#include "services/registry/entity/entity_removal.h"

#include <string>

#include "common/clock/date.h"
#include "common/rpc/peer_client.h"
#include "common/status/status.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"

namespace idea::registry {

using status::Error;
using status::Reason;

void EntityRemovalService::Bind(rpc::Router& router) {
  router.Bind(this, &EntityRemovalService::GatherReferences, &EntityRemovalService::DeleteEntity);
}

absl::StatusOr<References> EntityRemovalService::GatherReferences(rpc::Call& call,
                                                                  const v1::DeleteEntityRequest& request) {
  const std::string filter = "party = \"" + request.name() + "\"";
  References references;
  drafting::v1::ListBucpsRequest bucps;
  bucps.set_filter(filter);
  ASSIGN_OR_RETURN(const auto drafts, peers_.ListAll<drafting::v1::ListBucpsResponse>(call.context(), bucps));
  for (const auto& bucp : drafts.bucps()) references.push_back(bucp.name());
  inventory::v1::ListFilingsRequest filings;
  filings.set_filter(filter);
  ASSIGN_OR_RETURN(const auto filed,
                   peers_.ListAll<inventory::v1::ListFilingsResponse>(call.context(), filings));
  for (const auto& filing : filed.filings()) references.push_back(filing.name());
  return references;
}

absl::StatusOr<v1::DeleteEntityResponse> EntityRemovalService::DeleteEntity(
    rpc::Call& call, const v1::DeleteEntityRequest& request, const References& references) {
  constexpr int kMaxNamed = 10;
  v1::DeleteEntityResponse response;
  ASSIGN_OR_RETURN(*response.mutable_entity(),
                   GetEntity(call.db(), request.name(), clock::DateText(call.today())));
  const v1::Entity& entity = response.entity();
  if (!request.etag().empty() && request.etag() != entity.etag()) {
    return Error(Reason::ERROR_REASON_STALE_ETAG, "the entity was changed since it was read")
        .With("etag", entity.etag());
  }
  ASSIGN_OR_RETURN(References all, ReferencesTo(call.db(), entity.name()));
  all.insert(all.end(), references.begin(), references.end());
  if (!all.empty()) {
    Error error(Reason::ERROR_REASON_ENTITY_REFERENCED,
                entity.display_name() + " cannot be removed: " + std::to_string(all.size()) +
                    " records name it, the first is " + all.front());
    for (size_t i = 0; i < all.size() && i < kMaxNamed; ++i) {
      error.Precondition("REFERENCE", all[i], "names the entity");
    }
    return error;
  }
  RETURN_IF_ERROR(RemoveEntity(call.db(), entity));
  call.Record({.type = kEntityDeleted,
               .subject = entity.name(),
               .audience = {call.caller().entity},
               .citation = "agreement 4",
               .summary = entity.display_name() + " was removed from the registry: added by mistake."});
  return response;
}

}  // namespace idea::registry
