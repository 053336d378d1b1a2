#include "common/rpc/peer.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <future>

#include "common/rpc/connection_settings.h"
#include "common/rpc/openssl_at_exit.h"
#include "common/rpc/peer_channel.h"
#include "common/rpc/peer_identity.h"
#include "common/rpc/router.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"

namespace idea::rpc {

using google::protobuf::Message;
using status::Error;
using status::Reason;

// In bytes.
constexpr int kLargestAnswer = 64 << 20;

TlsFiles TlsFiles::In(const std::string& folder) {
  return {folder + "/tls.crt", folder + "/tls.key", folder + "/ca.crt"};
}

absl::Status Prepare(grpc::ClientContext& call, const Context& context, const std::string& token) {
  if (context.hops >= kMaxHops)
    return absl::InternalError("a call with " + std::to_string(context.hops) + " hops calls a service");
  call.set_deadline(context.deadline);
  call.AddMetadata("x-idea-hops", std::to_string(context.hops + 1));
  call.AddMetadata("x-request-id", context.request_id);
  call.AddMetadata("traceparent", ChildTrace(context.traceparent));
  if (!token.empty()) call.AddMetadata("authorization", "Bearer " + token);
  return absl::OkStatus();
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

absl::Status Explain(const std::string& peer, absl::Status status) {
  const bool unexplained = status::ReasonOf(status) == Reason::ERROR_REASON_UNSPECIFIED;
  // Nobody here cancels: a server that stops does.
  const bool silent =
      absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
  if (!unexplained || !silent) return status;
  return Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "the " + peer + " service does not answer")
      .With("service", peer)
      .With("code", absl::StatusCodeToString(status.code()))
      .RetryAfter(std::chrono::seconds(1));
}

Peer::Peer(std::string name, const std::string& address, const TlsFiles& tls, const std::string& spiffe_id,
           UseProxy proxy)
    : name_(std::move(name)) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  if (!spiffe_id.empty()) options.set_certificate_verifier(ExpectIdentity(spiffe_id));
  grpc::ChannelArguments arguments;
  // Answers that hold stored content may exceed gRPC's 4 MiB.
  arguments.SetMaxReceiveMessageSize(kLargestAnswer);
  // A peer that comes back, with another address too, is found again soon.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);  // how long one attempt may take
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  Configure(arguments);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, proxy == UseProxy::kNo ? 0 : 1);
  // gRPC would look for the whole list in a server's certificate.
  if (address.starts_with("ipv4:")) arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, name_);
  auto channel = grpc::CreateCustomChannel(address, grpc::experimental::TlsCredentials(options), arguments);
  channel_ =
      std::unique_ptr<Channel>(new Channel{channel, grpc::TemplatedGenericStub<Message, Message>(channel)});
}

Peer::~Peer() = default;

absl::Status Peer::Send(const Context& context, const Message& request, Message* response,
                        const std::string& token) {
  const auto* method = FindMethod(request.GetDescriptor());
  if (method == nullptr) return absl::InternalError(request.GetTypeName() + " is no request of any rpc");
  grpc::ClientContext call;
  RETURN_IF_ERROR(Prepare(call, context, token));
  std::promise<grpc::Status> answered;
  channel_->stub.UnaryCall(&call, PathOf(*method), grpc::StubOptions(), &request, response,
                           [&](grpc::Status status) { answered.set_value(std::move(status)); });
  return Explain(name_, FromGrpc(answered.get_future().get()));
}

}  // namespace idea::rpc
