#ifndef IDEA_TESTS_COMMON_VALIDATION_VIOLATIONS_H_
#define IDEA_TESTS_COMMON_VALIDATION_VIOLATIONS_H_

#include <string>
#include <vector>

#include "common/validation/validation.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/matchers.h"

namespace idea::validation {

using Lines = std::vector<std::string>;

// "path: expected form", one violation per line.
inline Lines ViolationsOf(const absl::Status& status) {
  Lines lines;
  const google::rpc::Status wire = status::ToWire(status);
  for (const auto& detail : wire.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      lines.push_back(violation.field() + ": " + violation.description());
    }
  }
  return lines;
}

// The violations of a message.
inline Lines Check(const google::protobuf::Message& message) {
  const absl::Status status = Validate(message);
  EXPECT_THAT(status, ::testing::AnyOf(idea::testing::IsOk(),
                                       idea::testing::FailsWith(status::Reason::ERROR_REASON_INVALID_FIELD)));
  return ViolationsOf(status);
}

}  // namespace idea::validation

#endif  // IDEA_TESTS_COMMON_VALIDATION_VIOLATIONS_H_
