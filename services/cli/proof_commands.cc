#include "services/cli/proof_commands.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/rpc/context.h"
#include "common/rpc/peer.h"
#include "common/transparency/policy.h"
#include "common/validation/validation.h"
#include "google/protobuf/util/time_util.h"
#include "services/cli/evidence.h"
#include "services/cli/log_walk.h"
#include "services/cli/register_bulk.h"
#include "services/cli/register_files.h"
#include "services/cli/witness.h"
#include "services/cli/witness_server.h"

namespace idea::cli {
namespace {

// Before a stream that broke is taken up again.
constexpr std::chrono::milliseconds kPause{1'000};

std::optional<std::string> ReadFile(const std::string& path, Surroundings& around) {
  std::ifstream file(path, std::ios::binary);
  if (file && !std::filesystem::is_directory(path)) {
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  Complain("cannot read " + path, kUsage, around);
  return std::nullopt;
}

ExitCode Report(const std::vector<Finding>& findings, const OutputStyle& style, Surroundings& around) {
  const bool proved = std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.holds; });
  if (IsForPrograms(style.format)) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Finding& f : findings) {
      list.push_back({{"subject", f.subject}, {"holds", f.holds}, {"text", OneLine(f.text)}});
    }
    PrintDocument({{"verified", proved}, {"findings", list}}, style, around.out);
  } else {
    std::vector<Row> rows;
    for (const Finding& f : findings) rows.push_back({f.subject, f.holds ? "ok" : "FAILED", OneLine(f.text)});
    PrintTable({"WHAT", "RESULT", "FOUND"}, rows, around.out, style.table);
    around.out << (proved ? "verified" : "NOT VERIFIED") << "\n";
  }
  return proved ? kDone : kNotProved;
}

ExitCode Fail(const absl::Status& status, Surroundings& around) {
  PrintFailure(status, ExitCodeOf(status), {}, around);
  return ExitCodeOf(status);
}

// What TrustFiles hold.
struct Trust {
  std::string keys;
  std::optional<transparency::Policy> policy;

  const transparency::Policy* PolicyOrNull() const { return policy ? &*policy : nullptr; }
};

std::optional<Trust> ReadTrust(const TrustFiles& files, Surroundings& around) {
  Trust trust;
  if (!files.policy.empty()) {
    const auto text = ReadFile(files.policy, around);
    if (!text) return std::nullopt;
    auto policy = transparency::Policy::Parse(*text);
    if (!policy.ok()) {
      around.err << "ideactl: " << files.policy << ": " << policy.status().message() << "\n";
      return std::nullopt;
    }
    trust.policy = std::move(*policy);
    trust.keys = trust.policy->LogVerifiers();
  }
  if (!files.keys.empty()) {
    const auto keys = ReadFile(files.keys, around);
    if (!keys) return std::nullopt;
    trust.keys = *keys;
  }
  if (!trust.keys.empty()) return trust;
  around.err
      << "ideactl: whose log is trusted? --key FILE with the log's public keys, or a --policy FILE that "
         "names the log\n";
  return std::nullopt;
}

Asker AskerOf(rpc::Peer& peer, const Target& target, const CallOptions& options) {
  return [&peer, &target, &options](const google::protobuf::Message& request,
                                    google::protobuf::Message* response) {
    return peer.Send(rpc::NewContext(options.timeout.value_or(kDefaultTimeout)), request, response,
                     target.token);
  };
}

// On a terminal one line that counts; elsewhere a line now and then.
Progress ProgressOn(Surroundings& around) {
  return [&around, shown = int64_t{0}](int64_t done, int64_t all) mutable {
    constexpr int64_t kLong = 10'000;
    if (around.err_is_terminal) {
      around.err << "\r" << done;
      if (all > 0) around.err << " of " << all << " (" << done * 100 / all << " %)";
      around.err << (done == all ? "\n" : "") << std::flush;
      return;
    }
    // How many there will be is not known.
    if (all == 0 && done % kLong == 0 && done > 0) around.err << done << "\n";
    // Every tenth part of a long work.
    if (all < kLong || done * 10 / all == shown) return;
    shown = done * 10 / all;
    around.err << shown * 10 << " % of " << all << "\n";
  };
}

}  // namespace

ExitCode MakeClaim(const review::v1::SignatureClaim& claim, const std::string& signing_key,
                   Surroundings& around) {
  if (const absl::Status status = validation::Validate(claim); !status.ok()) return Fail(status, around);
  const std::string payload = digest::CanonicalJson(claim);
  if (signing_key.empty()) {
    around.out << payload << std::flush;
    return kDone;
  }
  const auto key = ReadFile(signing_key, around);
  if (!key) return kUsage;
  const auto jws = auth::SignDetachedJws(payload, *key);
  if (jws.ok()) {
    around.out << *jws << "\n";
    return kDone;
  }
  return Complain(signing_key + ": " + std::string(jws.status().message()), kUsage, around);
}

ExitCode VerifyFile(const std::string& path, const TrustFiles& trusted, const OutputStyle& style,
                    Surroundings& around) {
  const auto trust = ReadTrust(trusted, around);
  const auto bundle = trust ? ReadFile(path, around) : std::nullopt;
  if (!bundle) return kUsage;
  return Report(VerifyEvidence(*bundle, trust->keys, trust->PolicyOrNull()), style, around);
}

ExitCode VerifyWholeLog(const Target& target, const TrustFiles& trusted, const std::string& earlier,
                        Sight sight, const CallOptions& options, Surroundings& around) {
  const auto trust = ReadTrust(trusted, around);
  if (!trust) return kUsage;
  std::string before;
  if (!earlier.empty() && std::filesystem::exists(earlier)) {
    const auto read = ReadFile(earlier, around);
    if (!read) return kUsage;
    before = *read;
  }
  rpc::Peer peer("inventory", target.address, {target.certificate, target.key, target.authority});
  const auto walk = VerifyLog(AskerOf(peer, target, options), trust->keys, before, sight, ProgressOn(around),
                              trust->PolicyOrNull());
  if (!walk.ok()) return Fail(walk.status(), around);
  const ExitCode code = Report(walk->findings, options.style, around);
  if (code != kDone) return code;
  if (earlier.empty()) {
    around.err << "nothing earlier to compare with: --earlier FILE keeps the checkpoint for the next time\n";
    return kDone;
  }
  std::ofstream file(earlier, std::ios::binary);
  file << walk->checkpoint;
  file.close();
  if (!file.fail()) return kDone;
  return Complain("cannot write " + earlier, kUsage, around);
}

ExitCode RunWitness(const Target* target, const WitnessOptions& witness, const CallOptions& options,
                    Surroundings& around) {
  const auto misuse = [&around](const absl::Status& status) {
    around.err << "ideactl: " << status.message() << "\n";
    return kUsage;
  };
  auto key =
      transparency::NoteSigner::Load(witness.signing_key, witness.name, transparency::KeyType::kCosignature);
  if (!key.ok()) return misuse(key.status());
  if (witness.print_key) {
    around.out << key->key().verifier() << std::endl;
    return kDone;
  }
  if (witness.log_keys.empty() || witness.state.empty()) {
    around.err << "ideactl: log witness wants --key FILE with the log's public keys and --state FOLDER\n";
    return kUsage;
  }
  const auto keys = ReadFile(witness.log_keys, around);
  if (!keys) return kUsage;
  const auto opened = Witness::Open(witness.state, std::move(*key), *keys);
  if (!opened.ok()) return misuse(opened.status());
  const auto now = [&around] { return around.clock.Now() / 1'000'000; };
  around.err << "witness " << (*opened)->key().verifier() << std::endl;
  if (target == nullptr) {
    const auto server = WitnessServer::Listen(witness.listen, **opened, now);
    if (!server.ok()) return misuse(server.status());
    around.err << "serving add-checkpoint at port " << (*server)->port() << std::endl;
    for (;;) around.pause(witness.interval);
  }
  rpc::Peer peer("inventory", target->address, {target->certificate, target->key, target->authority});
  const Asker ask = AskerOf(peer, *target, options);
  for (;;) {
    const auto done = WitnessOnce(ask, **opened, now());
    if (done.ok()) {
      around.out << *done << std::endl;
    } else if (absl::IsDataLoss(done.status())) {
      around.err << "ideactl: " << done.status().message() << "\n";
      return kNotProved;
    } else if (witness.once) {
      return Fail(done.status(), around);
    } else {
      Fail(done.status(), around);
    }
    if (witness.once) return kDone;
    around.pause(witness.interval);
  }
}

ExitCode WriteLog(const Target& target, const std::string& folder, const CallOptions& options,
                  Surroundings& around) {
  rpc::Peer peer("inventory", target.address, {target.certificate, target.key, target.authority});
  const auto size = ExportLog(AskerOf(peer, target, options), folder, ProgressOn(around));
  if (!size.ok()) return Fail(size.status(), around);
  around.err << "wrote " << *size << " entries to " << folder << "\n";
  return kDone;
}

ExitCode WriteRegister(const Target& inventory, const Target* registry, const std::string& path,
                       const CallOptions& options, Surroundings& around) {
  // Beside the file until it is whole: a page that many read is never half of one.
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::binary);
  rpc::Peer peer("inventory", inventory.address, {inventory.certificate, inventory.key, inventory.authority});
  const Asker ask = AskerOf(peer, inventory, options);
  absl::StatusOr<int64_t> count;
  if (registry == nullptr) {
    const Feed feed = [&](const inventory::v1::ExportFilingsRequest& request, const auto& take) {
      rpc::Context context = rpc::NewContext(options.timeout.value_or(kDefaultTimeout));
      if (!options.timeout) context.deadline = std::chrono::steady_clock::time_point::max();
      inventory::v1::ExportFilingsResponse scratch;
      return peer.Stream(
          context, request, &scratch,
          [&](const google::protobuf::Message&) {
            take(scratch);
            return true;
          },
          inventory.token);
    };
    const bool lines = path.ends_with(".jsonl");
    count = ExportFilings(feed, lines ? ExportForm::kJsonLines : ExportForm::kCsv, file, ProgressOn(around),
                          [&] { around.pause(kPause); });
  } else {
    rpc::Peer names_peer("registry", registry->address,
                         {registry->certificate, registry->key, registry->authority});
    const auto names = EntityNames(AskerOf(names_peer, *registry, options));
    if (!names.ok()) return Fail(names.status(), around);
    count = PublishFilings(ask, *names, around.clock.Now(), around.clock.zone(), file, ProgressOn(around));
  }
  if (!count.ok()) return Fail(count.status(), around);
  file.close();
  std::error_code error;
  if (!file.fail()) std::filesystem::rename(draft, path, error);
  if (file.fail() || error) {
    return Complain("cannot write " + path, kUsage, around);
  }
  around.err << "wrote " << path << " (" << *count << " filings)\n";
  return kDone;
}

ExitCode ReadRegister(const Target& inventory, const std::string& path, const std::string& source,
                      bool validate_only, const CallOptions& options, Surroundings& around) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    return Complain("cannot read " + path, kUsage, around);
  }
  rpc::Peer peer("inventory", inventory.address, {inventory.certificate, inventory.key, inventory.authority});
  const Conversation conversation = [&](const auto& next, const auto& take) {
    rpc::Context context = rpc::NewContext(options.timeout.value_or(kDefaultTimeout));
    if (!options.timeout) context.deadline = std::chrono::steady_clock::time_point::max();
    inventory::v1::ImportFilingsResponse scratch;
    return peer.Converse(
        context, next, &scratch, [&](const google::protobuf::Message&) { take(scratch); }, inventory.token);
  };
  const auto done = ImportFilings(conversation, file, source, validate_only, ProgressOn(around),
                                  [&] { around.pause(kPause); });
  if (around.err_is_terminal) around.err << "\n";
  if (!done.ok()) return Fail(done.status(), around);
  std::vector<Row> rows;
  for (const auto& refused : done->refusals) {
    rows.push_back(
        {std::to_string(refused.line()), refused.reference(), refused.field(), OneLine(refused.reason())});
  }
  if (!rows.empty())
    PrintTable({"LINE", "REFERENCE", "FIELD", "REFUSED"}, rows, around.out, options.style.table);
  around.err << (validate_only ? "would add " : "added ") << done->added << ", known " << done->known
             << ", refused " << rows.size() << "\n";
  return rows.empty() ? kDone : kUsage;
}

}  // namespace idea::cli
