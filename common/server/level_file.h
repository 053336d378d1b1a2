#ifndef IDEA_COMMON_SERVER_LEVEL_FILE_H_
#define IDEA_COMMON_SERVER_LEVEL_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace idea::server {

// The log level of a process, which a file with one word can change at run time.
class LevelFile {
 public:
  // `fallback` is the level without a file. `path` may be empty.
  LevelFile(std::string fallback, std::string path);

  // Reads the file and sets the level: the fallback if the file does not exist. INVALID_ARGUMENT, also
  // logged, if the content is not a level; then the level does not change.
  absl::Status Apply();

  const std::string& current() const { return current_; }

 private:
  const std::string fallback_;
  const std::string path_;
  std::string current_;
  // The refused content, so that it is refused once.
  std::string refused_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_LEVEL_FILE_H_
