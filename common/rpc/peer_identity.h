#ifndef IDEA_COMMON_RPC_PEER_IDENTITY_H_
#define IDEA_COMMON_RPC_PEER_IDENTITY_H_

#include <grpcpp/security/tls_certificate_verifier.h>

#include <memory>
#include <string>

namespace idea::rpc {

// Accepts a server only if its certificate, besides being of the authority, names the host that was dialed
// and has `spiffe_id` as its one URI: a certificate that the same authority issued for something else is not
// enough.
std::shared_ptr<grpc::experimental::CertificateVerifier> ExpectIdentity(const std::string& spiffe_id);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PEER_IDENTITY_H_
