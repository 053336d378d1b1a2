#ifndef IDEA_COMMON_SERVER_LEVEL_FILE_H_
#define IDEA_COMMON_SERVER_LEVEL_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace idea::server {

// The log level of a process, which can be changed while it runs: by a file that holds one word.
class LevelFile {
 public:
  // `fallback` is the level without a file. `path` may be empty.
  LevelFile(std::string fallback, std::string path);

  // Reads the file and sets the level. A file that does not exist means the fallback. INVALID_ARGUMENT, also
  // as a log line, if the file holds anything but a level; then the level stays as it is.
  absl::Status Apply();

  const std::string& current() const { return current_; }

 private:
  const std::string fallback_;
  const std::string path_;
  std::string current_;
  // The content of the file when it was refused, so that it is refused once.
  std::string refused_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_LEVEL_FILE_H_
