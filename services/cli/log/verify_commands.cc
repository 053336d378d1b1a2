#include "services/cli/log/verify_commands.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/rpc/peer.h"
#include "common/transparency/policy.h"
#include "common/validation/validation.h"
#include "idea/review/v1/review.pb.h"
#include "services/cli/call/command_io.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_verification.h"

namespace idea::cli {
namespace {

ExitCode Report(const std::vector<Finding>& findings, const OutputStyle& style, Environment& env) {
  const bool proved = std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.holds; });
  if (IsForPrograms(style.format)) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Finding& f : findings) {
      list.push_back({{"subject", f.subject}, {"holds", f.holds}, {"text", OneLine(f.text)}});
    }
    PrintDocument({{"verified", proved}, {"findings", list}}, style, env.out);
  } else {
    std::vector<Row> rows;
    for (const Finding& f : findings) rows.push_back({f.subject, f.holds ? "ok" : "FAILED", OneLine(f.text)});
    PrintTable({"WHAT", "RESULT", "FOUND"}, rows, env.out, style.table);
    env.out << (proved ? "verified" : "NOT VERIFIED") << "\n";
  }
  return proved ? kDone : kNotProved;
}

// The content of --key and --policy.
struct Trust {
  std::string keys;
  std::optional<transparency::Policy> policy;

  const transparency::Policy* PolicyOrNull() const { return policy ? &*policy : nullptr; }
};

std::optional<Trust> ReadTrust(const Arguments& arguments, Environment& env) {
  Trust trust;
  if (!arguments.policy.empty()) {
    const auto text = ReadFile(arguments.policy, env);
    if (!text) return std::nullopt;
    auto policy = transparency::Policy::Parse(*text);
    if (!policy.ok()) {
      Complain(arguments.policy + ": " + std::string(policy.status().message()), kUsage, env);
      return std::nullopt;
    }
    trust.policy = std::move(*policy);
    trust.keys = trust.policy->LogVerifiers();
  }
  if (!arguments.log_key.empty()) {
    const auto keys = ReadFile(arguments.log_key, env);
    if (!keys) return std::nullopt;
    trust.keys = *keys;
  }
  if (!trust.keys.empty()) return trust;
  Complain(
      "give --key FILE with the public keys of the log that you trust, or --policy FILE that names the log",
      kUsage, env);
  return std::nullopt;
}

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
  return Report(VerifyEvidence(*bundle, trust->keys, trust->PolicyOrNull()), arguments.options.style, env);
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
  rpc::Peer peer("inventory", target->address, {target->certificate, target->key, target->authority});
  const auto verified =
      VerifyLog(CallFunctionOf(peer, *target, arguments.options), trust->keys, before,
                arguments.own ? Visibility::kOwn : Visibility::kAll, ProgressOn(env), trust->PolicyOrNull());
  if (!verified.ok()) return Fail(verified.status(), env);
  const ExitCode code = Report(verified->findings, arguments.options.style, env);
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
