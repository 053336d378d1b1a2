#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_APP_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_APP_H_

#include "common/server/app.h"

namespace idea::dispute {

// The dispute service, which main.cc and suite run.
extern const server::Service kDispute;

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_APP_H_
