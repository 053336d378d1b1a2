#ifndef IDEA_COMMON_REDIS_KEYS_H_
#define IDEA_COMMON_REDIS_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/redis/redis.h"

// What publisher and reader share.
namespace idea::redis {

// How far a source has published.
inline std::string CursorKey(const std::string& stream, const std::string& source) {
  return stream + ":cursor:" + source;
}
// The set of the sources.
inline std::string SourcesKey(const std::string& stream) { return stream + ":sources"; }

// Runs {"MULTI"}, ... and EXEC. ABORTED if a watched key has changed.
absl::Status Commit(Connection& connection, std::vector<std::vector<std::string>> commands);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_KEYS_H_
