#include "common/server/app.h"
#include "services/notification/notification_app.h"

int main(int argc, char** argv) {
  return idea::server::Run(argc, argv, "notification", {idea::notification::kNotification});
}
