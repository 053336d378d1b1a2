#include "common/rpc/certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"

namespace idea::rpc {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using OwnedBio = std::unique_ptr<BIO, Freer<BIO_free>>;
using OwnedX509 = std::unique_ptr<X509, Freer<X509_free>>;
using OwnedCrl = std::unique_ptr<X509_CRL, Freer<X509_CRL_free>>;
using OwnedKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

OwnedBio Reader(const std::string& pem) {
  return OwnedBio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

OwnedX509 NextCertificate(BIO* bio) { return OwnedX509(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)); }

std::optional<clock::Micros> TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return static_cast<clock::Micros>(timegm(&parts)) * clock::kSecond;
}

std::string DayText(clock::Micros at) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixMicros(at), absl::UTCTimeZone());
}

std::vector<std::string> UrisOf(const X509* x509) {
  const std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> uris;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)), ASN1_STRING_length(uri));
  }
  return uris;
}

// The certificate with this issuer and serial number. The hash does not depend on how the name is encoded.
std::string IdOf(const X509_NAME* issuer, const ASN1_INTEGER* serial) {
  const unsigned long hash = X509_NAME_hash_ex(issuer, nullptr, nullptr, nullptr);
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                               static_cast<size_t>(ASN1_STRING_length(serial)));
  return std::to_string(hash) + ":" + absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

std::string TextOf(const X509_NAME* name) {
  std::array<char, 256> text{};
  X509_NAME_oneline(name, text.data(), text.size());
  return text.data();
}

// OpenSSL reports the end of the text as a missing PEM header. Clears its errors.
bool HasReadAll() {
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return ended;
}

bool IsSignedBy(X509_CRL* list, const std::vector<OwnedX509>& authorities) {
  return std::any_of(authorities.begin(), authorities.end(), [&](const OwnedX509& authority) {
    return X509_NAME_cmp(X509_get_subject_name(authority.get()), X509_CRL_get_issuer(list)) == 0 &&
           X509_CRL_verify(list, X509_get0_pubkey(authority.get())) == 1;
  });
}

}  // namespace

absl::StatusOr<std::vector<RevocationList>> ReadRevocationLists(const std::string& pem,
                                                                const std::string& authorities) {
  std::vector<OwnedX509> trusted;
  const OwnedBio authority_bio = Reader(authorities), bio = Reader(pem);
  while (OwnedX509 authority = NextCertificate(authority_bio.get())) trusted.push_back(std::move(authority));
  std::vector<RevocationList> lists;
  ERR_clear_error();
  while (const OwnedCrl list{PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)}) {
    const std::string issuer = TextOf(X509_CRL_get_issuer(list.get()));
    if (X509_CRL_get_ext_by_NID(list.get(), NID_delta_crl, -1) >= 0)
      return absl::InvalidArgumentError("the list of " + issuer + " is a delta; a complete one is required");
    if (!IsSignedBy(list.get(), trusted))
      return absl::InvalidArgumentError("the list of " + issuer + " is not signed by a trusted authority");
    RevocationList& found = lists.emplace_back();
    found.issuer = issuer;
    if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list.get()); next != nullptr)
      found.next_update = TimeOf(next).value_or(0);
    STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(list.get());
    for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
      const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i));
      found.revoked.push_back(IdOf(X509_CRL_get_issuer(list.get()), serial));
    }
    ERR_clear_error();
  }
  if (!HasReadAll()) return absl::InvalidArgumentError("contains a list that cannot be read");
  return lists;
}

absl::StatusOr<std::vector<Certificate>> ReadCertificates(const std::string& pem) {
  const OwnedBio bio = Reader(pem);
  std::vector<Certificate> found;
  ERR_clear_error();
  while (const OwnedX509 x509 = NextCertificate(bio.get())) {
    const auto begin = TimeOf(X509_get0_notBefore(x509.get()));
    const auto end = TimeOf(X509_get0_notAfter(x509.get()));
    if (!begin || !end) return absl::InvalidArgumentError("contains a certificate without a validity period");
    const bool is_authority = (X509_get_extension_flags(x509.get()) & EXFLAG_CA) != 0;
    found.push_back({TextOf(X509_get_subject_name(x509.get())), *begin, *end, is_authority,
                     UrisOf(x509.get()),
                     IdOf(X509_get_issuer_name(x509.get()), X509_get0_serialNumber(x509.get()))});
  }
  if (!HasReadAll()) return absl::InvalidArgumentError("contains a certificate that cannot be read");
  if (found.empty()) return absl::InvalidArgumentError("contains no certificate");
  return found;
}

absl::Status CheckKey(const std::string& chain, const std::string& key) {
  const OwnedBio chain_bio = Reader(chain), key_bio = Reader(key);
  const OwnedX509 leaf = NextCertificate(chain_bio.get());
  // Without a callback OpenSSL would prompt for a passphrase on the terminal.
  const OwnedKey private_key(PEM_read_bio_PrivateKey(
      key_bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  absl::Status status;
  if (leaf == nullptr) {
    status = absl::InvalidArgumentError("the certificate cannot be read");
  } else if (private_key == nullptr) {
    status = absl::InvalidArgumentError("the private key cannot be read; is it encrypted?");
  } else if (X509_check_private_key(leaf.get(), private_key.get()) != 1) {
    status = absl::InvalidArgumentError("the private key belongs to another certificate");
  }
  ERR_clear_error();
  return status;
}

absl::Status CheckValidity(const Certificate& certificate, clock::Micros now) {
  if (now > certificate.not_after)
    return absl::FailedPreconditionError("expired on " + DayText(certificate.not_after));
  if (now < certificate.not_before)
    return absl::FailedPreconditionError("is valid only from " + DayText(certificate.not_before));
  return absl::OkStatus();
}

}  // namespace idea::rpc
