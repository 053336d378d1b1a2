#include "common/outbound/webhook.h"

#include <openssl/hmac.h>

#include <array>

#include "absl/strings/escaping.h"
#include "common/config/key_file.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::outbound {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr size_t kKeyIdDigits = 16;
constexpr size_t kSecretBytes = 32;

std::string Mac(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, kSecretBytes> mac;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(), &size);
  return {reinterpret_cast<const char*>(mac.data()), size};
}

std::string BytesOf(std::string_view secret) {
  std::string bytes;
  absl::Base64Unescape(absl::string_view(secret.data() + kPrefix.size(), secret.size() - kPrefix.size()),
                       &bytes);
  return bytes;
}

std::string IdOf(const std::string& key) { return ids::Sha256Hex("id" + key).substr(0, kKeyIdDigits); }

}  // namespace

absl::StatusOr<SecretRef> WebhookKeys::NewSecret() const {
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, config::ReadKeyFile(path_));
  return IdOf(keys.front()) + "." + ids::NewUuid();
}

absl::StatusOr<std::string> WebhookKeys::SecretOf(const SecretRef& ref, std::string_view subscription) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, config::ReadKeyFile(path_));
  for (const std::string& key : keys) {
    if (ref.starts_with(IdOf(key) + "."))
      return std::string(kPrefix) + ids::Base64(Mac(key, ref + "\n" + std::string(subscription)));
  }
  return absl::NotFoundError("the key of the secret is not in " + path_);
}

std::vector<std::string> WebhookHeaders(std::string_view id, int64_t time, std::string_view body,
                                        const std::vector<std::string>& secrets) {
  const std::string stamp = std::to_string(time);
  // An id of another service must not end the header.
  std::string printable;
  for (const char c : id) printable += c >= ' ' && c < 0x7f ? c : '_';
  const std::string signed_text = printable + "." + stamp + "." + std::string(body);
  std::string signatures;
  for (const std::string& secret : secrets)
    signatures += (signatures.empty() ? "v1," : " v1,") + ids::Base64(Mac(BytesOf(secret), signed_text));
  return {"webhook-id: " + printable, "webhook-timestamp: " + stamp, "webhook-signature: " + signatures};
}

}  // namespace idea::outbound
