#ifndef IDEA_COMMON_REDIS_TLS_H_
#define IDEA_COMMON_REDIS_TLS_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace idea::redis {

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;

// A client's context: TLS 1.2 or later, the server's certificate is verified. Reads ca.crt from `folder`, and
// tls.crt with tls.key if they exist; without a folder the system's authorities are trusted.
absl::StatusOr<SslContext> TlsContext(const std::string& folder);

// A connection on the socket, before its handshake, which succeeds only if the server's certificate names
// `host`, a name or an IP address.
absl::StatusOr<Ssl> TlsOn(int socket, SSL_CTX* context, const std::string& host);

// What OpenSSL says of the failure of `ssl`.
std::string TlsErrorOf(SSL* ssl);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_TLS_H_
