#ifndef IDEA_COMMON_RPC_CONNECTIONS_H_
#define IDEA_COMMON_RPC_CONNECTIONS_H_

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace idea::rpc {

// The address of a caller as logs and Connections name it, "192.0.2.7:40122" or "2001:db8::7:40122", from
// gRPC's form: "ipv4:192.0.2.7:40122" or "ipv6:%5B2001:db8::7%5D:40122".
std::string PeerAddress(std::string_view grpc_peer);

// The TCP front of a server: accepts connections, hands their sockets to gRPC, bounds their number and closes
// those that misuse the server. gRPC 1.51 itself bounds neither connections nor resets, and after a failed
// accept() it accepts nothing any more. Safe for many threads.
class Connections {
 public:
  struct Limits {
    // Open connections in total. At most what the limit of open files allows.
    size_t open = 1000;
    // Connections on which no caller with a valid certificate has made a call yet. A new one takes the place
    // of the oldest of the address that has the most.
    size_t unproven = 64;
    // Bytes received on a connection without such a call.
    size_t unproven_bytes = size_t{128} * 1024;
    // Connections of one caller.
    size_t of_caller = 250;
    // Calls that the client cancels within `reset_window`. A connection has at most 100 calls at once.
    int resets = 500;
    std::chrono::seconds reset_window{2};
    // Calls on one connection that are refused for lack of a certificate; after the first the connection is
    // closed within a second.
    int refusals = 20;
    // Bytes that a connection may send ahead of what was read, before and after such a call: what gRPC has in
    // hand when a connection is closed.
    int unproven_window = 16 * 1024;
    int window = 256 * 1024;
  };
  using Clock = std::chrono::steady_clock;

  explicit Connections(Limits limits);
  ~Connections();

  // Binds host:port, port 0 being any free one, and returns the port. UNAVAILABLE if it is in use,
  // FAILED_PRECONDITION if the limit of open files is too low to serve. A lower limit than `open` connections
  // need bounds them, and those of each caller in proportion.
  absl::StatusOr<int> Listen(const std::string& address);
  // Accepts from now on. `serve` takes ownership of a connected socket. `tick` is called about four times a
  // second.
  void Start(std::function<void(int socket)> serve, std::function<void()> tick);
  // Whether it accepts connections on each address that it listens at (ProbePort).
  absl::Status Probe(std::chrono::milliseconds timeout) const;
  // Accepts no more and ends the ticks; open connections stay.
  void Stop();

  // A call of this caller begins on the connection from `peer`. False if the caller has too many connections:
  // then this one is closed.
  bool Prove(const std::string& peer, const std::string& caller);
  // Whether a call has proven the caller of the connection.
  bool IsProven(const std::string& peer) const;
  // A call on it was refused because its certificate is missing or not of the exchange.
  void Refuse(const std::string& peer);
  // The client cancelled a call.
  void Reset(const std::string& peer);

  size_t open() const;

 private:
  struct Connection {
    // A duplicate of gRPC's descriptor: it tells when the connection has ended, and can end it.
    int socket = -1;
    std::string peer;
    std::string host;
    // The caller; empty until a call proves it.
    std::string caller;
    int refusals = 0;
    int resets = 0;
    Clock::time_point window;
    // When the connection is closed; max if it stays.
    Clock::time_point end = Clock::time_point::max();
  };
  // By the order in which they came.
  using Open = std::map<uint64_t, Connection>;

  void Watch(int socket, uint32_t events, uint64_t id) const;
  // Listens for connections, or leaves them with the kernel until the next tick.
  void SetAccepting(bool accepting);
  void Loop();
  void Accept(int listener);
  // The following require the lock.
  void MakeRoom();
  Connection* Find(const std::string& peer) const;
  static void Close(Connection& connection);
  void Forget(Open::iterator entry);
  void Sweep();

  Limits limits_;
  std::function<void(int)> serve_;
  std::function<void()> tick_;
  std::vector<int> listeners_;
  std::vector<sockaddr_storage> addresses_;
  // The loop's own: whether it accepts, and whether the last attempt found no descriptor.
  bool accepting_ = false;
  bool full_ = false;
  int poll_ = -1;
  int wake_ = -1;
  mutable std::mutex mutex_;
  Open open_;
  uint64_t last_ = 0;
  std::unordered_map<std::string, Connection*> by_peer_;
  std::map<std::string, size_t> of_caller_;
  size_t unproven_ = 0;
  std::thread thread_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CONNECTIONS_H_
