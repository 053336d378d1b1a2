#include "services/cli/command/skeleton.h"

#include <algorithm>
#include <set>

#include "google/api/field_behavior.pb.h"
#include "idea/common/v1/options.pb.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/proto_comments.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

// Whether a caller sets the field: not the server, and not ideactl.
bool IsForCallers(const FieldDescriptor& field) {
  static const std::set<std::string>& own =
      *new std::set<std::string>{"request_id", "validate_only", "page_token", "etag"};
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) return false;
  }
  return !own.contains(field.name());
}

Json Skeleton(const Descriptor& message, std::set<const Descriptor*> above);

Json ValueOf(const FieldDescriptor& field, const std::set<const Descriptor*>& above) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return false;
    case FieldDescriptor::CPPTYPE_ENUM:
      return ShortName(*field.enum_type()->value(std::min(1, field.enum_type()->value_count() - 1)));
    case FieldDescriptor::CPPTYPE_STRING:
      return PlaceholderOf(field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      return std::max<int64_t>(0, field.options().GetExtension(common::v1::rule).min());
  }
  const std::string& type = field.message_type()->full_name();
  if (type == "google.type.Date") return "2026-07-01";
  if (type == "google.protobuf.Timestamp") return "2026-07-01T12:00:00Z";
  if (type == "google.protobuf.Duration") return "3.5s";
  if (type == "google.protobuf.FieldMask") return "*";
  return Skeleton(*field.message_type(), above);
}

Json Skeleton(const Descriptor& message, std::set<const Descriptor*> above) {
  Json json = Json::object();
  if (!above.insert(&message).second) return json;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const auto* alternatives = field.real_containing_oneof();
    if (!IsForCallers(field) || (alternatives != nullptr && alternatives->field(0) != &field)) continue;
    if (field.type() == FieldDescriptor::TYPE_BYTES ||
        (field.message_type() != nullptr && above.contains(field.message_type())))
      continue;
    const Json value = ValueOf(field, above);
    json[field.json_name()] = field.is_repeated() ? Json::array({value}) : value;
  }
  return json;
}

}  // namespace

Json SkeletonOf(const Descriptor& message) { return Skeleton(message, {}); }

std::string PlaceholderOf(const FieldDescriptor& field) {
  const common::v1::FieldRule& rule = field.options().GetExtension(common::v1::rule);
  if (!rule.resource().empty()) {
    std::string name;
    for (const char c : rule.resource()) name += c == '*' ? std::string("{id}") : std::string(1, c);
    return name;
  }
  switch (rule.format()) {
    case common::v1::TEXT_FORMAT_EMAIL:
      return "<e-mail address>";
    case common::v1::TEXT_FORMAT_SHA256:
      return "<SHA-256 in 64 hexadecimal digits>";
    case common::v1::TEXT_FORMAT_UUID4:
      return "<random UUID>";
    default:
      break;
  }
  const std::string summary = SummaryOf(field.full_name());
  return "<" + (summary.empty() ? field.name() : summary) + ">";
}

}  // namespace idea::cli
