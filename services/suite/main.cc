#include "services/dispute/dispute_app.h"
#include "services/drafting/drafting_app.h"
#include "services/inventory/inventory_app.h"
#include "services/notification/notification_app.h"
#include "services/registry/registry_app.h"
#include "services/review/review_app.h"

// All six services in one process: the embedded default for a laptop and for tests.
int main(int argc, char** argv) {
  return idea::server::Run(
      argc, argv, "suite",
      {idea::registry::kRegistry, idea::drafting::kDrafting, idea::review::kReview, idea::dispute::kDispute,
       idea::inventory::kInventory, idea::notification::kNotification});
}
