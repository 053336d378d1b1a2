#ifndef IDEA_COMMON_OUTBOUND_WEBHOOK_H_
#define IDEA_COMMON_OUTBOUND_WEBHOOK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Standard Webhooks (https://www.standardwebhooks.com): the secrets and the headers of a request.
namespace idea::outbound {

// A secret that is derived from a key of the operator and a random salt, so that the database, which keeps
// only this reference, contains no secret. Written as "<key id>.<salt>".
using SecretRef = std::string;

// The keys of the operator: a file as config::ReadKeyFile reads it, read at each use. The first key makes new
// secrets. Removing a key makes its secrets unusable.
class WebhookKeys {
 public:
  // An empty path: no key.
  explicit WebhookKeys(std::string path) : path_(std::move(path)) {}

  bool empty() const { return path_.empty(); }
  // A reference to a new secret.
  absl::StatusOr<SecretRef> NewSecret() const;
  // The secret of a subscription: "whsec_" and base64 of 32 bytes. NOT_FOUND if its key is not in the file.
  absl::StatusOr<std::string> SecretOf(const SecretRef& ref, std::string_view subscription) const;

 private:
  const std::string path_;
};

// The headers webhook-id, webhook-timestamp and webhook-signature (HMAC-SHA256) of a body, with a signature
// by each secret. `time` is in seconds since 1970.
std::vector<std::string> WebhookHeaders(std::string_view id, int64_t time, std::string_view body,
                                        const std::vector<std::string>& secrets);

}  // namespace idea::outbound

#endif  // IDEA_COMMON_OUTBOUND_WEBHOOK_H_
