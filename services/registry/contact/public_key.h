#ifndef IDEA_SERVICES_REGISTRY_CONTACT_PUBLIC_KEY_H_
#define IDEA_SERVICES_REGISTRY_CONTACT_PUBLIC_KEY_H_

#include <optional>
#include <string>

namespace idea::registry {

// Converts a public key, Ed25519 or P-256, from PEM or JWK (RFC 7517, RFC 8037) to PEM. Returns nothing for
// any other text: another curve, a point that is not on the curve, several keys, or a private key, which
// nobody should send.
std::optional<std::string> PublicKeyPem(const std::string& text);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_PUBLIC_KEY_H_
