#include "services/cli/failure.h"

#include <sstream>

#include "common/status/status.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using status::Error;
using status::Reason;

std::string Printed(const absl::Status& status) {
  std::ostringstream err;
  PrintFailure(status, err);
  return err.str();
}

TEST(Failure, ShowsEachViolationTheMetadataAndTheFix) {
  const absl::Status status = Error(Reason::ERROR_REASON_INVALID_FIELD, "two fields are wrong")
                                  .Field("content.technical.data_elements", "at least one is wanted")
                                  .Field("digest", "64 hexadecimal digits")
                                  .With("second", "2")
                                  .With("first", "1");
  EXPECT_EQ(Printed(status),
            "INVALID_FIELD: two fields are wrong\n"
            "  content.technical.data_elements: at least one is wanted\n"
            "  digest: 64 hexadecimal digits\n"
            "  first: 1\n"
            "  second: 2\n"
            "  fix: Correct the fields that BadRequest.field_violations names.\n");
}

TEST(Failure, ShowsPreconditions) {
  const absl::Status status = Error(Reason::ERROR_REASON_INCOMPLETE, "the BUCP is not complete")
                                  .Precondition("GAP", "business_case", "a purpose is missing");
  EXPECT_EQ(Printed(status),
            "INCOMPLETE: the BUCP is not complete\n"
            "  business_case: a purpose is missing\n"
            "  fix: Fill in what PreconditionFailure.violations names; CheckCompleteness shows the same list "
            "at any time.\n");
}

TEST(Failure, WithoutAReasonShowsItsCode) {
  EXPECT_EQ(Printed(absl::InternalError("internal error")), "INTERNAL: internal error\n");
}

TEST(Failure, CannotDrawOnTheTerminal) {
  EXPECT_EQ(Printed(absl::InternalError("a\nb\x1b[2J")), "INTERNAL: a b?[2J\n");
}

TEST(ExitCodes, FollowTheCodeOfEveryStatus) {
  const std::pair<absl::StatusCode, ExitCode> cases[] = {
      {absl::StatusCode::kOk, kDone},
      {absl::StatusCode::kCancelled, kTryAgain},
      {absl::StatusCode::kUnknown, kInternal},
      {absl::StatusCode::kInvalidArgument, kUsage},
      {absl::StatusCode::kDeadlineExceeded, kTryAgain},
      {absl::StatusCode::kNotFound, kNotFound},
      {absl::StatusCode::kAlreadyExists, kState},
      {absl::StatusCode::kPermissionDenied, kDenied},
      {absl::StatusCode::kResourceExhausted, kTryAgain},
      {absl::StatusCode::kFailedPrecondition, kState},
      {absl::StatusCode::kAborted, kState},
      {absl::StatusCode::kOutOfRange, kUsage},
      {absl::StatusCode::kUnimplemented, kInternal},
      {absl::StatusCode::kInternal, kInternal},
      {absl::StatusCode::kUnavailable, kTryAgain},
      {absl::StatusCode::kDataLoss, kInternal},
      {absl::StatusCode::kUnauthenticated, kDenied},
  };
  for (const auto& [code, exit] : cases) EXPECT_EQ(ExitCodeOf(absl::Status(code, "x")), exit) << code;
}

}  // namespace
}  // namespace idea::cli
