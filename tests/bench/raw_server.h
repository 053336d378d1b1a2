#ifndef IDEA_TESTS_BENCH_RAW_SERVER_H_
#define IDEA_TESTS_BENCH_RAW_SERVER_H_

#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/rpc/wire.h"

namespace idea::bench {

// Answers a call, on any thread: sets the response and finishes the reactor.
using RawMethod = std::function<void(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                                     grpc::ServerUnaryReactor& reactor)>;

// The equivalent of the generated code of unary callback methods, without messages.
class RawService : public grpc::Service {
 public:
  explicit RawService(std::map<std::string, RawMethod> methods) : methods_(std::move(methods)) {
    int number = 0;
    for (const auto& method : methods_) {
      const RawMethod* answer = &method.second;
      AddMethod(new grpc::internal::RpcServiceMethod(method.first.c_str(),
                                                     grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodRawCallback(number++,
                            new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                                [answer](grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                         grpc::ByteBuffer* out) {
                                  auto* reactor = context->DefaultReactor();
                                  (*answer)(*in, *out, *reactor);
                                  return reactor;
                                }));
    }
  }

 private:
  const std::map<std::string, RawMethod> methods_;
};

inline RawMethod Constant(const std::string& answer) {
  return [answer = rpc::FromBytes(answer)](const grpc::ByteBuffer&, grpc::ByteBuffer& out,
                                           grpc::ServerUnaryReactor& reactor) {
    out = answer;
    reactor.Finish(grpc::Status::OK);
  };
}

// A bare gRPC server that demands client certificates like a Listener.
class RawServer {
 public:
  RawServer(const std::string& certificates, std::map<std::string, RawMethod> methods)
      : service_(std::move(methods)) {
    grpc::experimental::TlsServerCredentialsOptions options(rpc::WatchFiles(rpc::TlsFiles::In(certificates)));
    options.watch_root_certs();
    options.watch_identity_key_cert_pairs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("localhost:0", grpc::experimental::TlsServerCredentials(options), &port);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    address_ = "localhost:" + std::to_string(port);
  }
  ~RawServer() { server_->Shutdown(); }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  const std::string& address() const { return address_; }

 private:
  RawService service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace idea::bench

#endif  // IDEA_TESTS_BENCH_RAW_SERVER_H_
