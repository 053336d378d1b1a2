#include <string>
#include <string_view>
#include <vector>

#include "services/dispute/dispute_app.h"
#include "services/drafting/drafting_app.h"
#include "services/inventory/inventory_app.h"
#include "services/notification/notification_app.h"
#include "services/registry/registry_app.h"
#include "services/review/review_app.h"

// All six services in one process: the embedded default for a laptop and for tests. Called by the name of a
// service, as through a link, it runs this service alone: an image needs one program for all of them.
int main(int argc, char** argv) {
  const std::vector<idea::server::Service> services = {
      idea::registry::kRegistry, idea::drafting::kDrafting,   idea::review::kReview,
      idea::dispute::kDispute,   idea::inventory::kInventory, idea::notification::kNotification};
  const std::string path = argc > 0 ? argv[0] : "";
  const std::string name = path.substr(path.rfind('/') + 1);
  for (const idea::server::Service& service : services) {
    if (service.name == name) return idea::server::Run(argc, argv, name, {service});
  }
  return idea::server::Run(argc, argv, "suite", services);
}
