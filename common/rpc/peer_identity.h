#ifndef IDEA_COMMON_RPC_PEER_IDENTITY_H_
#define IDEA_COMMON_RPC_PEER_IDENTITY_H_

#include <grpcpp/security/tls_certificate_verifier.h>

#include <memory>
#include <string>

namespace idea::rpc {

class CertificateFiles;

// Accepts a server only if its certificate, besides being issued by the authority, has the name of the dialed
// host and `spiffe_id` as its only URI, and is not revoked. A certificate that the same authority issued for
// another purpose is refused. `files` must live until the process ends.
std::shared_ptr<grpc::experimental::CertificateVerifier> ExpectIdentity(const std::string& spiffe_id,
                                                                        const CertificateFiles& files);

// A part of the failure of a handshake with a server whose certificate is revoked.
inline constexpr char kRevokedText[] = "the certificate of the server is revoked";

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PEER_IDENTITY_H_
