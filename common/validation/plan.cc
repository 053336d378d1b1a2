#include "common/validation/plan.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/field_mask.pb.h"

namespace idea::validation {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Plans = std::unordered_map<const Descriptor*, std::unique_ptr<Plan>>;

bool Behaves(const FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

WellKnown WellKnownOf(const Descriptor* type) {
  const std::string_view name = type->full_name();
  if (name == "google.protobuf.Timestamp") return WellKnown::kTimestamp;
  if (name == "google.type.Date") return WellKnown::kDate;
  if (name == "google.protobuf.FieldMask") return WellKnown::kFieldMask;
  if (name == "google.protobuf.Any") return WellKnown::kAny;
  return WellKnown::kNone;
}

common::v1::FieldRule RuleOf(const FieldDescriptor* field) {
  common::v1::FieldRule rule = field->options().GetExtension(common::v1::rule);
  if (rule.max_length() == 0) rule.set_max_length(1000);
  if (rule.max_items() == 0) rule.set_max_items(100);
  return rule;
}

const Descriptor* MaskedBy(const FieldDescriptor* field) {
  if (field->message_type() != google::protobuf::FieldMask::descriptor()) return nullptr;
  const FieldDescriptor* before =
      field->index() == 0 ? nullptr : field->containing_type()->field(field->index() - 1);
  if (before == nullptr || before->is_repeated() || before->message_type() == nullptr)
    throw std::logic_error(field->full_name() + ": the resource that it masks does not stand before it");
  return before->message_type();
}

Plan* Make(const Descriptor* type, Plans& plans);

void AddFields(const Descriptor* type, Plans& plans, Plan* plan) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (Behaves(field, google::api::OUTPUT_ONLY)) {
      plan->output_only.push_back(field);
      continue;
    }
    const Plan* nested = field->message_type() == nullptr ? nullptr : Make(field->message_type(), plans);
    FieldPlan& added = plan->fields.emplace_back(
        FieldPlan{field, RuleOf(field), Behaves(field, google::api::REQUIRED), nested, MaskedBy(field)});
    added.holds_uuids =
        added.rule.format() == common::v1::TEXT_FORMAT_UUID4 || !added.rule.resource().empty();
    added.is_page_size = field->name() == "page_size" && added.rule.max() > 0;
  }
}

Plan* Make(const Descriptor* type, Plans& plans) {
  auto& plan = plans[type];
  if (plan != nullptr) return plan.get();
  Plan* made = (plan = std::make_unique<Plan>()).get();
  made->well_known = WellKnownOf(type);
  if (made->well_known == WellKnown::kNone) AddFields(type, plans, made);
  const FieldDescriptor* mask = type->FindFieldByName("update_mask");
  if (mask != nullptr && mask->message_type() == google::protobuf::FieldMask::descriptor())
    made->update_mask = mask;
  made->normalizes = !made->output_only.empty() ||
                     std::any_of(made->fields.begin(), made->fields.end(), [](const FieldPlan& field) {
                       return field.holds_uuids || field.is_page_size ||
                              (field.nested != nullptr && field.nested->normalizes);
                     });
  return made;
}

}  // namespace

const Plan& PlanOf(const Descriptor* type) {
  // Cached per thread, so that reading takes no lock.
  thread_local std::unordered_map<const Descriptor*, const Plan*> known;
  const Plan*& plan = known[type];
  if (plan == nullptr) {
    static std::mutex& mutex = *new std::mutex;
    static Plans& plans = *new Plans;
    const std::lock_guard lock(mutex);
    plan = Make(type, plans);
  }
  return *plan;
}

}  // namespace idea::validation
