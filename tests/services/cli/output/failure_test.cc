#include "services/cli/output/failure.h"

#include <sstream>

#include "common/status/status.h"
#include "google/protobuf/text_format.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "services/cli/output/error_text.h"
#include "tests/services/cli/test_environment.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using status::Error;
using status::Reason;

std::string Printed(const absl::Status& status, bool json = false,
                    const google::protobuf::Descriptor* request = nullptr) {
  testing::TestEnvironment run;
  run.env.json_errors = json;
  PrintFailure(status, ExitCodeOf(status), {{"endpoint", "localhost:1"}}, run.env, request);
  return run.err.str();
}

TEST(Failure, ShowsEachViolationTheMetadataAndTheFix) {
  const absl::Status status = Error(Reason::ERROR_REASON_INVALID_FIELD, "two fields are wrong")
                                  .Field("content.technical.data_elements", "at least one is expected")
                                  .Field("digest", "64 hexadecimal digits")
                                  .With("second", "2")
                                  .With("first", "1");
  EXPECT_EQ(Printed(status),
            "INVALID_FIELD: two fields are wrong\n"
            "  content.technical.data_elements: at least one is expected\n"
            "  digest: 64 hexadecimal digits\n"
            "  first: 1\n"
            "  second: 2\n"
            "  fix: Correct the fields that are named above.\n"
            "  endpoint: localhost:1\n");
}

TEST(Failure, NamesCommandsAndFlags) {
  const absl::Status status =
      Error(Reason::ERROR_REASON_INVALID_FIELD, "call SendBucp. Or OpenRouting, which peers call")
          .Field("section_etags.technical", "expected what GetBucp returns")
          .Field("no_field", "x");
  EXPECT_THAT(
      Printed(status, false, drafting::v1::UpdateBucpRequest::descriptor()),
      ::testing::StartsWith("INVALID_FIELD: call `ideactl bucps send`. Or OpenRouting, which peers call\n"
                            "  --section-etags technical: expected what `ideactl bucps get` returns\n"
                            "  no_field: x\n"));
}

// Users of ideactl may not have this repository.
TEST(Fixes, NameNoDocument) {
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const std::string& fix = reasons->value(i)->options().GetExtension(common::v1::reason).fix();
    EXPECT_FALSE(fix.empty()) << reasons->value(i)->name();
    for (const char* document : {"docs/", ".md", "README"})
      EXPECT_EQ(fix.find(document), std::string::npos) << fix;
    // What ideactl prints names its lines and flags.
    for (const char* wire :
         {"etadata", "BadRequest", "PreconditionFailure", "RetryInfo", "JWT", "request_id"})
      EXPECT_THAT(InPrintedWords(InIdeactlsWords(fix)), ::testing::Not(::testing::HasSubstr(wire)));
  }
}

TEST(Failure, IsJsonForPrograms) {
  const absl::Status status =
      Error(Reason::ERROR_REASON_INVALID_FIELD, "wrong").Field("digest", "64 digits").With("key", "v");
  const auto json =
      nlohmann::json::parse(Printed(status, true, drafting::v1::UnfreezeBucpRequest::descriptor()));
  const auto& error = json["error"];
  EXPECT_EQ(error["exitCode"], kUsage);
  EXPECT_EQ(error["reason"], "INVALID_FIELD");
  EXPECT_EQ(error["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(error["message"], "wrong");
  EXPECT_EQ(error["violations"][0]["field"], "digest");
  EXPECT_EQ(error["metadata"]["key"], "v");
  EXPECT_EQ(error["endpoint"], "localhost:1");
  EXPECT_FALSE(error["fix"].empty());
}

TEST(ExitCodes, ShowWhetherDataMayBeSent) {
  const auto code_of = [](const char* text) {
    inventory::v1::BatchCheckExchangeResponse batch;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &batch));
    if (batch.decisions_size() == 1) {
      inventory::v1::CheckExchangeResponse check;
      *check.mutable_decision() = batch.decisions(0);
      EXPECT_EQ(ExitCodeOfAnswer(check), ExitCodeOfAnswer(batch));
    }
    return ExitCodeOfAnswer(batch);
  };
  EXPECT_EQ(code_of("decisions { verdict: VERDICT_PERMITTED }"), 0);
  EXPECT_EQ(code_of("decisions { verdict: VERDICT_DENIED }"), 1);
  EXPECT_EQ(code_of("decisions { verdict: VERDICT_DENIED_UNKNOWN }"), 9);
  EXPECT_EQ(code_of("decisions { }"), 9) << "a verdict of a later release is not a permission";
  EXPECT_EQ(code_of("decisions { verdict: VERDICT_PERMITTED } decisions { verdict: VERDICT_DENIED }"), 1);
  EXPECT_EQ(code_of("decisions { verdict: VERDICT_DENIED_UNKNOWN } decisions { verdict: VERDICT_DENIED }"),
            9);
  EXPECT_EQ(ExitCodeOfAnswer(drafting::v1::SendBucpResponse()), 0);
}

TEST(Failure, ShowsPreconditions) {
  const absl::Status status = Error(Reason::ERROR_REASON_INCOMPLETE, "the BUCP is not complete")
                                  .Precondition("GAP", "business_case", "a purpose is missing");
  EXPECT_EQ(Printed(status),
            "INCOMPLETE: the BUCP is not complete\n"
            "  business_case: a purpose is missing\n"
            "  fix: Fill in the fields above. `ideactl bucps check` returns the "
            "same list.\n"
            "  endpoint: localhost:1\n");
}

TEST(Failure, WithoutAReasonShowsItsCode) {
  EXPECT_EQ(Printed(absl::InternalError("internal error")),
            "INTERNAL: internal error\n  endpoint: localhost:1\n");
}

TEST(Failure, PrintsNoControlCharacters) {
  EXPECT_EQ(Printed(absl::InternalError("a\nb\x1b[2J")), "INTERNAL: a b?[2J\n  endpoint: localhost:1\n");
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
