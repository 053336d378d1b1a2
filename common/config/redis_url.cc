#include "common/config/redis_url.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/status/status.h"

namespace idea::config {
namespace {

constexpr int kRedisPort = 6379;
constexpr int kSentinelPort = 26379;
constexpr int kMaxPort = 65535;
// The highest database number in a URL.
constexpr int kMaxDatabase = 1'000'000;
constexpr char kDefaultMaster[] = "mymaster";

absl::Status Wants(std::string_view wanted) { return absl::InvalidArgumentError(std::string(wanted)); }

// A decimal number without a sign.
std::optional<int> ReadNumber(std::string_view text, int max) {
  int number = 0;
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number > max) return std::nullopt;
  return number;
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const auto [end, failure] = std::from_chars(&text[i + 1], &text[i + 1] + 2, byte, 16);
    if (failure != std::errc() || end != &text[i + 1] + 2 || byte == 0) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

bool IsHostName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

bool IsIpv6(std::string_view text) {
  return text.find(':') != text.npos && text.find_first_not_of("0123456789abcdefABCDEF:.") == text.npos;
}

// "host:port" or "[::1]:port". The port may be missing if a default exists.
absl::StatusOr<RedisUrl::Host> ParseHost(std::string_view text, std::optional<int> default_port) {
  RedisUrl::Host host;
  std::string_view rest;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == text.npos || !IsIpv6(text.substr(1, end - 1))) return Wants("an IPv6 address in brackets");
    host.name = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const std::string_view name = text.substr(0, text.find(':'));
    if (!IsHostName(name)) return Wants("a host of letters, digits, dots, hyphens and underscores");
    host.name = name;
    rest = text.substr(name.size());
  }
  if (rest.empty() && default_port.has_value()) {
    host.port = *default_port;
    return host;
  }
  const std::optional<int> port = rest.starts_with(':') ? ReadNumber(rest.substr(1), kMaxPort) : std::nullopt;
  if (!port.has_value() || *port == 0) return Wants("a port from 1 to 65535 after the host");
  host.port = *port;
  return host;
}

// Removes "user:password@" from the start of `rest`.
absl::Status TakeCredentials(std::string_view& rest, RedisUrl& url) {
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const size_t at = authority.rfind('@');
  if (at == authority.npos) return absl::OkStatus();
  const std::string_view both = authority.substr(0, at);
  const size_t colon = both.find(':');
  const auto user = PercentDecoded(both.substr(0, colon));
  const auto password = PercentDecoded(colon == both.npos ? "" : both.substr(colon + 1));
  if (both.find('@') != both.npos || !user.has_value() || !password.has_value())
    return Wants("user and password with @ as %40, % as %25 and / as %2F");
  if (user->empty() && password->empty()) return Wants("a user or a password before the @");
  url.user = *user;
  url.password = *password;
  rest.remove_prefix(at + 1);
  return absl::OkStatus();
}

// The text after the hosts, without its slash: "0", or "mymaster/0" for Sentinels.
absl::Status ParsePath(std::string_view path, bool sentinel, RedisUrl& url) {
  if (sentinel) {
    const std::string_view master = path.substr(0, path.find('/'));
    url.master = master.empty() ? kDefaultMaster : std::string(master);
    if (!IsHostName(url.master))
      return Wants("a master's name of letters, digits, dots, hyphens and underscores");
    path.remove_prefix(std::min(path.size(), master.size() + 1));
  }
  if (path.empty()) return absl::OkStatus();
  const std::optional<int> database = ReadNumber(path, kMaxDatabase);
  if (!database.has_value()) return Wants("the number of a database at the end");
  url.database = *database;
  return absl::OkStatus();
}

absl::StatusOr<RedisUrl> ParseUnix(std::string_view rest) {
  RedisUrl url;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    RETURN_IF_ERROR(TakeCredentials(rest, url));
  }
  if (!rest.starts_with('/') || rest.size() < 2 || rest.ends_with('/') ||
      rest.find_first_of("?#%") != rest.npos)
    return Wants("unix:/path with an absolute path, without ?, # and %");
  url.unix_path = rest;
  return url;
}

}  // namespace

absl::StatusOr<RedisUrl> ParseRedisUrl(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; }))
    return Wants("an address without white space");
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return ParseUnix(text.substr(kUnix.size()));
  RedisUrl url;
  const size_t colon = text.find("://");
  if (colon == text.npos) {
    ASSIGN_OR_RETURN(RedisUrl::Host host, ParseHost(text, std::nullopt));
    url.hosts.push_back(std::move(host));
    return url;
  }
  const std::string_view scheme = text.substr(0, colon);
  url.tls = scheme == "rediss" || scheme == "rediss-sentinel";
  const bool sentinel = scheme == "redis-sentinel" || scheme == "rediss-sentinel";
  if (scheme != "redis" && !url.tls && !sentinel)
    return Wants("host:port, unix:/path, redis://, rediss://, redis-sentinel:// or rediss-sentinel://");
  std::string_view rest = text.substr(colon + 3);
  if (rest.find_first_of("?#") != rest.npos) return Wants("no ? and no # in the URL");
  RETURN_IF_ERROR(TakeCredentials(rest, url));
  const std::string_view hosts = rest.substr(0, rest.find('/'));
  if (!sentinel && hosts.find(',') != hosts.npos)
    return Wants("one host; several are Sentinels, of redis-sentinel://");
  for (size_t begin = 0; begin <= hosts.size();) {
    const size_t end = std::min(hosts.find(',', begin), hosts.size());
    ASSIGN_OR_RETURN(RedisUrl::Host host,
                     ParseHost(hosts.substr(begin, end - begin), sentinel ? kSentinelPort : kRedisPort));
    url.hosts.push_back(std::move(host));
    begin = end + 1;
  }
  rest.remove_prefix(std::min(rest.size(), hosts.size() + 1));
  RETURN_IF_ERROR(ParsePath(rest, sentinel, url));
  return url;
}

}  // namespace idea::config
