#include "common/auth/jws.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <optional>

#include "common/auth/strict_json.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "nlohmann/json.hpp"

namespace idea::auth {
namespace {

using Json = nlohmann::json;
using Bytes = std::basic_string<unsigned char>;
using OwnedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr size_t kSignatureBytes = 64;  // of both algorithms
constexpr size_t kHalf = kSignatureBytes / 2;

absl::Status Invalid(std::string_view why) {
  return status::Error(status::Reason::ERROR_REASON_SIGNATURE_INVALID, why);
}

Bytes BytesOf(std::string_view text) { return {text.begin(), text.end()}; }

std::string TextOf(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

using Reader = EVP_PKEY*(BIO*, EVP_PKEY**, pem_password_cb*, void*);

// Never prompts for a passphrase.
OwnedKey ReadKey(const std::string& pem, Reader* read) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  char none[] = "";
  return {read(bio.get(), nullptr, nullptr, none), &EVP_PKEY_free};
}

// The algorithm for a key of this type; empty for other keys.
std::string_view AlgorithmOf(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return "EdDSA";
  char curve[32] = "";
  if (EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) != 1) return "";
  return std::string_view(curve) == "prime256v1" ? "ES256" : "";
}

// Converts the two numbers of an ES256 signature to the form of OpenSSL.
Bytes ToDer(const Bytes& raw) {
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), &ECDSA_SIG_free);
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(raw.data(), kHalf, nullptr),
                 BN_bin2bn(raw.data() + kHalf, kHalf, nullptr));
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  const Bytes out(der, static_cast<size_t>(length));
  OPENSSL_free(der);
  return out;
}

// The inverse, each number in its half.
std::optional<Bytes> FromDer(const Bytes& der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
  if (pair == nullptr) return std::nullopt;
  Bytes raw(kSignatureBytes, 0);
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw.data(), kHalf);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw.data() + kHalf, kHalf);
  return raw;
}

// The ES256 signature of OpenSSL does not yet have 64 bytes.
std::optional<Bytes> Sign(EVP_PKEY* key, bool is_ecdsa, const Bytes& input) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, is_ecdsa ? EVP_sha256() : nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, input.data(), input.size()) != 1) {
    return std::nullopt;
  }
  Bytes signature(size, 0);
  if (EVP_DigestSign(context.get(), signature.data(), &size, input.data(), input.size()) != 1) {
    return std::nullopt;
  }
  signature.resize(size);
  return is_ecdsa ? FromDer(signature) : signature;
}

bool Holds(EVP_PKEY* key, bool is_ecdsa, const Bytes& input, const Bytes& signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, is_ecdsa ? EVP_sha256() : nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), input.data(), input.size()) == 1;
}

}  // namespace

absl::Status CheckDetachedJws(std::string_view jws, std::string_view payload,
                              const std::string& public_key_pem) {
  const size_t middle = jws.find("..");
  if (middle == std::string_view::npos || jws.find('.') != middle || jws.rfind('.') != middle + 1) {
    return Invalid("a detached JWS is wanted: header, two dots, signature");
  }
  const std::string_view header64 = jws.substr(0, middle);
  const std::optional<Json> fields = ReadStrictPart(header64);
  const std::optional<std::string> signature = ids::FromBase64Url(jws.substr(middle + 2));
  if (!fields || !signature) return Invalid("header and signature are base64url, the header a JSON object");
  if (fields->contains("crit")) return Invalid("the header has critical members that are not understood");
  // A reader of RFC 7797 would look for a signature over other bytes.
  if (fields->contains("b64")) return Invalid("the header has the member b64; sign the encoded payload");
  const OwnedKey key = ReadKey(public_key_pem, &PEM_read_bio_PUBKEY);
  const std::string_view algorithm = key == nullptr ? "" : AlgorithmOf(key.get());
  if (algorithm.empty()) return Invalid("the public key is neither Ed25519 nor P-256");
  if (fields->value("alg", Json()) != Json(std::string(algorithm))) {
    return Invalid("alg must be that of the public key: " + std::string(algorithm));
  }
  if (signature->size() != kSignatureBytes) return Invalid("the signature is not of 64 bytes");
  const bool is_ecdsa = algorithm == "ES256";
  const Bytes raw = BytesOf(*signature);
  const Bytes input = BytesOf(std::string(header64) + "." + ids::Base64Url(payload));
  if (Holds(key.get(), is_ecdsa, input, is_ecdsa ? ToDer(raw) : raw)) return absl::OkStatus();
  return Invalid("the signature is not of this claim by this key");
}

absl::StatusOr<std::string> SignDetachedJws(std::string_view payload, const std::string& private_key_pem) {
  const OwnedKey key = ReadKey(private_key_pem, &PEM_read_bio_PrivateKey);
  const std::string algorithm(key == nullptr ? "" : AlgorithmOf(key.get()));
  if (algorithm.empty()) {
    return absl::InvalidArgumentError(
        "a private key is required: Ed25519 or P-256, as PEM without a passphrase");
  }
  const std::string header = ids::Base64Url(Json{{"alg", algorithm}}.dump());
  const auto signature =
      Sign(key.get(), algorithm == "ES256", BytesOf(header + "." + ids::Base64Url(payload)));
  if (!signature) return absl::InternalError("the key cannot sign");
  return header + ".." + ids::Base64Url(TextOf(*signature));
}

}  // namespace idea::auth
