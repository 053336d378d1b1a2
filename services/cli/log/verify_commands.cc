#include "services/cli/log/verify_commands.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/rpc/peer_client.h"
#include "common/status/status.h"
#include "common/transparency/policy.h"
#include "common/transparency/proof_file.h"
#include "common/validation/validation.h"
#include "google/protobuf/util/json_util.h"
#include "idea/review/v1/review.pb.h"
#include "services/cli/arguments/name_completion.h"
#include "services/cli/call/command_io.h"
#include "services/cli/call/sender.h"
#include "services/cli/checkpoint/checkpoint_watch.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/log/evidence_freshness.h"
#include "services/cli/log/evidence_history.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_verification.h"
#include "services/cli/log/receipt_file.h"
#include "services/cli/log/trust.h"

namespace idea::cli {
namespace {

bool AllHold(const std::vector<Finding>& findings) {
  return std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.holds; });
}

Row RowOf(const Finding& f) { return {f.subject, f.holds ? "ok" : "FAILED", OneLine(f.text)}; }

nlohmann::ordered_json JsonOf(const std::vector<Finding>& findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& f : findings)
    list.push_back({{"subject", f.subject}, {"holds", f.holds}, {"text", OneLine(f.text)}});
  return {{"verified", AllHold(findings)}, {"findings", std::move(list)}};
}

void PrintFindings(const std::vector<Row>& rows, const std::string& result, const OutputStyle& style,
                   Environment& env) {
  PrintTable({"WHAT", "RESULT", "FOUND"}, rows, env.out, style.table);
  env.out << result << "\n";
}

std::string ResultOf(bool proved) { return proved ? "verified" : "NOT VERIFIED"; }

ExitCode Report(const std::vector<Finding>& findings, const OutputStyle& style, Environment& env) {
  const bool proved = AllHold(findings);
  if (IsForPrograms(style.format)) {
    PrintDocument(JsonOf(findings), style, env.out);
  } else {
    std::vector<Row> rows;
    for (const Finding& f : findings) rows.push_back(RowOf(f));
    PrintFindings(rows, ResultOf(proved), style, env);
  }
  return proved ? kDone : kNotProved;
}

// A verified bundle: how each signature is proved, and the state of the agreement.
ExitCode ReportVerified(const std::vector<Finding>& findings, const inventory::v1::Evidence& evidence,
                        const EvidenceState& state, const OutputStyle& style, Environment& env) {
  const bool is_refuted = state.freshness == Freshness::kForked || state.freshness == Freshness::kIncomplete;
  const bool is_fresh = state.freshness == Freshness::kCurrent || state.freshness == Freshness::kNotCompared;
  const ExitCode code = is_refuted ? kNotProved : is_fresh ? kDone : kOutdated;
  const std::set<std::string> with_key = SignaturesWithLoggedKey(evidence);
  if (IsForPrograms(style.format)) {
    nlohmann::ordered_json document = JsonOf(findings);
    document["verified"] = !is_refuted;
    nlohmann::ordered_json& freshness = document["freshness"];
    freshness = {
        {"result", NameOf(state.freshness)}, {"inForce", state.is_in_force}, {"checkpointSize", state.size}};
    if (state.time) {
      freshness["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *state.time, absl::UTCTimeZone());
      freshness["timeSource"] = state.time_source;
    }
    freshness["text"] = OneLine(state.text);
    document["signatures"] = nlohmann::ordered_json::array();
    for (const auto& signature : evidence.signatures()) {
      document["signatures"].push_back(
          {{"name", signature.name()},
           {"entity", signature.entity()},
           {"capacity", review::v1::Capacity_Name(signature.capacity())},
           {"proof", with_key.contains(signature.name()) ? "PERSONAL_KEY" : "PLATFORM"}});
    }
    PrintDocument(document, style, env.out);
    return code;
  }
  std::vector<Row> rows;
  for (const Finding& f : findings) rows.push_back(RowOf(f));
  rows.push_back({"freshness", is_fresh ? "ok" : NameOf(state.freshness), OneLine(state.text)});
  for (const auto& signature : evidence.signatures()) {
    const bool has_key = with_key.contains(signature.name());
    rows.push_back({signature.name(), has_key ? "key" : "platform",
                    signature.entity() + " as " + review::v1::Capacity_Name(signature.capacity()) +
                        (has_key ? ": signed with the person's key, which the log has"
                                 : ": the word of the department's platform, without a signature of a key "
                                   "that the log has")});
  }
  PrintFindings(rows,
                is_refuted ? ResultOf(false)
                : is_fresh ? ResultOf(true)
                           : "verified, but outdated",
                style, env);
  return code;
}

// Calls every service of the context with the identity of the command. Transient failures are repeated.
class SuiteCalls {
 public:
  SuiteCalls(const Arguments& arguments, Environment& env) : arguments_(arguments), env_(env) {}

  absl::Status Send(const google::protobuf::Message& request, google::protobuf::Message* response) {
    const std::string service(rpc::ServiceOf(request));
    auto found = connections_.find(service);
    if (found == connections_.end()) {
      ASSIGN_OR_RETURN(Target target, TargetOf(arguments_, service, env_));
      auto connection = std::make_unique<Connection>(std::move(target), service, arguments_.options, env_);
      found = connections_.emplace(service, std::move(connection)).first;
    }
    return found->second->sender.Send(request, response);
  }

 private:
  struct Connection {
    Connection(Target to, const std::string& service, const CallOptions& options, Environment& env)
        : target(std::move(to)), sender(service, target, options, env) {}
    const Target target;
    Sender sender;
  };
  const Arguments& arguments_;
  Environment& env_;
  std::map<std::string, std::unique_ptr<Connection>> connections_;
};

}  // namespace

ExitCode RunClaim(const Arguments& arguments, Environment& env) {
  review::v1::SignatureClaim claim;
  absl::Status status = FillRequest(arguments.flags, env.in, claim);
  if (status.ok()) status = CheckRequired(arguments.flags, *claim.GetDescriptor());
  if (!status.ok()) return Misuse(status, env);
  if (status = validation::Validate(claim); !status.ok()) return Fail(status, env);
  const std::string payload = digest::CanonicalJson(claim);
  if (arguments.signing_key.empty()) {
    env.out << payload << std::flush;
    return kDone;
  }
  const auto key = ReadFile(arguments.signing_key, env);
  if (!key) return kUsage;
  const auto jws = auth::SignDetachedJws(payload, *key);
  if (jws.ok()) {
    env.out << *jws << "\n";
    return kDone;
  }
  return Complain(arguments.signing_key + ": " + std::string(jws.status().message()), kUsage, env);
}

ExitCode RunVerify(const Arguments& arguments, Environment& env) {
  const auto trust = ReadTrust(arguments, env);
  const auto bundle = trust ? ReadFile(arguments.path, env) : std::nullopt;
  if (!bundle) return kUsage;
  std::optional<GivenCheckpoint> given;
  if (!arguments.checkpoint.empty()) {
    const auto note = ReadFile(arguments.checkpoint, env);
    if (!note) return kUsage;
    given = {*note, std::filesystem::path(arguments.checkpoint).parent_path()};
  }
  if (bundle->starts_with(transparency::kProofHeader)) {
    if (given || !arguments.timestamp.empty())
      return Complain(
          "--checkpoint and --timestamp are for an evidence bundle: a receipt does not say whether the "
          "agreement is in force",
          kUsage, env);
    return Report(VerifyReceipt(*bundle, trust->keys, trust->PolicyOrNull()), arguments.options.style, env);
  }
  std::vector<Finding> findings = VerifyEvidence(*bundle, trust->keys, trust->PolicyOrNull());
  if (!AllHold(findings)) return Report(findings, arguments.options.style, env);
  inventory::v1::Evidence evidence;
  if (!google::protobuf::util::JsonStringToMessage(*bundle, &evidence).ok())
    return Fail(absl::InternalError("a verified bundle cannot be parsed"), env);
  const auto state = StateOf(evidence, transparency::VerifiersFor(trust->keys, evidence.checkpoint()),
                             trust->PolicyOrNull(), given, env.clock.zone());
  if (!state.ok())
    return Complain(arguments.checkpoint + ": " + std::string(state.status().message()), kUsage, env);
  if (!arguments.timestamp.empty()) {
    const auto token = ReadFile(arguments.timestamp, env);
    if (!token) return kUsage;
    findings.push_back(
        CheckTimestamp(given ? given->note : evidence.checkpoint(), *token, *trust->authorities));
    if (!findings.back().holds) return Report(findings, arguments.options.style, env);
  }
  CheckpointWatch checkpoints(arguments, env, /*may_call=*/false);
  checkpoints.ObserveNote(evidence.checkpoint());
  if (given) checkpoints.ObserveNote(given->note);
  return checkpoints.CodeOr(ReportVerified(findings, evidence, *state, arguments.options.style, env));
}

ExitCode RunLogVerify(const Arguments& arguments, Environment& env) {
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  const auto trust = ReadTrust(arguments, env);
  if (!trust) return kUsage;
  std::string before;
  if (!arguments.earlier.empty() && std::filesystem::exists(arguments.earlier)) {
    const auto read = ReadFile(arguments.earlier, env);
    if (!read) return kUsage;
    before = *read;
  }
  SuiteCalls calls(arguments, env);
  const CallFunction call = [&calls](const google::protobuf::Message& request,
                                     google::protobuf::Message* response) {
    return calls.Send(request, response);
  };
  const Visibility visibility = arguments.own ? Visibility::kOwn : Visibility::kAll;
  RecordVerification records(call, visibility, OwnEntity(*target).value_or(""),
                             [&env](int64_t read) { env.err << read << " records read" << std::endl; });
  const auto verified = VerifyLog(call, trust->keys, before, visibility, ProgressOn(env),
                                  trust->PolicyOrNull(), &records, env.pause, trust->AuthoritiesOrNull());
  if (!verified.ok()) return Fail(verified.status(), env);
  CheckpointWatch checkpoints(arguments, env);
  checkpoints.ObserveNote(verified->checkpoint);
  const ExitCode code = checkpoints.CodeOr(Report(verified->findings, arguments.options.style, env));
  if (code != kDone) return code;
  if (arguments.earlier.empty()) {
    env.err
        << "no earlier checkpoint to compare with: give --earlier FILE to keep this one for the next run\n";
    return kDone;
  }
  std::ofstream file(arguments.earlier, std::ios::binary);
  file << verified->checkpoint;
  file.close();
  if (!file.fail()) return kDone;
  return Complain("cannot write " + arguments.earlier, kUsage, env);
}

}  // namespace idea::cli
