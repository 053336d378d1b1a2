#ifndef IDEA_COMMON_RPC_CONNECTION_CHECK_H_
#define IDEA_COMMON_RPC_CONNECTION_CHECK_H_

#include <openssl/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace idea::rpc {

// Why no connection to a server can be made.
enum class ConnectionFault {
  kNone,
  kNoSuchHost,
  kRefused,
  kTimeout,
  kClosed,  // The server closed it during the handshake.
  kNoTls,
  // What is wrong with the server's certificate.
  kExpired,
  kNotYetValid,
  kUnknownAuthority,
  kWrongName,
  kWrongIdentity,
  // What the server says of the own certificate.
  kOwnExpired,
  kOwnRefused,
};

struct ConnectionCheck {
  ConnectionFault fault = ConnectionFault::kNone;
  // In the words of the system or of OpenSSL, or the identity that was found; may be empty.
  std::string detail;
};

// Whether a certificate is at fault, the server's or the own.
bool IsOfCertificate(ConnectionFault fault);

struct ServerAddress {
  std::string host;
  // Digits.
  std::string port;
};

// The addresses in a gRPC target: "host:port", "[::1]:port", both with "dns:" or "dns:///" before them, and
// "ipv4:" or "ipv6:" with a list. Empty for every other kind.
std::vector<ServerAddress> AddressesIn(const std::string& target);

// Makes the connection that gRPC could not make, step by step, because gRPC reports every failure alike: host
// name, port, the server's certificate, the server's verdict on the own certificate. `context` has the
// authorities and the own certificate. The server's certificate must have `name`, and `spiffe_id` as its one
// URI unless that is empty. Where the host has several addresses, one with a certificate at fault counts
// first, then one that works. Each step may take `timeout`.
ConnectionCheck CheckConnection(const ServerAddress& at, SSL_CTX* context, const std::string& name,
                                const std::string& spiffe_id, std::chrono::milliseconds timeout);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CONNECTION_CHECK_H_
