#include "services/cli/gate/gate_http_server.h"

#include <civetweb.h>

#include <cstring>
#include <utility>

namespace idea::cli {
namespace {

int Reply(mg_connection* connection, const GateAnswer& answer) {
  const char* text = mg_get_response_code_text(connection, answer.code);
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n\r\n",
            answer.code, text, answer.is_json ? "application/json" : "text/plain; charset=utf-8",
            answer.body.size());
  if (std::strcmp(mg_get_request_info(connection)->request_method, "HEAD") != 0)
    mg_write(connection, answer.body.data(), answer.body.size());
  return answer.code;
}

}  // namespace

struct GateHttpServer::State {
  ExchangeGate& gate;
  mg_context* context = nullptr;

  static int Handle(mg_connection* connection, void* data) {
    const mg_request_info* request = mg_get_request_info(connection);
    const std::string_view method = request->request_method;
    if (method != "GET" && method != "HEAD") return Reply(connection, {405, "GET only\n"});
    const char* query = request->query_string;
    return Reply(connection,
                 static_cast<State*>(data)->gate.Get(request->local_uri, query == nullptr ? "" : query));
  }
};

GateHttpServer::GateHttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

GateHttpServer::~GateHttpServer() {
  if (state_->context != nullptr) mg_stop(state_->context);
  mg_exit_library();
}

absl::StatusOr<std::unique_ptr<GateHttpServer>> GateHttpServer::Listen(const std::string& address,
                                                                       ExchangeGate& gate) {
  mg_init_library(0);
  std::unique_ptr<GateHttpServer> server(new GateHttpServer(std::make_unique<State>(State{gate})));
  const char* options[] = {"listening_ports",
                           address.c_str(),
                           "num_threads",
                           "4",
                           "request_timeout_ms",
                           "10000",
                           "enable_keep_alive",
                           "yes",
                           "keep_alive_timeout_ms",
                           "5000",
                           nullptr};
  server->state_->context = mg_start(nullptr, nullptr, options);
  if (server->state_->context == nullptr) return absl::UnavailableError("cannot listen at " + address);
  mg_set_request_handler(server->state_->context, "/", &State::Handle, server->state_.get());
  return server;
}

int GateHttpServer::port() const {
  mg_server_port port;
  return mg_get_server_ports(state_->context, 1, &port) == 1 ? port.port : 0;
}

}  // namespace idea::cli
