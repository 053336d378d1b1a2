#ifndef IDEA_SERVICES_NOTIFICATION_NOTIFICATION_SERVICE_H_
#define IDEA_SERVICES_NOTIFICATION_NOTIFICATION_SERVICE_H_

#include <string>
#include <vector>

#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/notification/v1/notification.pb.h"

namespace idea::notification {

// The methods of NotificationService. A caller reads only the inbox of its entity.
class NotificationService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::ListInboxResponse> ListInbox(rpc::Call& call, const v1::ListInboxRequest& request);
  absl::StatusOr<std::vector<v1::WatchInboxResponse>> WatchInbox(rpc::Call& call,
                                                                 const v1::WatchInboxRequest& request,
                                                                 std::string& token);
  absl::StatusOr<v1::GetTimelineResponse> GetTimeline(rpc::Call& call, const v1::GetTimelineRequest& request);
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_NOTIFICATION_SERVICE_H_
