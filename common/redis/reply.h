#ifndef IDEA_COMMON_REDIS_REPLY_H_
#define IDEA_COMMON_REDIS_REPLY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace idea::redis {

// A reply of Redis, as a value.
struct Reply {
  enum class Kind { kNil, kInteger, kText, kList, kError };
  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text;
  std::vector<Reply> list;
};

// OK, or the status of an error reply: NOT_FOUND for a stream or group that does not exist, UNAVAILABLE while
// Redis cannot serve or refuses this client (LOADING, OOM, READONLY, NOAUTH, ...), INTERNAL otherwise. Its
// kind (failure.h) is the first word of the reply. Redis repeats arguments of the command, possibly secrets,
// in some errors; the message omits them.
absl::Status StatusOf(const Reply& reply);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_REPLY_H_
