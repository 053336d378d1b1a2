#include "services/cli/call/command_io.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/rpc/context.h"

namespace idea::cli {

std::optional<std::string> ReadFile(const std::string& path, Environment& env) {
  std::ifstream file(path, std::ios::binary);
  if (file && !std::filesystem::is_directory(path)) {
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  Complain("cannot read " + path, kUsage, env);
  return std::nullopt;
}

ExitCode Fail(const absl::Status& status, Environment& env) {
  PrintFailure(status, ExitCodeOf(status), {}, env);
  return ExitCodeOf(status);
}

CallFunction CallFunctionOf(rpc::Peer& peer, const Target& target, const CallOptions& options) {
  return [&peer, &target, &options](const google::protobuf::Message& request,
                                    google::protobuf::Message* response) {
    return peer.Send(rpc::NewContext(options.timeout.value_or(kDefaultTimeout)), request, response,
                     target.token);
  };
}

rpc::Context StreamContext(const CallOptions& options) {
  rpc::Context context = rpc::NewContext(options.timeout.value_or(kDefaultTimeout));
  if (!options.timeout) context.deadline = std::chrono::steady_clock::time_point::max();
  return context;
}

Progress ProgressOn(Environment& env) {
  return [&env, shown = int64_t{0}](int64_t done, int64_t all) mutable {
    constexpr int64_t kLong = 10'000;
    if (env.err_is_terminal) {
      env.err << "\r" << done;
      if (all > 0) env.err << " of " << all << " (" << done * 100 / all << " %)";
      env.err << (done == all ? "\n" : "") << std::flush;
      return;
    }
    // The total is not known.
    if (all == 0 && done % kLong == 0 && done > 0) env.err << done << "\n";
    // A line per tenth of long work.
    if (all < kLong || done * 10 / all == shown) return;
    shown = done * 10 / all;
    env.err << shown * 10 << " % of " << all << "\n";
  };
}

}  // namespace idea::cli
