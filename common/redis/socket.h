#ifndef IDEA_COMMON_REDIS_SOCKET_H_
#define IDEA_COMMON_REDIS_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/config/redis_url.h"
#include "common/redis/tls.h"

namespace idea::redis {

using Deadline = std::chrono::steady_clock::time_point;

// A connected socket, with or without TLS. All waits end at the deadline. It cannot be used after a failure.
// Not thread-safe.
class Socket {
 public:
  static absl::StatusOr<std::unique_ptr<Socket>> OpenUnix(const std::string& path, Deadline deadline);
  // Resolves the address first, with the limits of the system. With a `tls` context, also completes the
  // handshake.
  static absl::StatusOr<std::unique_ptr<Socket>> Open(const config::RedisUrl::Host& host, SSL_CTX* tls,
                                                      Deadline deadline);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  absl::Status Write(std::string_view bytes, Deadline deadline);
  // Waits for bytes and returns their number, at least one.
  absl::StatusOr<size_t> Read(char* to, size_t size, Deadline deadline);

 private:
  explicit Socket(int fd) : fd_(fd) {}
  absl::Status Connect(const void* address, unsigned size, Deadline deadline);
  absl::Status StartTls(SSL_CTX* tls, const std::string& host, Deadline deadline);
  // Waits until the socket is ready for the poll(2) events.
  absl::Status Wait(short events, Deadline deadline);
  // Handles the `result` of an SSL function: OK if it should be called again.
  absl::Status AfterTls(int result, Deadline deadline);

  const int fd_;
  Ssl ssl_{nullptr, &SSL_free};
};

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_SOCKET_H_
