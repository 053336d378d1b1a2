#include "services/registry/registry_events.h"

#include <utility>

#include "common/server/command.h"
#include "idea/inventory/v1/duty.pb.h"

namespace idea::registry {

events::Target InventoryTarget(const rpc::PeerClient& peers) {
  return {"inventory",
          [peers](const events::Event& event) -> absl::Status {
            if (event.type() != kCertificationCreated) return absl::OkStatus();
            inventory::v1::RecordCertificationRequest request;
            request.set_certification(event.subject());
            *request.mutable_record_time() = event.time();
            request.set_person(event.actor().person());
            return server::Command<inventory::v1::RecordCertificationResponse>(peers, event,
                                                                               std::move(request));
          },
          nullptr};
}

}  // namespace idea::registry
