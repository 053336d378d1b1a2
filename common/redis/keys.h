#ifndef IDEA_COMMON_REDIS_KEYS_H_
#define IDEA_COMMON_REDIS_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/redis/redis.h"

// Keys and formats that publisher and reader share.
namespace idea::redis {

// The key of the cursor of a source.
inline std::string CursorKey(const std::string& stream, const std::string& source) {
  return stream + ":cursor:" + source;
}
// The key of the set of sources.
inline std::string SourcesKey(const std::string& stream) { return stream + ":sources"; }

// The stored form of a cursor: with its signature if keys are configured.
std::string SignedCursor(const EventKeys& keys, const std::string& stream, const std::string& source,
                         const std::string& cursor);
// The cursor in a reply to GET; "" if its signature is wrong.
std::string CursorIn(const EventKeys& keys, const std::string& stream, const std::string& source,
                     const Reply& reply);

// The signed fields of a message.
inline std::vector<std::string_view> SignedFields(const std::string& stream, const std::string& source,
                                                  const std::string& cursor, const std::string& after,
                                                  const std::string& body) {
  return {"event", stream, source, cursor, after, body};
}

// Deletes the key if the reply shows that another client has stored another type there. Returns whether it
// did.
absl::StatusOr<bool> DeleteIfWrongType(Connection& connection, const Reply& reply, const std::string& key);

// Runs {"MULTI"}, ... and EXEC. ABORTED if a watched key has changed.
absl::Status Commit(Connection& connection, std::vector<std::vector<std::string>> commands);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_KEYS_H_
