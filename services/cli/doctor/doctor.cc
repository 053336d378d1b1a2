#include "services/cli/doctor/doctor.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "common/config/version.h"
#include "common/rpc/certificates.h"
#include "common/status/status.h"
#include "google/protobuf/util/time_util.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/cli/arguments/name_completion.h"
#include "services/cli/call/calls.h"
#include "services/cli/call/connection_check.h"
#include "services/cli/command/suggestion.h"
#include "services/cli/context/token_claims.h"
#include "services/cli/doctor/health_command.h"
#include "services/cli/output/table.h"

namespace idea::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kCheckTimeout{5'000};
// A certificate or a token that expires within this time is reported as "soon".
constexpr clock::Micros kCertificateExpiryMargin = 14 * clock::kDay;
constexpr clock::Micros kTokenExpiryMargin = 600 * clock::kSecond;
// Servers accept a token's times within a minute.
constexpr clock::Micros kMaxClockSkew = 30 * clock::kSecond;

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class Doctor {
 public:
  Doctor(const Arguments& arguments, Environment& env)
      : arguments_(arguments), env_(env), options_(arguments.options) {
    options_.timeout = options_.timeout.value_or(kCheckTimeout);
    options_.retries = false;
  }

  ExitCode Run() {
    AddFinding("version", "ok", config::VersionLine("ideactl"));
    const auto context = ReadContextFile(FindContextFile(arguments_.context, env_.variables));
    if (!context.ok()) {
      AddFailure("context", std::string(context.status().message()), kUsage);
      return Print();
    }
    AddFinding("context", "ok",
               context->path.empty() ? "no file; everything comes from flags" : context->path);
    CheckProxies();
    std::map<std::string, std::string> endpoints = context->endpoints;
    if (!arguments_.overrides.endpoint.empty()) endpoints = {{"default", arguments_.overrides.endpoint}};
    if (endpoints.empty())
      AddFailure("endpoint", "none: give --endpoint, or a context file that names them", kUsage);
    for (const auto& [service, address] : endpoints) {
      const auto target = ResolveTarget(*context, arguments_.overrides, service);
      if (!target.ok()) {
        AddFailure(service, std::string(target.status().message()), kUsage);
        continue;
      }
      if (!checked_identity_) CheckIdentity(*target);
      CheckEndpoint(service, *target);
    }
    CheckDeadLetters(*context);
    CheckRoles(*context);
    CheckClock(*context);
    return Print();
  }

 private:
  void AddFinding(const std::string& what, const std::string& result, const std::string& found) {
    rows_.push_back({what, result, OneLine(found)});
  }
  void AddFailure(const std::string& what, const std::string& found, ExitCode code) {
    AddFinding(what, "FAILED", found);
    if (code_ == kDone) code_ = code;
  }

  void CheckProxies() {
    std::vector<std::string> found;
    for (const char* name : {"grpc_proxy", "https_proxy", "http_proxy", "no_grpc_proxy", "no_proxy"}) {
      const auto variable = env_.variables.find(name);
      if (variable != env_.variables.end() && !variable->second.empty())
        found.push_back(std::string(name) + "=" + variable->second);
    }
    AddFinding("proxy", "ok",
               found.empty() ? "none in the environment" : Listed(found) + "; not used for this machine");
  }

  // JSON has UTC.
  std::string TimeOf(clock::Micros time) const {
    const absl::Time at = absl::FromUnixMicros(time);
    return env_.json_errors ? absl::FormatTime("%Y-%m-%d %H:%M:%SZ", at, absl::UTCTimeZone()) : TimeText(at);
  }

  void CheckIdentity(const Target& target) {
    checked_identity_ = true;
    const clock::Micros now = env_.clock.Now();
    const std::string chain = ContentOf(target.certificate);
    const auto certificates = rpc::ReadCertificates(chain);
    if (!certificates.ok()) {
      AddFailure("certificate", target.certificate + " " + std::string(certificates.status().message()),
                 kCertificateRefused);
    } else {
      const auto& own = (*certificates)[0];
      const std::string whose = own.uris.empty() ? own.subject : Listed(own.uris);
      const std::string text = whose + ", until " + TimeOf(own.not_after);
      const absl::Status valid = rpc::CheckValidity(own, now);
      if (!valid.ok()) {
        AddFailure("certificate", whose + " " + std::string(valid.message()), kExpired);
      } else {
        AddFinding("certificate", own.not_after - now < kCertificateExpiryMargin ? "soon" : "ok", text);
      }
      const absl::Status key = rpc::CheckKey(chain, ContentOf(target.key));
      if (!key.ok()) AddFailure("key", target.key + ": " + std::string(key.message()), kCertificateRefused);
    }
    claims_ = ReadClaims(target.token);
    if (target.token.empty()) {
      AddFinding("token", "none",
                 "calls are the platform's own; a person's step needs --as DEPT/PERSON or --token-file");
    } else if (!claims_) {
      AddFailure("token", "it is not a JWT", kDenied);
    } else {
      const std::string text =
          claims_->subject + ", by " + claims_->issuer + ", until " + TimeOf(claims_->expires);
      if (claims_->expires < now) {
        AddFailure("token", text + ": it has expired, get a new one", kDenied);
      } else {
        AddFinding("token", claims_->expires - now < kTokenExpiryMargin ? "soon" : "ok", text);
      }
    }
  }

  void CheckEndpoint(const std::string& service, const Target& target) {
    const std::string what = "endpoint " + service;
    if (const auto trouble = FindConnectionTrouble(target, env_.variables, kCheckTimeout)) {
      return AddFailure(what, trouble->text, trouble->code);
    }
    const auto health = Sender("health", target, options_, env_).CheckHealth("");
    if (!health.ok())
      return AddFailure(what, target.address + ": " + std::string(health.status().message()),
                        ExitCodeOf(health.status()));
    reached_.insert(target.address);
    const std::string version = health->version.empty() ? "" : ", version " + health->version;
    const std::string text = target.address + " " + HealthText(*health) + version;
    if (!health->serving) return AddFailure(what, text, kTryAgain);
    AddFinding(what, "ok", text);
  }

  // The number of events that each service could not hand to a peer. Its health says it to a caller that may
  // list them.
  void CheckDeadLetters(const ContextFile& context) {
    // By the full name of the gRPC service.
    std::map<std::string, std::string> services;
    for (const Command& command : Commands())
      services[command.method->service()->full_name()] = command.service;
    for (const auto& [full_name, service] : services) {
      const auto target = ResolveTarget(context, arguments_.overrides, service);
      if (!target.ok() || !reached_.contains(target->address)) continue;
      const auto health = Sender("health", *target, options_, env_).CheckHealth(full_name);
      if (!health.ok() || health->dead_letters.empty()) continue;
      const bool none = health->dead_letters == "0";
      AddFinding("dead letters " + service, none ? "ok" : "warning",
                 none ? "none"
                      : health->dead_letters + ", see: ideactl events dead-letters list services/" + service);
    }
  }

  // Reads the person's roles from the registry.
  void CheckRoles(const ContextFile& context) {
    const auto target = ResolveTarget(context, arguments_.overrides, "registry");
    if (!claims_ || !target.ok()) return;
    const auto own = OwnEntity(*target);
    if (!own.ok()) return AddFailure("roles", std::string(own.status().message()), kDenied);
    registry::v1::ListContactsRequest request;
    request.set_parent(*own);
    registry::v1::ListContactsResponse response;
    Sender sender("registry", *target, options_, env_);
    const absl::Status status = FetchAll(sender, options_, request, response, env_);
    if (!status.ok()) return AddFailure("roles", std::string(status.message()), ExitCodeOf(status));
    for (const auto& contact : response.contacts()) {
      if (contact.person() != claims_->subject) continue;
      std::vector<std::string> roles;
      for (const int role : contact.roles())
        roles.push_back(ShortName(*common::v1::ContactRole_descriptor()->FindValueByNumber(role)));
      return AddFinding("roles", "ok", contact.display_name() + " of " + *own + ": " + Listed(roles));
    }
    AddFailure("roles", claims_->subject + " is not a contact of " + *own + ": ask its data coordinator",
               kDenied);
  }

  // Reads the server's time from a decision of the exchange check.
  void CheckClock(const ContextFile& context) {
    const auto target = ResolveTarget(context, arguments_.overrides, "inventory");
    const auto own = target.ok() ? OwnEntity(*target) : target.status();
    if (!own.ok()) return;
    inventory::v1::CheckExchangeRequest request;
    request.set_provider(*own);
    request.set_recipient(*own);
    request.add_data_elements("-");
    inventory::v1::CheckExchangeResponse response;
    Sender sender("inventory", *target, options_, env_);
    const clock::Micros before = env_.clock.Now();
    if (!sender.Send(request, &response).ok() || !response.decision().has_time()) {
      return AddFinding("clock", "unknown", "the server did not return its time");
    }
    const clock::Micros server =
        google::protobuf::util::TimeUtil::TimestampToMicroseconds(response.decision().time());
    const clock::Micros skew =
        server < before ? before - server : std::max<clock::Micros>(0, server - env_.clock.Now());
    const std::string text =
        "this machine's is " + std::to_string(skew / clock::kSecond) + " s from the server's";
    if (skew > kMaxClockSkew)
      return AddFailure("clock", text + ": set it, or tokens and certificates are refused", kExpired);
    AddFinding("clock", "ok", text);
  }

  ExitCode Print() {
    const OutputStyle& style = arguments_.options.style;
    if (arguments_.options.quiet) return code_;
    if (!IsForPrograms(style.format)) {
      PrintTable({"CHECK", "RESULT", "FOUND"}, rows_, env_.out, style.table);
      return code_;
    }
    Json list = Json::array();
    for (const Row& row : rows_) list.push_back({{"check", row[0]}, {"result", row[1]}, {"found", row[2]}});
    PrintDocument(list, style, env_.out);
    return code_;
  }

  const Arguments& arguments_;
  Environment& env_;
  CallOptions options_;
  std::optional<TokenClaims> claims_;
  bool checked_identity_ = false;
  // The addresses of servers that have answered.
  std::set<std::string> reached_;
  std::vector<Row> rows_;
  ExitCode code_ = kDone;
};

}  // namespace

ExitCode RunDoctor(const Arguments& arguments, Environment& env) { return Doctor(arguments, env).Run(); }

}  // namespace idea::cli
