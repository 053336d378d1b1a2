#ifndef IDEA_COMMON_RPC_SERVER_STATE_H_
#define IDEA_COMMON_RPC_SERVER_STATE_H_

#include "common/rpc/callers.h"
#include "common/rpc/connections.h"
#include "common/rpc/reads.h"
#include "common/rpc/workers.h"

namespace idea::rpc {

// What the calls of one server share, and what it bounds of them.
struct ServerState {
  struct Limits {
    Workers::Limits workers = {};
    Connections::Limits connections = {};
    Callers::Limits callers = {};
    Reads::Limits reads = {};
  };
  ServerState(int threads, const Limits& limits)
      : pools(threads, limits.workers),
        connections(limits.connections),
        callers(limits.callers),
        reads(limits.reads) {}

  WorkerPools pools;
  Connections connections;
  Callers callers;
  Reads reads;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_SERVER_STATE_H_
