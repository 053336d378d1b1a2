#ifndef IDEA_COMMON_REDIS_TLS_H_
#define IDEA_COMMON_REDIS_TLS_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace idea::redis {

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;

// A client context: TLS 1.2 or later, with verification of the server. Reads ca.crt from `folder`, and
// tls.crt with tls.key if they exist. Without a folder, the authorities of the system are trusted.
absl::StatusOr<SslContext> TlsContext(const std::string& folder);

// A TLS connection on the socket before its handshake, which succeeds only if the certificate of the server
// names `host`, a name or an IP address.
absl::StatusOr<Ssl> TlsOn(int socket, SSL_CTX* context, const std::string& host);

// The status of a failure of `ssl`.
std::string TlsErrorOf(SSL* ssl);

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_TLS_H_
