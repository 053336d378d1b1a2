#ifndef IDEA_TESTS_SUPPORT_TOKENS_TOKEN_ISSUER_H_
#define IDEA_TESTS_SUPPORT_TOKENS_TOKEN_ISSUER_H_

#include <map>
#include <memory>
#include <string>

#include "openssl/evp.h"

namespace idea::testing {

// An issuer of tokens for persons: creates keys, publishes them in a temporary folder as <kid>.pem and signs
// anything.
class TokenIssuer {
 public:
  TokenIssuer();
  ~TokenIssuer();

  // The folder of the public keys: IDEA_TOKEN_KEYS_DIR.
  const std::string& folder() const { return folder_; }

  // Creates a key pair and publishes the public key: RSA-2048 or a curve of OpenSSL ("P-256").
  void AddRsaKey(const std::string& kid, unsigned bits = 2048);
  void AddEcKey(const std::string& kid, const std::string& curve = "P-256");
  // Removes the public key from the folder; the issuer can still sign with it.
  void Withdraw(const std::string& kid);
  // The text of <kid>.pem.
  std::string PublicKey(const std::string& kid) const;
  // The private key in PEM, with a passphrase if one is given.
  std::string PrivateKey(const std::string& kid, std::string passphrase = "") const;

  // A compact JWS over exactly this header and payload, signed with the key `kid` according to its type
  // (SHA-256).
  std::string Sign(const std::string& header, const std::string& payload, const std::string& kid) const;
  // The same with HMAC-SHA-256 and a shared secret.
  static std::string SignWithSecret(const std::string& header, const std::string& payload,
                                    const std::string& secret);

 private:
  using OwnedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  void Add(const std::string& kid, EVP_PKEY* key);
  std::string folder_;
  std::map<std::string, OwnedKey> keys_;
};

// Base64url without padding.
std::string Base64UrlOf(const std::string& bytes);

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_TOKENS_TOKEN_ISSUER_H_
