#include "common/rpc/port_probe.h"

#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace idea::rpc {
namespace {

// A longer pause of the process costs a probe one such part of its timeout.
constexpr std::chrono::milliseconds kPollInterval{100};

class Socket {
 public:
  explicit Socket(int family) : descriptor_(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int operator*() const { return descriptor_; }

 private:
  const int descriptor_;
};

// The first message of a TLS client that speaks HTTP/2.
std::string ClientHello() {
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  const std::unique_ptr<SSL, Free> ssl(SSL_new(context.get()));
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);  // Accepts both.
  constexpr std::array<unsigned char, 3> kHttp2 = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), kHttp2.data(), kHttp2.size());
  SSL_connect(ssl.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(sent, &bytes);  // NOLINT(google-runtime-int): OpenSSL's type.
  return std::string(bytes, static_cast<size_t>(size));
}

// The address to dial: that of this machine if the listener accepts any.
sockaddr_storage Dialed(sockaddr_storage address) {
  if (address.ss_family == AF_INET6) {
    in6_addr& ip = reinterpret_cast<sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_UNSPECIFIED(&ip)) ip = in6addr_loopback;
  } else {
    in_addr& ip = reinterpret_cast<sockaddr_in&>(address).sin_addr;
    if (ip.s_addr == htonl(INADDR_ANY)) ip.s_addr = htonl(INADDR_LOOPBACK);
  }
  return address;
}

absl::Status Failure(int error) {
  if (error == EMFILE || error == ENFILE)
    return absl::ResourceExhaustedError("no file descriptor is left to connect to it");
  return absl::UnavailableError(std::strerror(error));
}

// Whether the socket is ready for `event` within the rest of the timeout, in short polls.
bool Await(int socket, int16_t event, int64_t& polls) {
  pollfd ready = {.fd = socket, .events = event, .revents = 0};
  while (polls > 0) {
    if (poll(&ready, 1, static_cast<int>(kPollInterval.count())) > 0) return true;
    --polls;
  }
  return false;
}

}  // namespace

absl::Status ProbePort(const sockaddr_storage& listener, std::chrono::milliseconds timeout) {
  const absl::Status silent = absl::DeadlineExceededError("it does not accept connections");
  const Socket socket(listener.ss_family);
  if (*socket < 0) return Failure(errno);
  const sockaddr_storage at = Dialed(listener);
  const socklen_t size = at.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (connect(*socket, reinterpret_cast<const sockaddr*>(&at), size) != 0 && errno != EINPROGRESS)
    return Failure(errno);
  int64_t polls = timeout / kPollInterval + 1;
  if (!Await(*socket, POLLOUT, polls)) return silent;
  int error = 0;
  socklen_t error_size = sizeof(error);
  getsockopt(*socket, SOL_SOCKET, SO_ERROR, &error, &error_size);
  if (error == ECONNRESET) return absl::OkStatus();  // Accepted and closed.
  if (error != 0) return Failure(error);
  static const std::string& hello = *new std::string(ClientHello());
  // Fits into the buffer of a new socket. If the server has already closed the connection, poll() reports it.
  [[maybe_unused]] const ssize_t written = send(*socket, hello.data(), hello.size(), MSG_NOSIGNAL);
  return Await(*socket, POLLIN, polls) ? absl::OkStatus() : silent;
}

}  // namespace idea::rpc
