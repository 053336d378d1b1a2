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
};

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
