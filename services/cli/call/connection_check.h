#ifndef IDEA_SERVICES_CLI_CALL_CONNECTION_CHECK_H_
#define IDEA_SERVICES_CLI_CALL_CONNECTION_CHECK_H_

#include <chrono>
#include <optional>
#include <string>

#include "services/cli/context/context_file.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// Why a connection cannot be made, for people, and the exit code for scripts.
struct ConnectionTrouble {
  ExitCode code;
  std::string text;
};

// Repeats a failed connection step by step, because gRPC reports all failures of a connection alike. Returns
// the first step that fails: own certificate, proxy, host name, port, the server's certificate, the server's
// check of the own certificate. Returns nothing if every step succeeds or the address is not host:port. Each
// step has `timeout`.
std::optional<ConnectionTrouble> FindConnectionTrouble(const Target& target, const Variables& variables,
                                                       std::chrono::milliseconds timeout);

// Whether the address is on this machine. Calls to it do not use a proxy.
bool IsLoopback(const std::string& address);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CALL_CONNECTION_CHECK_H_
