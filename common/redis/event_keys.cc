#include "common/redis/event_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/config/key_file.h"
#include "common/log/log.h"
#include "common/redis/failure.h"
#include "common/status/status.h"

namespace idea::redis {
namespace {

// The minimum interval between two reads of the file.
constexpr clock::Micros kKeysInterval = 5 * clock::kSecond;
// Length-prefixed fields, so that different lists of fields are different bytes.
std::string Encoded(const std::vector<std::string_view>& fields) {
  std::string bytes;
  for (const std::string_view field : fields) {
    bytes += std::to_string(field.size()) + ":";
    bytes += field;
  }
  return bytes;
}

std::string Mac(const std::string& key, const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(), &size);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[mac[i] >> 4];
    hex += kDigits[mac[i] & 15];
  }
  return hex;
}

}  // namespace

EventKeys::EventKeys(std::string path) : path_(std::move(path)) {}

absl::Status EventKeys::Refresh() {
  const clock::Micros now = clock::SteadyNow();
  if (path_.empty() || (!keys_.empty() && now - read_ < kKeysInterval)) return absl::OkStatus();
  read_ = now;
  const absl::Status status = Read();
  if (keys_.empty()) return Failure("KEYS", status);
  if (!std::exchange(failed_, !status.ok()) && !status.ok()) {
    log::Line(log::Level::kError, "the event keys cannot be read; the previous ones stay in use")
        .With("text", std::string(status.message()));
  }
  return absl::OkStatus();
}

absl::Status EventKeys::Read() {
  ASSIGN_OR_RETURN(keys_, config::ReadKeyFile(path_));
  return absl::OkStatus();
}

std::string EventKeys::Sign(const std::vector<std::string_view>& fields) const {
  return keys_.empty() ? "" : Mac(keys_.front(), Encoded(fields));
}

bool EventKeys::Verify(const std::vector<std::string_view>& fields, std::string_view signature) const {
  if (path_.empty()) return true;
  const std::string bytes = Encoded(fields);
  return std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    const std::string mac = Mac(key, bytes);
    return mac.size() == signature.size() && CRYPTO_memcmp(mac.data(), signature.data(), mac.size()) == 0;
  });
}

}  // namespace idea::redis
