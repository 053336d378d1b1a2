#include "common/log/standard_error.h"

#include <cstdio>
#include <string>
#include <string_view>

#include "common/log/log.h"

namespace idea::log {
namespace {

constexpr size_t kMaxLength = size_t{16} * 1024;

// The C library calls it under the lock of the stream. The piece of a line that has not ended yet is in
// `cookie`.
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
    // There is no better place to write it to.
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

void TakeOverStandardError() {
  // Lives as long as the process.
  static auto* const line = new std::string;
  static FILE* const stream =
      fopencookie(line, "w", {.read = nullptr, .write = &Write, .seek = nullptr, .close = nullptr});
  if (stream == nullptr) return;
  std::setvbuf(stream, nullptr, _IONBF, 0);
  stderr = stream;
}

}  // namespace idea::log
