#include "common/rpc/context.h"

#include "common/ids/ids.h"

namespace idea::rpc {
namespace {

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "00-<32 hex>-<16 hex>-<2 hex>", version 00 of W3C trace context.
bool IsTraceparent(std::string_view text) {
  return text.size() == 55 && text.substr(0, 3) == "00-" && text[35] == '-' && text[52] == '-' &&
         IsHex(text.substr(3, 32)) && IsHex(text.substr(36, 16)) && IsHex(text.substr(53)) &&
         text.substr(3, 32) != std::string(32, '0') && text.substr(36, 16) != std::string(16, '0');
}

}  // namespace

Context NewContext(std::chrono::milliseconds timeout) {
  return {ids::NewUuid(), ChildTrace(""), std::chrono::system_clock::now() + timeout};
}

std::string ChildTrace(const std::string& traceparent) {
  if (!IsTraceparent(traceparent)) return "00-" + ids::RandomHex(16) + "-" + ids::RandomHex(8) + "-01";
  return traceparent.substr(0, 36) + ids::RandomHex(8) + traceparent.substr(52);
}

}  // namespace idea::rpc
