#include "services/cli/log/witness_command.h"

#include <string>
#include <utility>

#include "common/rpc/peer.h"
#include "services/cli/call/command_io.h"
#include "services/cli/log/witness.h"
#include "services/cli/log/witness_server.h"

namespace idea::cli {

ExitCode RunWitness(const Arguments& arguments, Environment& env) {
  const WitnessOptions& witness = arguments.witness;
  auto key =
      transparency::NoteSigner::Load(witness.signing_key, witness.name, transparency::KeyType::kCosignature);
  if (!key.ok()) return Misuse(key.status(), env);
  if (witness.print_key) {
    env.out << key->key().verifier() << std::endl;
    return kDone;
  }
  if (witness.log_keys.empty() || witness.state.empty()) {
    return Complain("log witness: give --key FILE with the log's public keys, and --state FOLDER", kUsage,
                    env);
  }
  const auto keys = ReadFile(witness.log_keys, env);
  if (!keys) return kUsage;
  const auto opened = Witness::Open(witness.state, std::move(*key), *keys);
  if (!opened.ok()) return Misuse(opened.status(), env);
  const auto now = [&env] { return env.clock.Now() / 1'000'000; };
  env.err << "witness " << (*opened)->key().verifier() << std::endl;
  if (!witness.listen.empty()) {
    const auto server = WitnessServer::Listen(witness.listen, **opened, now);
    if (!server.ok()) return Misuse(server.status(), env);
    env.err << "serving add-checkpoint at port " << (*server)->port() << std::endl;
    for (;;) env.pause(witness.interval);
  }
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  rpc::Peer peer("inventory", target->address, {target->certificate, target->key, target->authority});
  const CallFunction call = CallFunctionOf(peer, *target, arguments.options);
  for (;;) {
    const auto done = WitnessOnce(call, **opened, now());
    if (done.ok()) {
      env.out << *done << std::endl;
    } else if (absl::IsDataLoss(done.status())) {
      return Complain(std::string(done.status().message()), kNotProved, env);
    } else if (witness.once) {
      return Fail(done.status(), env);
    } else {
      Fail(done.status(), env);
    }
    if (witness.once) return kDone;
    env.pause(witness.interval);
  }
}

}  // namespace idea::cli
