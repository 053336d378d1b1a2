#include "common/rpc/connections.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/rpc/port_probe.h"
#include "common/status/status.h"

namespace idea::rpc {
namespace {

constexpr std::chrono::milliseconds kTick{250};
// The time for a refusal to reach the caller before its connection is closed.
constexpr std::chrono::seconds kLinger{1};
constexpr int kBacklog = 1024;
// Limit: file descriptors that databases, peers, Redis and libraries may open after the start.
constexpr size_t kReservedFiles = 120;
// A connection has two descriptors: that of gRPC and ours.
constexpr size_t kFilesOfConnection = 2;
// Limit: a server that cannot have this many connections does not start.
constexpr size_t kMinConnections = 16;

size_t CountOpenFiles() {
  std::error_code failure;
  const std::filesystem::directory_iterator files("/proc/self/fd", failure);
  return failure ? 0 : static_cast<size_t>(std::distance(begin(files), end(files)));
}

// Raises the soft limit of open files if `wanted` connections need it. Returns the number of connections that
// the limit allows.
absl::StatusOr<size_t> RaiseFileLimit(size_t wanted) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const size_t others = CountOpenFiles() + kReservedFiles;
  const rlim_t needed = others + kFilesOfConnection * wanted;
  if (limit.rlim_cur >= needed) return wanted;
  limit.rlim_cur = std::min(limit.rlim_max, needed);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
  const size_t allowed = limit.rlim_cur > others ? (limit.rlim_cur - others) / kFilesOfConnection : 0;
  if (allowed >= wanted) return wanted;
  if (const size_t least = std::min(wanted, kMinConnections); allowed < least) {
    return absl::FailedPreconditionError(
        "the limit of open files (RLIMIT_NOFILE) is " + std::to_string(limit.rlim_cur) + ", and at least " +
        std::to_string(others + kFilesOfConnection * least) + " are needed: raise it with ulimit -Hn");
  }
  log::Line(log::Level::kWarn, "the limit of open files allows fewer connections than IDEA_MAX_CONNECTIONS")
      .With("open_files", static_cast<int64_t>(limit.rlim_cur))
      .With("connections", static_cast<int64_t>(allowed))
      .With("wanted", static_cast<int64_t>(wanted));
  return allowed;
}

std::string HostOf(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& ip = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&ip);
    inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? static_cast<const void*>(&ip.s6_addr[12]) : &ip,
              text.data(), text.size());
  }
  return text.data();
}

uint16_t PortOf(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

void SetPort(sockaddr* address, int port) {
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(static_cast<uint16_t>(port));
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(static_cast<uint16_t>(port));
  }
}

// Opens a listening socket; -1 if the address cannot be bound.
int ListenAt(const addrinfo& at, int port) {
  const int socket = ::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1, off = 0;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // "[::]" serves IPv4 too.
  if (at.ai_family == AF_INET6) setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  SetPort(at.ai_addr, port);
  if (bind(socket, at.ai_addr, at.ai_addrlen) == 0 && listen(socket, kBacklog) == 0) return socket;
  close(socket);
  return -1;
}

void SetWindow(int socket, int bytes) {
  setsockopt(socket, IPPROTO_TCP, TCP_WINDOW_CLAMP, &bytes, sizeof(bytes));
}

size_t BytesReceived(int socket) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_bytes_received;
}

}  // namespace

std::string PeerAddress(std::string_view grpc_peer) {
  grpc_peer.remove_prefix(std::min(grpc_peer.size(), grpc_peer.find(':') + 1));
  std::string address;
  for (size_t i = 0; i < grpc_peer.size(); ++i) {
    if (grpc_peer.substr(i, 3) == "%5B" || grpc_peer.substr(i, 3) == "%5D") {
      i += 2;
    } else if (grpc_peer[i] != '[' && grpc_peer[i] != ']') {
      address += grpc_peer[i];
    }
  }
  return address;
}

Connections::Connections(Limits limits) : limits_(limits) {}

Connections::~Connections() {
  Stop();
  for (const auto& [id, connection] : open_) close(connection.socket);
}

absl::StatusOr<int> Connections::Listen(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError(address + " is not host:port");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.empty() ? nullptr : host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0)
    return absl::UnavailableError("cannot resolve " + address);
  int port = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    sockaddr_storage bound = {};
    if (port == 0) {
      std::memcpy(&bound, at->ai_addr, at->ai_addrlen);
      port = PortOf(bound);
    }
    const int listener = ListenAt(*at, port);
    if (listener < 0) continue;
    listeners_.push_back(listener);
    socklen_t size = sizeof(bound);
    getsockname(listener, reinterpret_cast<sockaddr*>(&bound), &size);
    addresses_.push_back(bound);
    port = PortOf(bound);
  }
  freeaddrinfo(found);
  if (listeners_.empty())
    return absl::UnavailableError("cannot listen on " + address + ": is the port in use?");
  ASSIGN_OR_RETURN(const size_t allowed, RaiseFileLimit(limits_.open));
  limits_.of_caller = std::max<size_t>(1, limits_.of_caller * allowed / limits_.open);
  limits_.open = allowed;
  return port;
}

absl::Status Connections::Probe(std::chrono::milliseconds timeout) const {
  for (const sockaddr_storage& address : addresses_) {
    RETURN_IF_ERROR(ProbePort(address, timeout));
  }
  return absl::OkStatus();
}

void Connections::Start(std::function<void(int)> serve, std::function<void()> tick) {
  serve_ = std::move(serve);
  tick_ = std::move(tick);
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC);
  // The id of an event: 0 for the wake-up, then the listeners, then the connections.
  Watch(wake_, EPOLLIN, last_++);
  for (const int listener : listeners_) Watch(listener, 0, last_++);
  SetAccepting(true);
  thread_ = log::StartThread("connections", [this] { Loop(); });
}

void Connections::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
    thread_.join();
    close(poll_);
    close(wake_);
  }
  for (const int socket : listeners_) close(socket);
  listeners_.clear();
}

void Connections::Watch(int socket, uint32_t events, uint64_t id) const {
  epoll_event event = {.events = events, .data = {.u64 = id}};
  epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
}

void Connections::SetAccepting(bool accepting) {
  accepting_ = accepting;
  for (size_t i = 0; i < listeners_.size(); ++i) {
    epoll_event event = {.events = accepting ? EPOLLIN : 0U, .data = {.u64 = i + 1}};
    epoll_ctl(poll_, EPOLL_CTL_MOD, listeners_[i], &event);
  }
}

void Connections::Loop() {
  auto next_tick = Clock::now() + kTick;
  while (true) {
    std::array<epoll_event, 64> events;
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(next_tick - Clock::now());
    const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()),
                                 std::max(0, static_cast<int>(wait.count())));
    for (int i = 0; i < count; ++i) {
      const uint64_t id = events[static_cast<size_t>(i)].data.u64;
      if (id == 0) return;
      if (id <= listeners_.size()) {
        if (accepting_) Accept(listeners_[id - 1]);
        continue;
      }
      const std::lock_guard lock(mutex_);
      if (const auto ended = open_.find(id); ended != open_.end()) Forget(ended);
    }
    if (Clock::now() < next_tick) continue;
    next_tick = Clock::now() + kTick;
    {
      const std::lock_guard lock(mutex_);
      Sweep();
    }
    if (!accepting_) SetAccepting(true);
    tick_();
  }
}

void Connections::Accept(int listener) {
  sockaddr_storage from = {};
  socklen_t size = sizeof(from);
  const int socket =
      accept4(listener, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int twin = socket < 0 ? -1 : fcntl(socket, F_DUPFD_CLOEXEC, 0);
  const bool full = twin < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS);
  if (socket < 0 && !full) return;
  if (full) {
    // gRPC closes its descriptor of an evicted connection a moment later. Clients wait until then.
    SetAccepting(false);
    if (!std::exchange(full_, true)) {
      log::Line(log::Level::kWarn, "no file descriptor is left for a new connection")
          .With("cause", std::strerror(errno))
          .With("connections", static_cast<int64_t>(open()));
    }
  } else {
    full_ = false;
  }
  {
    const std::lock_guard lock(mutex_);
    if (full || unproven_ >= limits_.unproven || open_.size() >= limits_.open) MakeRoom();
    if (twin < 0 || open_.size() >= limits_.open) {
      if (twin >= 0) close(twin);
      if (socket >= 0) close(socket);
      return;
    }
    Connection& connection = open_[last_];
    connection.socket = twin;
    connection.host = HostOf(from);
    connection.peer = connection.host + ":" + std::to_string(PortOf(from));
    by_peer_[connection.peer] = &connection;
    ++unproven_;
    // Only the end of the connection matters, which epoll always reports.
    Watch(twin, 0, last_++);
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  SetWindow(socket, limits_.unproven_window);
  serve_(socket);
}

void Connections::MakeRoom() {
  std::map<std::string_view, size_t> unproven;
  for (const auto& [id, connection] : open_) {
    if (connection.caller.empty()) ++unproven[connection.host];
  }
  if (unproven.empty()) return;
  const auto most = std::max_element(unproven.begin(), unproven.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto oldest = std::find_if(open_.begin(), open_.end(), [&](const auto& entry) {
    return entry.second.caller.empty() && entry.second.host == most->first;
  });
  Close(oldest->second);
  Forget(oldest);
}

Connections::Connection* Connections::Find(const std::string& peer) const {
  const auto found = by_peer_.find(peer);
  return found == by_peer_.end() ? nullptr : found->second;
}

bool Connections::Prove(const std::string& peer, const std::string& caller) {
  const std::lock_guard lock(mutex_);
  Connection* connection = Find(peer);
  if (connection == nullptr || !connection->caller.empty()) return true;
  if (of_caller_[caller] >= limits_.of_caller) {
    connection->end = std::min(connection->end, Clock::now() + kLinger);
    return false;
  }
  connection->caller = caller;
  SetWindow(connection->socket, limits_.window);
  ++of_caller_[caller];
  --unproven_;
  return true;
}

bool Connections::IsProven(const std::string& peer) const {
  const std::lock_guard lock(mutex_);
  const Connection* connection = Find(peer);
  return connection != nullptr && !connection->caller.empty();
}

void Connections::SetCertificate(const std::string& peer, const std::string& certificate) {
  const std::lock_guard lock(mutex_);
  if (Connection* connection = Find(peer); connection != nullptr) connection->certificate = certificate;
}

void Connections::CloseOf(const std::function<bool(const std::string& certificate)>& is_revoked) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, connection] : open_) {
    if (!connection.certificate.empty() && is_revoked(connection.certificate)) Close(connection);
  }
}

void Connections::Refuse(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  Connection* connection = Find(peer);
  if (connection == nullptr) return;
  connection->end = std::min(connection->end, Clock::now() + kLinger);
  if (++connection->refusals > limits_.refusals) Close(*connection);
}

void Connections::Reset(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  Connection* connection = Find(peer);
  if (connection == nullptr) return;
  if (Clock::now() - connection->window > limits_.reset_window) {
    connection->window = Clock::now();
    connection->resets = 0;
  }
  if (++connection->resets != limits_.resets) return;
  log::Line(log::Level::kWarn, "closing a connection that resets too many calls")
      .With("peer", connection->peer)
      .With("caller", connection->caller);
  Close(*connection);
}

size_t Connections::open() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

void Connections::Close(Connection& connection) {
  // Data that the client still sends is discarded.
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(connection.socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  shutdown(connection.socket, SHUT_RDWR);
}

void Connections::Forget(Open::iterator entry) {
  const Connection& connection = entry->second;
  if (connection.caller.empty()) {
    --unproven_;
  } else if (--of_caller_[connection.caller] == 0) {
    of_caller_.erase(connection.caller);
  }
  // The port may already belong to a newer connection.
  if (Find(connection.peer) == &connection) by_peer_.erase(connection.peer);
  close(connection.socket);
  open_.erase(entry);
}

void Connections::Sweep() {
  const auto now = Clock::now();
  for (auto& [id, connection] : open_) {
    const bool hoards =
        connection.caller.empty() && BytesReceived(connection.socket) > limits_.unproven_bytes;
    if (now >= connection.end || hoards) Close(connection);
  }
}

}  // namespace idea::rpc
