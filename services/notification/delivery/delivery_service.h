#ifndef IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_SERVICE_H_
#define IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_SERVICE_H_

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/notification/v1/delivery.pb.h"

namespace idea::notification {

// The methods of NotificationService on deliveries, as notification.proto describes them.
class DeliveryService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::TestSubscriptionResponse> TestSubscription(rpc::Call& call,
                                                                const v1::TestSubscriptionRequest& request);
  absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(rpc::Call& call,
                                                        const v1::ReplayEventsRequest& request);
  absl::StatusOr<v1::GetDeliveryResponse> GetDelivery(rpc::Call& call, const v1::GetDeliveryRequest& request);
  absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(rpc::Call& call,
                                                            const v1::ListDeliveriesRequest& request);
  absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(rpc::Call& call,
                                                              const v1::ListDeadLettersRequest& request);
  absl::StatusOr<v1::RedeliverResponse> Redeliver(rpc::Call& call, const v1::RedeliverRequest& request);
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_SERVICE_H_
