#ifndef IDEA_COMMON_RPC_SERVER_STATE_H_
#define IDEA_COMMON_RPC_SERVER_STATE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/callers.h"
#include "common/rpc/connections.h"
#include "common/rpc/reads.h"
#include "common/rpc/workers.h"
#include "common/status/status.h"

namespace idea::rpc {

// The state and the limits that the calls of one server share.
struct ServerState {
  struct Limits {
    Workers::Limits workers = {};
    Connections::Limits connections = {};
    Callers::Limits callers = {};
    Reads::Limits reads = {};
    // Receives the name of the limit that has refused a call. May be null.
    std::function<void(const std::string& limit)> refused = nullptr;
  };
  ServerState(int threads, const Limits& limits)
      : pools(threads, limits.workers),
        connections(limits.connections),
        callers(limits.callers),
        reads(limits.reads),
        refused(limits.refused) {}

  // Reports the limit in the metadata of `status`, if it is a refusal. Returns `status`.
  absl::Status Refused(absl::Status status) const {
    if (!status.ok() && refused != nullptr) refused(status::MetadataOf(status, "limit"));
    return status;
  }

  WorkerPools pools;
  Connections connections;
  Callers callers;
  Reads reads;
  const std::function<void(const std::string& limit)> refused;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_SERVER_STATE_H_
