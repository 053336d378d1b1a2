#ifndef IDEA_COMMON_RPC_CERTIFICATES_H_
#define IDEA_COMMON_RPC_CERTIFICATES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"

// The content of X.509 certificates in PEM form.
namespace idea::rpc {

struct Certificate {
  std::string subject;
  clock::Micros not_before = 0;
  clock::Micros not_after = 0;
  // Whether it may sign other certificates: basicConstraints has CA:TRUE.
  bool is_authority = false;
  // The URIs of subjectAltName: the SPIFFE id.
  std::vector<std::string> uris;
  // Issuer and serial number (RevocationList::revoked).
  std::string id;
};

// A certificate revocation list (CRL).
struct RevocationList {
  std::string issuer;
  // When the authority publishes the next one; 0 if it does not say.
  clock::Micros next_update = 0;
  // The `id` of each revoked certificate.
  std::vector<std::string> revoked;
};

// Parses the revocation lists of a PEM text, in order; an empty text has none. INVALID_ARGUMENT if one cannot
// be read, is a part of a list (delta), or is not signed by one of `authorities`, a PEM text.
absl::StatusOr<std::vector<RevocationList>> ReadRevocationLists(const std::string& pem,
                                                                const std::string& authorities);

// Parses the certificates of a PEM text, in order. INVALID_ARGUMENT if it has none, or one that cannot be
// read.
absl::StatusOr<std::vector<Certificate>> ReadCertificates(const std::string& pem);

// Checks that `key` is the private key of the first certificate of `chain`. INVALID_ARGUMENT with the cause
// if not.
absl::Status CheckKey(const std::string& chain, const std::string& key);

// Checks that the certificate is valid at that time. FAILED_PRECONDITION names the day on which it expired or
// becomes valid.
absl::Status CheckValidity(const Certificate& certificate, clock::Micros now);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CERTIFICATES_H_
