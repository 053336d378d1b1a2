#include "services/cli/context/state_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace idea::cli {

std::string StatePath(const Variables& variables, const std::string& name) {
  const auto value = [&](const char* variable) {
    const auto found = variables.find(variable);
    return found == variables.end() ? std::string() : found->second;
  };
  if (const std::string state = value("XDG_STATE_HOME"); !state.empty()) return state + "/ideactl/" + name;
  const std::string home = value("HOME");
  return home.empty() ? "" : home + "/.local/state/ideactl/" + name;
}

FileLock::FileLock(const std::filesystem::path& path)
    : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (file_ >= 0) flock(file_, LOCK_EX);
}

FileLock::~FileLock() {
  if (file_ >= 0) close(file_);
}

std::optional<std::string> ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

absl::Status WriteDurably(const std::filesystem::path& path, std::string_view text, int mode) {
  const std::string draft = path.string() + ".new";
  const auto fail = [&path] { return absl::InternalError("cannot write " + path.string()); };
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return fail();
  bool written = true;
  for (size_t at = 0; written && at < text.size();) {
    const ssize_t size = write(file, text.data() + at, text.size() - at);
    written = size > 0;
    if (written) at += static_cast<size_t>(size);
  }
  written = written && fsync(file) == 0;
  if (close(file) != 0 || !written || rename(draft.c_str(), path.c_str()) != 0) return fail();
  const int folder = open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) close(folder);
  return synced ? absl::OkStatus() : fail();
}

}  // namespace idea::cli
