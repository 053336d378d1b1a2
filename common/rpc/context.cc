#include "common/rpc/context.h"

#include <algorithm>

#include "common/ids/ids.h"

namespace idea::rpc {
namespace {

// A call that may take longer has no deadline.
constexpr std::chrono::hours kMaxDeadline{24 * 365};

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// "00-<32 hex>-<16 hex>-<2 hex>", version 00 of W3C trace context.
bool IsTraceparent(std::string_view text) {
  return text.size() == 55 && text.substr(0, 3) == "00-" && text[35] == '-' && text[52] == '-' &&
         IsHex(text.substr(3, 32)) && IsHex(text.substr(36, 16)) && IsHex(text.substr(53)) &&
         !IsZero(text.substr(3, 32)) && !IsZero(text.substr(36, 16));
}

bool IsRequestId(const std::string& id) {
  return !id.empty() && id.size() <= 100 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::string RequestIdOf(const std::string& sent) { return IsRequestId(sent) ? sent : ids::NewUuid(); }

std::chrono::steady_clock::time_point ToSteady(std::chrono::system_clock::time_point deadline) {
  const auto left = deadline - std::chrono::system_clock::now();
  if (left > kMaxDeadline) return std::chrono::steady_clock::time_point::max();
  return std::chrono::steady_clock::now() + left;
}

std::chrono::system_clock::time_point ToSystem(std::chrono::steady_clock::time_point deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  if (left > kMaxDeadline) return std::chrono::system_clock::time_point::max();
  return std::chrono::system_clock::now() + left;
}

Context NewContext(std::chrono::milliseconds timeout) {
  return {ids::NewUuid(), ChildTrace(""), std::chrono::steady_clock::now() + timeout};
}

std::string ChildTrace(const std::string& traceparent) {
  constexpr size_t kTrace = 3, kSpan = 36;
  const bool follows = IsTraceparent(traceparent);
  std::string child = follows ? traceparent : "00-00000000000000000000000000000000-0000000000000000-01";
  if (!follows) ids::WriteRandomHex(child.data() + kTrace, 32);
  ids::WriteRandomHex(child.data() + kSpan, 16);
  return child;
}

}  // namespace idea::rpc
