#ifndef IDEA_SERVICES_CLI_CALL_CALL_FUNCTION_H_
#define IDEA_SERVICES_CLI_CALL_CALL_FUNCTION_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "google/protobuf/message.h"

// Calls to one server by the code that reads whole lists and logs, so that tests can replace the server.
namespace idea::cli {

// Calls the method of the request's type and fills the response.
using CallFunction = std::function<absl::Status(const google::protobuf::Message& request,
                                                google::protobuf::Message* response)>;
// Called as work proceeds: `done` items of `all`; 0 if their number is not known.
using Progress = std::function<void(int64_t done, int64_t all)>;

template <class Response, class Request>
absl::StatusOr<Response> Call(const CallFunction& call, const Request& request) {
  Response response;
  RETURN_IF_ERROR(call(request, &response));
  return response;
}

// Calls a list method for every page and passes each response to `on_page`, which returns a status.
template <class Response, class Request, class OnPage>
absl::Status ForEachPage(const CallFunction& call, Request request, const OnPage& on_page) {
  constexpr int kPageSize = 1000;
  request.set_page_size(kPageSize);
  do {
    Response page;
    RETURN_IF_ERROR(call(request, &page));
    RETURN_IF_ERROR(on_page(page));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CALL_CALL_FUNCTION_H_
