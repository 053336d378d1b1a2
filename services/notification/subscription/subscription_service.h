#ifndef IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_SERVICE_H_
#define IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/outbound/address_rules.h"
#include "common/outbound/webhook.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/notification/v1/subscription.pb.h"
#include "idea/registry/v1/contact.pb.h"
#include "services/notification/subscription/subscription_store.h"

namespace idea::notification {

// The methods of NotificationService on subscriptions, as notification.proto describes them.
class SubscriptionService {
 public:
  struct Options {
    // The file of webhook keys; empty: webhooks are not set up.
    std::string webhook_keys_file = {};
    // The addresses that a URL may name.
    outbound::AddressRules rules = {};
    // Whether mail is set up.
    bool sends_mail = false;
  };
  SubscriptionService(Options options, rpc::PeerClient peers)
      : options_(std::move(options)), keys_(options_.webhook_keys_file), peers_(std::move(peers)) {}
  void Bind(rpc::Router& router);

  // The contacts of an entity.
  using Contacts = std::vector<registry::v1::Contact>;
  // Asks the registry for the contacts if the request has a mail.
  absl::StatusOr<Contacts> GatherForCreate(rpc::Call& call, const v1::CreateSubscriptionRequest& request);
  absl::StatusOr<Contacts> GatherForUpdate(rpc::Call& call, const v1::UpdateSubscriptionRequest& request);

  absl::StatusOr<v1::CreateSubscriptionResponse> CreateSubscription(
      rpc::Call& call, const v1::CreateSubscriptionRequest& request, const Contacts& contacts);
  absl::StatusOr<v1::GetSubscriptionResponse> GetSubscription(rpc::Call& call,
                                                              const v1::GetSubscriptionRequest& request);
  absl::StatusOr<v1::ListSubscriptionsResponse> ListSubscriptions(
      rpc::Call& call, const v1::ListSubscriptionsRequest& request);
  absl::StatusOr<v1::UpdateSubscriptionResponse> UpdateSubscription(
      rpc::Call& call, const v1::UpdateSubscriptionRequest& request, const Contacts& contacts);
  absl::StatusOr<v1::PauseSubscriptionResponse> PauseSubscription(
      rpc::Call& call, const v1::PauseSubscriptionRequest& request);
  absl::StatusOr<v1::ResumeSubscriptionResponse> ResumeSubscription(
      rpc::Call& call, const v1::ResumeSubscriptionRequest& request);
  absl::StatusOr<v1::DeleteSubscriptionResponse> DeleteSubscription(
      rpc::Call& call, const v1::DeleteSubscriptionRequest& request);
  absl::StatusOr<v1::GetSubscriptionSecretResponse> GetSubscriptionSecret(
      rpc::Call& call, const v1::GetSubscriptionSecretRequest& request);
  absl::StatusOr<v1::RotateSubscriptionSecretResponse> RotateSubscriptionSecret(
      rpc::Call& call, const v1::RotateSubscriptionSecretRequest& request);

 private:
  // Whether the filter and the receiver are valid.
  absl::Status Check(const v1::Subscription& subscription) const;
  absl::Status CheckMail(const v1::Subscription& subscription, const Contacts& contacts) const;
  absl::StatusOr<outbound::SecretRef> NewSecret() const;
  // Stores a change, records the event and returns the subscription as stored.
  absl::StatusOr<v1::Subscription> Save(rpc::Call& call, const StoredSubscription& stored, const char* event,
                                        const std::string& summary) const;

  const Options options_;
  const outbound::WebhookKeys keys_;
  const rpc::PeerClient peers_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_SUBSCRIPTION_SERVICE_H_
