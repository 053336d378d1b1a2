#ifndef IDEA_COMMON_RPC_PEER_CLIENT_H_
#define IDEA_COMMON_RPC_PEER_CLIENT_H_

#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/context.h"
#include "common/status/status.h"
#include "google/protobuf/message.h"

namespace idea::rpc {

// The service that a request belongs to: "registry" for the messages of idea.registry.v1.
std::string_view ServiceOf(const google::protobuf::Message& request);

// Calls the other services of the suite. The type of a request names the method, and so the service. Copies
// use the same connections. Thread-safe if the function that it was made of is.
class PeerClient {
 public:
  // Calls the method of `request` at `service`, as Peer::Send() does.
  using SendFunction = std::function<absl::Status(std::string_view service, const Context& context,
                                                  const google::protobuf::Message& request,
                                                  google::protobuf::Message* response)>;

  template <class Send>
  // NOLINTNEXTLINE(google-explicit-constructor)
  requires std::is_constructible_v<SendFunction, Send> PeerClient(Send send) : send_(std::move(send)) {}

  // Fails as Peer::Send() does, as all methods do.
  absl::Status Send(const Context& context, const google::protobuf::Message& request,
                    google::protobuf::Message* response) const {
    return send_(ServiceOf(request), context, request, response);
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Send(const Context& context, const Request& request) const {
    Response response;
    RETURN_IF_ERROR(Send(context, request, &response));
    return response;
  }

  // Calls a list method for every page and hands each response to `on_page`. One page never suffices,
  // whatever its page_size: pages also end at about 1 MiB.
  template <class Response, class Request, class OnPage>
  absl::Status ForEachPage(const Context& context, Request request, const OnPage& on_page) const {
    request.set_page_size(kPageSize);
    do {
      Response page;
      RETURN_IF_ERROR(Send(context, request, &page));
      request.set_page_token(page.next_page_token());
      page.clear_next_page_token();
      on_page(page);
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }

  // All pages of a list method as one response.
  template <class Response, class Request>
  absl::StatusOr<Response> ListAll(const Context& context, Request request) const {
    Response all;
    RETURN_IF_ERROR(ForEachPage<Response>(context, std::move(request),
                                          [&](const Response& page) { all.MergeFrom(page); }));
    return all;
  }

 private:
  static constexpr int kPageSize = 1000;
  SendFunction send_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PEER_CLIENT_H_
