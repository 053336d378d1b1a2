#include "common/rpc/peer.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/certificate_files.h"
#include "common/rpc/connection_settings.h"
#include "common/rpc/openssl_at_exit.h"
#include "common/rpc/peer_channel.h"
#include "common/rpc/peer_diagnosis.h"
#include "common/rpc/peer_identity.h"
#include "common/rpc/router.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "common/validation/validation.h"
#include "idea/common/v1/options.pb.h"

namespace idea::rpc {

using google::protobuf::Message;
using status::Reason;
using Clock = std::chrono::steady_clock;

namespace {

// In bytes.
constexpr int kMaxAnswerBytes = 64 << 20;
// The maximum time of the first attempt; the second has up to twice as long.
constexpr std::chrono::milliseconds kTryTimeout{1000};
// The minimum time between two new channels to a peer.
constexpr std::chrono::milliseconds kReplaceInterval{2000};

// The maximum time of an attempt that is not the last.
Clock::duration LimitOf(int tried, Clock::time_point deadline) {
  return std::min<Clock::duration>((deadline - Clock::now()) / (kMaxTries + 1 - tried),
                                   kTryTimeout * (tried + 1));
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const TlsFiles& tls, const std::string& spiffe_id) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  if (!spiffe_id.empty())
    options.set_certificate_verifier(ExpectIdentity(spiffe_id, CertificateFiles::Of(tls)));
  return grpc::experimental::TlsCredentials(options);
}

grpc::ChannelArguments ArgumentsOf(const std::string& name, const std::string& address, UseProxy proxy) {
  grpc::ChannelArguments arguments;
  // Answers with stored content may exceed the 4 MiB of gRPC.
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // A peer that returns, possibly with another address, is found again soon.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);  // maximum time of one attempt
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // A new channel makes new connections.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  Configure(arguments);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, proxy == UseProxy::kNo ? 0 : 1);
  // gRPC would expect the whole list in the certificate of a server.
  if (address.starts_with("ipv4:")) arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, name);
  return arguments;
}

}  // namespace

TlsFiles TlsFiles::In(const std::string& folder) {
  return {folder + "/tls.crt", folder + "/tls.key", folder + "/ca.crt"};
}

absl::Status Prepare(grpc::ClientContext& call, const Context& context, const std::string& token) {
  if (context.hops >= kMaxHops)
    return absl::InternalError("a call with " + std::to_string(context.hops) + " hops calls a service");
  call.set_deadline(ToSystem(context.deadline));
  call.AddMetadata("x-idea-hops", std::to_string(context.hops + 1));
  call.AddMetadata("x-request-id", context.request_id);
  call.AddMetadata("traceparent", ChildTrace(context.traceparent));
  if (!token.empty()) call.AddMetadata("authorization", "Bearer " + token);
  return absl::OkStatus();
}

bool MayRepeat(const google::protobuf::MethodDescriptor& method, const Message& request) {
  if (method.options().GetExtension(common::v1::policy).effect() == common::v1::EFFECT_READ) return true;
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field != nullptr && !request.GetReflection()->GetString(request, field).empty();
}

absl::Status CheckRequestSize(const Message& request) {
  if (request.ByteSizeLong() <= validation::kMaxRequestBytes) return absl::OkStatus();
  return validation::CheckSize(*request.GetDescriptor(), request.SerializeAsString());
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

Peer::Peer(std::string name, const std::string& address, const TlsFiles& tls, const std::string& spiffe_id,
           UseProxy proxy, int max_tries)
    : name_(std::move(name)),
      connect_([this, address, tls, spiffe_id, proxy] {
        // Before the handshake, which may use later lists.
        const uint64_t version = revocations_.version();
        return std::make_shared<Channel>(grpc::CreateCustomChannel(address, CredentialsOf(tls, spiffe_id),
                                                                   ArgumentsOf(name_, address, proxy)),
                                         version);
      }),
      max_tries_(max_tries),
      revocations_(CertificateFiles::Of(tls).revocations()),
      diagnosis_(std::make_unique<PeerDiagnosis>(name_, address, tls, spiffe_id)),
      channel_(connect_()) {}

Peer::~Peer() = default;

std::shared_ptr<Peer::Channel> Peer::Current() {
  std::shared_ptr<Channel> before;  // Closed after the lock is released.
  const std::lock_guard lock(mutex_);
  // The certificate of a connected server may have been revoked: a new handshake checks it.
  if (channel_->revocations != revocations_.version()) before = std::exchange(channel_, connect_());
  return channel_;
}

void Peer::Replace(const std::shared_ptr<Channel>& silent) {
  // Without a connection there is nothing to replace; the handshake in progress continues.
  if (!silent->IsConnected()) return;
  std::shared_ptr<Channel> before;  // Closed after the lock is released.
  const std::lock_guard lock(mutex_);
  if (channel_ != silent || Clock::now() - silent->created < kReplaceInterval) return;
  log::Line(log::Level::kWarn, "a peer does not answer; connecting to its replicas again")
      .With("service", name_);
  before = std::exchange(channel_, connect_());
}

absl::Status Peer::Try(const Context& context, const google::protobuf::MethodDescriptor& method,
                       const Message& request, Message* response, const std::string& token,
                       const std::string& log_epoch, Channel& channel) {
  grpc::ClientContext call;
  RETURN_IF_ERROR(Prepare(call, context, token));
  if (!log_epoch.empty()) call.AddMetadata(kLogEpochMetadata, log_epoch);
  std::promise<grpc::Status> answered;
  channel.stub.UnaryCall(&call, PathOf(method), grpc::StubOptions(), &request, response,
                         [&](grpc::Status status) { answered.set_value(std::move(status)); });
  return FromGrpc(answered.get_future().get());
}

absl::Status Peer::Send(const Context& context, const Message& request, Message* response,
                        const std::string& token) {
  const auto* method = FindMethod(request.GetDescriptor());
  if (method == nullptr) return absl::InternalError(request.GetTypeName() + " is not the request of an rpc");
  RETURN_IF_ERROR(CheckRequestSize(request));
  const bool may_repeat = MayRepeat(*method, request);
  std::string log_epoch;
  if (context.hands_over) {
    const std::lock_guard lock(mutex_);
    log_epoch = log_epoch_;
  }
  for (int tried = 0;; ++tried) {
    const bool last = !may_repeat || tried + 1 >= max_tries_ || !budget_.MayRetry();
    Context attempt = context;
    if (!last) attempt.deadline = std::min(context.deadline, Clock::now() + LimitOf(tried, context.deadline));
    const std::shared_ptr<Channel> channel = Current();
    const absl::Status status = Try(attempt, *method, request, response, token, log_epoch, *channel);
    const absl::Status explained = diagnosis_->Explain(status, channel->IsConnected());
    if (!absl::IsDeadlineExceeded(status)) {
      budget_.Answered();
      return explained;
    }
    budget_.Unanswered();
    // A peer that refuses with a reason is slow, not silent.
    if (status::ReasonOf(status) == Reason::ERROR_REASON_UNSPECIFIED) Replace(channel);
    // Another attempt does not help before a certificate is replaced.
    const bool hopeless = !status::MetadataOf(explained, "cause").empty();
    if (last || hopeless || Clock::now() >= context.deadline) return explained;
  }
}

}  // namespace idea::rpc
