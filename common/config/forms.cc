#include "common/config/forms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <sstream>

#include "common/config/config.h"
#include "common/config/redis_url.h"

namespace idea::config {
namespace {

constexpr size_t kMaxTrustDomain = 255;
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

std::optional<int64_t> ReadNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsNumberIn(std::string_view text, int64_t min, int64_t max) {
  const auto number = ReadNumber(text);
  return number && *number >= min && *number <= max;
}

bool IsText(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7f; });
}

// Port 0 means any free port for a listening server.
bool IsAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !IsText(text)) return false;
  const std::string_view host = text.substr(0, colon), port = text.substr(colon + 1);
  const bool bracketed = host.front() == '[' && host.back() == ']';
  if (host.find_first_of(bracketed ? "/@" : "/@:[]") != std::string_view::npos) return false;
  return !port.empty() && IsDigit(port.front()) && IsNumberIn(port, 0, 65535);
}

// "127.0.0.1:7400,127.0.0.2:7400"
bool IsAddressList(std::string_view text) {
  for (size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    if (!IsAddress(text.substr(0, comma))) return false;
    text.remove_prefix(comma + 1);
  }
  return IsAddress(text);
}

bool IsPeerAddress(std::string_view text) {
  constexpr std::string_view kDns = "dns:///", kIpv4 = "ipv4:";
  if (text.starts_with(kIpv4)) return IsAddressList(text.substr(kIpv4.size()));
  return text.empty() || IsAddress(text.starts_with(kDns) ? text.substr(kDns.size()) : text);
}

bool IsTrustDomain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTrustDomain && std::all_of(text.begin(), text.end(), [](char c) {
    return IsLower(c) || IsDigit(c) || c == '.' || c == '-' || c == '_';
  });
}

bool IsEntity(std::string_view text) {
  constexpr std::string_view kEntities = "entities/";
  if (!text.starts_with(kEntities)) return false;
  const std::string_view id = text.substr(kEntities.size());
  return !id.empty() && std::all_of(id.begin(), id.end(),
                                    [](char c) { return IsLower(c) || IsDigit(c) || c == '-' || c == '_'; });
}

bool IsDatabase(std::string_view text) {
  for (const std::string_view scheme : {"sqlite:", "postgresql://", "postgres://"}) {
    if (text.starts_with(scheme)) return text.size() > scheme.size() && text.find('\n') == text.npos;
  }
  return false;
}

bool IsLevel(std::string_view text) {
  return std::find(kLevels.begin(), kLevels.end(), text) != kLevels.end();
}

enum class Kind { kAny, kNumber, kFlag, kDays, kOther };

Kind KindOf(const Setting& setting) {
  const std::string_view fallback = setting.fallback;
  if (setting.form == Form::kNumber) return Kind::kNumber;
  if (setting.form != Form::kByDefault) return Kind::kOther;
  if (std::string_view(setting.name).ends_with("_DAYS")) return Kind::kDays;
  if (fallback == "true" || fallback == "false") return Kind::kFlag;
  return ReadNumber(fallback) ? Kind::kNumber : Kind::kAny;
}

bool IsGood(const Setting& setting, const std::string& value) {
  switch (KindOf(setting)) {
    case Kind::kAny:
      return value.find('\n') == std::string::npos;
    case Kind::kNumber:
      return IsNumberIn(value, setting.min, setting.max);
    case Kind::kFlag:
      return value == "true" || value == "false";
    case Kind::kDays:
      return ReadDays(value).has_value();
    case Kind::kOther:
      break;
  }
  switch (setting.form) {
    case Form::kText:
      return IsText(value);
    case Form::kPath:
      return !value.empty() && value.find('\n') == std::string::npos;
    case Form::kAddress:
      return IsAddress(value);
    case Form::kOptionalAddress:
      return IsPeerAddress(value);
    case Form::kTrustDomain:
      return IsTrustDomain(value);
    case Form::kEntity:
      return IsEntity(value);
    case Form::kDatabase:
      return IsDatabase(value);
    case Form::kLogLevel:
      return IsLevel(value);
    default:
      return true;
  }
}

// The edit distance: the number of letters to insert, remove, replace or swap with the next one.
size_t Distance(std::string_view from, std::string_view to) {
  std::vector<std::vector<size_t>> cost(from.size() + 1, std::vector<size_t>(to.size() + 1));
  for (size_t i = 0; i <= from.size(); ++i) cost[i][0] = i;
  std::iota(cost[0].begin(), cost[0].end(), size_t{0});
  for (size_t i = 1; i <= from.size(); ++i) {
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t replaced = cost[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[from.size()][to.size()];
}

}  // namespace

std::string Allowed(const Setting& setting) {
  switch (KindOf(setting)) {
    case Kind::kAny:
      return "";
    case Kind::kNumber:
      return "a number from " + std::to_string(setting.min) + " to " + std::to_string(setting.max);
    case Kind::kFlag:
      return "true or false";
    case Kind::kDays:
      return "days such as 7,30";
    case Kind::kOther:
      break;
  }
  switch (setting.form) {
    case Form::kText:
      return "a text that is not empty, without white space";
    case Form::kPath:
      return "a path";
    case Form::kAddress:
      return "host:port";
    case Form::kOptionalAddress:
      return "host:port, ipv4:address:port,address:port for several replicas, or nothing";
    case Form::kTrustDomain:
      return "lower-case letters, digits, dots, hyphens and underscores, such as idea.example.gov";
    case Form::kEntity:
      return "entities/{id} with a lower-case id";
    case Form::kDatabase:
      return "sqlite:<path>, sqlite::memory: or postgresql://<user>@<host>/<name>";
    case Form::kRedis:
      return "host:port, unix:/path, or a URL of redis://, rediss://, redis-sentinel:// or "
             "rediss-sentinel://";
    case Form::kLogLevel:
      return "debug, info, warn or error";
    default:
      return "";
  }
}

std::string Expected(const Setting& setting, const std::string& value) {
  if (value.find('\0') != std::string::npos) return "a text without zero bytes";
  if (setting.form == Form::kRedis) return std::string(ParseRedisUrl(value).status().message());
  if (IsGood(setting, value)) return "";
  const std::string allowed = Allowed(setting);
  return allowed.empty() ? "a text in one line" : allowed;
}

std::optional<std::vector<int>> ReadDays(const std::string& text) {
  std::vector<int> days;
  if (text.ends_with(',')) return std::nullopt;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    if (part.size() > 5 || !IsNumberIn(part, 1, 99'999)) return std::nullopt;
    days.push_back(std::stoi(part));
  }
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

std::string NearMiss(std::string_view name, const std::vector<std::string_view>& names) {
  std::string best;
  // Allows two errors in twelve letters but one in five: different short words are close to each other.
  size_t nearest = std::max<size_t>(1, std::min<size_t>(3, name.size() / 6));
  for (const std::string_view candidate : names) {
    const size_t distance = Distance(name, candidate);
    if (distance == 0 || distance > nearest || (distance == nearest && !best.empty())) continue;
    nearest = distance;
    best = candidate;
  }
  return best;
}

}  // namespace idea::config
