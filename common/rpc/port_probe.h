#ifndef IDEA_COMMON_RPC_PORT_PROBE_H_
#define IDEA_COMMON_RPC_PORT_PROBE_H_

#include <sys/socket.h>

#include <chrono>

#include "absl/status/status.h"

namespace idea::rpc {

// Whether the process that listens at `listener`, an address as returned by getsockname, accepts connections.
// Begins a TLS handshake, because the kernel completes a TCP connection whether the process accepts it or
// not. A first byte of an answer suffices, and so does a connection that the process closes: a server that
// refuses connections is overloaded, but alive. No certificate is sent or verified.
//
// Fails with DEADLINE_EXCEEDED if neither happens within `timeout`, with RESOURCE_EXHAUSTED if this process
// has no descriptor left, and with UNAVAILABLE if the port is closed. The timeout only counts time in which
// the caller runs: a process that was stopped, or a machine that was suspended, has the rest of it
// afterwards.
absl::Status ProbePort(const sockaddr_storage& listener, std::chrono::milliseconds timeout);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PORT_PROBE_H_
