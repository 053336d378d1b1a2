#include "common/rpc/connection_check.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace idea::rpc {
namespace {

using std::chrono::milliseconds;
using enum ConnectionFault;

// A socket that the destructor closes.
struct Socket {
  explicit Socket(int opened) : fd(opened) {}
  ~Socket() {
    if (fd >= 0) close(fd);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  const int fd;
};

std::optional<ServerAddress> Split(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == address.npos || colon == 0 || colon + 1 == address.size()) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const bool digits = port.find_first_not_of("0123456789") == port.npos;
  if (!digits || host.find('/') != host.npos) return std::nullopt;
  return ServerAddress{std::string(host), std::string(port)};
}

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

ConnectionFault FaultOf(long verdict) {  // NOLINT(google-runtime-int): OpenSSL's type.
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return kExpired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return kNotYetValid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return kWrongName;
    default:
      return kUnknownAuthority;
  }
}

// Why a step of the handshake failed: the result of verifying the certificate of the server, or the last
// error of OpenSSL, possibly an alert of the server.
ConnectionCheck FailureOf(SSL* ssl, int result) {
  const auto verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) return {FaultOf(verdict), X509_verify_cert_error_string(verdict)};
  const int error = SSL_get_error(ssl, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return {kTimeout, ""};
  const auto code = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(code);
  const char* text = ERR_reason_error_string(code);
  const std::string words = text == nullptr ? "" : text;
  if (error != SSL_ERROR_SSL || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return {kClosed, words};
  if (reason == SSL_R_WRONG_VERSION_NUMBER) return {kNoTls, words};
  return {reason == SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED ? kOwnExpired : kOwnRefused, words};
}

// Runs one step of OpenSSL on a non-blocking socket until it ends or the time is up.
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

// The URIs in the certificate of the server, separated by spaces.
std::string IdentityOf(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> leaf(SSL_get1_peer_certificate(ssl), &X509_free);
  if (leaf == nullptr) return "";
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf.get(), NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::string uris;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_STRING* uri = name->d.uniformResourceIdentifier;
    if (!uris.empty()) uris += ' ';
    uris.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return uris;
}

// `shows_certificate`: whether the own certificate is sent.
ConnectionCheck CheckTls(int fd, SSL_CTX* context, bool shows_certificate, const std::string& name,
                         const std::string& spiffe_id, milliseconds timeout) {
  static constexpr std::array<unsigned char, 3> kHttp2 = {2, 'h', '2'};
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context), &SSL_free);
  if (!shows_certificate) SSL_certs_clear(ssl.get());
  SSL_set_fd(ssl.get(), fd);
  SSL_set_alpn_protos(ssl.get(), kHttp2.data(), kHttp2.size());
  SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str()) != 1) {
    SSL_set_tlsext_host_name(ssl.get(), name.c_str());
    SSL_set1_host(ssl.get(), name.c_str());
  }
  const int connected = RunStep(ssl.get(), fd, timeout, [&] { return SSL_connect(ssl.get()); });
  if (connected != 1) return FailureOf(ssl.get(), connected);
  if (!spiffe_id.empty()) {
    if (std::string identity = IdentityOf(ssl.get()); identity != spiffe_id)
      return {kWrongIdentity, std::move(identity)};
  }
  // In TLS 1.3 the server checks the certificate of the client later: its first bytes, or its alert, show the
  // result.
  char byte = 0;
  const int got = RunStep(ssl.get(), fd, timeout, [&] { return SSL_read(ssl.get(), &byte, 1); });
  return got > 0 ? ConnectionCheck() : FailureOf(ssl.get(), got);
}

}  // namespace

bool IsOfCertificate(ConnectionFault fault) { return fault >= kExpired; }

std::vector<ServerAddress> AddressesIn(const std::string& target) {
  std::string_view rest = target;
  const bool list = rest.starts_with("ipv4:") || rest.starts_with("ipv6:");
  for (const std::string_view scheme : {"dns:///", "dns:", "ipv4:", "ipv6:"}) {
    if (!rest.starts_with(scheme)) continue;
    rest.remove_prefix(scheme.size());
    break;
  }
  std::vector<ServerAddress> addresses;
  while (!rest.empty()) {
    const size_t comma = list ? std::min(rest.find(','), rest.size()) : rest.size();
    std::optional<ServerAddress> address = Split(rest.substr(0, comma));
    if (!address) return {};
    addresses.push_back(*std::move(address));
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  return addresses;
}

ConnectionCheck CheckConnection(const ServerAddress& at, SSL_CTX* context, const std::string& name,
                                const std::string& spiffe_id, milliseconds timeout) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(at.host.c_str(), at.port.c_str(), &hints, &found); error != 0)
    return {kNoSuchHost, gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  const auto check_address = [&](const addrinfo& to, bool shows_certificate) -> ConnectionCheck {
    const Socket socket(::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int error = socket.fd < 0 ? errno : Connect(socket.fd, to, timeout);
    if (error != 0) return {error == ETIMEDOUT ? kTimeout : kRefused, std::strerror(error)};
    return CheckTls(socket.fd, context, shows_certificate, name, spiffe_id, timeout);
  };
  const X509* own = SSL_CTX_get0_certificate(context);
  ConnectionCheck check;
  bool works = false;
  for (const addrinfo* to = found; to != nullptr; to = to->ai_next) {
    check = check_address(*to, true);
    // gRPC closes the connection silently. It would serve without the certificate.
    if (check.fault == kClosed && own != nullptr && check_address(*to, false).fault == kNone)
      check.fault = X509_cmp_current_time(X509_get0_notAfter(own)) < 0 ? kOwnExpired : kOwnRefused;
    if (IsOfCertificate(check.fault)) return check;
    works = works || check.fault == kNone;
  }
  return works ? ConnectionCheck() : check;
}

}  // namespace idea::rpc
