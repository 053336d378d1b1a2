#include <gmock/gmock.h>

#include <map>

#include "common/status/status.h"
#include "google/rpc/code.pb.h"
#include "tests/services/cli/ideactl_fixture.h"

namespace idea::cli {
namespace {

using status::Reason;
using ::testing::HasSubstr;
using testing::Ideactl;
using ::testing::StartsWith;

// The exit code of each status code of a reason, as documented in --help.
const std::map<google::rpc::Code, ExitCode>& ExitCodes() {
  static const std::map<google::rpc::Code, ExitCode> codes = {
      {google::rpc::INVALID_ARGUMENT, kUsage},
      {google::rpc::OUT_OF_RANGE, kUsage},
      {google::rpc::NOT_FOUND, kNotFound},
      {google::rpc::UNAUTHENTICATED, kDenied},
      {google::rpc::PERMISSION_DENIED, kDenied},
      {google::rpc::FAILED_PRECONDITION, kState},
      {google::rpc::ABORTED, kState},
      {google::rpc::ALREADY_EXISTS, kState},
      {google::rpc::UNAVAILABLE, kTryAgain},
      {google::rpc::RESOURCE_EXHAUSTED, kTryAgain},
      {google::rpc::DEADLINE_EXCEEDED, kTryAgain},
      {google::rpc::CANCELLED, kTryAgain},
      {google::rpc::UNIMPLEMENTED, kInternal},
      {google::rpc::INTERNAL, kInternal},
      {google::rpc::DATA_LOSS, kInternal},
  };
  return codes;
}

TEST_F(Ideactl, ReturnsTheExitCodeOfEveryReason) {
  Reason reason = {};
  Serve([&](const testing::Received&) { return testing::Reply{{}, status::Error(reason, "no")}; });
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    reason = static_cast<Reason>(reasons->value(i)->number());
    const std::string name(status::ReasonName(reason));
    const auto expected =
        ExitCodes().find(reasons->value(i)->options().GetExtension(common::v1::reason).code());
    ASSERT_NE(expected, ExitCodes().end()) << name << " has a code without an exit code";
    EXPECT_EQ(Run({"entities", "list"}), expected->second) << name << ": " << err_;
    EXPECT_THAT(err_, StartsWith(name + ": no\n"));
    EXPECT_THAT(err_, HasSubstr("  fix: "));
    EXPECT_EQ(out_, "");
  }
}

}  // namespace
}  // namespace idea::cli
