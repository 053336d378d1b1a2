#ifndef IDEA_COMMON_RPC_PEER_CHANNEL_H_
#define IDEA_COMMON_RPC_PEER_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/peer.h"
#include "google/protobuf/descriptor.h"

// The parts that both kinds of calls of a Peer share.
namespace idea::rpc {

struct Peer::Channel {
  Channel(std::shared_ptr<grpc::Channel> of, uint64_t version)
      : revocations(version), channel(std::move(of)), stub(channel) {}
  // Whether a replica has completed a TLS handshake and not ended the connection since.
  bool IsConnected() const { return channel->GetState(false) == GRPC_CHANNEL_READY; }
  const std::chrono::steady_clock::time_point created = std::chrono::steady_clock::now();
  // Revocations::version() when it was created.
  const uint64_t revocations;
  std::shared_ptr<grpc::Channel> channel;
  grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message> stub;
};

// Passes on the context and the token of the person. Fails if the context already has kMaxHops.
absl::Status Prepare(grpc::ClientContext& call, const Context& context, const std::string& token);

// INVALID_FIELD, as the server refuses it, if a request is too large to be sent: gRPC on the server would end
// the call without a reason.
absl::Status CheckRequestSize(const google::protobuf::Message& request);

// "/idea.registry.v1.RegistryService/GetEntity"
std::string PathOf(const google::protobuf::MethodDescriptor& method);

// Whether a server that receives the request twice acts at most once.
bool MayRepeat(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PEER_CHANNEL_H_
