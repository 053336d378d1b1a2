#include "common/redis/reply.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "common/redis/failure.h"

namespace idea::redis {
namespace {

constexpr char kKind[] = "idea.redis/kind";

// Kinds of errors that end when the server or its settings change.
constexpr std::array<std::string_view, 16> kUnavailable = {
    "LOADING",     "BUSY",   "OOM",    "MISCONF",   "READONLY", "MASTERDOWN", "NOREPLICAS", "TRYAGAIN",
    "CLUSTERDOWN", "NOAUTH", "NOPERM", "WRONGPASS", "MOVED",    "ASK",        "UNKILLABLE", "EXECABORT"};

// The first word: "READONLY" of "READONLY You can't write against a read only replica."
std::string FirstWord(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const bool is_kind =
      !word.empty() && word.size() <= 32 && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      });
  return is_kind ? std::string(word) : "ERR";
}

}  // namespace

absl::Status Failure(std::string_view kind, std::string_view text, absl::StatusCode code) {
  absl::Status status(code, "redis: " + std::string(text));
  status.SetPayload(kKind, absl::Cord(absl::string_view(kind.data(), kind.size())));
  return status;
}

absl::Status Failure(std::string_view kind, const absl::Status& cause) {
  return Failure(kind, std::string(cause.message()));
}

std::string KindOf(const absl::Status& status) {
  const auto kind = status.GetPayload(kKind);
  return kind.has_value() ? std::string(*kind) : "";
}

absl::Status StatusOf(const Reply& reply) {
  if (reply.kind != Reply::Kind::kError) return absl::OkStatus();
  const std::string_view text = reply.text;
  const std::string kind = FirstWord(text);
  if (kind == "NOGROUP" || text.starts_with("ERR no such key"))
    return Failure(kind, text.substr(0, 100), absl::StatusCode::kNotFound);
  if (std::find(kUnavailable.begin(), kUnavailable.end(), kind) != kUnavailable.end())
    return Failure(kind, kind);
  if (text.starts_with("ERR max number of clients")) return Failure("MAXCLIENTS", "it has too many clients");
  // The text before the first quotation mark is a constant of Redis.
  return Failure(kind, text.substr(0, std::min(text.find_first_of("'`\","), size_t{100})),
                 absl::StatusCode::kInternal);
}

}  // namespace idea::redis
