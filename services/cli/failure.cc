#include "services/cli/failure.h"

#include <map>

#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "services/cli/output.h"

namespace idea::cli {
namespace {

using google::rpc::Status;

template <class Detail, class Print>
void ForEach(const Status& wire, Print print) {
  for (const auto& any : wire.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) print(detail);
  }
}

void PrintLine(std::ostream& err, const std::string& name, const std::string& text) {
  err << "  " << OneLine(name) << ": " << OneLine(text) << "\n";
}

void PrintDetails(const Status& wire, std::ostream& err) {
  ForEach<google::rpc::BadRequest>(wire, [&](const auto& bad) {
    for (const auto& violation : bad.field_violations())
      PrintLine(err, violation.field(), violation.description());
  });
  ForEach<google::rpc::PreconditionFailure>(wire, [&](const auto& failure) {
    for (const auto& violation : failure.violations())
      PrintLine(err, violation.subject(), violation.description());
  });
  ForEach<google::rpc::RequestInfo>(
      wire, [&](const auto& info) { PrintLine(err, "request-id", info.request_id()); });
  ForEach<google::rpc::ErrorInfo>(wire, [&](const auto& info) {
    const std::map<std::string, std::string> sorted(info.metadata().begin(), info.metadata().end());
    for (const auto& [key, value] : sorted) PrintLine(err, key, value);
  });
}

}  // namespace

const char kExitCodesHelp[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  internal or unknown error\n"
    "  2  wrong usage, or the server found the request invalid\n"
    "  3  not found\n"
    "  4  not allowed: certificate, token or role\n"
    "  5  the state of things does not allow it\n"
    "  6  try again: unavailable, overloaded or out of time\n"
    "  7  what was waited for did not come in time\n"
    "  8  verify: something is not as it was sealed, signed or logged\n"
    " 10  no connection: the server's certificate is of an unknown authority\n"
    " 11  no connection: the server's certificate is for another name\n"
    " 12  no connection: a certificate has expired\n"
    " 13  no connection: refused\n"
    " 14  no connection: no such host\n"
    " 15  no answer within the deadline\n"
    " 16  no connection through the proxy of the environment\n"
    " 17  no connection: the server does not accept the client's certificate\n";

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kUsage;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kDenied;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kState;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:  // ideactl cancels nothing whose status it shows
      return kTryAgain;
    default:
      return kInternal;
  }
}

void PrintFailure(const absl::Status& status, std::ostream& err) {
  const status::Reason reason = status::ReasonOf(status);
  if (reason == status::Reason::ERROR_REASON_UNSPECIFIED) {
    err << absl::StatusCodeToString(status.code()) << ": " << OneLine(std::string(status.message())) << "\n";
    if (const std::string id = status::RequestIdOf(status); !id.empty()) PrintLine(err, "request-id", id);
    return;
  }
  err << status::ReasonName(reason) << ": " << OneLine(std::string(status.message())) << "\n";
  PrintDetails(status::ToWire(status), err);
  const auto* value = common::v1::ErrorReason_descriptor()->FindValueByNumber(reason);
  PrintLine(err, "fix", value->options().GetExtension(common::v1::reason).fix());
}

}  // namespace idea::cli
