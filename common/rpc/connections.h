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

// The address of a caller as in logs and in Connections, "192.0.2.7:40122" or "2001:db8::7:40122", from the
// form of gRPC: "ipv4:192.0.2.7:40122" or "ipv6:%5B2001:db8::7%5D:40122".
std::string PeerAddress(std::string_view grpc_peer);

// The TCP front of a server: accepts connections, passes their sockets to gRPC, limits their number and
// closes those that misuse the server. gRPC 1.51 limits neither connections nor resets, and stops accepting
// after a failed accept(). Thread-safe.
class Connections {
 public:
  struct Limits {
    // The maximum number of open connections, bounded by the limit of open files.
    size_t open = 1000;
    // The maximum number of connections on which no caller with a valid certificate has made a call yet. A
    // new one replaces the oldest one of the address that has the most.
    size_t unproven = 64;
    // The maximum number of bytes received on a connection without such a call.
    size_t unproven_bytes = size_t{128} * 1024;
    // The maximum number of connections of one caller.
    size_t of_caller = 250;
    // The maximum number of calls that the client cancels within `reset_window`. A connection has at most 100
    // concurrent calls.
    int resets = 500;
    std::chrono::seconds reset_window{2};
    // The maximum number of calls on one connection that are refused for lack of a certificate. After the
    // first one, the connection is closed within a second.
    int refusals = 20;
    // The number of unread bytes that a connection may send, before and after such a call: the data that gRPC
    // holds when a connection is closed.
    int unproven_window = 16 * 1024;
    int window = 256 * 1024;
  };
  using Clock = std::chrono::steady_clock;

  explicit Connections(Limits limits);
  ~Connections();

  // Binds host:port, where port 0 means any free port, and returns the port. UNAVAILABLE if it is in use,
  // FAILED_PRECONDITION if the limit of open files is too low to serve. A limit below the needs of `open`
  // connections reduces their number, and that of each caller in proportion.
  absl::StatusOr<int> Listen(const std::string& address);
  // Starts to accept. `serve` takes ownership of a connected socket. `tick` is called about four times a
  // second.
  void Start(std::function<void(int socket)> serve, std::function<void()> tick);
  // Whether it accepts connections on each of its addresses (ProbePort).
  absl::Status Probe(std::chrono::milliseconds timeout) const;
  // Stops accepting and ends the ticks. Open connections stay.
  void Stop();

  // Records a call of this caller on the connection from `peer`. False if the caller has too many
  // connections, in which case this one is closed.
  bool Prove(const std::string& peer, const std::string& caller);
  // Whether a call has proven the caller of the connection.
  bool IsProven(const std::string& peer) const;
  // Records the certificate of the connection from `peer` (Certificate::id).
  void SetCertificate(const std::string& peer, const std::string& certificate);
  // Closes the connections of these certificates.
  void CloseOf(const std::function<bool(const std::string& certificate)>& is_revoked);
  // Records a call that was refused because its certificate is missing or of another authority.
  void Refuse(const std::string& peer);
  // Records a call that the client cancelled.
  void Reset(const std::string& peer);

  size_t open() const;

 private:
  struct Connection {
    // A duplicate of the descriptor of gRPC, which reports the end of the connection and can end it.
    int socket = -1;
    std::string peer;
    std::string host;
    // The caller; empty until a call proves it.
    std::string caller;
    // Empty until a call shows it.
    std::string certificate;
    int refusals = 0;
    int resets = 0;
    Clock::time_point window;
    // When the connection is closed; max if it stays open.
    Clock::time_point end = Clock::time_point::max();
  };
  // In order of arrival.
  using Open = std::map<uint64_t, Connection>;

  void Watch(int socket, uint32_t events, uint64_t id) const;
  // Watches for connections, or leaves them in the queue of the kernel until the next tick.
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
  // Only used by the loop: whether it accepts, and whether the last attempt found no free descriptor.
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
