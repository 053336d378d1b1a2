#ifndef IDEA_COMMON_LOG_LOG_H_
#define IDEA_COMMON_LOG_LOG_H_

#include <array>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>

// One JSON object a line on standard error: {"time":"...","level":"info","message":"call",...}. Lines are
// written many at once, an error and those before it at once, any other within a tenth of a second, and all
// when the process ends, also by a fault of its own.
namespace idea::log {

// "debug", "info", "warn" or "error": what is less is not written.
void SetLevel(std::string_view level);

enum class Level { kDebug, kInfo, kWarn, kError };

// One line, handed over when the object ends:
//   log::Line(log::Level::kInfo, "call").With("method", path).With("ms", 3);
class Line {
 public:
  Line(Level level, std::string_view message);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Empty texts are left out.
  Line& With(std::string_view key, std::string_view value);
  Line& With(std::string_view key, const char* value) { return With(key, std::string_view(value)); }
  Line& With(std::string_view key, int64_t value);
  Line& With(std::string_view key, double value);

 private:
  void Begin(std::string_view key);
  const Level level_;
  const bool written_;
  // Without asking the heap, as long as the line is of the usual length.
  std::array<char, 1024> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::string text_{&memory_};
};

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_LOG_H_
