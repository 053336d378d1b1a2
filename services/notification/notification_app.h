#ifndef IDEA_SERVICES_NOTIFICATION_NOTIFICATION_APP_H_
#define IDEA_SERVICES_NOTIFICATION_NOTIFICATION_APP_H_

#include "common/server/app.h"

namespace idea::notification {

// The notification service, which main.cc and suite run.
extern const server::Service kNotification;

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_NOTIFICATION_APP_H_
