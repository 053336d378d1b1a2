#ifndef IDEA_COMMON_LOG_LOG_H_
#define IDEA_COMMON_LOG_LOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// One JSON object a line on standard error: {"time":"...","level":"info","message":"call",...}.
namespace idea::log {

// "debug", "info", "warn" or "error": what is less is not written.
void SetLevel(std::string_view level);

enum class Level { kDebug, kInfo, kWarn, kError };

// One line, written when the object ends:
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
  struct Fields;
  Level level_;
  std::unique_ptr<Fields> fields_;
};

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_LOG_H_
