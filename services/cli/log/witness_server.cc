#include "services/cli/log/witness_server.h"

#include <civetweb.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace idea::cli {
namespace {

// Larger than the largest submission: 63 hashes and a checkpoint with the signatures of many witnesses.
constexpr size_t kMaxBody = 64 << 10;

int Reply(mg_connection* connection, int code, const std::string& body,
          const char* type = "text/plain; charset=utf-8") {
  const char* text = mg_get_response_code_text(connection, code);
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n\r\n",
            code, text, type, body.size());
  mg_write(connection, body.data(), body.size());
  return code;
}

}  // namespace

struct WitnessServer::State {
  Witness& witness;
  std::function<int64_t()> now;
  mg_context* context = nullptr;

  static int Handle(mg_connection* connection, void* data) {
    return static_cast<State*>(data)->Answer(connection);
  }
  int Answer(mg_connection* connection) const {
    const mg_request_info* request = mg_get_request_info(connection);
    if (std::strcmp(request->local_uri, "/add-checkpoint") != 0)
      return Reply(connection, 404, "POST /add-checkpoint\n");
    if (std::strcmp(request->request_method, "POST") != 0)
      return Reply(connection, 405, "POST /add-checkpoint\n");
    std::string body;
    char part[4096];
    for (int size = 0; (size = mg_read(connection, part, sizeof part)) > 0;) {
      body.append(part, static_cast<size_t>(size));
      if (body.size() > kMaxBody)
        return Reply(connection, 413, absl::StrCat("more than ", kMaxBody, " bytes\n"));
    }
    const auto submission = ParseSubmission(body);
    if (!submission.ok()) return Reply(connection, 400, std::string(submission.status().message()) + "\n");
    const cli::Answer answer = witness.Add(*submission, now());
    const int code = static_cast<int>(answer.result);
    if (answer.result == SubmissionResult::kCosigned)
      return Reply(connection, code, transparency::FormatSignature(answer.cosignature));
    if (answer.result == SubmissionResult::kConflict)
      return Reply(connection, code, absl::StrCat(answer.size, "\n"), "text/x.tlog.size");
    return Reply(connection, code, answer.text + "\n");
  }
};

WitnessServer::WitnessServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

WitnessServer::~WitnessServer() {
  if (state_->context != nullptr) mg_stop(state_->context);
  mg_exit_library();
}

absl::StatusOr<std::unique_ptr<WitnessServer>> WitnessServer::Listen(const std::string& address,
                                                                     Witness& witness,
                                                                     std::function<int64_t()> now) {
  mg_init_library(0);
  std::unique_ptr<WitnessServer> server(
      new WitnessServer(std::make_unique<State>(State{witness, std::move(now)})));
  const char* options[] = {"listening_ports",
                           address.c_str(),
                           "num_threads",
                           "4",
                           "request_timeout_ms",
                           "10000",
                           "enable_keep_alive",
                           "yes",
                           "keep_alive_timeout_ms",
                           "60000",
                           nullptr};
  server->state_->context = mg_start(nullptr, nullptr, options);
  if (server->state_->context == nullptr) return absl::UnavailableError("cannot listen at " + address);
  mg_set_request_handler(server->state_->context, "/", &State::Handle, server->state_.get());
  return server;
}

int WitnessServer::port() const {
  mg_server_port port;
  return mg_get_server_ports(state_->context, 1, &port) == 1 ? port.port : 0;
}

}  // namespace idea::cli
