#include "common/rpc/listener.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "common/rpc/batch_reactor.h"
#include "common/rpc/drain.h"
#include "common/rpc/openssl_at_exit.h"
#include "common/rpc/reactor.h"
#include "common/rpc/reactors.h"
#include "common/rpc/reflection.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::rpc {
namespace {

using status::Error;
using status::Reason;

// Larger requests are refused by gRPC itself, which names no reason; those between this and what is taken get
// one from the pipeline.
constexpr int kLargestReceived = static_cast<int>(4 * validation::kLargestRequest);

// Longer names do not fit into the trailers of an answer.
constexpr size_t kLongestPath = 200;

// How long a stopping server waits for its connections to close. A client that has seen GOAWAY closes its own
// within a round trip.
constexpr std::chrono::milliseconds kGoawayTimeout{1000};

absl::Status ShuttingDown() {
  return Error(Reason::ERROR_REASON_SHUTTING_DOWN, "the server is stopping and takes no new calls")
      .RetryAfter(std::chrono::milliseconds(100));
}

// A call that gets a refusal and nothing else.
class RefusalReactor : public Reactor {
 public:
  RefusalReactor(grpc::CallbackServerContext& context, std::string request_id, const absl::Status& status)
      : Reactor(context, std::move(request_id)) {
    FinishWith(status);
  }
};

}  // namespace

// Makes the reactor of every call. A caller that may not call the method is refused before its message is
// read, and only a caller with a certificate of the exchange learns which methods exist.
class Listener::Generic : public grpc::CallbackGenericService {
 public:
  Generic(const auth::Authenticator& authenticator, int workers, size_t queue,
          std::chrono::milliseconds heartbeat)
      : authenticator_(authenticator), pools_(workers, queue), watchers_(pools_.Of(0), heartbeat) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    const std::string& path = context->method();
    const auto found = endpoints_.find(path);
    if (found != endpoints_.end()) return Serve(*context, *found->second.first, *found->second.second);
    const Incoming incoming = IncomingOf(*context, nullptr);
    const auto refuse = [&](const absl::Status& status) {
      return new RefusalReactor(*context, incoming.request_id, status);
    };
    const auto caller = authenticator_.FromSpiffeId(incoming.spiffe_id);
    if (!caller.ok()) return refuse(caller.status());
    if (stage_ != Stage::kServing) return refuse(ShuttingDown());
    if (ReflectionReactor::IsReflection(path))
      return new ReflectionReactor(*context, incoming.request_id, services_);
    return refuse(Error(Reason::ERROR_REASON_METHOD_UNKNOWN,
                        "this server has no method " + path.substr(0, kLongestPath)));
  }

  Reactor* Serve(grpc::CallbackServerContext& context, const Method& method, Pipeline& pipeline) {
    Incoming incoming = IncomingOf(context, &method);
    if (const absl::Status refused = pipeline.Identify(incoming); !refused.ok())
      return new RefusalReactor(context, incoming.request_id, refused);
    const Stage stage = stage_;
    if (stage == Stage::kDraining || (stage == Stage::kStopping && incoming.caller.service.empty()))
      return new RefusalReactor(context, incoming.request_id, pipeline.Refuse(incoming, ShuttingDown()));
    Workers& workers = pools_.Of(incoming.hops);
    if (method.descriptor->client_streaming())
      return new BatchReactor(context, std::move(incoming), pipeline, workers, batches_);
    if (method.next) return new WatchReactor(context, std::move(incoming), pipeline, workers, watchers_);
    return new UnaryReactor(context, std::move(incoming), pipeline, workers);
  }

  // What becomes of a new call: served; served if a service makes it; refused.
  enum class Stage { kServing, kStopping, kDraining };
  std::atomic<Stage> stage_{Stage::kServing};
  std::map<std::string, std::pair<const Method*, Pipeline*>> endpoints_;
  std::set<std::string> services_;
  const auth::Authenticator& authenticator_;
  WorkerPools pools_;
  Watchers watchers_;
  BatchStreams batches_;
};

// The methods that only look at memory. A method that gRPC knows by name costs less for each call than a
// generic one. As a stream, for of a unary method gRPC reads the message before anybody can refuse the call.
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
    : connections_(connections),
      generic_(std::make_unique<Generic>(authenticator, workers, queue, connections.heartbeat)),
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
  for (const std::string& file : {tls.certificate, tls.key, tls.authority}) {
    if (!std::ifstream(file)) return absl::NotFoundError("cannot read " + file);
  }
  grpc::experimental::TlsServerCredentialsOptions options(WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  // A certificate of another authority fails the handshake; no certificate at all gets a structured answer
  // from the pipeline.
  options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);

  grpc::EnableDefaultHealthCheckService(true);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::experimental::TlsServerCredentials(options), &port);
  builder.RegisterService(inline_.get());
  builder.RegisterCallbackGenericService(generic_.get());
  builder.SetMaxReceiveMessageSize(kLargestReceived);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  Configure(builder, connections_);
  auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0)
    return absl::UnavailableError("cannot listen on " + address + ": is the port in use?");
  address_ = address.substr(0, address.rfind(':') + 1) + std::to_string(port);
  for (const std::string& service : generic_->services_) {
    server->GetHealthCheckService()->SetServingStatus(service, true);
  }
  const std::lock_guard lock(health_);
  running_ = std::unique_ptr<Running>(new Running{std::move(server)});
  return absl::OkStatus();
}

void Listener::SetServing(const std::string& service, bool serving) {
  const std::lock_guard lock(health_);
  // Once it stops, nobody looks at what runs but who stops it.
  if (!stopping_ && running_ != nullptr)
    running_->server->GetHealthCheckService()->SetServingStatus(service, serving);
}

void Listener::Stop(std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  if (running_ == nullptr) return;
  const auto begun = Clock::now();
  {
    const std::lock_guard lock(health_);
    stopping_ = true;
    running_->server->GetHealthCheckService()->SetServingStatus(false);
  }
  grpc::Server& server = *running_->server;
  generic_->stage_ = Generic::Stage::kStopping;
  generic_->watchers_.EndAll();
  generic_->batches_.EndAll();
  SendGoaways(server);
  std::this_thread::sleep_until(begun + std::min(connections_.stop_grace, timeout / 2));

  // Clients that came back, or came only now.
  generic_->stage_ = Generic::Stage::kDraining;
  StopListening(server);
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
