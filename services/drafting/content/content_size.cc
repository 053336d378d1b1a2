#include "services/drafting/content/content_size.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::drafting {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using status::Reason;

// The bytes of an escape in addition to the character: "&quot;", "\u003c".
constexpr size_t kEscape = 5;

size_t EscapesIn(const std::string& text) {
  const auto is_escaped = [](char c) {
    return std::string_view("&<>\"'\n").find(c) != std::string_view::npos;
  };
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), is_escaped));
}

size_t EscapesIn(const Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  size_t escapes = 0;
  for (const FieldDescriptor* field : fields) {
    const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!is_text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      escapes += is_text ? EscapesIn(reflection.GetString(message, field))
                         : EscapesIn(reflection.GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      escapes += is_text ? EscapesIn(reflection.GetRepeatedString(message, field, i))
                         : EscapesIn(reflection.GetRepeatedMessage(message, field, i));
    }
  }
  return escapes;
}

}  // namespace

size_t ContentSize(const v1::Content& content) {
  return content.ByteSizeLong() + kEscape * EscapesIn(content);
}

absl::Status CheckContentSize(const v1::Content& before, const v1::Content& after) {
  // Most contents are small enough without counting escapes.
  if (after.ByteSizeLong() * (1 + kEscape) <= kMaxContentSize) return absl::OkStatus();
  const size_t size = ContentSize(after);
  if (size <= kMaxContentSize || size < ContentSize(before)) return absl::OkStatus();
  const std::string path =
      "content." + validation::PathOfLargest(*v1::Content::descriptor(), after.SerializeAsString());
  return status::Error(Reason::ERROR_REASON_INVALID_FIELD, "the content is larger than " +
                                                               std::to_string(kMaxContentSize) + " bytes; " +
                                                               path + " is the largest part of it")
      .Field(path, "less: a content holds at most " + std::to_string(kMaxContentSize) + " bytes, not " +
                       std::to_string(size) + "; each & < > \" ' and line break counts as six");
}

}  // namespace idea::drafting
