#ifndef IDEA_COMMON_REDIS_EVENT_KEYS_H_
#define IDEA_COMMON_REDIS_EVENT_KEYS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/clock/clock.h"

namespace idea::redis {

// The keys with which the services sign their data in Redis (HMAC-SHA-256), so that other clients of Redis
// cannot forge it. The file has one key of 64 hexadecimal digits per line. The first one signs, all verify.
// To rotate, append the new key everywhere, then move it to the front, then remove the old one. Not
// thread-safe.
class EventKeys {
 public:
  // Without a path, nothing is signed and everything is accepted.
  explicit EventKeys(std::string path);

  // Reads the file again if it was read more than 5 s ago. If it cannot be read or a line is not a key, the
  // previous keys stay in use; fails if there are none.
  absl::Status Refresh();

  // The signature of the fields and their lengths. "" without a path.
  std::string Sign(const std::vector<std::string_view>& fields) const;
  bool Verify(const std::vector<std::string_view>& fields, std::string_view signature) const;

 private:
  absl::Status Read();

  const std::string path_;
  std::vector<std::string> keys_;
  clock::Micros read_ = 0;
  // Whether the last read failed, so that each failure is logged once.
  bool failed_ = false;
};

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_EVENT_KEYS_H_
