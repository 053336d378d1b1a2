#include "tests/support/tokens/token_issuer.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace idea::testing {
namespace {

// JWS uses r and s side by side, OpenSSL DER.
std::string RawSignature(const std::vector<unsigned char>& der, size_t size) {
  const unsigned char* at = der.data();
  ECDSA_SIG* parsed = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::vector<unsigned char> raw(2 * size);
  BN_bn2binpad(ECDSA_SIG_get0_r(parsed), raw.data(), static_cast<int>(size));
  BN_bn2binpad(ECDSA_SIG_get0_s(parsed), raw.data() + size, static_cast<int>(size));
  ECDSA_SIG_free(parsed);
  return std::string(raw.begin(), raw.end());
}

// Returns the written text, and frees it.
std::string Drain(BIO* bio) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  std::string written(text, static_cast<size_t>(length));
  BIO_free(bio);
  return written;
}

}  // namespace

std::string Base64UrlOf(const std::string& bytes) {
  std::vector<unsigned char> out(4 * ((bytes.size() + 2) / 3) + 1);
  const int length = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  std::string text;
  for (int i = 0; i < length && out[static_cast<size_t>(i)] != '='; ++i) {
    const char c = static_cast<char>(out[static_cast<size_t>(i)]);
    text += c == '+' ? '-' : c == '/' ? '_' : c;
  }
  return text;
}

TokenIssuer::TokenIssuer() {
  std::string pattern = (std::filesystem::temp_directory_path() / "idea_keys_XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
}

TokenIssuer::~TokenIssuer() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TokenIssuer::AddRsaKey(const std::string& kid, unsigned bits) { Add(kid, EVP_RSA_gen(bits)); }

void TokenIssuer::AddEcKey(const std::string& kid, const std::string& curve) {
  Add(kid, EVP_EC_gen(curve.c_str()));
}

void TokenIssuer::Withdraw(const std::string& kid) { std::filesystem::remove(folder_ + "/" + kid + ".pem"); }

void TokenIssuer::Add(const std::string& kid, EVP_PKEY* key) {
  keys_.insert_or_assign(kid, OwnedKey(key, &EVP_PKEY_free));
  std::ofstream(folder_ + "/" + kid + ".pem") << PublicKey(kid);
}

std::string TokenIssuer::PublicKey(const std::string& kid) const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, keys_.at(kid).get());
  return Drain(bio);
}

std::string TokenIssuer::PrivateKey(const std::string& kid, std::string passphrase) const {
  BIO* bio = BIO_new(BIO_s_mem());
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  PEM_write_bio_PKCS8PrivateKey(bio, keys_.at(kid).get(), cipher, passphrase.data(),
                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  return Drain(bio);
}

std::string TokenIssuer::Sign(const std::string& header, const std::string& payload,
                              const std::string& kid) const {
  const std::string text = Base64UrlOf(header) + "." + Base64UrlOf(payload);
  EVP_PKEY* key = keys_.at(kid).get();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t length = 0;
  EVP_DigestSign(context, nullptr, &length, bytes, text.size());
  std::vector<unsigned char> signature(length);
  EVP_DigestSign(context, signature.data(), &length, bytes, text.size());
  signature.resize(length);
  EVP_MD_CTX_free(context);
  const auto size = static_cast<size_t>(EVP_PKEY_get_bits(key) + 7) / 8;
  return text + "." +
         Base64UrlOf(EVP_PKEY_is_a(key, "EC") == 1 ? RawSignature(signature, size)
                                                   : std::string(signature.begin(), signature.end()));
}

std::string TokenIssuer::SignWithSecret(const std::string& header, const std::string& payload,
                                        const std::string& secret) {
  const std::string text = Base64UrlOf(header) + "." + Base64UrlOf(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length);
  return text + "." + Base64UrlOf(std::string(mac, mac + length));
}

}  // namespace idea::testing
