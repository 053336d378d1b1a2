#include "services/notification/notification_app.h"

#include "services/notification/inbox_worker.h"
#include "services/notification/notification_service.h"

extern const idea::config::EmbeddedFile k_notification_schema[];

namespace idea::notification {
namespace {

class NotificationApp : public server::App {
 public:
  explicit NotificationApp(const server::ServiceDeps& deps)
      : worker_(redis::Options(deps.config), deps.database, deps.notifier, &deps.metrics) {}

  void Bind(rpc::Router& router) override { service_.Bind(router); }
  void Start() override { worker_.Start(); }
  void Stop() override { worker_.Stop(); }

 private:
  NotificationService service_;
  InboxWorker worker_;
};

std::unique_ptr<server::App> Make(const server::ServiceDeps& deps) {
  return std::make_unique<NotificationApp>(deps);
}

}  // namespace

const server::Service kNotification = {"notification", k_notification_schema, &Make};

}  // namespace idea::notification
