#include "common/redis/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <filesystem>

namespace idea::redis {
namespace {

// The first error in the queue of OpenSSL, without its source position; "" if it is empty.
std::string FirstError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "" : reason;
}

absl::Status Cannot(const std::string& file) {
  const std::string why = FirstError();
  return absl::InvalidArgumentError("cannot use " + file + (why.empty() ? "" : ": " + why));
}

bool IsIpAddress(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

absl::StatusOr<SslContext> TlsContext(const std::string& folder) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::InternalError("OpenSSL cannot create a context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (folder.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
    return context;
  }
  const std::string ca = folder + "/ca.crt", certificate = folder + "/tls.crt", key = folder + "/tls.key";
  if (SSL_CTX_load_verify_file(context.get(), ca.c_str()) != 1) return Cannot(ca);
  std::error_code ignored;
  if (!std::filesystem::exists(certificate, ignored) && !std::filesystem::exists(key, ignored))
    return context;
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) return Cannot(certificate);
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) return Cannot(key);
  return context;
}

absl::StatusOr<Ssl> TlsOn(int socket, SSL_CTX* context, const std::string& host) {
  ERR_clear_error();
  Ssl ssl(SSL_new(context), &SSL_free);
  const auto named = [&] {
    if (IsIpAddress(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1;
    SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  };
  if (ssl == nullptr || SSL_set_fd(ssl.get(), socket) != 1 || !named())
    return absl::InternalError("OpenSSL cannot create a connection");
  SSL_set_connect_state(ssl.get());
  return ssl;
}

std::string TlsErrorOf(SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return std::string("the certificate of Redis: ") + X509_verify_cert_error_string(verified);
  }
  const std::string why = FirstError();
  return why.empty() ? "the connection was closed" : why;
}

}  // namespace idea::redis
