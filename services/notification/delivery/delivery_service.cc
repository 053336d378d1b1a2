#include "services/notification/delivery/delivery_service.h"

#include <string>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/notification/delivery/delivery_store.h"
#include "services/notification/inbox/inbox_store.h"
#include "services/notification/notification_events.h"
#include "services/notification/subscription/subscription_access.h"
#include "services/notification/subscription/subscription_store.h"

namespace idea::notification {
namespace {

using status::Error;
using status::Reason;

// The delivery if it belongs to the caller's entity. Otherwise NOT_FOUND.
absl::StatusOr<v1::Delivery> FindOwnDelivery(rpc::Call& call, const std::string& name, std::string* entity) {
  ASSIGN_OR_RETURN(v1::Delivery delivery, FindDelivery(call.db(), name, entity));
  RETURN_IF_ERROR(CheckOwner(call, *entity, name));
  return delivery;
}

// A text that is greater than those of earlier times.
std::string OrderedId(clock::Micros now) {
  const std::string digits = std::to_string(now);
  return std::string(20 - digits.size(), '0') + digits + "-" + ids::NewUuid();
}

}  // namespace

void DeliveryService::Bind(rpc::Router& router) {
  router.Bind(this, &DeliveryService::TestSubscription);
  router.Bind(this, &DeliveryService::ReplayEvents);
  router.Bind(this, &DeliveryService::GetDelivery);
  router.Bind(this, &DeliveryService::ListDeliveries);
  router.Bind(this, &DeliveryService::ListDeadLetters);
  router.Bind(this, &DeliveryService::Redeliver);
}

absl::StatusOr<v1::TestSubscriptionResponse> DeliveryService::TestSubscription(
    rpc::Call& call, const v1::TestSubscriptionRequest& request) {
  ASSIGN_OR_RETURN(const StoredSubscription stored, FindOwn(call, request.name()));
  events::Event sample;
  sample.set_event_id(ids::NewUuid());
  sample.set_type(kSubscriptionTested);
  ASSIGN_OR_RETURN(const std::string name, InsertDelivery(call.db(), stored.subscription,
                                                          v1::DELIVERY_KIND_TEST, sample, call.now()));
  RETURN_IF_ERROR(WakeSubscription(call.db(), request.name(), /*resume=*/false));
  call.Record({.type = kSubscriptionTested,
               .subject = request.name(),
               .summary = "A sample event is sent to the receiver of a subscription."});
  v1::TestSubscriptionResponse response;
  std::string entity;
  ASSIGN_OR_RETURN(*response.mutable_delivery(), FindDelivery(call.db(), name, &entity));
  return response;
}

absl::StatusOr<v1::ReplayEventsResponse> DeliveryService::ReplayEvents(
    rpc::Call& call, const v1::ReplayEventsRequest& request) {
  ASSIGN_OR_RETURN(const StoredSubscription stored, FindOwn(call, request.name()));
  const std::string& entity = stored.subscription.entity();
  Replay replay{.id = OrderedId(call.now()),
                .since = clock::FromProto(request.from_time()),
                .until = request.has_to_time() ? clock::FromProto(request.to_time()) : kNever};
  if (replay.until <= replay.since) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "to_time: must be after from_time")
        .Field("to_time", "must be after from_time");
  }
  ASSIGN_OR_RETURN(const events::Epochs inboxes, ReadInboxEpochs(call.db()));
  replay.last = inboxes.head();
  ASSIGN_OR_RETURN(replay.position, PositionBefore(call.db(), entity, replay.since));
  if (replay.position < replay.last) RETURN_IF_ERROR(InsertReplay(call.db(), request.name(), replay));
  RETURN_IF_ERROR(WakeSubscription(call.db(), request.name(), /*resume=*/false));
  call.Record({.type = kEventsReplayed,
               .subject = request.name(),
               .audience = {entity},
               .summary = "The events of a period are delivered again."});
  v1::ReplayEventsResponse response;
  *response.mutable_subscription() = stored.subscription;
  return response;
}

absl::StatusOr<v1::GetDeliveryResponse> DeliveryService::GetDelivery(rpc::Call& call,
                                                                     const v1::GetDeliveryRequest& request) {
  v1::GetDeliveryResponse response;
  std::string entity;
  ASSIGN_OR_RETURN(*response.mutable_delivery(), FindOwnDelivery(call, request.name(), &entity));
  RETURN_IF_ERROR(ReadAttempts(call.db(), response.mutable_delivery()));
  return response;
}

absl::StatusOr<v1::ListDeliveriesResponse> DeliveryService::ListDeliveries(
    rpc::Call& call, const v1::ListDeliveriesRequest& request) {
  RETURN_IF_ERROR(FindOwn(call, request.parent()).status());
  return notification::ListDeliveries(call.db(), request);
}

absl::StatusOr<v1::ListDeadLettersResponse> DeliveryService::ListDeadLetters(
    rpc::Call& call, const v1::ListDeadLettersRequest& request) {
  RETURN_IF_ERROR(CheckOwner(call, request.parent(), request.parent()));
  return notification::ListDeadLetters(call.db(), request);
}

absl::StatusOr<v1::RedeliverResponse> DeliveryService::Redeliver(rpc::Call& call,
                                                                 const v1::RedeliverRequest& request) {
  std::string entity;
  ASSIGN_OR_RETURN(const v1::Delivery delivery, FindOwnDelivery(call, request.name(), &entity));
  RETURN_IF_ERROR(RestartDelivery(call.db(), request.name(), call.now()));
  RETURN_IF_ERROR(WakeSubscription(call.db(), delivery.subscription(), /*resume=*/false));
  call.Record({.type = kEventRedelivered,
               .subject = request.name(),
               .bucp = delivery.bucp(),
               .summary = "An event is delivered again."});
  v1::RedeliverResponse response;
  ASSIGN_OR_RETURN(*response.mutable_delivery(), FindDelivery(call.db(), request.name(), &entity));
  return response;
}

}  // namespace idea::notification
