#include "services/cli/connection_check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace idea::cli {
namespace {

using std::chrono::milliseconds;

struct HostPort {
  std::string host;
  std::string port;
};

// "host:port", "[::1]:port", with or without "dns:///" before it; nothing for other kinds of address.
std::optional<HostPort> Split(std::string address) {
  if (address.starts_with("dns:")) address.erase(0, address.starts_with("dns:///") ? 7 : 4);
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) return std::nullopt;
  HostPort parts{address.substr(0, colon), address.substr(colon + 1)};
  if (parts.host.front() == '[' && parts.host.back() == ']')
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  const bool digits = parts.port.find_first_not_of("0123456789") == std::string::npos;
  return digits && parts.host.find('/') == std::string::npos ? std::optional(parts) : std::nullopt;
}

// Whether `no_proxy`, a list with commas, has the host or a domain that it is in.
bool IsExempt(const std::string& list, const std::string& host) {
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    std::string entry = list.substr(begin, end - begin);
    entry.erase(0, entry.find_first_not_of(' '));
    if (!entry.empty() && host.ends_with(entry)) return true;
    begin = end + 1;
  }
  return false;
}

// The variable whose proxy gRPC uses for this host; empty if none.
std::string ProxyVariable(const Environment& env, const std::string& host) {
  const auto value = [&](const char* name) {
    const auto found = env.find(name);
    return found == env.end() ? std::string() : found->second;
  };
  const std::string exempt = value("no_grpc_proxy").empty() ? value("no_proxy") : value("no_grpc_proxy");
  if (IsExempt(exempt, host)) return "";
  for (const char* name : {"grpc_proxy", "https_proxy", "http_proxy"}) {
    if (!value(name).empty()) return name;
  }
  return "";
}

// A socket that is closed with its scope.
struct Socket {
  explicit Socket(int opened) : fd(opened) {}
  ~Socket() {
    if (fd >= 0) close(fd);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  const int fd;
};

// 0, or the errno of the attempt.
int Connect(int fd, const addrinfo& to, milliseconds timeout) {
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (connect(fd, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd ready{fd, POLLOUT, 0};
  if (poll(&ready, 1, static_cast<int>(timeout.count())) != 1) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

ConnectionTrouble Timeout(const std::string& what, milliseconds timeout) {
  return {kDeadline, what + " did not answer within " + std::to_string(timeout.count() / 1000) + " s"};
}

std::string NameOf(const HostPort& at) { return at.host + ":" + at.port; }

// The reason of OpenSSL's last error: an alert of the server, or what was wrong here.
ConnectionTrouble OfHandshake(SSL* ssl, int result, const HostPort& at, milliseconds timeout) {
  const long verdict = SSL_get_verify_result(ssl);
  const std::string why = X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_OK:
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {kExpired, "the certificate of " + NameOf(at) + " is out of date: " + why};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {kNameMismatch, "the certificate of " + NameOf(at) + " is for another name than " + at.host +
                                 ": call the server by a name that its certificate has"};
    default:
      return {kUnknownAuthority,
              "the certificate of " + NameOf(at) + " is not from the certificate authority in --ca: " + why};
  }
  const int error = SSL_get_error(ssl, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
    return Timeout("TLS of " + NameOf(at), timeout);
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  if (reason == SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED)
    return {kExpired, NameOf(at) + " says that your certificate has expired: renew it"};
  if (reason == SSL_R_WRONG_VERSION_NUMBER)
    return {kRefused, NameOf(at) + " does not speak TLS: is it the port of another service?"};
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  return {kCertificateRefused, NameOf(at) + " does not accept your certificate (" +
                                   (text == nullptr ? "it closed the connection" : text) +
                                   "): use one of the exchange's certificate authority"};
}

// Runs one step of OpenSSL on a socket that does not block until it ends or the time is up.
template <class Step>
int RunStep(SSL* ssl, int fd, milliseconds timeout, const Step& step) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (true) {
    ERR_clear_error();
    const int result = step();
    const int error = SSL_get_error(ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return result;
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    pollfd ready{fd, static_cast<int16_t>(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) != 1) return result;
  }
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// What is wrong with the files that the call is made with.
std::optional<ConnectionTrouble> LoadFiles(const Target& target, SSL_CTX* context) {
  const auto unreadable = [](const std::string& what, const std::string& file) {
    return ConnectionTrouble{kUsage, "the " + what + " " + file + " cannot be read"};
  };
  if (SSL_CTX_load_verify_locations(context, target.authority.c_str(), nullptr) != 1)
    return unreadable("certificate authority", target.authority);
  if (target.certificate.empty()) return std::nullopt;
  if (SSL_CTX_use_certificate_chain_file(context, target.certificate.c_str()) != 1)
    return unreadable("certificate", target.certificate);
  if (SSL_CTX_use_PrivateKey_file(context, target.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return ConnectionTrouble{kUsage,
                             "the key " + target.key + " cannot be read, or is not that of the certificate"};
  const X509* own = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0)
    return ConnectionTrouble{kExpired, "your certificate " + target.certificate + " has expired: renew it"};
  if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0)
    return ConnectionTrouble{kExpired, "your certificate " + target.certificate + " is not valid yet"};
  return std::nullopt;
}

std::optional<ConnectionTrouble> CheckTls(int fd, SSL_CTX* context, const HostPort& at,
                                          milliseconds timeout) {
  static constexpr std::array<unsigned char, 3> kHttp2 = {2, 'h', '2'};
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context), &SSL_free);
  SSL_set_fd(ssl.get(), fd);
  SSL_set_alpn_protos(ssl.get(), kHttp2.data(), kHttp2.size());
  SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), at.host.c_str()) != 1) {
    SSL_set_tlsext_host_name(ssl.get(), at.host.c_str());
    SSL_set1_host(ssl.get(), at.host.c_str());
  }
  const int connected = RunStep(ssl.get(), fd, timeout, [&] { return SSL_connect(ssl.get()); });
  if (connected != 1) return OfHandshake(ssl.get(), connected, at, timeout);
  // In TLS 1.3 the server judges the client's certificate later: its first bytes, or its alert, say how.
  char byte = 0;
  const int got = RunStep(ssl.get(), fd, timeout, [&] { return SSL_read(ssl.get(), &byte, 1); });
  if (got > 0) return std::nullopt;
  return OfHandshake(ssl.get(), got, at, timeout);
}

}  // namespace

bool IsLoopback(const std::string& address) {
  const std::optional<HostPort> at = Split(address);
  return at && (at->host == "localhost" || at->host.starts_with("127.") || at->host == "::1");
}

std::optional<ConnectionTrouble> FindConnectionTrouble(const Target& target, const Environment& env,
                                                       milliseconds timeout) {
  const std::optional<HostPort> at = Split(target.address);
  if (!at) return std::nullopt;
  const Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (auto trouble = LoadFiles(target, context.get())) return trouble;
  if (const std::string proxy = IsLoopback(target.address) ? "" : ProxyVariable(env, at->host);
      !proxy.empty()) {
    return ConnectionTrouble{kProxy, "the call goes through the proxy that " + proxy +
                                         " in the environment names, and fails: unset it, or add " +
                                         at->host + " to no_proxy"};
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(at->host.c_str(), at->port.c_str(), &hints, &found); error != 0) {
    return ConnectionTrouble{kNoSuchHost, "the host " + at->host + " is not known: " + gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  int error = 0;
  for (const addrinfo* to = found; to != nullptr; to = to->ai_next) {
    const Socket socket(::socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    error = socket.fd < 0 ? errno : Connect(socket.fd, *to, timeout);
    if (error == 0) return CheckTls(socket.fd, context.get(), *at, timeout);
  }
  if (error == ETIMEDOUT) return Timeout(NameOf(*at), timeout);
  return ConnectionTrouble{kRefused, "no connection to " + NameOf(*at) + ": " + std::strerror(error) +
                                         "; is the server running there?"};
}

}  // namespace idea::cli
