#include "common/server/level_file.h"

#include <array>
#include <fstream>
#include <utility>

#include "common/config/config.h"
#include "common/log/log.h"

namespace idea::server {
namespace {

constexpr config::Setting kLevel{"IDEA_LOG_LEVEL_FILE", "", "", config::Form::kLogLevel};

// The first word of the file, cut if it is longer than any level.
std::string FirstWord(const std::string& path) {
  std::array<char, 64> bytes{};
  std::ifstream(path).read(bytes.data(), bytes.size() - 1);
  const std::string text(bytes.data());
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

LevelFile::LevelFile(std::string fallback, std::string path)
    : fallback_(std::move(fallback)), path_(std::move(path)) {}

absl::Status LevelFile::Apply() {
  std::string level = path_.empty() ? "" : FirstWord(path_);
  if (level.empty()) level = fallback_;
  if (const std::string wanted = config::Expected(kLevel, level); !wanted.empty()) {
    const std::string text = "IDEA_LOG_LEVEL_FILE: " + path_ + " wants " + wanted;
    if (std::exchange(refused_, level) != level) log::Line(log::Level::kWarn, text);
    return absl::InvalidArgumentError(text);
  }
  refused_.clear();
  if (level == current_) return absl::OkStatus();
  if (!current_.empty()) {
    // Logged at every level, because operators look for the time of the change.
    log::SetLevel("info");
    log::Line(log::Level::kInfo, "the log level was changed").With("log_level", level);
  }
  log::SetLevel(level);
  current_ = level;
  return absl::OkStatus();
}

}  // namespace idea::server
