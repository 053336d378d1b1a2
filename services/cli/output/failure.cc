#include "services/cli/output/failure.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "services/cli/output/error_text.h"
#include "services/cli/output/table.h"

namespace idea::cli {
namespace {

using google::protobuf::Message;
using google::rpc::Status;
using Json = nlohmann::ordered_json;

template <class Detail, class Print>
void ForEach(const Status& wire, Print print) {
  for (const auto& any : wire.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) print(detail);
  }
}

// The printed parts of an error.
struct Report {
  // "NOT_FOUND", and gRPC's code for an error of a server.
  std::string reason;
  std::string code;
  std::string message;
  ExitCode exit_code = kDone;
  // Field or subject, and the expected value or state.
  Notes violations;
  Notes metadata;
  std::string request_id;
  Notes notes;
  std::string fix;
};

Report ReportOf(const absl::Status& status) {
  Report report;
  report.code = absl::StatusCodeToString(status.code());
  report.message = InIdeactlsWords(OneLine(std::string(status.message())));
  report.request_id = status::RequestIdOf(status);
  const status::Reason reason = status::ReasonOf(status);
  if (reason == status::Reason::ERROR_REASON_UNSPECIFIED) {
    report.reason = report.code;
    return report;
  }
  report.reason = status::ReasonName(reason);
  const Status wire = status::ToWire(status);
  ForEach<google::rpc::BadRequest>(wire, [&](const auto& bad) {
    for (const auto& violation : bad.field_violations())
      report.violations.emplace_back(violation.field(), InIdeactlsWords(violation.description()));
  });
  ForEach<google::rpc::PreconditionFailure>(wire, [&](const auto& failure) {
    for (const auto& violation : failure.violations())
      report.violations.emplace_back(violation.subject(), InIdeactlsWords(violation.description()));
  });
  ForEach<google::rpc::RequestInfo>(wire, [&](const auto& info) { report.request_id = info.request_id(); });
  ForEach<google::rpc::ErrorInfo>(wire, [&](const auto& info) {
    const std::map<std::string, std::string> sorted(info.metadata().begin(), info.metadata().end());
    report.metadata.assign(sorted.begin(), sorted.end());
  });
  const auto* value = common::v1::ErrorReason_descriptor()->FindValueByNumber(reason);
  report.fix = InIdeactlsWords(value->options().GetExtension(common::v1::reason).fix());
  return report;
}

Json ObjectOf(const Notes& notes) {
  Json object = Json::object();
  for (const auto& [name, text] : notes) object[name] = text;
  return object;
}

void PrintJson(const Report& report, std::ostream& err) {
  Json error = {{"exitCode", report.exit_code}, {"reason", report.reason}};
  if (!report.code.empty()) error["code"] = report.code;
  error["message"] = report.message;
  error["violations"] = Json::array();
  for (const auto& [field, text] : report.violations)
    error["violations"].push_back({{"field", field}, {"description", text}});
  error["metadata"] = ObjectOf(report.metadata);
  if (!report.request_id.empty()) error["requestId"] = report.request_id;
  for (const auto& [name, text] : report.notes) error[name] = text;
  if (!report.fix.empty()) error["fix"] = report.fix;
  err << Json{{"error", error}}.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
}

void PrintText(const Report& report, std::ostream& err) {
  const auto line = [&](const std::string& name, const std::string& text) {
    err << "  " << OneLine(name) << ": " << OneLine(text) << "\n";
  };
  err << report.reason << ": " << OneLine(report.message) << "\n";
  for (const auto& [field, text] : report.violations) line(field, text);
  if (!report.request_id.empty()) line("request-id", report.request_id);
  for (const auto& [key, value] : report.metadata) line(key, value);
  if (!report.fix.empty()) line("fix", InPrintedWords(report.fix));
  for (const auto& [name, text] : report.notes) line(name, text);
}

void Print(const Report& report, Environment& env) {
  if (env.json_errors) {
    PrintJson(report, env.err);
  } else {
    PrintText(report, env.err);
  }
}

ExitCode ExitCodeOf(const inventory::v1::ExchangeDecision& decision) {
  switch (decision.verdict()) {
    case inventory::v1::VERDICT_PERMITTED:
      return kDone;
    case inventory::v1::VERDICT_DENIED:
      return kNo;
    default:
      return kUnknown;
  }
}

}  // namespace

const char kExitCodesHelp[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  internal or unknown error; exchange check: DENIED\n"
    "  2  wrong usage, or the server found the request invalid\n"
    "  3  not found\n"
    "  4  not allowed: certificate, token or role\n"
    "  5  the state of a resource does not allow it\n"
    "  6  try again: unavailable, overloaded or out of time (repeated within --timeout)\n"
    "  7  wait, or a stream with --limit, timed out\n"
    "  8  verify: a part differs from what was sealed, signed or logged; the log has shown two histories\n"
    "  9  exchange check: DENIED_UNKNOWN, ask again\n"
    " 10  no connection: the server's certificate is of an unknown authority\n"
    " 11  no connection: the server's certificate is for another name\n"
    " 12  no connection: a certificate has expired\n"
    " 13  no connection: refused\n"
    " 14  no connection: the host does not exist\n"
    " 15  no response within the deadline\n"
    " 16  no connection through the proxy of the environment\n"
    " 17  no connection: the server does not accept the client's certificate\n"
    " 18  an import was done with problems, which the response lists\n"
    " 19  verify --checkpoint: the bundle is genuine and outdated\n";

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

ExitCode ExitCodeOfAnswer(const Message& response) {
  ExitCode code = kDone;
  if (response.GetDescriptor() == inventory::v1::CheckExchangeResponse::descriptor()) {
    inventory::v1::CheckExchangeResponse check;
    check.CopyFrom(response);
    code = ExitCodeOf(check.decision());
  } else if (response.GetDescriptor() == inventory::v1::BatchCheckExchangeResponse::descriptor()) {
    inventory::v1::BatchCheckExchangeResponse checks;
    checks.CopyFrom(response);
    for (const auto& decision : checks.decisions()) code = std::max(code, ExitCodeOf(decision));
  }
  for (const char* name : {"problems", "unread"}) {
    const auto* field = response.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr && field->is_repeated() && response.GetReflection()->FieldSize(response, field) > 0)
      code = kProblems;
  }
  return code;
}

void PrintFailure(const absl::Status& status, ExitCode code, const Notes& notes, Environment& env,
                  const google::protobuf::Descriptor* request) {
  Report report = ReportOf(status);
  if (request != nullptr && !env.json_errors) {
    for (auto& [field, text] : report.violations) field = FlagOfPath(field, *request);
  }
  report.exit_code = code;
  report.notes = notes;
  Print(report, env);
}

void PrintTrouble(const std::string& reason, const std::string& text, ExitCode code, const Notes& notes,
                  Environment& env) {
  Report report;
  report.reason = reason;
  report.message = text;
  report.exit_code = code;
  report.notes = notes;
  Print(report, env);
}

ExitCode Complain(const std::string& text, ExitCode code, Environment& env) {
  if (env.json_errors) {
    PrintTrouble("USAGE", text, code, {}, env);
  } else {
    env.err << "ideactl: " << OneLine(text) << "\n";
  }
  return code;
}

ExitCode Misuse(const absl::Status& status, Environment& env) {
  return Complain(std::string(status.message()), kUsage, env);
}

}  // namespace idea::cli
