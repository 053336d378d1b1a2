#include "common/rpc/local_server.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "common/rpc/reactor.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"

namespace idea::rpc {
namespace {

using status::Error;
using status::Reason;

// Maximum size of a request, in bytes.
constexpr int kMaxReceivedBytes = 1 << 20;
// How long a stop waits for the calls in progress.
constexpr std::chrono::milliseconds kStopTimeout{500};

// Answers one call. `answer` is null if the method does not exist.
class AnswerReactor : public Reactor {
 public:
  explicit AnswerReactor(const LocalServer::Answer* answer) : answer_(answer) {
    if (answer_ == nullptr) {
      FinishWith(Error(Reason::ERROR_REASON_METHOD_UNKNOWN, "this server does not have the method"));
    } else {
      StartRead(&request_);
    }
  }
  void OnReadDone(bool ok) override {
    Acquire();
    std::string bytes;
    std::string answer;
    if (!ok || !AppendBytes(request_, bytes)) {
      FinishWith(Error(Reason::ERROR_REASON_MALFORMED_MESSAGE, "the call has no request message"));
      return;
    }
    if (const absl::Status status = (*answer_)(bytes, answer); !status.ok()) {
      FinishWith(status);
      return;
    }
    response_ = FromBytes(answer);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }

 private:
  const LocalServer::Answer* const answer_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace

struct LocalServer::State : grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    const auto found = methods.find(context->method());
    return new AnswerReactor(found == methods.end() ? nullptr : &found->second);
  }
  std::map<std::string, Answer> methods;
  std::string address;
  std::unique_ptr<grpc::Server> server;
};

LocalServer::LocalServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

LocalServer::~LocalServer() { state_->server->Shutdown(std::chrono::system_clock::now() + kStopTimeout); }

absl::StatusOr<std::unique_ptr<LocalServer>> LocalServer::Listen(const std::string& address,
                                                                 std::map<std::string, Answer> methods) {
  auto state = std::make_unique<State>();
  state->methods = std::move(methods);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetMaxReceiveMessageSize(kMaxReceivedBytes);
  builder.RegisterCallbackGenericService(state.get());
  state->server = builder.BuildAndStart();
  const bool is_path = address.starts_with("unix:");
  if (state->server == nullptr || (port == 0 && !is_path))
    return absl::UnavailableError("cannot listen at " + address);
  state->address = is_path ? address : address.substr(0, address.rfind(':') + 1) + std::to_string(port);
  auto server = std::unique_ptr<LocalServer>(new LocalServer(std::move(state)));
  server->SetServing(false);
  return server;
}

const std::string& LocalServer::address() const { return state_->address; }

void LocalServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* const health = state_->server->GetHealthCheckService();
  if (health != nullptr) health->SetServingStatus(serving);
}

bool IsLocalAddress(const std::string& address) {
  for (const char* prefix : {"unix:", "127.", "localhost:", "[::1]:"}) {
    if (address.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace idea::rpc
