#ifndef IDEA_COMMON_RPC_CONNECTION_CHECK_H_
#define IDEA_COMMON_RPC_CONNECTION_CHECK_H_

#include <openssl/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace idea::rpc {

// Why a connection to a server fails.
enum class ConnectionFault {
  kNone,
  kNoSuchHost,
  kRefused,
  kTimeout,
  kClosed,  // The server closed it during the handshake.
  kNoTls,
  // The fault of the certificate of the server.
  kExpired,
  kNotYetValid,
  kUnknownAuthority,
  kWrongName,
  kWrongIdentity,
  // The response of the server to the own certificate.
  kOwnExpired,
  kOwnRefused,
};

struct ConnectionCheck {
  ConnectionFault fault = ConnectionFault::kNone;
  // The text of the system or of OpenSSL, or the identity that was found; may be empty.
  std::string detail;
};

// Whether a certificate is at fault, of the server or the own one.
bool IsOfCertificate(ConnectionFault fault);

struct ServerAddress {
  std::string host;
  // Digits.
  std::string port;
};

// The addresses in a gRPC target: "host:port" and "[::1]:port", both optionally after "dns:" or "dns:///",
// and "ipv4:" or "ipv6:" with a list. Empty for all other targets.
std::vector<ServerAddress> AddressesIn(const std::string& target);

// Makes the connection that gRPC could not make, step by step, because gRPC reports all failures alike: host
// name, port, the certificate of the server, its response to the own certificate. `context` has the
// authorities and the own certificate. The certificate of the server must have `name`, and `spiffe_id` as its
// only URI unless that is empty. Of several addresses, one with a certificate fault is reported first, then
// one that works. Each step may take `timeout`.
ConnectionCheck CheckConnection(const ServerAddress& at, SSL_CTX* context, const std::string& name,
                                const std::string& spiffe_id, std::chrono::milliseconds timeout);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CONNECTION_CHECK_H_
