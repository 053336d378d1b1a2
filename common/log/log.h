#ifndef IDEA_COMMON_LOG_LOG_H_
#define IDEA_COMMON_LOG_LOG_H_

#include <array>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>

// Writes one JSON object per line to standard error: {"time":"...","level":"info","message":"call",...}.
// Lines are buffered for up to 0.1 s. An error flushes all lines at once, and so does the end of the process,
// also by a crash.
namespace idea::log {

// "debug", "info", "warn" or "error". Lower levels are not written.
void SetLevel(std::string_view level);

enum class Level { kDebug, kInfo, kWarn, kError };

// A line, which is written when the object is destroyed:
//   log::Line(log::Level::kInfo, "call").With("method", path).With("ms", 3);
class Line {
 public:
  Line(Level level, std::string_view message);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Empty texts are omitted.
  Line& With(std::string_view key, std::string_view value);
  Line& With(std::string_view key, const char* value) { return With(key, std::string_view(value)); }
  Line& With(std::string_view key, int64_t value);
  Line& With(std::string_view key, double value);

 private:
  void Begin(std::string_view key);
  const Level level_;
  const bool written_;
  // Avoids heap allocation for lines of the usual length.
  std::array<char, 1024> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::string text_{&memory_};
};

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_LOG_H_
