#ifndef IDEA_TESTS_COMMON_RPC_OTHER_METHODS_H_
#define IDEA_TESTS_COMMON_RPC_OTHER_METHODS_H_

#include "absl/status/statusor.h"
#include "common/rpc/router.h"
#include "idea/notification/v1/notification.pb.h"

namespace idea::testing {

// Binds the methods of NotificationService that a test of the wire does not serve: a server binds all methods
// of a service. It must outlive the router.
class OtherMethods {
 public:
  void Bind(rpc::Router& router) {
    using namespace notification::v1;  // NOLINT(google-build-using-namespace)
    BindOne<CreateSubscriptionRequest, CreateSubscriptionResponse>(router);
    BindOne<GetSubscriptionRequest, GetSubscriptionResponse>(router);
    BindOne<ListSubscriptionsRequest, ListSubscriptionsResponse>(router);
    BindOne<UpdateSubscriptionRequest, UpdateSubscriptionResponse>(router);
    BindOne<PauseSubscriptionRequest, PauseSubscriptionResponse>(router);
    BindOne<ResumeSubscriptionRequest, ResumeSubscriptionResponse>(router);
    BindOne<DeleteSubscriptionRequest, DeleteSubscriptionResponse>(router);
    BindOne<GetSubscriptionSecretRequest, GetSubscriptionSecretResponse>(router);
    BindOne<RotateSubscriptionSecretRequest, RotateSubscriptionSecretResponse>(router);
    BindOne<TestSubscriptionRequest, TestSubscriptionResponse>(router);
    BindOne<ReplayEventsRequest, ReplayEventsResponse>(router);
    BindOne<GetDeliveryRequest, GetDeliveryResponse>(router);
    BindOne<ListDeliveriesRequest, ListDeliveriesResponse>(router);
    BindOne<ListDeadLettersRequest, ListDeadLettersResponse>(router);
    BindOne<RedeliverRequest, RedeliverResponse>(router);
  }

 private:
  template <class Request, class Response>
  absl::StatusOr<Response> Refuse(rpc::Call&, const Request&) {
    return absl::UnimplementedError("not a part of the test");
  }
  template <class Request, class Response>
  void BindOne(rpc::Router& router) {
    router.Bind(this, &OtherMethods::Refuse<Request, Response>);
  }
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_COMMON_RPC_OTHER_METHODS_H_
