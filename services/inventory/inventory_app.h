#ifndef IDEA_SERVICES_INVENTORY_INVENTORY_APP_H_
#define IDEA_SERVICES_INVENTORY_INVENTORY_APP_H_

#include "common/server/app.h"

namespace idea::inventory {

// The inventory service, as main.cc and suite run it.
extern const server::Service kInventory;

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_INVENTORY_APP_H_
