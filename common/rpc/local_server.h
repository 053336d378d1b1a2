#ifndef IDEA_COMMON_RPC_LOCAL_SERVER_H_
#define IDEA_COMMON_RPC_LOCAL_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace idea::rpc {

// A gRPC server without TLS for programs beside it: unary methods that are answered from memory, and
// grpc.health.v1.Health.
class LocalServer {
 public:
  // Answers one call from the bytes of its request. Runs on a thread of gRPC and must not block.
  using Answer = std::function<absl::Status(const std::string& request, std::string& response)>;

  // Listens at "host:port", where port 0 takes a free one, or "unix:/path". `methods` are answers by path:
  // "/package.Service/Method". The health is NOT_SERVING at first.
  static absl::StatusOr<std::unique_ptr<LocalServer>> Listen(const std::string& address,
                                                             std::map<std::string, Answer> methods);
  // Ends calls in progress.
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  // "host:port" with the real port, or "unix:/path".
  const std::string& address() const;
  // Sets the health.
  void SetServing(bool serving);

 private:
  struct State;
  explicit LocalServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whether only programs on this machine reach an address of LocalServer: a socket of Unix, or a loopback
// address.
bool IsLocalAddress(const std::string& address);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_LOCAL_SERVER_H_
