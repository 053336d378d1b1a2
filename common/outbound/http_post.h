#ifndef IDEA_COMMON_OUTBOUND_HTTP_POST_H_
#define IDEA_COMMON_OUTBOUND_HTTP_POST_H_

#include <atomic>
#include <chrono>
#include <string>

#include "absl/status/statusor.h"

namespace idea::outbound {

// A POST to a URL of the operator's configuration, which may be in a private network.
struct HttpPost {
  // http:// or https://
  std::string url;
  std::string content_type;
  std::string body;
  // Authorities in PEM that may have issued the server's certificate, instead of the system's; empty: the
  // system's.
  std::string ca_file = {};
  std::chrono::milliseconds timeout{5'000};
  // Ends the request early if it becomes true. May be null.
  const std::atomic<bool>* cancelled = nullptr;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// Limit: bytes of the body of an answer.
inline constexpr size_t kMaxPostAnswerBytes = 64 << 10;

// Sends the request and waits for the answer. Follows no redirect and uses no proxy. UNAVAILABLE if no server
// with a valid certificate answers in time, or if the answer is too long.
absl::StatusOr<HttpAnswer> Post(const HttpPost& request);

}  // namespace idea::outbound

#endif  // IDEA_COMMON_OUTBOUND_HTTP_POST_H_
