#ifndef IDEA_TESTS_SERVICES_CLI_WIRE_SERVER_H_
#define IDEA_TESTS_SERVICES_CLI_WIRE_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/peer.h"

namespace idea::testing {

// The response of a server: messages, then a status.
struct Reply {
  std::vector<std::string> messages;
  absl::Status status;
};

// A received call.
struct Received {
  // "/idea.registry.v1.RegistryService/GetEntity"
  std::string method;
  std::string body;
  std::map<std::string, std::string> metadata;
};

// A gRPC server with mutual TLS. One function handles all methods.
class WireServer {
 public:
  using Handler = std::function<Reply(const Received&)>;
  WireServer(const rpc::TlsFiles& tls, Handler handler);
  ~WireServer();
  // localhost:port
  const std::string& address() const { return address_; }

 private:
  struct Running;
  std::unique_ptr<Running> running_;
  std::string address_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SERVICES_CLI_WIRE_SERVER_H_
