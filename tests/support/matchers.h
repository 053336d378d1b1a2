#ifndef IDEA_TESTS_SUPPORT_MATCHERS_H_
#define IDEA_TESTS_SUPPORT_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"

// Matchers for statuses: on the reason, never on the message.
namespace idea::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, negation ? "is a failure" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// FailsWith(status::Reason::ERROR_REASON_STALE_ETAG)
MATCHER_P(FailsWith, reason, "fails with " + status::ReasonName(reason)) {
  *result_listener << StatusOf(arg).ToString() << " " << status::ReasonName(StatusOf(arg));
  return !StatusOf(arg).ok() && status::ReasonOf(StatusOf(arg)) == reason;
}

// IsOkAndHolds(Eq(3))
MATCHER_P(IsOkAndHolds, inner, "is OK and holds a value that fits") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_MATCHERS_H_
