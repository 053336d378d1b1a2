#include "common/redis/options.h"

#include <array>
#include <fstream>

#include "common/config/redis_url.h"
#include "common/redis/event_keys.h"
#include "common/redis/tls.h"
#include "common/status/status.h"

namespace idea::redis {
namespace {

// The maximum length of a password in a file.
constexpr size_t kMaxPasswordBytes = 1024;

absl::Status In(std::string_view setting, const absl::Status& status) {
  return absl::InvalidArgumentError(std::string(setting) + ": " + std::string(status.message()));
}

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

}  // namespace

Options::Options(const config::Config& config)
    : url(config.Text("IDEA_REDIS")),
      password_file(config.Text("IDEA_REDIS_PASSWORD_FILE")),
      tls_dir(config.Text("IDEA_REDIS_TLS_DIR")),
      sentinel_user(config.Text("IDEA_REDIS_SENTINEL_USER")),
      sentinel_password_file(config.Text("IDEA_REDIS_SENTINEL_PASSWORD_FILE")),
      event_keys_file(config.Text("IDEA_EVENT_KEYS_FILE")) {}

absl::Status Options::Check() const {
  const absl::StatusOr<config::RedisUrl> parsed = config::ParseRedisUrl(url);
  if (!parsed.ok()) return In("IDEA_REDIS wants", parsed.status());
  if (!password_file.empty()) {
    if (!parsed->password.empty())
      return Wrong("IDEA_REDIS_PASSWORD_FILE: IDEA_REDIS has a password too; remove one of them");
    if (const absl::Status read = ReadPassword(password_file).status(); !read.ok())
      return In("IDEA_REDIS_PASSWORD_FILE", read);
  }
  if (!tls_dir.empty() && !parsed->tls)
    return Wrong(
        "IDEA_REDIS_TLS_DIR: IDEA_REDIS is without TLS; begin it with rediss:// or rediss-sentinel://");
  if (parsed->tls) {
    if (const absl::Status tls = TlsContext(tls_dir).status(); !tls.ok())
      return In("IDEA_REDIS_TLS_DIR", tls);
  }
  const bool for_sentinel = !sentinel_user.empty() || !sentinel_password_file.empty();
  if (for_sentinel && !parsed->is_sentinel())
    return Wrong(
        "IDEA_REDIS_SENTINEL_...: IDEA_REDIS is not an address of Sentinels; begin it with "
        "redis-sentinel:// or rediss-sentinel://");
  if (!sentinel_password_file.empty()) {
    if (const absl::Status read = ReadPassword(sentinel_password_file).status(); !read.ok())
      return In("IDEA_REDIS_SENTINEL_PASSWORD_FILE", read);
  }
  if (const absl::Status keys = EventKeys(event_keys_file).Refresh(); !keys.ok())
    return In("IDEA_EVENT_KEYS_FILE", keys);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, kMaxPasswordBytes + 1> bytes;
  file.read(bytes.data(), bytes.size());
  if (file.bad() || (file.gcount() == 0 && !file.eof())) return Wrong("cannot read " + path);
  std::string_view text(bytes.data(), static_cast<size_t>(file.gcount()));
  for (const char end : {'\n', '\r'}) {
    if (text.ends_with(end)) text.remove_suffix(1);
  }
  if (text.empty() || text.size() >= kMaxPasswordBytes || text.find_first_of("\r\n") != text.npos)
    return Wrong(path + " wants a password in one line of at most 1,024 bytes");
  return std::string(text);
}

}  // namespace idea::redis
