#ifndef IDEA_SERVICES_REGISTRY_REGISTRY_APP_H_
#define IDEA_SERVICES_REGISTRY_REGISTRY_APP_H_

#include "common/server/app.h"

namespace idea::registry {

// The registry as main.cc and suite run it.
extern const server::Service kRegistry;

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_REGISTRY_APP_H_
