#ifndef IDEA_COMMON_REDIS_FAILURE_H_
#define IDEA_COMMON_REDIS_FAILURE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

// Failures of Redis by kind, a word for a metric's label and a log line: the first word of an error reply
// (READONLY, LOADING, NOAUTH, ...), or
//   CONNECT    nobody answers at the address
//   CLOSED     the connection was closed
//   TIMEOUT    no answer in time
//   TLS        no TLS connection, or the server's certificate is not trusted
//   LOGIN      the file of the password cannot be used
//   NO_MASTER  no Sentinel names a server that is a master
//   TOO_LARGE  a reply of more than 64 MiB
//   PROTOCOL   what answers does not speak Redis' protocol
//   KEYS       the file of the event keys cannot be used
namespace idea::redis {

// UNAVAILABLE unless `code` says something else. `text` holds no secret.
absl::Status Failure(std::string_view kind, std::string_view text,
                     absl::StatusCode code = absl::StatusCode::kUnavailable);
absl::Status Failure(std::string_view kind, const absl::Status& cause);

// The kind of a failure of this room; "" for any other status.
std::string KindOf(const absl::Status& status);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_FAILURE_H_
