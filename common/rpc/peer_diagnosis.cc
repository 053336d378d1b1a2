#include "common/rpc/peer_diagnosis.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/certificate_files.h"
#include "common/rpc/peer_identity.h"
#include "common/status/status.h"

namespace idea::rpc {
namespace {

using status::Error;
using status::Reason;
using enum ConnectionFault;

// The minimum time between two checks of the connection to a peer.
constexpr std::chrono::seconds kInterval{2};
// The maximum time of each step of such a check.
constexpr std::chrono::milliseconds kStepTimeout{500};

// The text of gRPC and OpenSSL for a failed handshake.
constexpr std::array<std::string_view, 3> kCertificateFailures = {
    "certificate verify failed", "CERTIFICATE_VERIFY_FAILED", "erification check failed"};

struct FailureText {
  ConnectionFault fault;
  const char* cause;
  // The text after "the certificate of the registry service " or "the registry service ".
  const char* text;
};

constexpr std::array<FailureText, 7> kFailureTexts = {{
    {kExpired, "CERTIFICATE_EXPIRED", "has expired"},
    {kNotYetValid, "CERTIFICATE_NOT_YET_VALID", "is not valid yet"},
    {kUnknownAuthority, "CERTIFICATE_UNKNOWN_AUTHORITY", "is of an authority that is not trusted"},
    {kWrongName, "CERTIFICATE_WRONG_NAME", "is for another host"},
    {kWrongIdentity, "CERTIFICATE_WRONG_IDENTITY", "has another SPIFFE id"},
    {kOwnExpired, "OWN_CERTIFICATE_EXPIRED", "refuses the caller's certificate: it has expired"},
    {kOwnRefused, "OWN_CERTIFICATE_REFUSED", "refuses the caller's certificate"},
}};

std::string TextOf(const FailureText& text, const std::string& service) {
  const bool own = text.fault == kOwnExpired || text.fault == kOwnRefused;
  return (own ? "the " : "the certificate of the ") + service + " service " + text.text;
}

}  // namespace

PeerDiagnosis::PeerDiagnosis(std::string name, const std::string& address, TlsFiles tls,
                             std::string spiffe_id)
    : name_(std::move(name)),
      addresses_(AddressesIn(address)),
      certificate_name_(address.starts_with("ipv4:") ? name_ : ""),
      tls_(std::move(tls)),
      spiffe_id_(std::move(spiffe_id)) {}

absl::Status PeerDiagnosis::Explain(absl::Status status, bool connected) {
  const bool unexplained = status::ReasonOf(status) == Reason::ERROR_REASON_UNSPECIFIED;
  // Calls are not cancelled here, so a stopping server did it.
  const bool silent =
      absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
  if (!unexplained || !silent) return status;
  const auto unavailable = [&](const std::string& text) {
    return Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, text)
        .With("service", name_)
        .With("code", absl::StatusCodeToString(status.code()))
        .RetryAfter(std::chrono::seconds(1));
  };
  const ConnectionCheck check = connected ? ConnectionCheck() : Recheck();
  for (const FailureText& text : kFailureTexts) {
    if (check.fault == text.fault) return unavailable(TextOf(text, name_)).With("cause", text.cause);
  }
  const std::string_view text(status.message().data(), status.message().size());
  if (text.find(kRevokedText) != text.npos)
    return unavailable("the certificate of the " + name_ + " service is revoked")
        .With("cause", "CERTIFICATE_REVOKED");
  if (std::any_of(kCertificateFailures.begin(), kCertificateFailures.end(),
                  [&](std::string_view failure) { return text.find(failure) != text.npos; })) {
    return unavailable("the certificate of the " + name_ + " service is not accepted")
        .With("cause", "CERTIFICATE");
  }
  return unavailable("the " + name_ + " service does not answer");
}

ConnectionCheck PeerDiagnosis::Recheck() {
  std::unique_lock lock(mutex_);
  if (looking_ || Clock::now() - looked_at_ < kInterval) return last_;
  looking_ = true;
  lock.unlock();
  ConnectionCheck check = Check();
  lock.lock();
  looking_ = false;
  looked_at_ = Clock::now();
  if (check.fault != last_.fault) {
    for (const FailureText& text : kFailureTexts) {
      if (check.fault != text.fault) continue;
      log::Line(log::Level::kWarn, "a peer cannot be reached because of a certificate")
          .With("service", name_)
          .With("cause", text.cause)
          .With("text", check.detail);
    }
  }
  last_ = std::move(check);
  return last_;
}

ConnectionCheck PeerDiagnosis::Check() const {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const TlsFiles files = CertificateFiles::Of(tls_).PathsInUse();
  if (SSL_CTX_load_verify_locations(context.get(), files.authority.c_str(), nullptr) != 1) return {};
  // Without an own certificate, that of the server can still be checked.
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) == 1)
    SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM);
  ConnectionCheck check;
  for (const ServerAddress& address : addresses_) {
    check =
        CheckConnection(address, context.get(), certificate_name_.empty() ? address.host : certificate_name_,
                        spiffe_id_, kStepTimeout);
    if (IsOfCertificate(check.fault)) break;
  }
  return check;
}

}  // namespace idea::rpc
