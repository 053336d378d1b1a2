#ifndef IDEA_COMMON_REDIS_FAILURE_H_
#define IDEA_COMMON_REDIS_FAILURE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

// The kinds of failures of Redis, for metric labels and log lines: the first word of an error reply
// (READONLY, LOADING, NOAUTH, ...), or one of
//   CONNECT: the address refuses connections
//   CLOSED: the connection was closed
//   TIMEOUT: no answer in time
//   TLS: no TLS connection, or the certificate of the server is not trusted
//   LOGIN: the password file cannot be used
//   NO_MASTER: no Sentinel names a server that is a master
//   TOO_LARGE: a reply of more than 64 MiB
//   PROTOCOL: the server does not speak the protocol of Redis
//   KEYS: the file of the event keys cannot be used
namespace idea::redis {

// UNAVAILABLE unless `code` is given. `text` must not contain secrets.
absl::Status Failure(std::string_view kind, std::string_view text,
                     absl::StatusCode code = absl::StatusCode::kUnavailable);
absl::Status Failure(std::string_view kind, const absl::Status& cause);

// The kind of a failure made by Failure(); "" for any other status.
std::string KindOf(const absl::Status& status);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_FAILURE_H_
