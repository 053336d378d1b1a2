#ifndef IDEA_COMMON_RPC_PEER_CHANNEL_H_
#define IDEA_COMMON_RPC_PEER_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/rpc/peer.h"
#include "google/protobuf/descriptor.h"

// What the two kinds of call of a Peer share.
namespace idea::rpc {

struct Peer::Channel {
  std::shared_ptr<grpc::Channel> channel;
  grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message> stub;
};

// Passes the context and the person's token on. Fails if the context has kMaxHops already.
absl::Status Prepare(grpc::ClientContext& call, const Context& context, const std::string& token);

// "/idea.registry.v1.RegistryService/GetEntity"
std::string PathOf(const google::protobuf::MethodDescriptor& method);

// A failure of the connection gets the reason PEER_UNAVAILABLE; what the peer says stays.
absl::Status Explain(const std::string& peer, absl::Status status);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PEER_CHANNEL_H_
