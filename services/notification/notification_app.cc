#include "services/notification/notification_app.h"

#include "services/notification/inbox_worker.h"
#include "services/notification/notification_service.h"

extern const idea::config::EmbeddedFile k_notification_schema[];

namespace idea::notification {
namespace {

class NotificationApp : public server::App {
 public:
  explicit NotificationApp(const server::Parts& parts)
      : worker_(redis::Options(parts.config), parts.database, parts.notifier, &parts.metrics) {}

  void Bind(rpc::Router& router) override { service_.Bind(router); }
  void Start() override { worker_.Start(); }
  void Stop() override { worker_.Stop(); }

 private:
  NotificationService service_;
  InboxWorker worker_;
};

std::unique_ptr<server::App> Make(const server::Parts& parts) {
  return std::make_unique<NotificationApp>(parts);
}

}  // namespace

const server::Service kNotification = {"notification", k_notification_schema, &Make};

}  // namespace idea::notification
