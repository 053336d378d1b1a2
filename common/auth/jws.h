#ifndef IDEA_COMMON_AUTH_JWS_H_
#define IDEA_COMMON_AUTH_JWS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Signatures that a person makes with a private key.
namespace idea::auth {

// Verifies that `jws` is a detached JWS (RFC 7515, appendix F: "header..signature") over exactly `payload` by
// the public key: EdDSA with Ed25519 or ES256 with P-256, according to the type of the key. SIGNATURE_INVALID
// if not, or if the header has a `crit` or `b64`. Members that name a key (`kid`, `jwk`) are ignored.
absl::Status CheckDetachedJws(std::string_view jws, std::string_view payload,
                              const std::string& public_key_pem);

// Signs with a private key, PEM without a passphrase. INVALID_ARGUMENT for another type of key.
absl::StatusOr<std::string> SignDetachedJws(std::string_view payload, const std::string& private_key_pem);

}  // namespace idea::auth

#endif  // IDEA_COMMON_AUTH_JWS_H_
