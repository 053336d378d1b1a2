#ifndef IDEA_TESTS_SUPPORT_REFUSALS_H_
#define IDEA_TESTS_SUPPORT_REFUSALS_H_

#include <string>
#include <vector>

#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"

namespace idea::testing {

// The fields in an INVALID_FIELD refusal.
inline std::vector<std::string> FieldsOf(const absl::Status& refusal) {
  std::vector<std::string> fields;
  google::rpc::BadRequest bad;
  const google::rpc::Status wire = status::ToWire(refusal);
  for (const auto& detail : wire.details()) {
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

// The subjects of the preconditions in a refusal.
inline std::vector<std::string> PreconditionsOf(const absl::Status& refusal) {
  std::vector<std::string> subjects;
  google::rpc::PreconditionFailure failure;
  const google::rpc::Status wire = status::ToWire(refusal);
  for (const auto& detail : wire.details()) {
    if (!detail.UnpackTo(&failure)) continue;
    for (const auto& violation : failure.violations()) subjects.push_back(violation.subject());
  }
  return subjects;
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_REFUSALS_H_
