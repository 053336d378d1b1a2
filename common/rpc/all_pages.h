#ifndef IDEA_COMMON_RPC_ALL_PAGES_H_
#define IDEA_COMMON_RPC_ALL_PAGES_H_

#include "absl/status/statusor.h"
#include "common/status/status.h"

namespace idea::rpc {

// Every page of a list as one response. `ask` calls the list method: absl::Status ask(const Request&,
// Response*). One page is never enough, whatever its page_size: pages end at about 1 MiB, too.
template <class Response, class Request, class Ask>
absl::StatusOr<Response> AskForAll(const Ask& ask, Request request) {
  Response all;
  request.set_page_size(1000);
  do {
    Response page;
    RETURN_IF_ERROR(ask(request, &page));
    all.MergeFrom(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  return all;
}

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_ALL_PAGES_H_
