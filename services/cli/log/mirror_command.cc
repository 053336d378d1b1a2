#include "services/cli/log/mirror_command.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/rpc/peer.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "services/cli/arguments/name_completion.h"
#include "services/cli/call/command_io.h"
#include "services/cli/checkpoint/checkpoint_watch.h"
#include "services/cli/context/state_file.h"
#include "services/cli/log/log_mirror.h"
#include "services/cli/log/trust.h"

namespace idea::cli {
namespace {

using inventory::v1::LogEntry;

// Prints the new entries that concern the caller: about filings and BUCPs that it sees, and about its own
// entity.
class Monitor {
 public:
  Monitor(const Arguments& arguments, Environment& env, const CallFunction& inventory)
      : arguments_(arguments), env_(env), inventory_(inventory) {}

  absl::Status Print(const std::vector<std::string>& entries, int64_t first) {
    for (const std::string& text : entries) {
      LogEntry entry;
      const int64_t index = first++;
      if (!google::protobuf::util::JsonStringToMessage(text, &entry).ok()) continue;
      ASSIGN_OR_RETURN(const bool concerns, Concerns(entry));
      if (concerns) PrintEntry(index, text, entry);
    }
    env_.out << std::flush;
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<bool> Concerns(const LogEntry& entry) {
    if (!entry.filing().empty()) {
      inventory::v1::GetFilingRequest get;
      get.set_name(entry.filing());
      inventory::v1::GetFilingResponse response;
      return IsVisible(entry.filing(), [&] { return inventory_(get, &response); });
    }
    if (!entry.bucp().empty()) {
      drafting::v1::GetBucpRequest get;
      get.set_name(entry.bucp());
      drafting::v1::GetBucpResponse response;
      return IsVisible(entry.bucp(), [&] { return SendToDrafting(get, &response); });
    }
    return !entry.entity().empty() && entry.entity() == own_;
  }

  absl::StatusOr<bool> IsVisible(const std::string& name, const std::function<absl::Status()>& ask) {
    const auto known = visible_.find(name);
    if (known != visible_.end()) return known->second;
    const absl::Status status = ask();
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    return visible_[name] = status.ok();
  }

  absl::Status SendToDrafting(const google::protobuf::Message& request, google::protobuf::Message* response) {
    if (drafting_ == nullptr) {
      ASSIGN_OR_RETURN(target_, TargetOf(arguments_, "drafting", env_));
      drafting_ = std::make_unique<rpc::Peer>(
          "drafting", target_.address, rpc::TlsFiles{target_.certificate, target_.key, target_.authority});
    }
    return CallFunctionOf(*drafting_, target_, arguments_.options)(request, response);
  }

  void PrintEntry(int64_t index, const std::string& text, const LogEntry& entry) {
    const OutputStyle& style = arguments_.options.style;
    if (IsForPrograms(style.format)) {
      env_.out
          << nlohmann::ordered_json{{"index", index}, {"entry", nlohmann::ordered_json::parse(text)}}.dump()
          << "\n";
      return;
    }
    std::string record = entry.record().empty() ? entry.notice() : entry.record();
    if (record.empty() || record == entry.filing()) record = entry.filing();
    const std::vector<std::string> row = RowsOf(entry, {"time", "kind"}).front();
    env_.out << index << "  " << row[0] << "  " << row[1] << "  " << OneLine(record)
             << (record == entry.filing() || entry.filing().empty() ? "" : "  " + OneLine(entry.filing()))
             << "\n";
  }

  const Arguments& arguments_;
  Environment& env_;
  const CallFunction& inventory_;
  const std::string own_ = [this] {
    const auto target = TargetOf(arguments_, "inventory", env_);
    return target.ok() ? OwnEntity(*target).value_or("") : "";
  }();
  Target target_;
  std::unique_ptr<rpc::Peer> drafting_;
  // Whether the caller sees a filing or BUCP, by name. Parties do not change.
  std::map<std::string, bool> visible_;
};

}  // namespace

ExitCode RunLogMirror(const Arguments& arguments, Environment& env) {
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  const auto trust = ReadTrust(arguments, env);
  if (!trust) return kUsage;
  const auto mirror = LogMirror::Open(arguments.path, trust->keys, trust->policy.has_value());
  if (!mirror.ok()) return Misuse(mirror.status(), env);
  rpc::Peer peer("inventory", target->address, {target->certificate, target->key, target->authority});
  const CallFunction call = CallFunctionOf(peer, *target, arguments.options);
  CheckpointWatch checkpoints(arguments, env);
  Monitor monitor(arguments, env, call);
  const MirrorOptions& options = arguments.mirror;
  // Number of entries up to which the changes were printed. A first run prints none.
  const std::filesystem::path shown_file = std::filesystem::path(arguments.path) / ".monitored";
  int64_t shown = (*mirror)->tree().size;
  if (int64_t read = 0; absl::SimpleAtoi(ReadWhole(shown_file).value_or(""), &read))
    shown = std::min(shown, read);
  for (;;) {
    const int64_t before = (*mirror)->tree().size;
    absl::Status done = (*mirror)->Follow(call, ProgressOn(env));
    if (absl::IsDataLoss(done)) return Complain(std::string(done.message()), kNotProved, env);
    const int64_t size = (*mirror)->tree().size;
    if (done.ok()) {
      checkpoints.ObserveNote((*mirror)->note());
      if (checkpoints.is_forked()) return kNotProved;
      if (size > before)
        env.err << "mirrored " << size << " entries, " << size - before << " of them new" << std::endl;
    }
    if (done.ok() && options.monitor && size > shown) {
      const auto entries = (*mirror)->EntriesFrom(shown);
      done = shown == 0 ? absl::OkStatus() : entries.ok() ? monitor.Print(*entries, shown) : entries.status();
      if (done.ok()) done = WriteDurably(shown_file, std::to_string(shown = size));
    }
    if (!done.ok()) {
      const ExitCode code = Fail(done, env);
      if (options.once) return code;
    }
    if (options.once) return kDone;
    env.pause(options.interval);
  }
}

}  // namespace idea::cli
