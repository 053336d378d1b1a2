#include "services/cli/gate/exchange_gate.h"

#include <google/protobuf/util/json_util.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "google/rpc/code.pb.h"
#include "services/cli/gate/check_fields.h"

namespace idea::cli {
namespace {

using envoy::config::core::v3::HeaderValueOption;
using envoy::service::auth::v3::CheckRequest;
using envoy::service::auth::v3::CheckResponse;

// The headers that the gate sets: also on requests that are passed on, where it replaces those of the client.
constexpr char kVerdict[] = "x-idea-verdict";
constexpr char kReason[] = "x-idea-reason";
constexpr char kFiling[] = "x-idea-filing";
constexpr char kRevision[] = "x-idea-revision";
constexpr char kAsOf[] = "x-idea-as-of";

// "PERMITTED", "ELEMENT_NOT_COVERED": the name of an enum value without its prefix.
std::string ShortName(const std::string& name, size_t prefix) {
  return name.size() > prefix ? name.substr(prefix) : name;
}
std::string NameOf(v1::Verdict verdict) {
  return ShortName(v1::Verdict_Name(verdict), sizeof("VERDICT_") - 1);
}
std::string NameOf(v1::DenialReason reason) {
  return ShortName(v1::DenialReason_Name(reason), sizeof("DENIAL_REASON_") - 1);
}

std::string ReasonsOf(const v1::ExchangeDecision& decision) {
  std::set<std::string> names;
  for (const v1::Denial& denial : decision.denials()) names.insert(NameOf(denial.reason()));
  return absl::StrJoin(names, ",");
}

// The filing that permits, or those that do not.
std::string FilingsOf(const v1::ExchangeDecision& decision) {
  if (!decision.filing().empty()) return decision.filing();
  std::set<std::string> names;
  for (const v1::Denial& denial : decision.denials()) {
    if (!denial.filing().empty()) names.insert(denial.filing());
  }
  return absl::StrJoin(names, ",");
}

std::string TimeText(clock::Micros at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMicros(at), absl::UTCTimeZone());
}

std::string JsonOf(const v1::ExchangeDecision& decision) {
  // The conditions are unknown bytes until they are parsed.
  v1::ExchangeDecision whole;
  whole.ParseFromString(decision.SerializeAsString());
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(whole, &json, options).ok()) return "{}\n";
  return json + "\n";
}

template <class Response>
void SetHeader(Response& response, const char* name, const std::string& value) {
  if (value.empty()) return;
  HeaderValueOption& option = *response.add_headers();
  option.set_append_action(HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD);
  option.mutable_header()->set_key(name);
  option.mutable_header()->set_value(value);
}

HttpRequest RequestOf(const CheckRequest& check) {
  const auto& http = check.attributes().request().http();
  HttpRequest request{http.method(), http.host(), http.path(), {}};
  for (const auto& [name, value] : http.headers()) request.headers.emplace_back(name, value);
  for (const auto& header : http.header_map().headers()) {
    request.headers.emplace_back(header.key(),
                                 header.raw_value().empty() ? header.value() : header.raw_value());
  }
  return request;
}

CheckResponse Denied(google::rpc::Code code, int http, const char* verdict, const std::string& reason,
                     std::string body) {
  CheckResponse response;
  response.mutable_status()->set_code(code);
  response.mutable_status()->set_message(reason);
  auto& denied = *response.mutable_denied_response();
  denied.mutable_status()->set_code(static_cast<envoy::type::v3::StatusCode>(http));
  denied.set_body(std::move(body));
  SetHeader(denied, kVerdict, verdict);
  SetHeader(denied, kReason, reason);
  return response;
}

template <class Request, class Response>
rpc::LocalServer::Answer Method(std::function<absl::Status(const Request&, Response&)> work) {
  return [work = std::move(work)](const std::string& bytes, std::string& answer) {
    Request request;
    Response response;
    if (!request.ParseFromString(bytes)) {
      return status::Error(status::Reason::ERROR_REASON_MALFORMED_MESSAGE, "the request does not parse")
          .ToStatus();
    }
    RETURN_IF_ERROR(work(request, response));
    answer = response.SerializeAsString();
    return absl::OkStatus();
  };
}

}  // namespace

absl::Status ExchangeGate::Decide(const v1::CheckExchangeRequest& request, v1::ExchangeDecision& decision) {
  const absl::Status status = follower_.Decide(request, decision);
  Count(status.ok() ? decision.verdict() : v1::VERDICT_UNSPECIFIED);
  return status;
}

CheckResponse ExchangeGate::Authorize(const CheckRequest& request) {
  const auto check = CheckOf(config_.rules, RequestOf(request));
  v1::ExchangeDecision decision;
  absl::Status status = check.status();
  if (status.ok()) {
    status = Decide(*check, decision);
  } else {
    Count(v1::VERDICT_UNSPECIFIED);
  }
  if (absl::IsNotFound(status)) {
    return Denied(google::rpc::PERMISSION_DENIED, 403, "DENIED", "NO_RULE",
                  std::string(status.message()) + "\n");
  }
  if (!status.ok()) {
    return Denied(google::rpc::INVALID_ARGUMENT, 400, "DENIED", "INVALID_REQUEST",
                  std::string(status.message()) + "\n");
  }
  const std::string as_of = follower_.time() == 0 ? "" : TimeText(follower_.time());
  if (decision.verdict() == v1::VERDICT_PERMITTED) {
    CheckResponse response;
    response.mutable_status()->set_code(google::rpc::OK);
    auto& ok = *response.mutable_ok_response();
    SetHeader(ok, kVerdict, NameOf(decision.verdict()));
    SetHeader(ok, kFiling, decision.filing());
    SetHeader(ok, kRevision, decision.revision());
    SetHeader(ok, kAsOf, as_of);
    ok.add_headers_to_remove(kReason);
    return response;
  }
  const bool is_unknown = decision.verdict() == v1::VERDICT_DENIED_UNKNOWN;
  CheckResponse response =
      Denied(is_unknown ? google::rpc::UNAVAILABLE : google::rpc::PERMISSION_DENIED, is_unknown ? 503 : 403,
             is_unknown ? "DENIED_UNKNOWN" : "DENIED", ReasonsOf(decision), JsonOf(decision));
  SetHeader(*response.mutable_denied_response(), kFiling, FilingsOf(decision));
  SetHeader(*response.mutable_denied_response(), kAsOf, as_of);
  return response;
}

GateAnswer ExchangeGate::Get(const std::string& path, const std::string& query) {
  if (path == "/readyz") {
    const std::string why = follower_.Unready();
    return why.empty() ? GateAnswer{200, "ok\n"} : GateAnswer{503, why + "\n"};
  }
  if (path == "/metrics") return {200, MetricsText()};
  if (path != "/check") return {404, "GET /check, /readyz or /metrics\n"};
  const auto check = CheckOfQuery(query);
  v1::ExchangeDecision decision;
  const absl::Status status = check.ok() ? Decide(*check, decision) : check.status();
  if (!check.ok()) Count(v1::VERDICT_UNSPECIFIED);
  if (!status.ok()) return {400, std::string(status.message()) + "\n"};
  const int code = decision.verdict() == v1::VERDICT_PERMITTED        ? 200
                   : decision.verdict() == v1::VERDICT_DENIED_UNKNOWN ? 503
                                                                      : 403;
  return {code, JsonOf(decision), true};
}

std::string ExchangeGate::MetricsText() const {
  std::string text =
      "# HELP idea_gate_decisions_total Decisions by verdict; INVALID: requests that were denied because "
      "they are not well formed or no rule is for them\n# TYPE idea_gate_decisions_total counter\n";
  for (const v1::Verdict verdict :
       {v1::VERDICT_UNSPECIFIED, v1::VERDICT_PERMITTED, v1::VERDICT_DENIED, v1::VERDICT_DENIED_UNKNOWN}) {
    absl::StrAppend(&text, "idea_gate_decisions_total{verdict=\"",
                    verdict == v1::VERDICT_UNSPECIFIED ? "INVALID" : NameOf(verdict), "\"} ",
                    counts_[static_cast<size_t>(verdict)].load(), "\n");
  }
  absl::StrAppend(&text,
                  "# HELP idea_gate_fresh Whether the gate can decide\n# TYPE idea_gate_fresh gauge\n"
                  "idea_gate_fresh ",
                  follower_.IsFresh() ? 1 : 0,
                  "\n# HELP idea_gate_agreements Agreements in memory\n# TYPE idea_gate_agreements gauge\n"
                  "idea_gate_agreements ",
                  follower_.size(), "\n");
  return text;
}

std::map<std::string, rpc::LocalServer::Answer> ExchangeGate::Methods() {
  return {{"/envoy.service.auth.v3.Authorization/Check",
           Method<CheckRequest, CheckResponse>([this](const CheckRequest& request, CheckResponse& response) {
             response = Authorize(request);
             return absl::OkStatus();
           })},
          {"/idea.inventory.v1.ExchangeService/CheckExchange",
           Method<v1::CheckExchangeRequest, v1::CheckExchangeResponse>(
               [this](const v1::CheckExchangeRequest& request, v1::CheckExchangeResponse& response) {
                 return Decide(request, *response.mutable_decision());
               })}};
}

}  // namespace idea::cli
