#include "services/cli/gate/gate_command.h"

#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include "common/rpc/local_server.h"
#include "common/rpc/peer.h"
#include "services/cli/call/command_io.h"
#include "services/cli/gate/exchange_follower.h"
#include "services/cli/gate/exchange_gate.h"
#include "services/cli/gate/gate_config.h"
#include "services/cli/gate/gate_http_server.h"

namespace idea::cli {
namespace {

// How often the health of the gate is set to what it knows.
constexpr timespec kHealthInterval{0, 250'000'000};

// The part of an address before its port.
std::string HostOf(const std::string& address) { return address.substr(0, address.rfind(':')); }

}  // namespace

ExitCode RunGate(const Arguments& arguments, Environment& env) {
  GateConfig config;
  if (!arguments.path.empty()) {
    const auto text = ReadFile(arguments.path, env);
    if (!text) return kUsage;
    auto parsed = ParseGateConfig(*text);
    if (!parsed.ok())
      return Complain(arguments.path + ": " + std::string(parsed.status().message()), kUsage, env);
    config = *std::move(parsed);
  }
  const absl::StatusOr<Target> target = TargetOf(arguments, "inventory", env);
  if (!target.ok()) return Misuse(target.status(), env);
  if (arguments.validate_only) {
    env.out << "valid: " << config.rules.size() << " rules" << std::endl;
    return kDone;
  }

  // Before the first thread, because all inherit the mask.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  rpc::Peer peer("inventory", target->address, {target->certificate, target->key, target->authority});
  std::mutex mutex;
  ExchangeFollower follower(
      {.watch =
           [&](const v1::WatchExchangesRequest& request, const ExchangeFollower::OnMessage& on_message) {
             v1::WatchExchangesResponse scratch;
             return peer.Stream(StreamContext(arguments.options), request, &scratch,
                                [&](const google::protobuf::Message& message) {
                                  return on_message(static_cast<const v1::WatchExchangesResponse&>(message));
                                });
           },
       .clock = env.clock,
       .max_staleness = config.max_staleness,
       .report =
           [&](const std::string& line) {
             const std::lock_guard lock(mutex);
             env.err << "exchange gate: " << line << std::endl;
           }});
  ExchangeGate gate(config, follower);
  std::unique_ptr<rpc::LocalServer> server;
  if (!config.listen.empty()) {
    auto listening = rpc::LocalServer::Listen(config.listen, gate.Methods());
    if (!listening.ok()) return Misuse(listening.status(), env);
    server = *std::move(listening);
    env.out << "gRPC: " << server->address() << std::endl;
  }
  std::unique_ptr<GateHttpServer> http;
  if (!config.http.empty()) {
    auto listening = GateHttpServer::Listen(config.http, gate);
    if (!listening.ok()) return Misuse(listening.status(), env);
    http = *std::move(listening);
    env.out << "HTTP: " << HostOf(config.http) << ":" << http->port() << std::endl;
  }
  follower.Start();
  while (sigtimedwait(&signals, nullptr, &kHealthInterval) < 0) {
    if (server != nullptr) server->SetServing(follower.IsFresh());
  }
  // The watch may wait for a server that does not answer: the end of the process ends it.
  env.out << "stopped" << std::endl;
  http.reset();
  server.reset();
  std::_Exit(kDone);
}

}  // namespace idea::cli
