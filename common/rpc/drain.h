#ifndef IDEA_COMMON_RPC_DRAIN_H_
#define IDEA_COMMON_RPC_DRAIN_H_

#include <grpcpp/server.h>

// The Shutdown() of gRPC, in steps. Shutdown() announces GOAWAY and at the same moment begins to drop calls
// that arrive before the client has seen it: they end as CANCELLED without a reason. A server that announces
// GOAWAY first, and answers until the connections are gone, fails no call.
namespace idea::rpc {

// Ends the handshakes in progress. Connections stay.
void StopListening(grpc::Server& server);

// Announces on every connection that it accepts no new calls. A connection closes when its calls have ended.
void SendGoaways(grpc::Server& server);

bool HasOpenConnections(grpc::Server& server);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_DRAIN_H_
