#ifndef IDEA_SERVICES_REGISTRY_CONTACT_PUBLIC_KEY_H_
#define IDEA_SERVICES_REGISTRY_CONTACT_PUBLIC_KEY_H_

#include <optional>
#include <string>

namespace idea::registry {

// A public key, Ed25519 or P-256, in PEM, given in PEM or as JWK (RFC 7517, RFC 8037). Nothing if the text is
// none: another curve, a point that is not on it, more than one key, or a private key, which must never come
// here.
std::optional<std::string> PublicKeyPem(const std::string& text);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_CONTACT_PUBLIC_KEY_H_
