#include "common/server/admin_port.h"

#include <civetweb.h>

#include <string_view>
#include <utility>

namespace idea::server {
namespace {

constexpr char kPlainText[] = "text/plain; charset=utf-8";

int Reply(mg_connection* connection, int code, const std::string& body, const char* type = kPlainText) {
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\n",
            code, mg_get_response_code_text(connection, code), type, body.size());
  if (std::string_view(mg_get_request_info(connection)->request_method) != "HEAD")
    mg_write(connection, body.data(), body.size());
  return code;
}

}  // namespace

struct AdminPort::State {
  const Pages pages;
  mg_context* context = nullptr;

  static int Handle(mg_connection* connection, void* data) {
    return static_cast<const State*>(data)->Answer(connection);
  }

  int Answer(mg_connection* connection) const {
    const mg_request_info* request = mg_get_request_info(connection);
    const std::string_view method = request->request_method;
    if (method != "GET" && method != "HEAD") return Reply(connection, 405, "GET or HEAD\n");
    const std::string_view path = request->local_uri;
    if (path == "/livez") return Reply(connection, 200, "ok\n");
    if (path == "/readyz") {
      const std::string reason = pages.unready();
      return reason.empty() ? Reply(connection, 200, "ok\n")
                            : Reply(connection, 503, "not ready: " + reason + "\n");
    }
    if (path == "/metrics")
      return Reply(connection, 200, pages.metrics(), "text/plain; version=0.0.4; charset=utf-8");
    if (path == "/build") return Reply(connection, 200, pages.build, "application/json");
    if (path == "/config") return Reply(connection, 200, pages.config);
    return Reply(connection, 404, "/metrics, /livez, /readyz, /build or /config\n");
  }
};

AdminPort::AdminPort(std::unique_ptr<State> state) : state_(std::move(state)) {}

AdminPort::~AdminPort() {
  if (state_->context != nullptr) mg_stop(state_->context);
  mg_exit_library();
}

absl::StatusOr<std::unique_ptr<AdminPort>> AdminPort::Listen(const std::string& address, Pages pages) {
  mg_init_library(0);
  std::unique_ptr<AdminPort> port(new AdminPort(std::make_unique<State>(State{std::move(pages)})));
  // A client that sends its request slowly keeps one of the threads for two seconds at most.
  const char* options[] = {"listening_ports",    address.c_str(), "num_threads", "8",
                           "request_timeout_ms", "2000",          nullptr};
  port->state_->context = mg_start(nullptr, nullptr, options);
  if (port->state_->context == nullptr) {
    return absl::UnavailableError("cannot serve metrics and health on " + address + ": is the port in use?");
  }
  mg_set_request_handler(port->state_->context, "/", &State::Handle, port->state_.get());
  return port;
}

int AdminPort::port() const {
  mg_server_port port;
  return mg_get_server_ports(state_->context, 1, &port) == 1 ? port.port : 0;
}

}  // namespace idea::server
