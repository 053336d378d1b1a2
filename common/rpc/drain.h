#ifndef IDEA_COMMON_RPC_DRAIN_H_
#define IDEA_COMMON_RPC_DRAIN_H_

#include <grpcpp/server.h>

// What gRPC's Shutdown does, in steps. Shutdown announces GOAWAY and at the same moment begins to drop calls
// that arrive before the client has seen it: those end as bare CANCELLED. A server that announces GOAWAY
// first, and goes on answering until the connections are gone, fails no call.
namespace idea::rpc {

// Ends the handshakes that are under way. Connections stay.
void StopListening(grpc::Server& server);

// Announces on every connection that it takes no new calls. A connection closes when its calls have ended.
void SendGoaways(grpc::Server& server);

bool HasOpenConnections(grpc::Server& server);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_DRAIN_H_
