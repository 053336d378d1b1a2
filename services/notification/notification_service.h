#ifndef IDEA_SERVICES_NOTIFICATION_NOTIFICATION_SERVICE_H_
#define IDEA_SERVICES_NOTIFICATION_NOTIFICATION_SERVICE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/notification/v1/notification.pb.h"

namespace idea::notification {

// The methods of NotificationService. A caller reads only the inbox of its entity.
class NotificationService {
 public:
  // Watches carry what `checkpoint` returns: the newest known checkpoint of the transparency log.
  explicit NotificationService(std::function<std::string()> checkpoint = [] { return std::string(); })
      : checkpoint_(std::move(checkpoint)) {}

  void Bind(rpc::Router& router);

  absl::StatusOr<v1::ListInboxResponse> ListInbox(rpc::Call& call, const v1::ListInboxRequest& request);
  absl::StatusOr<std::vector<v1::WatchInboxResponse>> WatchInbox(rpc::Call& call,
                                                                 const v1::WatchInboxRequest& request,
                                                                 std::string& token);
  absl::StatusOr<v1::GetTimelineResponse> GetTimeline(rpc::Call& call, const v1::GetTimelineRequest& request);

 private:
  // Sets the checkpoint of a message of a watch.
  absl::Status SetCheckpoint(rpc::Call& call, v1::WatchInboxResponse& response);

  const std::function<std::string()> checkpoint_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_NOTIFICATION_SERVICE_H_
