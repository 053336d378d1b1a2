#ifndef IDEA_SERVICES_DRAFTING_DRAFTING_APP_H_
#define IDEA_SERVICES_DRAFTING_DRAFTING_APP_H_

#include "common/server/app.h"

namespace idea::drafting {

// The drafting service, as run by main.cc and the suite.
extern const server::Service kDrafting;

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DRAFTING_APP_H_
