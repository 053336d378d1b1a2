#include "common/status/trailer_limit.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"

namespace idea::status {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kCut = "...";

// The length of the UTF-8 sequence at the start of `text` (RFC 3629); 0 if it is not valid.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0, surrogate = first == 0xed && byte(1) > 0x9f;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90, too_high = first == 0xf4 && byte(1) > 0x8f;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

// The size of a character in grpc-message, which is percent-encoded.
size_t EncodedSize(std::string_view character) {
  const char c = character[0];
  return character.size() == 1 && c >= ' ' && c <= '~' && c != '%' ? 1 : 3 * character.size();
}

// The longest prefix of `text`, with "..." if it is cut, whose size is at most `limit`.
template <class Size>
std::string CutTo(const std::string& text, size_t limit, const Size& size) {
  size_t used = 0, fits = 0;
  for (size_t at = 0; at < text.size();) {
    const std::string_view character = std::string_view(text).substr(at, SequenceLength(text.substr(at, 4)));
    used += size(character);
    if (used > limit) return text.substr(0, fits) + std::string(kCut);
    at += character.size();
    if (used + kCut.size() <= limit) fits = at;
  }
  return text;
}

std::string Text(const std::string& text, size_t limit) {
  // A text that is far too long need not be read to its end.
  return CutTo(ToUtf8(std::string_view(text).substr(0, 2 * limit + 4)), limit,
               [](std::string_view character) { return character.size(); });
}

// The number in a text of AndMore(); 0 for another text.
size_t CountIn(const std::string& text) {
  size_t count = 0;
  return std::sscanf(text.c_str(), "and %zu more", &count) == 1 && text == AndMore(count) ? count : 0;
}

// Cuts the violations of a detail to `room` bytes. The last one says how many are missing.
template <class Violations, class More>
void CutViolations(Violations& violations, size_t room, const More& more) {
  constexpr size_t kOverhead = 4, kMoreSize = 48;
  size_t used = 0;
  int fit = 0;
  for (; fit < violations.size(); ++fit) {
    const size_t size = violations[fit].ByteSizeLong() + kOverhead;
    const bool last = fit + 1 == violations.size();
    if (used + size + (last ? 0 : kMoreSize) > room) break;
    used += size;
  }
  const int cut = violations.size() - fit;
  if (cut == 0) return;
  // The last violation may already give a number of omitted ones.
  const size_t beside = CountIn(violations[violations.size() - 1].description());
  const size_t missing = static_cast<size_t>(cut) + (beside == 0 ? 0 : beside - 1);
  violations.DeleteSubrange(fit, cut);
  more(*violations.Add(), AndMore(missing));
}

void Limit(google::rpc::ErrorInfo& info, size_t room) {
  google::protobuf::Map<std::string, std::string> metadata;
  // In a fixed order, so that equal refusals are cut equally.
  std::vector<std::string> keys;
  for (const auto& entry : info.metadata()) keys.push_back(entry.first);
  std::sort(keys.begin(), keys.end());
  size_t used = 0;
  for (const std::string& key : keys) {
    std::string name = Text(key, kMaxDetailKey), value = Text(info.metadata().at(key), kMaxDetailText);
    used += name.size() + value.size() + 8;
    if (used > room) break;
    metadata[name] = std::move(value);
  }
  info.mutable_metadata()->swap(metadata);
}

void Limit(google::rpc::BadRequest& bad, size_t room) {
  for (auto& violation : *bad.mutable_field_violations()) {
    violation.set_field(Text(violation.field(), kMaxDetailField));
    violation.set_description(Text(violation.description(), kMaxDetailText));
  }
  CutViolations(*bad.mutable_field_violations(), room,
                [](auto& violation, const std::string& text) { violation.set_description(text); });
}

void Limit(google::rpc::PreconditionFailure& failure, size_t room) {
  for (auto& violation : *failure.mutable_violations()) {
    violation.set_type(Text(violation.type(), kMaxDetailField));
    violation.set_subject(Text(violation.subject(), kMaxDetailField));
    violation.set_description(Text(violation.description(), kMaxDetailText));
  }
  CutViolations(*failure.mutable_violations(), room,
                [](auto& violation, const std::string& text) { violation.set_description(text); });
}

// Limits the detail of type T. All details share `room`.
template <class T>
void LimitDetail(google::rpc::Status& status, size_t room) {
  for (auto& any : *status.mutable_details()) {
    T detail;
    if (!any.Is<T>() || !any.UnpackTo(&detail)) continue;
    Limit(detail, room);
    any.PackFrom(detail);
  }
}

}  // namespace

std::string ToUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = SequenceLength(text.substr(at, 4));
    out += length == 0 ? kReplacement : text.substr(at, length);
    at += std::max<size_t>(length, 1);
  }
  return out;
}

std::string AndMore(size_t count) { return "and " + std::to_string(count) + " more"; }

void FitIntoTrailers(google::rpc::Status& status) {
  const std::string message = ToUtf8(std::string_view(status.message()).substr(0, 2 * kMaxEncodedMessage));
  status.set_message(CutTo(message, kMaxEncodedMessage, EncodedSize));
  // ErrorInfo comes first; the lists get the rest.
  LimitDetail<google::rpc::ErrorInfo>(status, kMaxDetails / 3);
  size_t lists = 0, rest = status.message().size();
  for (const auto& any : status.details()) {
    const bool list = any.Is<google::rpc::BadRequest>() || any.Is<google::rpc::PreconditionFailure>();
    if (list) ++lists;
    rest += any.type_url().size() + 16 + (list ? 0 : any.value().size());
  }
  if (lists == 0) return;
  const size_t room = (kMaxDetails - std::min(rest, kMaxDetails)) / lists;
  LimitDetail<google::rpc::BadRequest>(status, room);
  LimitDetail<google::rpc::PreconditionFailure>(status, room);
}

}  // namespace idea::status
