#include "tests/services/cli/wire_server.h"

#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_builder.h>

#include "common/rpc/reactor.h"
#include "common/rpc/wire.h"

namespace idea::testing {
namespace {

// Reads the request, then writes the messages one after the other.
class OneCall : public rpc::Reactor {
 public:
  OneCall(const grpc::GenericCallbackServerContext& context, const WireServer::Handler& handler)
      : handler_(handler) {
    received_.method = context.method();
    for (const auto& [key, value] : context.client_metadata()) {
      received_.metadata[{key.data(), key.size()}] = {value.data(), value.size()};
    }
    StartRead(&buffer_);
  }

  void OnReadDone(bool ok) override {
    Acquire();
    if (ok) rpc::AppendBytes(buffer_, received_.body);
    reply_ = handler_(received_);
    Continue();
  }
  void OnWriteDone(bool) override {
    Acquire();
    Continue();
  }

 private:
  void Continue() {
    if (written_ == reply_.messages.size()) return Finish(rpc::ToGrpc(reply_.status));
    buffer_ = rpc::FromBytes(reply_.messages[written_++]);
    StartWrite(&buffer_);
  }

  const WireServer::Handler& handler_;
  Received received_;
  Reply reply_;
  size_t written_ = 0;
  grpc::ByteBuffer buffer_;
};

class Service : public grpc::CallbackGenericService {
 public:
  explicit Service(WireServer::Handler handler) : handler_(std::move(handler)) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new OneCall(*context, handler_);
  }

 private:
  WireServer::Handler handler_;
};

}  // namespace

struct WireServer::Running {
  Service service;
  std::unique_ptr<grpc::Server> server;
};

WireServer::WireServer(const rpc::TlsFiles& tls, Handler handler)
    : running_(new Running{Service(std::move(handler)), nullptr}) {
  grpc::experimental::TlsServerCredentialsOptions options(rpc::WatchFiles(tls));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("localhost:0", grpc::experimental::TlsServerCredentials(options), &port);
  builder.RegisterCallbackGenericService(&running_->service);
  running_->server = builder.BuildAndStart();
  address_ = "localhost:" + std::to_string(port);
}

WireServer::~WireServer() { running_->server->Shutdown(std::chrono::system_clock::now()); }

}  // namespace idea::testing
