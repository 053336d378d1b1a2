#include "common/validation/field_mask.h"

#include <algorithm>
#include <string>

#include "common/status/status.h"
#include "common/validation/plan.h"
#include "google/protobuf/util/field_mask_util.h"

namespace idea::validation {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;

// The first field of a path, and the rest after the dot; `ends` if there is no dot.
struct Head {
  const FieldDescriptor* field;
  bool ends;
  std::string_view rest;
};

Head HeadOf(const Descriptor& type, std::string_view path) {
  const size_t dot = path.find('.');
  const bool ends = dot == std::string_view::npos;
  return {type.FindFieldByName(std::string(path.substr(0, dot))), ends, ends ? "" : path.substr(dot + 1)};
}

bool LeadsFurther(const FieldDescriptor& field) {
  return !field.is_repeated() && field.message_type() != nullptr &&
         PlanOf(field.message_type()).well_known == WellKnown::kNone;
}

bool Has(const Message& message, const FieldDescriptor* field) {
  const auto& reflection = *message.GetReflection();
  return field->is_repeated() ? reflection.FieldSize(message, field) > 0
                              : reflection.HasField(message, field);
}

bool HasPath(const Message& message, std::string_view path) {
  const Head head = HeadOf(*message.GetDescriptor(), path);
  if (head.ends) return Has(message, head.field);
  return HasPath(message.GetReflection()->GetMessage(message, head.field), head.rest);
}

void ReplaceField(const Message& from, const FieldDescriptor* field, Message* to) {
  FieldMaskUtil::MergeOptions replace;
  replace.set_replace_message_fields(true);
  replace.set_replace_repeated_fields(true);
  FieldMask mask;
  mask.add_paths(field->name());
  FieldMaskUtil::MergeMessageTo(from, mask, replace, to);
}

void ReplacePath(const Message& from, std::string_view path, Message* to) {
  const Head head = HeadOf(*to->GetDescriptor(), path);
  if (head.ends) return ReplaceField(from, head.field, to);
  const Message& inner = from.GetReflection()->GetMessage(from, head.field);
  if (!Has(*to, head.field) && !HasPath(inner, head.rest)) return;
  ReplacePath(inner, head.rest, to->GetReflection()->MutableMessage(to, head.field));
}

}  // namespace

bool IsFieldPath(const Descriptor& type, std::string_view path) {
  const Head head = HeadOf(type, path);
  if (head.field == nullptr) return false;
  return head.ends || (LeadsFurther(*head.field) && IsFieldPath(*head.field->message_type(), head.rest));
}

absl::StatusOr<FieldMask> ChangeableFields(const FieldMask& mask,
                                           std::span<const std::string_view> changeable) {
  FieldMask every;
  for (const std::string_view path : changeable) every.add_paths(std::string(path));
  for (const std::string& path : mask.paths()) {
    if (path == "*") return every;
    if (std::find(changeable.begin(), changeable.end(), path) != changeable.end()) continue;
    return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD,
                         "update_mask: an update cannot change " + path)
        .Field("update_mask", "paths among " + FieldMaskUtil::ToString(every) + "; not \"" + path + '"');
  }
  return mask;
}

void ReplaceFields(const Message& from, const FieldMask& mask, Message* to) {
  for (const std::string& path : mask.paths()) {
    if (path != "*") {
      ReplacePath(from, path, to);
      continue;
    }
    for (const FieldPlan& plan : PlanOf(to->GetDescriptor()).fields) ReplaceField(from, plan.field, to);
  }
}

}  // namespace idea::validation
