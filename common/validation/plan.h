#ifndef IDEA_COMMON_VALIDATION_PLAN_H_
#define IDEA_COMMON_VALIDATION_PLAN_H_

#include <vector>

#include "google/protobuf/descriptor.h"
#include "idea/common/v1/options.pb.h"

namespace idea::validation {

struct Plan;

// Messages that have rules of their own.
enum class WellKnown { kNone, kTimestamp, kDate, kFieldMask, kAny };

// What is checked on one field; limits are filled in where the .proto leaves them at 0.
struct FieldPlan {
  const google::protobuf::FieldDescriptor* field;
  common::v1::FieldRule rule;
  bool required;
  const Plan* nested;  // of a message field
  // Of a FieldMask: the type that its paths are relative to, which is that of the field before it.
  const google::protobuf::Descriptor* masked = nullptr;
  // Texts that are UUIDs or resource names; the size of a page.
  bool holds_uuids = false, is_page_size = false;
};

// What is checked on one type of message.
struct Plan {
  WellKnown well_known = WellKnown::kNone;
  std::vector<FieldPlan> fields;  // those that are not OUTPUT_ONLY
  std::vector<const google::protobuf::FieldDescriptor*> output_only;
  const google::protobuf::FieldDescriptor* update_mask = nullptr;  // of an update (AIP-134)
  bool normalizes = true;  // whether Normalize() changes a field at any depth
};

// The plan of a type: made once, kept for the life of the program. Thread-safe. Throws std::logic_error for a
// FieldMask without a singular message field before it.
const Plan& PlanOf(const google::protobuf::Descriptor* type);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_PLAN_H_
