#include "common/log/standard_error.h"

#include <cstdio>
#include <string>
#include <string_view>

#include "common/log/log.h"

namespace idea::log {
namespace {

constexpr size_t kMaxLength = size_t{16} * 1024;

// Called by the C library under the lock of the stream. `cookie` holds the beginning of a line that has not
// ended yet.
ssize_t Write(void* cookie, const char* bytes, size_t size) noexcept {
  try {
    std::string& line = *static_cast<std::string*>(cookie);
    line.append(bytes, size);
    size_t end = 0;
    while ((end = line.find('\n')) != std::string::npos || line.size() > kMaxLength) {
      Line(Level::kWarn, "standard error").With("text", std::string_view(line).substr(0, end));
      line.erase(0, end == std::string::npos ? end : end + 1);
    }
  } catch (const std::exception&) {
    // Fall back to the original stream.
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

void TakeOverStandardError() {
  // Never destroyed.
  static auto* const line = new std::string;
  static FILE* const stream =
      fopencookie(line, "w", {.read = nullptr, .write = &Write, .seek = nullptr, .close = nullptr});
  if (stream == nullptr) return;
  std::setvbuf(stream, nullptr, _IONBF, 0);
  stderr = stream;
}

}  // namespace idea::log
