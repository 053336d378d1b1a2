#include "common/log/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "common/clock/clock.h"
#include "common/log/sink.h"

namespace idea::log {
namespace {

// The maximum delay of a line that is buffered.
constexpr std::chrono::milliseconds kWriteTimeout{100};

constexpr std::string_view kTime = "2026-01-01T00:00:00.000000Z";
constexpr std::string_view kBeforeTime = R"({"time":")";

std::atomic<Level> least{Level::kInfo};

std::string_view NameOf(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kWarn:
      return "warning";
    case Level::kError:
      return "error";
    default:
      return "info";
  }
}

// Signals of program faults, and their previous handlers.
constexpr std::array kFatal = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
std::array<struct sigaction, kFatal.size()> before;

// Standard error. Never destroyed: other code may log until the very end.
Sink* sink = nullptr;

void OnFatal(int signal, siginfo_t* info, void*) {
  sink->Rescue();
  sigaction(signal, &before[std::find(kFatal.begin(), kFatal.end(), signal) - kFatal.begin()], nullptr);
  // After this returns, a fault occurs again, but a signal that was sent does not.
  if (info->si_code <= 0) raise(signal);
}

// From the first line on, only SIGKILL can lose lines.
Sink& Open() {
  sink = new Sink(STDERR_FILENO, kWriteTimeout);
  std::atexit([] { sink->Close(); });
  struct sigaction action = {};
  action.sa_sigaction = OnFatal;
  action.sa_flags = SA_SIGINFO;
  for (size_t i = 0; i < kFatal.size(); ++i) sigaction(kFatal[i], &action, &before[i]);
  return *sink;
}

// The current time in the format kTime.
void WriteTime(char* to) {
  const clock::Micros now = clock::SystemClock().Now();
  thread_local std::time_t second = -1;
  thread_local std::array<char, kTime.size() + 1> text;
  if (now / clock::kSecond != second) {
    second = now / clock::kSecond;
    std::tm parts = {};
    gmtime_r(&second, &parts);
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000000Z", &parts);
  }
  std::memcpy(to, text.data(), kTime.size());
  auto micros = now % clock::kSecond;
  for (char* digit = to + kTime.size() - 2; micros > 0; --digit, micros /= 10) {
    *digit = static_cast<char>('0' + micros % 10);
  }
}

// Characters to escape: all except printable ASCII without quotation marks and backslashes.
constexpr std::array<bool, 256> kEscaped = [] {
  std::array<bool, 256> escaped{};
  for (size_t c = 0; c < escaped.size(); ++c) escaped[c] = c < ' ' || c >= 0x7f || c == '"' || c == '\\';
  return escaped;
}();

bool IsPlain(std::string_view text) {
  bool escaped = false;
  for (const char c : text) escaped |= kEscaped[static_cast<unsigned char>(c)];
  return !escaped;
}

}  // namespace

void SetLevel(std::string_view level) {
  least = level == "debug"   ? Level::kDebug
          : level == "warn"  ? Level::kWarn
          : level == "error" ? Level::kError
                             : Level::kInfo;
}

Line::Line(Level level, std::string_view message) : level_(level), written_(level >= least) {
  if (!written_) return;
  text_.reserve(room_.size() - 1);
  text_.append(kBeforeTime).append(kTime).append(R"(","level":")").append(NameOf(level)).append("\"");
  With("message", message);
}

Line::~Line() {
  if (!written_) return;
  text_ += "}\n";
  WriteTime(text_.data() + kBeforeTime.size());
  static Sink& opened = Open();
  opened.Write(text_, level_ == Level::kError);
}

// Keys are constants that need no escaping.
void Line::Begin(std::string_view key) { text_.append(",\"").append(key).append("\":"); }

Line& Line::With(std::string_view key, std::string_view value) {
  if (!written_ || value.empty()) return *this;
  Begin(key);
  if (IsPlain(value)) {
    text_.append("\"").append(value).append("\"");
  } else {
    text_ += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return *this;
}

Line& Line::With(std::string_view key, int64_t value) {
  if (!written_) return *this;
  Begin(key);
  text_ += std::to_string(value);
  return *this;
}

Line& Line::With(std::string_view key, double value) {
  if (!written_) return *this;
  Begin(key);
  char digits[32];
  text_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  return *this;
}

}  // namespace idea::log
