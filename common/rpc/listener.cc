#include "common/rpc/listener.h"

#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/rpc/batch_reactor.h"
#include "common/rpc/certificate_files.h"
#include "common/rpc/drain.h"
#include "common/rpc/health.h"
#include "common/rpc/memory.h"
#include "common/rpc/openssl_at_exit.h"
#include "common/rpc/reactor.h"
#include "common/rpc/reactors.h"
#include "common/rpc/reflection.h"
#include "common/rpc/server_state.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::rpc {
namespace {

using status::Error;
using status::Reason;

// gRPC itself refuses larger messages without a reason. The pipeline refuses those between this and the
// maximum request, with a reason.
constexpr int kMaxReceivedBytes = static_cast<int>(validation::kMaxRequestBytes) + 64 * 1024;
// The maximum memory of gRPC for unfinished messages, unsent answers and the state of calls and connections.
constexpr size_t kMemoryOfGrpc = size_t{160} << 20;
constexpr int kStreamsOfConnection = 100;
constexpr int kHandshakeMilliseconds = 10'000;

constexpr int kTicksToReturnMemory = 8;

// Longer names do not fit into the trailers of an answer.
constexpr size_t kMaxPathLength = 200;

// The time for which a stopping server waits for its connections to close. A client that has seen GOAWAY
// closes its own within a round trip.
constexpr std::chrono::milliseconds kGoawayTimeout{1000};

// The number of retries in docs/service-config.json except the last one.
constexpr int kQuickRetries = 3;
// The wait of the last attempt after the end of the grace period.
constexpr std::chrono::milliseconds kPushbackMargin{200};

absl::Status ShuttingDown() {
  return Error(Reason::ERROR_REASON_SHUTTING_DOWN, "the server is stopping and accepts no new calls")
      .RetryAfter(std::chrono::milliseconds(100));
}

absl::Status Starting() {
  return Error(Reason::ERROR_REASON_STORAGE_UNAVAILABLE,
               "the server is starting and waits for its database; send the same request again")
      .RetryAfter(std::chrono::milliseconds(500));
}

// The limits of gRPC. Compressed messages are refused, because gRPC decompresses them before it checks their
// size.
void Bound(grpc::ServerBuilder& builder) {
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP})
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetMaxReceiveMessageSize(kMaxReceivedBytes);
  builder.SetResourceQuota(grpc::ResourceQuota("server").Resize(kMemoryOfGrpc));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsOfConnection);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMilliseconds);
}

// A call that is answered with a refusal.
class RefusalReactor : public Reactor {
 public:
  RefusalReactor(grpc::CallbackServerContext& context, std::string request_id, const absl::Status& status)
      : Reactor(context, std::move(request_id)) {
    FinishWith(status);
  }
};

}  // namespace

// Creates the reactor of every call. A caller that may not call the method is refused before its message is
// read, and only callers with a certificate of the exchange learn which methods exist.
class Listener::Generic : public grpc::CallbackGenericService {
 public:
  Generic(const auth::Authenticator& authenticator, int threads, const ServerState::Limits& limits,
          std::chrono::milliseconds heartbeat)
      : authenticator_(authenticator), state_(threads, limits), watchers_(heartbeat) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    const std::string& path = context->method();
    const auto found = endpoints_.find(path);
    if (found != endpoints_.end()) return Serve(*context, *found->second.first, *found->second.second);
    Incoming incoming = IncomingOf(*context, nullptr);
    absl::StatusOr<auth::Caller> caller = authenticator_.FromSpiffeId(incoming.spiffe_id);
    if (!caller.ok()) return Refuse(*context, incoming, caller.status());
    incoming.caller = *std::move(caller);
    if (const absl::Status refused = CheckLeaf(*context, incoming); !refused.ok())
      return Refuse(*context, incoming, refused);
    if (!state_.connections.Prove(incoming.peer, incoming.caller.Name()))
      return Refuse(*context, incoming, state_.Refused(Overloaded("connections")));
    if (Health::IsCheck(path))
      return new HealthReactor(*context, std::move(incoming), state_, nullptr, health_);
    if (Health::IsWatch(path)) return Stream<HealthReactor>(*context, std::move(incoming), health_);
    if (const absl::Status refused = CheckStage(/*of_service=*/false); !refused.ok())
      return Refuse(*context, incoming, refused);
    if (ReflectionReactor::IsReflection(path))
      return Stream<ReflectionReactor>(*context, std::move(incoming), services_);
    return Refuse(*context, incoming,
                  Error(Reason::ERROR_REASON_METHOD_UNKNOWN,
                        "this server does not have the method " + path.substr(0, kMaxPathLength)));
  }

  Reactor* Serve(grpc::CallbackServerContext& context, const Method& method, Pipeline& pipeline) {
    Incoming incoming = IncomingOf(context, &method);
    if (const absl::Status refused = pipeline.Identify(incoming); !refused.ok())
      return Refuse(context, incoming, refused);
    if (const absl::Status refused = CheckLeaf(context, incoming); !refused.ok())
      return Refuse(context, incoming, pipeline.Refuse(incoming, refused));
    const std::string& caller = incoming.caller.Name();
    if (!state_.connections.Prove(incoming.peer, caller))
      return Refuse(context, incoming, pipeline.Refuse(incoming, state_.Refused(Overloaded("connections"))));
    if (const absl::Status refused = CheckStage(!incoming.caller.service.empty()); !refused.ok()) {
      DelayLastAttempt(context);
      return Refuse(context, incoming, pipeline.Refuse(incoming, refused));
    }
    const bool upload = method.descriptor->client_streaming();
    if (!upload && !method.next) return new UnaryReactor(context, std::move(incoming), pipeline, state_);
    absl::StatusOr<Callers::Stream> place = OpenStream(incoming.caller, upload);
    if (!place.ok()) return Refuse(context, incoming, pipeline.Refuse(incoming, place.status()));
    if (upload) return new BatchReactor(context, std::move(incoming), pipeline, state_, *std::move(place));
    return new WatchReactor(context, std::move(incoming), pipeline, state_, watchers_, *std::move(place));
  }

  // About four times a second.
  void Tick() {
    state_.reads.EndOverdue();
    state_.callers.Sweep();
    if (++ticks_ % kTicksToReturnMemory == 0) ReturnMemory();
    const uint64_t version = revocations_->version();
    if (std::exchange(revocations_seen_, version) != version) {
      state_.connections.CloseOf(
          [this](const std::string& certificate) { return revocations_->Contains(certificate); });
    }
  }

  // The stages of the server for new calls: refused until the database answers; served; served only for
  // services; refused.
  enum class Stage { kStarting, kServing, kStopping, kDraining };
  std::atomic<Stage> stage_{Stage::kServing};
  // When kStopping ends; set before it begins.
  std::chrono::system_clock::time_point grace_end_;
  std::map<std::string, std::pair<const Method*, Pipeline*>> endpoints_;
  std::set<std::string> services_;
  const auth::Authenticator& authenticator_;
  ServerState state_;
  Watchers watchers_;
  Health health_;
  int ticks_ = 0;
  // Of the certificates of clients, from the start on, and the last version that connections were checked
  // with.
  const Revocations* revocations_ = nullptr;
  uint64_t revocations_seen_ = 0;

 private:
  // Why a new call is not served; OK if it is.
  absl::Status CheckStage(bool of_service) const {
    const Stage stage = stage_;
    if (stage == Stage::kStarting) return Starting();
    const bool served = stage == Stage::kServing || (stage == Stage::kStopping && of_service);
    return served ? absl::OkStatus() : ShuttingDown();
  }

  // With two replicas, every second attempt of a reconnected client reaches the stopping server. Delays its
  // last attempt until the port is closed, so that it reaches another replica (gRFC A6, pushback).
  void DelayLastAttempt(grpc::CallbackServerContext& context) const {
    const auto attempts = context.client_metadata().find("grpc-previous-rpc-attempts");
    int made = 0;
    if (stage_ != Stage::kStopping || attempts == context.client_metadata().end() ||
        !absl::SimpleAtoi(std::string(attempts->second.data(), attempts->second.size()), &made) ||
        made < kQuickRetries)
      return;
    const auto until = grace_end_ + kPushbackMargin;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::system_clock::now());
    if (wait.count() <= 0 || until >= context.deadline()) return;
    context.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(wait.count()));
  }

  // The certificate of an authority identifies nobody, even with a SPIFFE id, nor does a revoked one. Checked
  // once per connection, and again when revocation lists change.
  absl::Status CheckLeaf(const grpc::CallbackServerContext& context, const Incoming& incoming) {
    if (state_.connections.IsProven(incoming.peer)) return absl::OkStatus();
    const auto pems = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    const auto leaf = ReadCertificates(pems.empty() ? "" : std::string(pems[0].data(), pems[0].size()));
    if (!leaf.ok() || leaf->front().is_authority) {
      return Error(Reason::ERROR_REASON_CERTIFICATE_REQUIRED,
                   "the client certificate belongs to an authority (CA:TRUE); call with a leaf certificate");
    }
    // First, so that a list that is read from now on closes the connection.
    state_.connections.SetCertificate(incoming.peer, leaf->front().id);
    if (!revocations_->Contains(leaf->front().id)) return absl::OkStatus();
    return Error(Reason::ERROR_REASON_CERTIFICATE_REQUIRED,
                 "the authority has revoked the client certificate; call with a new one")
        .With("cause", "CERTIFICATE_REVOKED");
  }

  Reactor* Refuse(grpc::CallbackServerContext& context, const Incoming& incoming,
                  const absl::Status& status) {
    if (status::ReasonOf(status) == Reason::ERROR_REASON_CERTIFICATE_REQUIRED)
      state_.connections.Refuse(incoming.peer);
    return new RefusalReactor(context, incoming.request_id, status);
  }

  template <class Kind, class Of>
  Reactor* Stream(grpc::CallbackServerContext& context, Incoming incoming, Of& of) {
    absl::StatusOr<Callers::Stream> place = OpenStream(incoming.caller, false);
    if (!place.ok()) return Refuse(context, incoming, place.status());
    return new Kind(context, std::move(incoming), state_, *std::move(place), of);
  }

  // The place of a new stream. OVERLOADED if the caller has too many, or opens them too fast.
  absl::StatusOr<Callers::Stream> OpenStream(const auth::Caller& caller, bool upload) {
    if (caller.service.empty())
      RETURN_IF_ERROR(state_.Refused(state_.callers.TakeCall(caller.Name(), CallKind::kStream)));
    Callers::Stream place = state_.callers.OpenStream(caller.Name(), upload);
    if (place == nullptr) return state_.Refused(Overloaded(upload ? "uploads" : "watches"));
    return place;
  }
};

// The methods that only read memory. A registered method costs less per call than a generic one. Registered
// as a stream, because gRPC reads the message of a unary method before the call can be refused.
class Listener::Inline : public grpc::Service {
 public:
  void Add(const Method& method, Pipeline& pipeline, Generic& generic) {
    using grpc::internal::RpcMethod, grpc::internal::RpcServiceMethod;
    AddMethod(new RpcServiceMethod(method.path.c_str(), RpcMethod::BIDI_STREAMING, nullptr));
    MarkMethodRawCallback(
        count_++,
        new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
            [&](grpc::CallbackServerContext* context) { return generic.Serve(*context, method, pipeline); }));
  }

 private:
  int count_ = 0;
};

struct Listener::Running {
  std::unique_ptr<grpc::Server> server;
};

Listener::Listener(const auth::Authenticator& authenticator, int workers, size_t queue,
                   const ConnectionSettings& connections)
    : Listener(authenticator, workers, ServerState::Limits{.workers = {.queue = queue}}, connections) {}

Listener::Listener(const auth::Authenticator& authenticator, int workers, const ServerState::Limits& limits,
                   const ConnectionSettings& connections)
    : connections_(connections),
      generic_(std::make_unique<Generic>(authenticator, workers, limits, connections.heartbeat)),
      inline_(std::make_unique<Inline>()) {}

Listener::~Listener() { Stop(std::chrono::milliseconds(0)); }

absl::Status Listener::Add(const Router& router, Pipeline& pipeline) {
  RETURN_IF_ERROR(router.Check());
  for (const auto& [path, method] : router.methods()) {
    if (method.inline_work) {
      inline_->Add(method, pipeline, *generic_);
    } else {
      generic_->endpoints_[path] = {&method, &pipeline};
    }
    generic_->services_.insert(method.descriptor->service()->full_name());
  }
  return absl::OkStatus();
}

absl::Status Listener::Start(const std::string& address, const TlsFiles& tls) {
  CertificateFiles& certificates = CertificateFiles::Of(tls);
  const clock::Micros now = clock::SystemClock().Now();
  certificates.Refresh(now);
  RETURN_IF_ERROR(certificates.Check(now));
  generic_->revocations_ = &certificates.revocations();
  Connections& connections = generic_->state_.connections;
  ASSIGN_OR_RETURN(const int port, connections.Listen(address));
  // Only credentials that are made of them free the options.
  grpc::experimental::TlsServerCredentialsOptions options(WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  // A certificate of another authority fails the handshake. Without a certificate, the pipeline answers with
  // a refusal.
  options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);

  grpc::ServerBuilder builder;
  std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
          grpc::experimental::TlsServerCredentials(options));
  builder.RegisterService(inline_.get());
  builder.RegisterCallbackGenericService(generic_.get());
  Bound(builder);
  Configure(builder, connections_);
  auto server = builder.BuildAndStart();
  if (server == nullptr) return absl::UnavailableError("gRPC cannot serve on " + address);
  address_ = address.substr(0, address.rfind(':') + 1) + std::to_string(port);
  generic_->health_.Add("");
  for (const std::string& service : generic_->services_) generic_->health_.Add(service);
  connections.Start(
      [acceptor](int socket) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
        parameters.fd = socket;
        acceptor->HandleNewConnection(&parameters);
      },
      [this] { generic_->Tick(); });
  running_ = std::unique_ptr<Running>(new Running{std::move(server)});
  return absl::OkStatus();
}

void Listener::HoldCalls() {
  generic_->stage_ = Generic::Stage::kStarting;
  generic_->health_.SetCauseOfAll("the server is starting");
}

void Listener::AdmitCalls() {
  Generic::Stage starting = Generic::Stage::kStarting;
  if (generic_->stage_.compare_exchange_strong(starting, Generic::Stage::kServing))
    generic_->health_.SetCauseOfAll("");
}

void Listener::SetNotServing(const std::string& service, const std::string& cause) {
  generic_->health_.SetCause(service, cause);
}

void Listener::SetDeadLetters(const std::string& service, int64_t events) {
  generic_->health_.SetDeadLetters(service, events);
}

void Listener::SetVersion(const std::string& version) { generic_->health_.SetVersion(version); }

void Listener::SetLogHistory(const std::string& service, std::function<absl::StatusOr<std::string>()> read) {
  generic_->health_.SetLogHistory(service, std::move(read));
}

void Listener::SetNotReady(const std::string& cause) { generic_->health_.SetCauseOfAll(cause); }

bool Listener::IsServing() const { return generic_->health_.IsServing(); }

Workers::Load Listener::LoadOf(int hops) const { return generic_->state_.pools.Of(hops).load(); }

size_t Listener::open_connections() const { return generic_->state_.connections.open(); }

absl::Status Listener::Probe(std::chrono::milliseconds timeout) const {
  return generic_->state_.connections.Probe(timeout);
}

bool Listener::Submit(std::function<void()> work) {
  return generic_->state_.pools.Of(0).Submit("", 0, std::move(work));
}

void Listener::Stop(std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  if (running_ == nullptr) return;
  const auto begun = Clock::now();
  generic_->health_.Stop();
  grpc::Server& server = *running_->server;
  const auto grace = std::min(connections_.stop_grace, timeout / 2);
  generic_->grace_end_ = std::chrono::system_clock::now() + grace;
  generic_->stage_ = Generic::Stage::kStopping;
  generic_->watchers_.EndAll();
  generic_->state_.reads.EndStreams();
  SendGoaways(server);
  std::this_thread::sleep_until(begun + grace);

  // Clients that reconnected or connected only now.
  generic_->stage_ = Generic::Stage::kDraining;
  generic_->state_.connections.Stop();
  StopListening(server);
  generic_->health_.EndAll();
  SendGoaways(server);
  const auto drained_by = std::min(begun + timeout, Clock::now() + kGoawayTimeout);
  while (HasOpenConnections(server) && Clock::now() < drained_by)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));

  const auto left = std::max(begun + timeout - Clock::now(), Clock::duration::zero());
  server.Shutdown(std::chrono::system_clock::now() + left);
  server.Wait();
  running_.reset();
}

}  // namespace idea::rpc
