#ifndef IDEA_COMMON_VALIDATION_PLAN_H_
#define IDEA_COMMON_VALIDATION_PLAN_H_

#include <vector>

#include "google/protobuf/descriptor.h"
#include "idea/common/v1/options.pb.h"

namespace idea::validation {

struct Plan;

// Message types with special rules.
enum class WellKnown { kNone, kTimestamp, kDate, kFieldMask, kAny };

// The checks of one field. Limits have the default where the .proto has 0.
struct FieldPlan {
  const google::protobuf::FieldDescriptor* field;
  common::v1::FieldRule rule;
  bool required;
  const Plan* nested;  // for a message field
  // For a FieldMask: the type of the field before it, which its paths are relative to.
  const google::protobuf::Descriptor* masked = nullptr;
  // Texts that are UUIDs or resource names, and page sizes.
  bool holds_uuids = false, is_page_size = false;
};

// The checks of one message type.
struct Plan {
  WellKnown well_known = WellKnown::kNone;
  std::vector<FieldPlan> fields;  // those that are not OUTPUT_ONLY
  std::vector<const google::protobuf::FieldDescriptor*> output_only;
  const google::protobuf::FieldDescriptor* update_mask = nullptr;  // for an update (AIP-134)
  bool normalizes = true;  // whether Normalize() changes a field at any depth
};

// The plan of a type, created once and never destroyed. Thread-safe. Throws std::logic_error for a FieldMask
// without a singular message field before it.
const Plan& PlanOf(const google::protobuf::Descriptor* type);

}  // namespace idea::validation

#endif  // IDEA_COMMON_VALIDATION_PLAN_H_
