#include <string>

#include "common/ids/ids.h"
#include "common/validation/plan.h"
#include "common/validation/validation.h"

namespace idea::validation {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void LowerUuids(Message* message, const FieldDescriptor* field) {
  const auto& reflection = *message->GetReflection();
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection.GetStringReference(*message, field, &scratch);
    if (std::string lower = ids::LowerUuids(text); lower != text)
      reflection.SetString(message, field, std::move(lower));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
    const std::string& text = reflection.GetRepeatedStringReference(*message, field, i, &scratch);
    if (std::string lower = ids::LowerUuids(text); lower != text)
      reflection.SetRepeatedString(message, field, i, std::move(lower));
  }
}

void NormalizeIn(Message* message, const Plan& plan) {
  const auto& reflection = *message->GetReflection();
  for (const FieldDescriptor* field : plan.output_only) reflection.ClearField(message, field);
  for (const FieldPlan& field : plan.fields) {
    if (field.holds_uuids) {
      LowerUuids(message, field.field);
    } else if (field.is_page_size) {
      const auto most = static_cast<int32_t>(field.rule.max());
      if (reflection.GetInt32(*message, field.field) > most) reflection.SetInt32(message, field.field, most);
    } else if (field.nested == nullptr || !field.nested->normalizes) {
      continue;
    } else if (field.field->is_repeated()) {
      const int size = reflection.FieldSize(*message, field.field);
      for (int i = 0; i < size; ++i)
        NormalizeIn(reflection.MutableRepeatedMessage(message, field.field, i), *field.nested);
    } else if (reflection.HasField(*message, field.field)) {
      NormalizeIn(reflection.MutableMessage(message, field.field), *field.nested);
    }
  }
}

}  // namespace

void Normalize(Message* request) {
  const Plan& plan = PlanOf(request->GetDescriptor());
  if (plan.normalizes) NormalizeIn(request, plan);
}

}  // namespace idea::validation
