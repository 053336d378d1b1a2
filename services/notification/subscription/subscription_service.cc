#include "services/notification/subscription/subscription_service.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/log/log.h"
#include "common/outbound/sender.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "services/notification/inbox/inbox_store.h"
#include "services/notification/notification_events.h"
#include "services/notification/subscription/recipient_worker.h"
#include "services/notification/subscription/subscription_access.h"

namespace idea::notification {
namespace {

using status::Error;
using status::Reason;

constexpr int kDefaultOverlapHours = 24;
constexpr clock::Micros kHour = 3600 * clock::kSecond;
constexpr char kMailSetting[] = "IDEA_SMTP_URL";
constexpr char kKeysSetting[] = "IDEA_WEBHOOK_KEYS_FILE";
constexpr auto kChangeable = std::to_array<std::string_view>({"display_name", "filter", "webhook", "mail"});

Error Invalid(const std::string& path, const std::string& expected) {
  return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + expected).Field(path, expected);
}

absl::Status CheckEtag(const std::string& given, const v1::Subscription& current) {
  if (given.empty() || given == current.etag()) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_STALE_ETAG, "the subscription was changed since it was read")
      .With("etag", current.etag());
}

// Whether the subscription has secrets.
absl::Status CheckSigned(const v1::Subscription& subscription) {
  if (subscription.has_webhook()) return absl::OkStatus();
  return Invalid("name", "must be a subscription with a webhook: mails are not signed");
}

void Record(rpc::Call& call, const v1::Subscription& subscription, const char* event,
            const std::string& summary) {
  call.Record({.type = event,
               .subject = subscription.name(),
               .audience = {subscription.entity()},
               .summary = summary});
}

}  // namespace

void SubscriptionService::Bind(rpc::Router& router) {
  router.Bind(this, &SubscriptionService::GatherForCreate, &SubscriptionService::CreateSubscription);
  router.Bind(this, &SubscriptionService::GetSubscription);
  router.Bind(this, &SubscriptionService::ListSubscriptions);
  router.Bind(this, &SubscriptionService::GatherForUpdate, &SubscriptionService::UpdateSubscription);
  router.Bind(this, &SubscriptionService::PauseSubscription);
  router.Bind(this, &SubscriptionService::ResumeSubscription);
  router.Bind(this, &SubscriptionService::DeleteSubscription);
  router.Bind(this, &SubscriptionService::GetSubscriptionSecret);
  router.Bind(this, &SubscriptionService::RotateSubscriptionSecret);
}

absl::Status SubscriptionService::Check(const v1::Subscription& subscription) const {
  RETURN_IF_ERROR(CheckFilter(subscription.filter()));
  if (subscription.has_webhook() == subscription.has_mail())
    return Invalid("subscription.webhook", "either webhook or mail must be set");
  if (subscription.has_mail()) return absl::OkStatus();
  const absl::Status url = outbound::CheckUrl(subscription.webhook().url(), options_.rules);
  return url.ok() ? absl::OkStatus()
                  : Invalid("subscription.webhook.url", std::string(url.message())).ToStatus();
}

absl::Status SubscriptionService::CheckMail(const v1::Subscription& subscription,
                                            const Contacts& contacts) const {
  const v1::Mail& mail = subscription.mail();
  if (!options_.sends_mail) {
    return Error(Reason::ERROR_REASON_CHANNEL_UNAVAILABLE, "mail is not set up on this server")
        .With("setting", kMailSetting);
  }
  if (mail.contacts().empty() && mail.roles().empty())
    return Invalid("subscription.mail", "must name contacts or roles");
  for (int i = 0; i < mail.contacts_size(); ++i) {
    const bool acts =
        std::any_of(contacts.begin(), contacts.end(),
                    [&](const registry::v1::Contact& contact) { return contact.name() == mail.contacts(i); });
    if (!acts)
      return Invalid("subscription.mail.contacts[" + std::to_string(i) + "]",
                     "must be a contact who acts for " + subscription.entity() + " now");
  }
  return absl::OkStatus();
}

absl::StatusOr<SubscriptionService::Contacts> SubscriptionService::GatherForCreate(
    rpc::Call& call, const v1::CreateSubscriptionRequest& request) {
  const v1::Subscription& subscription = request.subscription();
  RETURN_IF_ERROR(CheckOwner(call, subscription.entity(), subscription.entity()));
  if (!subscription.has_mail()) return Contacts();
  return server::RegistryClient(peers_, call.context()).ListContacts(subscription.entity());
}

absl::StatusOr<SubscriptionService::Contacts> SubscriptionService::GatherForUpdate(
    rpc::Call& call, const v1::UpdateSubscriptionRequest& request) {
  if (!request.subscription().has_mail()) return Contacts();
  return server::RegistryClient(peers_, call.context()).ListContacts(call.caller().entity);
}

absl::StatusOr<outbound::SecretRef> SubscriptionService::NewSecret() const {
  absl::StatusOr<outbound::SecretRef> secret = keys_.NewSecret();
  if (secret.ok()) return secret;
  if (!keys_.empty()) {
    log::Line(log::Level::kError, "the keys of webhooks cannot be read")
        .With("text", std::string(secret.status().message()));
  }
  return Error(Reason::ERROR_REASON_CHANNEL_UNAVAILABLE, "webhooks are not set up on this server")
      .With("setting", kKeysSetting);
}

absl::StatusOr<v1::Subscription> SubscriptionService::Save(rpc::Call& call, const StoredSubscription& stored,
                                                           const char* event,
                                                           const std::string& summary) const {
  const v1::Subscription& subscription = stored.subscription;
  RETURN_IF_ERROR(notification::UpdateSubscription(call.db(), subscription, stored.secrets, call.now()));
  // A receiver that was changed is tried at once, too.
  const bool resume = event == kSubscriptionResumed || event == kSubscriptionUpdated;
  RETURN_IF_ERROR(WakeSubscription(call.db(), subscription.name(), resume));
  Record(call, subscription, event, summary);
  ASSIGN_OR_RETURN(const StoredSubscription saved, FindSubscription(call.db(), subscription.name()));
  return saved.subscription;
}

absl::StatusOr<v1::CreateSubscriptionResponse> SubscriptionService::CreateSubscription(
    rpc::Call& call, const v1::CreateSubscriptionRequest& request, const Contacts& contacts) {
  v1::Subscription subscription = request.subscription();
  RETURN_IF_ERROR(CheckOwner(call, subscription.entity(), subscription.entity()));
  RETURN_IF_ERROR(Check(subscription));
  subscription.set_name(ids::kSubscriptions.Name(ids::NewUuid()));
  Secrets secrets;
  if (subscription.has_mail()) {
    RETURN_IF_ERROR(CheckMail(subscription, contacts));
    RETURN_IF_ERROR(
        SaveRecipients(call.db(), subscription.name(), RecipientsOf(subscription.mail(), contacts)));
  } else {
    ASSIGN_OR_RETURN(secrets.current, NewSecret());
  }
  ASSIGN_OR_RETURN(const events::Epochs inboxes, ReadInboxEpochs(call.db()));
  int64_t position = inboxes.head();
  if (request.has_start_time()) {
    ASSIGN_OR_RETURN(
        position, PositionBefore(call.db(), subscription.entity(), clock::FromProto(request.start_time())));
  }
  RETURN_IF_ERROR(InsertSubscription(call.db(), subscription, secrets, position, call.now()));
  Record(call, subscription, kSubscriptionCreated, "Events are delivered to a new subscription.");
  v1::CreateSubscriptionResponse response;
  ASSIGN_OR_RETURN(const StoredSubscription saved, FindSubscription(call.db(), subscription.name()));
  *response.mutable_subscription() = saved.subscription;
  return response;
}

absl::StatusOr<v1::GetSubscriptionResponse> SubscriptionService::GetSubscription(
    rpc::Call& call, const v1::GetSubscriptionRequest& request) {
  ASSIGN_OR_RETURN(const StoredSubscription stored, FindOwn(call, request.name()));
  v1::GetSubscriptionResponse response;
  *response.mutable_subscription() = stored.subscription;
  return response;
}

absl::StatusOr<v1::ListSubscriptionsResponse> SubscriptionService::ListSubscriptions(
    rpc::Call& call, const v1::ListSubscriptionsRequest& request) {
  RETURN_IF_ERROR(CheckOwner(call, request.parent(), request.parent()));
  return notification::ListSubscriptions(call.db(), request);
}

absl::StatusOr<v1::UpdateSubscriptionResponse> SubscriptionService::UpdateSubscription(
    rpc::Call& call, const v1::UpdateSubscriptionRequest& request, const Contacts& contacts) {
  const std::string& name = request.subscription().name();
  if (!ids::MatchesPattern(name, "subscriptions/*"))
    return Invalid("subscription.name", "must have the form subscriptions/{subscription}");
  ASSIGN_OR_RETURN(StoredSubscription stored, FindOwn(call, name));
  RETURN_IF_ERROR(CheckEtag(request.subscription().etag(), stored.subscription));
  ASSIGN_OR_RETURN(const auto mask, validation::ChangeableFields(request.update_mask(), kChangeable));
  validation::ReplaceFields(request.subscription(), mask, &stored.subscription);
  RETURN_IF_ERROR(Check(stored.subscription));
  const auto& paths = mask.paths();
  if (std::find(paths.begin(), paths.end(), "mail") != paths.end() && stored.subscription.has_mail()) {
    RETURN_IF_ERROR(CheckMail(stored.subscription, contacts));
    RETURN_IF_ERROR(SaveRecipients(call.db(), name, RecipientsOf(stored.subscription.mail(), contacts)));
  }
  // A receiver that becomes a webhook gets its first secret.
  if (stored.subscription.has_webhook() && stored.secrets.current.empty()) {
    ASSIGN_OR_RETURN(stored.secrets.current, NewSecret());
  }
  v1::UpdateSubscriptionResponse response;
  ASSIGN_OR_RETURN(*response.mutable_subscription(),
                   Save(call, stored, kSubscriptionUpdated, "A subscription was changed."));
  return response;
}

absl::StatusOr<v1::PauseSubscriptionResponse> SubscriptionService::PauseSubscription(
    rpc::Call& call, const v1::PauseSubscriptionRequest& request) {
  ASSIGN_OR_RETURN(StoredSubscription stored, FindOwn(call, request.name()));
  stored.subscription.set_state(v1::SUBSCRIPTION_STATE_PAUSED);
  v1::PauseSubscriptionResponse response;
  ASSIGN_OR_RETURN(*response.mutable_subscription(),
                   Save(call, stored, kSubscriptionPaused, "The deliveries of a subscription were paused."));
  return response;
}

absl::StatusOr<v1::ResumeSubscriptionResponse> SubscriptionService::ResumeSubscription(
    rpc::Call& call, const v1::ResumeSubscriptionRequest& request) {
  ASSIGN_OR_RETURN(StoredSubscription stored, FindOwn(call, request.name()));
  stored.subscription.set_state(v1::SUBSCRIPTION_STATE_ACTIVE);
  v1::ResumeSubscriptionResponse response;
  ASSIGN_OR_RETURN(*response.mutable_subscription(), Save(call, stored, kSubscriptionResumed,
                                                          "The deliveries of a subscription were resumed."));
  return response;
}

absl::StatusOr<v1::DeleteSubscriptionResponse> SubscriptionService::DeleteSubscription(
    rpc::Call& call, const v1::DeleteSubscriptionRequest& request) {
  ASSIGN_OR_RETURN(const StoredSubscription stored, FindOwn(call, request.name()));
  RETURN_IF_ERROR(CheckEtag(request.etag(), stored.subscription));
  RETURN_IF_ERROR(notification::DeleteSubscription(call.db(), stored.subscription));
  Record(call, stored.subscription, kSubscriptionDeleted, "A subscription was deleted.");
  return v1::DeleteSubscriptionResponse();
}

absl::StatusOr<v1::GetSubscriptionSecretResponse> SubscriptionService::GetSubscriptionSecret(
    rpc::Call& call, const v1::GetSubscriptionSecretRequest& request) {
  ASSIGN_OR_RETURN(const StoredSubscription stored, FindOwn(call, request.name()));
  RETURN_IF_ERROR(CheckSigned(stored.subscription));
  const auto secret = keys_.SecretOf(stored.secrets.current, request.name());
  if (!secret.ok()) {
    return Error(Reason::ERROR_REASON_CHANNEL_UNAVAILABLE, "the key of the secret is missing on this server")
        .With("setting", kKeysSetting);
  }
  v1::GetSubscriptionSecretResponse response;
  response.set_secret(*secret);
  if (stored.secrets.previous_until <= call.now()) return response;
  const auto previous = keys_.SecretOf(stored.secrets.previous, request.name());
  if (previous.ok()) response.set_previous_secret(*previous);
  return response;
}

absl::StatusOr<v1::RotateSubscriptionSecretResponse> SubscriptionService::RotateSubscriptionSecret(
    rpc::Call& call, const v1::RotateSubscriptionSecretRequest& request) {
  ASSIGN_OR_RETURN(StoredSubscription stored, FindOwn(call, request.name()));
  RETURN_IF_ERROR(CheckSigned(stored.subscription));
  const int hours = request.overlap_hours() > 0 ? request.overlap_hours() : kDefaultOverlapHours;
  stored.secrets.previous = stored.secrets.current;
  stored.secrets.previous_until = call.now() + hours * kHour;
  ASSIGN_OR_RETURN(stored.secrets.current, NewSecret());
  v1::RotateSubscriptionSecretResponse response;
  ASSIGN_OR_RETURN(*response.mutable_subscription(), Save(call, stored, kSubscriptionSecretRotated,
                                                          "The secret of a subscription was replaced."));
  return response;
}

}  // namespace idea::notification
