#include "services/cli/register/register_commands.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "common/rpc/context.h"
#include "common/rpc/peer.h"
#include "services/cli/call/command_io.h"
#include "services/cli/log/log_export.h"
#include "services/cli/log/receipt_file.h"
#include "services/cli/register/filing_transfer.h"
#include "services/cli/register/register_page.h"

namespace idea::cli {
namespace {

// The pause before a broken stream is resumed.
constexpr std::chrono::milliseconds kPause{1'000};

rpc::Peer PeerAt(const std::string& service, const Target& target) {
  return {service, target.address, {target.certificate, target.key, target.authority}};
}

// Lets `write` fill a new file, then renames it to `path`, so that nobody reads half of it.
ExitCode WriteFilings(const std::string& path,
                      const std::function<absl::StatusOr<int64_t>(std::ostream&)>& write, Environment& env) {
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::binary);
  const absl::StatusOr<int64_t> count = write(file);
  if (!count.ok()) return Fail(count.status(), env);
  file.close();
  std::error_code error;
  if (!file.fail()) std::filesystem::rename(draft, path, error);
  if (file.fail() || error) return Complain("cannot write " + path, kUsage, env);
  env.err << "wrote " << path << " (" << *count << " filings)\n";
  return kDone;
}

}  // namespace

ExitCode RunLogExport(const Arguments& arguments, Environment& env) {
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  rpc::Peer peer = PeerAt("inventory", *target);
  const auto size =
      ExportLog(CallFunctionOf(peer, *target, arguments.options), arguments.path, ProgressOn(env));
  if (!size.ok()) return Fail(size.status(), env);
  env.err << "wrote " << *size << " entries to " << arguments.path << "\n";
  return kDone;
}

ExitCode RunFilingsReceipt(const Arguments& arguments, Environment& env) {
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  rpc::Peer peer = PeerAt("inventory", *target);
  const auto receipt = ReadReceipt(CallFunctionOf(peer, *target, arguments.options), arguments.path);
  if (absl::IsDataLoss(receipt.status()))
    return Complain(std::string(receipt.status().message()), kNotProved, env);
  if (!receipt.ok()) return Fail(receipt.status(), env);
  if (arguments.options.out.empty() || arguments.options.out == "-") {
    env.out << *receipt;
    return kDone;
  }
  std::ofstream file(arguments.options.out, std::ios::binary);
  file << *receipt;
  file.close();
  if (file.fail()) return Complain("cannot write " + arguments.options.out, kUsage, env);
  env.err << "wrote " << arguments.options.out << "\n";
  return kDone;
}

ExitCode RunFilingsExport(const Arguments& arguments, Environment& env) {
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  rpc::Peer peer = PeerAt("inventory", *target);
  const ExportStream stream = [&](const inventory::v1::ExportFilingsRequest& request, const auto& take) {
    rpc::Context context = StreamContext(arguments.options);
    inventory::v1::ExportFilingsResponse scratch;
    return peer.Stream(
        context, request, &scratch,
        [&](const google::protobuf::Message&) {
          take(scratch);
          return true;
        },
        target->token);
  };
  const ExportForm form = arguments.path.ends_with(".jsonl") ? ExportForm::kJsonLines : ExportForm::kCsv;
  const auto write = [&](std::ostream& file) {
    return ExportFilings(stream, form, file, ProgressOn(env), [&] { env.pause(kPause); });
  };
  return WriteFilings(arguments.path, write, env);
}

ExitCode RunFilingsPublish(const Arguments& arguments, Environment& env) {
  const absl::StatusOr<Target> inventory = TargetOf(arguments, "inventory", env);
  if (!inventory.ok()) return Misuse(inventory.status(), env);
  const absl::StatusOr<Target> registry = TargetOf(arguments, "registry", env);
  if (!registry.ok()) return Misuse(registry.status(), env);
  rpc::Peer registry_peer = PeerAt("registry", *registry);
  const auto names = EntityNames(CallFunctionOf(registry_peer, *registry, arguments.options));
  if (!names.ok()) return Fail(names.status(), env);
  rpc::Peer peer = PeerAt("inventory", *inventory);
  const CallFunction call = CallFunctionOf(peer, *inventory, arguments.options);
  const auto write = [&](std::ostream& file) {
    return PublishFilings(call, *names, env.clock.Now(), env.clock.zone(), file, ProgressOn(env));
  };
  return WriteFilings(arguments.path, write, env);
}

ExitCode RunFilingsImport(const Arguments& arguments, Environment& env) {
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  std::ifstream file(arguments.path, std::ios::binary);
  if (!file || std::filesystem::is_directory(arguments.path))
    return Complain("cannot read " + arguments.path, kUsage, env);
  rpc::Peer peer = PeerAt("inventory", *target);
  const ImportStream stream = [&](const auto& next, const auto& take) {
    rpc::Context context = StreamContext(arguments.options);
    inventory::v1::ImportFilingsResponse scratch;
    return peer.Converse(
        context, next, &scratch, [&](const google::protobuf::Message&) { take(scratch); }, target->token);
  };
  const auto done = ImportFilings(stream, file, arguments.source, arguments.validate_only, ProgressOn(env),
                                  [&] { env.pause(kPause); });
  if (env.err_is_terminal) env.err << "\n";
  if (!done.ok()) return Fail(done.status(), env);
  std::vector<Row> rows;
  for (const auto& refused : done->refusals) {
    rows.push_back(
        {std::to_string(refused.line()), refused.reference(), refused.field(), OneLine(refused.reason())});
  }
  if (!rows.empty())
    PrintTable({"LINE", "REFERENCE", "FIELD", "REFUSED"}, rows, env.out, arguments.options.style.table);
  env.err << (arguments.validate_only ? "would add " : "added ") << done->added << ", known " << done->known
          << ", refused " << rows.size() << "\n";
  return rows.empty() ? kDone : kUsage;
}

}  // namespace idea::cli
