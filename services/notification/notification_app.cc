#include "services/notification/notification_app.h"

#include "common/outbound/address_rules.h"
#include "common/outbound/event_mail.h"
#include "services/notification/checkpoint_worker.h"
#include "services/notification/delivery/delivery_service.h"
#include "services/notification/delivery/delivery_worker.h"
#include "services/notification/inbox/inbox_worker.h"
#include "services/notification/notification_service.h"
#include "services/notification/subscription/recipient_worker.h"
#include "services/notification/subscription/subscription_service.h"

extern const idea::config::EmbeddedFile k_notification_schema[];

namespace idea::notification {
namespace {

constexpr char kNetworks[] = "IDEA_WEBHOOK_NETWORKS";
constexpr char kSmtpUrl[] = "IDEA_SMTP_URL";
constexpr char kMailFrom[] = "IDEA_MAIL_FROM";

DeliveryWorker::Options OptionsOf(const config::Config& config, const outbound::AddressRules& rules) {
  DeliveryWorker::Options options;
  options.sender.rules = rules;
  options.sender.ca_file = config.Text("IDEA_WEBHOOK_CA_FILE");
  options.sender.timeout = std::chrono::seconds(config.Number("IDEA_WEBHOOK_TIMEOUT_SECONDS"));
  options.retry.min_pause = config.Number("IDEA_DELIVERY_RETRY_MIN_MILLIS") * 1000;
  options.retry.max_pause = config.Number("IDEA_DELIVERY_RETRY_MAX_SECONDS") * clock::kSecond;
  options.retry.attempts = config.Number("IDEA_DELIVERY_ATTEMPTS");
  options.trust_domain = config.Text("IDEA_TRUST_DOMAIN");
  options.webhook_keys_file = config.Text("IDEA_WEBHOOK_KEYS_FILE");
  options.sender.smtp_user = config.Text("IDEA_SMTP_USER");
  options.sender.smtp_password_file = config.Text("IDEA_SMTP_PASSWORD_FILE");
  options.sender.smtp_ca_file = config.Text("IDEA_SMTP_CA_FILE");
  options.smtp_url = config.Text(kSmtpUrl);
  options.mail_from = config.Text(kMailFrom);
  options.keep = config.Number("IDEA_DELIVERY_LOG_AGE") * clock::kDay;
  return options;
}

class NotificationApp : public server::App {
 public:
  explicit NotificationApp(const server::ServiceDeps& deps)
      : smtp_url_(deps.config.Text(kSmtpUrl)),
        mail_from_(deps.config.Text(kMailFrom)),
        rules_(outbound::AddressRules::Parse(deps.config.Text(kNetworks))),
        checkpoints_(deps.peers),
        service_([this] { return checkpoints_.Newest(); }),
        inbox_worker_(redis::Options(deps.config), deps.database, deps.notifier, &deps.metrics),
        subscriptions_({deps.config.Text("IDEA_WEBHOOK_KEYS_FILE"), rules_.value_or(outbound::AddressRules()),
                        !deps.config.Text(kSmtpUrl).empty()},
                       deps.peers),
        recipient_worker_(deps.peers, deps.database),
        delivery_worker_(OptionsOf(deps.config, rules_.value_or(outbound::AddressRules())), deps.database,
                         deps.notifier, deps.clock, &deps.metrics) {}

  absl::Status Check() override {
    if (!rules_.ok())
      return absl::InvalidArgumentError(std::string(kNetworks) + ": " +
                                        std::string(rules_.status().message()));
    if (smtp_url_.empty()) return absl::OkStatus();
    if (!smtp_url_.starts_with("smtp://") && !smtp_url_.starts_with("smtps://"))
      return absl::InvalidArgumentError(std::string(kSmtpUrl) +
                                        ": must be smtp://host:port or smtps://host:port");
    if (!outbound::IsMailAddress(mail_from_))
      return absl::InvalidArgumentError(std::string(kMailFrom) + ": must be an address when mail is set up");
    return absl::OkStatus();
  }
  void Bind(rpc::Router& router) override {
    service_.Bind(router);
    subscriptions_.Bind(router);
    deliveries_.Bind(router);
  }
  void Start() override {
    checkpoints_.Start();
    inbox_worker_.Start();
    recipient_worker_.Start();
    delivery_worker_.Start();
  }
  void Stop() override {
    delivery_worker_.Stop();
    recipient_worker_.Stop();
    inbox_worker_.Stop();
    checkpoints_.Stop();
  }

 private:
  const std::string smtp_url_, mail_from_;
  const absl::StatusOr<outbound::AddressRules> rules_;
  CheckpointWorker checkpoints_;
  NotificationService service_;
  InboxWorker inbox_worker_;
  SubscriptionService subscriptions_;
  RecipientWorker recipient_worker_;
  DeliveryService deliveries_;
  DeliveryWorker delivery_worker_;
};

std::unique_ptr<server::App> Make(const server::ServiceDeps& deps) {
  return std::make_unique<NotificationApp>(deps);
}

}  // namespace

const server::Service kNotification = {"notification", k_notification_schema, &Make};

}  // namespace idea::notification
