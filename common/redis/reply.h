#ifndef IDEA_COMMON_REDIS_REPLY_H_
#define IDEA_COMMON_REDIS_REPLY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace idea::redis {

// A reply of Redis, by value.
struct Reply {
  enum class Kind { kNil, kInteger, kText, kList, kError };
  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text;
  std::vector<Reply> list;
};

// OK, or what an error reply means: NOT_FOUND for a stream or group that does not exist (any more),
// UNAVAILABLE while Redis cannot serve or does not let this client in (LOADING, OOM, READONLY, NOAUTH, ...),
// INTERNAL otherwise. Its kind (failure.h) is the reply's first word. Redis repeats in some errors the
// arguments of the command, a password or an event: the message does not have them.
absl::Status StatusOf(const Reply& reply);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_REPLY_H_
