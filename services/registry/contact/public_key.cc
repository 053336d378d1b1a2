#include "services/registry/contact/public_key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "common/ids/ids.h"

namespace idea::registry {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* build) const { OSSL_PARAM_BLD_free(build); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr size_t kCoordinate = 32;
constexpr char kP256[] = "prime256v1";

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<EVP_PKEY> FromPem(const std::string& text) {
  // Exactly one block.
  const std::string pem(absl::StripAsciiWhitespace(text));
  constexpr char kBegin[] = "-----BEGIN PUBLIC KEY-----";
  if (!pem.starts_with(kBegin) || pem.find("-----BEGIN", 1) != std::string::npos) return nullptr;
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<EVP_PKEY>(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
}

// A member of a JWK: 32 bytes in base64url.
std::optional<std::string> Coordinate(const nlohmann::json& jwk, const char* name) {
  const auto member = jwk.find(name);
  if (member == jwk.end() || !member->is_string()) return std::nullopt;
  auto bytes = ids::FromBase64Url(member->get<std::string>());
  return bytes && bytes->size() == kCoordinate ? bytes : std::nullopt;
}

Owned<EVP_PKEY> P256(const std::string& x, const std::string& y) {
  const std::string point = '\x04' + x + y;
  const Owned<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, kP256, 0);
  OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const Owned<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(build.get()));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get());
  return Owned<EVP_PKEY>(key);
}

Owned<EVP_PKEY> FromJwk(const std::string& text) {
  const auto jwk = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!jwk.is_object() || jwk.contains("d")) return nullptr;
  const auto is = [&](const char* member, const char* value) {
    const auto found = jwk.find(member);
    return found != jwk.end() && *found == value;
  };
  const auto x = Coordinate(jwk, "x");
  if (!x) return nullptr;
  if (is("kty", "OKP") && is("crv", "Ed25519")) {
    return Owned<EVP_PKEY>(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(*x), x->size()));
  }
  const auto y = Coordinate(jwk, "y");
  if (!y || !is("kty", "EC") || !is("crv", "P-256")) return nullptr;
  return P256(*x, *y);
}

// Whether the key is Ed25519, or a point that is on P-256.
bool IsSupported(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return true;
  char group[64] = "";
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) != 1 ||
      std::string(group) != kP256) {
    return false;
  }
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return EVP_PKEY_public_check(context.get()) == 1;
}

}  // namespace

std::optional<std::string> PublicKeyPem(const std::string& text) {
  const std::string trimmed(absl::StripAsciiWhitespace(text));
  const Owned<EVP_PKEY> key = trimmed.starts_with("{") ? FromJwk(trimmed) : FromPem(trimmed);
  const bool supported = key != nullptr && IsSupported(key.get());
  ERR_clear_error();
  if (!supported) return std::nullopt;
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) return std::nullopt;
  char* pem = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &pem);
  return std::string(pem, static_cast<size_t>(size));
}

}  // namespace idea::registry
