#include "common/redis/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>

#include "common/redis/failure.h"
#include "common/status/status.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string ErrorText(int error) {
  char text[128];
  return strerror_r(error, text, sizeof(text));
}

// OpenSSL uses write(2): SIGPIPE would end the process when Redis disconnects.
void IgnoreBrokenPipes() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction now = {};
    if (sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
  });
}

int NewSocket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

}  // namespace

Socket::~Socket() { close(fd_); }

absl::StatusOr<std::unique_ptr<Socket>> Socket::OpenUnix(const std::string& path, Deadline deadline) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Failure("CONNECT", "the path of the socket is too long");
  path.copy(address.sun_path, path.size());
  const int fd = NewSocket(AF_UNIX);
  if (fd < 0) return Failure("CONNECT", ErrorText(errno));
  std::unique_ptr<Socket> socket(new Socket(fd));
  RETURN_IF_ERROR(socket->Connect(&address, sizeof(address), deadline));
  return socket;
}

absl::StatusOr<std::unique_ptr<Socket>> Socket::Open(const config::RedisUrl::Host& host, SSL_CTX* tls,
                                                     Deadline deadline) {
  addrinfo hints = {}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  const std::string port = std::to_string(host.port);
  if (const int failed = getaddrinfo(host.name.c_str(), port.c_str(), &hints, &found); failed != 0)
    return Failure("CONNECT", host.name + ": " + gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  absl::Status last = Failure("CONNECT", host.name + ": no address");
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int fd = NewSocket(address->ai_family);
    if (fd < 0) return Failure("CONNECT", ErrorText(errno));
    std::unique_ptr<Socket> socket(new Socket(fd));
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    // An address that does not answer leaves time for the others.
    const auto now = steady_clock::now();
    last = socket->Connect(address->ai_addr, address->ai_addrlen,
                           address->ai_next == nullptr ? deadline : now + (deadline - now) / 2);
    if (!last.ok()) continue;
    if (tls != nullptr) RETURN_IF_ERROR(socket->StartTls(tls, host.name, deadline));
    return socket;
  }
  return last;
}

absl::Status Socket::Connect(const void* address, unsigned size, Deadline deadline) {
  if (connect(fd_, static_cast<const sockaddr*>(address), size) == 0) return absl::OkStatus();
  if (errno != EINPROGRESS) return Failure("CONNECT", ErrorText(errno));
  RETURN_IF_ERROR(Wait(POLLOUT, deadline));
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? absl::OkStatus() : Failure("CONNECT", ErrorText(error));
}

absl::Status Socket::Wait(short events, Deadline deadline) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) return Failure("TIMEOUT", "no answer in time");
    pollfd polled = {fd_, events, 0};
    const int ready = poll(&polled, 1, static_cast<int>(std::min<int64_t>(left, 60'000)));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Failure("CLOSED", ErrorText(errno));
  }
}

absl::Status Socket::StartTls(SSL_CTX* tls, const std::string& host, Deadline deadline) {
  IgnoreBrokenPipes();
  absl::StatusOr<Ssl> ssl = TlsOn(fd_, tls, host);
  if (!ssl.ok()) return Failure("TLS", ssl.status());
  ssl_ = *std::move(ssl);
  while (true) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return absl::OkStatus();
    RETURN_IF_ERROR(AfterTls(result, deadline));
  }
}

absl::Status Socket::AfterTls(int result, Deadline deadline) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Wait(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE:
      return Wait(POLLOUT, deadline);
    case SSL_ERROR_SSL:
      return Failure("TLS", TlsErrorOf(ssl_.get()));
    default:
      return Failure(SSL_is_init_finished(ssl_.get()) ? "CLOSED" : "TLS", "the connection was closed");
  }
}

absl::Status Socket::Write(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (ssl_ != nullptr) {
      ERR_clear_error();
      size_t written = 0;
      const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
      if (result == 1) {
        bytes.remove_prefix(written);
      } else {
        RETURN_IF_ERROR(AfterTls(result, deadline));
      }
      continue;
    }
    const ssize_t written = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      RETURN_IF_ERROR(Wait(POLLOUT, deadline));
    } else if (errno != EINTR) {
      return Failure("CLOSED", ErrorText(errno));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Socket::Read(char* to, size_t size, Deadline deadline) {
  while (true) {
    if (ssl_ != nullptr) {
      ERR_clear_error();
      size_t got = 0;
      const int result = SSL_read_ex(ssl_.get(), to, size, &got);
      if (result == 1) return got;
      RETURN_IF_ERROR(AfterTls(result, deadline));
      continue;
    }
    const ssize_t got = recv(fd_, to, size, 0);
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) return Failure("CLOSED", "the connection was closed");
    if (errno == EAGAIN) {
      RETURN_IF_ERROR(Wait(POLLIN, deadline));
    } else if (errno != EINTR) {
      return Failure("CLOSED", ErrorText(errno));
    }
  }
}

}  // namespace idea::redis
