#ifndef IDEA_COMMON_SERVER_COMMAND_H_
#define IDEA_COMMON_SERVER_COMMAND_H_

#include <chrono>

#include "common/events/events.h"
#include "common/rpc/peer_client.h"

namespace idea::server {

// The context of a call that an event causes. It continues the request id and the trace of the call that
// wrote the event.
inline rpc::Context ContextOf(const events::Event& event) {
  rpc::Context context{event.request_id(), event.traceparent(),
                       std::chrono::steady_clock::now() + std::chrono::seconds(5)};
  context.hands_over = true;
  return context;
}

// Sends an event to a peer as a command. The id of the event is the request_id, so the peer acts once even if
// it is sent repeatedly.
template <class Response, class Request>
absl::Status Command(const rpc::PeerClient& peers, const events::Event& event, Request request) {
  request.set_request_id(event.event_id());
  Response response;
  return peers.Send(ContextOf(event), request, &response);
}

// The data of an event as a message of this type; empty if it has another type.
template <class Data>
Data DataOf(const events::Event& event) {
  Data data;
  event.data().UnpackTo(&data);
  return data;
}

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_COMMAND_H_
