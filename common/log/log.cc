#include "common/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace idea::log {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& Logger() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("idea", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

// Whether JSON has it as it is: printable ASCII without quotation marks and backslashes, as nearly everything
// is.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

struct Line::Fields {
  // The members, comma separated, without the braces: the pattern has them.
  std::string text;

  // Keys are ours: nothing in them has to be escaped.
  void Begin(std::string_view key) {
    text += text.empty() ? "\"" : ",\"";
    text += key;
    text += "\":";
  }
  void Add(std::string_view key, std::string_view value) {
    Begin(key);
    if (IsPlain(value)) {
      text += '"';
      text += value;
      text += '"';
    } else {
      text += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
  }
};

void SetLevel(std::string_view level) { Logger().set_level(spdlog::level::from_str(std::string(level))); }

Line::Line(Level level, std::string_view message) : level_(level) {
  if (!Logger().should_log(ToSpdlog(level))) return;
  fields_ = std::make_unique<Fields>();
  fields_->text.reserve(512);
  fields_->Add("message", message);
}

Line::~Line() {
  if (fields_ != nullptr) Logger().log(ToSpdlog(level_), spdlog::string_view_t(fields_->text));
}

Line& Line::With(std::string_view key, std::string_view value) {
  if (fields_ != nullptr && !value.empty()) fields_->Add(key, value);
  return *this;
}

Line& Line::With(std::string_view key, int64_t value) {
  if (fields_ == nullptr) return *this;
  fields_->Begin(key);
  fields_->text += std::to_string(value);
  return *this;
}

Line& Line::With(std::string_view key, double value) {
  if (fields_ == nullptr) return *this;
  fields_->Begin(key);
  char digits[32];
  fields_->text.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  return *this;
}

}  // namespace idea::log
