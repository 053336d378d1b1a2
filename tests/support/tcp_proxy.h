#ifndef IDEA_TESTS_SUPPORT_TCP_PROXY_H_
#define IDEA_TESTS_SUPPORT_TCP_PROXY_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace idea::testing {

// A TCP proxy on the loopback, like a load balancer before a server: it drops connections without traffic for
// `idle_timeout`, and can stop forwarding while it keeps all connections open.
class TcpProxy {
 public:
  using Clock = std::chrono::steady_clock;

  // `target` is "127.0.0.1:port". The proxy listens on the IPv4 address `host`, on any free port.
  explicit TcpProxy(const std::string& target, std::chrono::milliseconds idle_timeout = std::chrono::hours(1),
                    const std::string& host = "127.0.0.1")
      : target_port_(std::stoi(target.substr(target.rfind(':') + 1))), idle_timeout_(idle_timeout) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = Loopback(0);
    inet_pton(AF_INET, host.c_str(), &at.sin_addr);
    socklen_t size = sizeof(at);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
      throw std::runtime_error("the proxy cannot listen");
    }
    address_ = host + ":" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }
  ~TcpProxy() {
    stopping_ = true;
    thread_.join();
    for (const Pair& pair : pairs_) Close(pair);
    close(listener_);
  }

  const std::string& address() const { return address_; }
  // Stops forwarding and accepting, like a stopped process, and resumes.
  void Freeze() { frozen_ = true; }
  void Thaw() { frozen_ = false; }

  std::atomic<int> accepted{0};
  // The number of connections dropped because they were idle.
  std::atomic<int> dropped{0};
  // The number of reads that returned bytes.
  std::atomic<int> from_server{0};
  std::atomic<int> from_client{0};

 private:
  struct Pair {
    int client;
    int server;
    Clock::time_point last_byte = Clock::now();
  };
  static sockaddr_in Loopback(int port) {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }
  static void Close(const Pair& pair) {
    close(pair.client);
    close(pair.server);
  }
  // False if one side has ended.
  static bool Forward(int from, int to, std::atomic<int>& count) {
    std::array<char, 16384> bytes;
    const ssize_t got = recv(from, bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    ++count;
    return send(to, bytes.data(), static_cast<size_t>(got), MSG_NOSIGNAL) == got;
  }
  void Accept() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in at = Loopback(target_port_);
    ++accepted;
    if (connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0) {
      pairs_.push_back({client, server});
    } else {
      Close({client, server});
    }
  }
  void Serve() {
    while (!stopping_) {
      std::vector<pollfd> ready = {{listener_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        ready.push_back({pair.client, POLLIN, 0});
        ready.push_back({pair.server, POLLIN, 0});
      }
      const bool frozen = frozen_;
      poll(ready.data(), frozen ? 0 : ready.size(), 10);
      if (frozen) continue;
      std::vector<Pair> left;
      for (size_t i = 0; i < pairs_.size(); ++i) {
        Pair pair = pairs_[i];
        bool open = true;
        if (ready[2 * i + 1].revents != 0) open = Forward(pair.client, pair.server, from_client);
        if (open && ready[2 * i + 2].revents != 0) open = Forward(pair.server, pair.client, from_server);
        if (ready[2 * i + 1].revents != 0 || ready[2 * i + 2].revents != 0) pair.last_byte = Clock::now();
        if (open && Clock::now() - pair.last_byte > idle_timeout_) {
          ++dropped;
          open = false;
        }
        if (open) {
          left.push_back(pair);
        } else {
          Close(pair);
        }
      }
      pairs_ = std::move(left);
      if (ready[0].revents != 0) Accept();
    }
  }

  const int target_port_;
  const std::chrono::milliseconds idle_timeout_;
  int listener_ = -1;
  std::string address_;
  std::vector<Pair> pairs_;
  std::atomic<bool> frozen_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_TCP_PROXY_H_
