#ifndef IDEA_SERVICES_CLI_CONTEXT_STATE_FILE_H_
#define IDEA_SERVICES_CLI_CONTEXT_STATE_FILE_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/cli/context/context_file.h"

// Files that ideactl keeps between its runs.
namespace idea::cli {

// The path of a file of the user's state: $XDG_STATE_HOME/ideactl/NAME, else ~/.local/state/ideactl/NAME.
// Empty without XDG_STATE_HOME and HOME: nothing is stored then.
std::string StatePath(const Variables& variables, const std::string& name);

// Holds a lock between processes for its lifetime. Does nothing if the file cannot be created.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int file_;
};

// The content of a file; nullopt if it cannot be read.
std::optional<std::string> ReadWhole(const std::filesystem::path& path);

// Writes a file atomically and durably: it is complete or unchanged, also after a power failure. By default
// only the owner may read it. Two processes must not write the same file without a FileLock.
absl::Status WriteDurably(const std::filesystem::path& path, std::string_view text, int mode = 0600);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONTEXT_STATE_FILE_H_
