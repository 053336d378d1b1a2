#include "services/inventory/inventory_app.h"

int main(int argc, char** argv) {
  return idea::server::Run(argc, argv, "inventory", {idea::inventory::kInventory});
}
