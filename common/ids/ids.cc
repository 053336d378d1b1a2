#include "common/ids/ids.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "absl/strings/escaping.h"

namespace idea::ids {
namespace {

std::string Hex(const unsigned char* bytes, size_t n) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(n * 2);
  for (size_t i = 0; i < n; ++i) {
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

// Takes the first segment off `rest`; nullopt when there is none left.
std::optional<std::string_view> Next(std::optional<std::string_view>& rest) {
  if (!rest) return std::nullopt;
  const size_t slash = rest->find('/');
  const std::string_view segment = rest->substr(0, slash);
  rest = slash == std::string_view::npos ? std::nullopt : std::optional(rest->substr(slash + 1));
  return segment;
}

bool IsSegment(std::string_view segment) {
  if (segment.empty() || segment.size() > 100 || segment[0] == '.') return false;
  for (const char c : segment) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

// Takes random bytes from a stock of the thread's own: OpenSSL is asked for many at once.
void TakeRandom(unsigned char* to, size_t n) {
  thread_local std::array<unsigned char, 1024> stock;
  thread_local size_t used = stock.size();
  if (n > stock.size() - used) {
    RAND_bytes(stock.data(), stock.size());
    used = 0;
  }
  std::memcpy(to, stock.data() + used, n);
  used += n;
}

}  // namespace

std::string NewUuid() {
  std::array<unsigned char, 16> bytes;
  TakeRandom(bytes.data(), bytes.size());
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = Hex(bytes.data(), bytes.size());
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
         hex.substr(20);
}

bool IsUuid4(std::string_view text) {
  if (text.size() != 36 || text[14] != '4' ||
      std::string_view("89ab").find(text[19]) == std::string_view::npos) {
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-'
             : std::string_view("0123456789abcdef").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool MatchesPattern(std::string_view name, std::string_view pattern) {
  std::optional<std::string_view> have(name);
  std::optional<std::string_view> want(pattern);
  while (have && want) {
    const std::string_view segment = *Next(have);
    const std::string_view wanted = *Next(want);
    if (wanted == "*" ? !IsSegment(segment) : segment != wanted) return false;
  }
  return !have && !want;
}

std::string Segment(std::string_view name, int n) {
  std::optional<std::string_view> rest(name);
  for (int i = 0; i < n; ++i) Next(rest);
  return std::string(Next(rest).value_or(""));
}

std::string Parent(std::string_view name) {
  for (int i = 0; i < 2; ++i) {
    const size_t slash = name.rfind('/');
    if (slash == std::string_view::npos) return "";
    name = name.substr(0, slash);
  }
  return std::string(name);
}

std::string Slug(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u)) {
      out += static_cast<char>(std::tolower(u));
    } else if (c != '\'' && !out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.substr(0, 100);
}

std::string RandomHex(size_t bytes) {
  std::array<unsigned char, 64> random;
  bytes = std::min(bytes, random.size());
  TakeRandom(random.data(), bytes);
  return Hex(random.data(), bytes);
}

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return Hex(digest.data(), digest.size());
}

std::string Base64Url(std::string_view bytes) {
  std::string out;
  absl::WebSafeBase64Escape(absl::string_view(bytes.data(), bytes.size()), &out);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string out;
  if (!absl::WebSafeBase64Unescape(absl::string_view(text.data(), text.size()), &out)) return std::nullopt;
  return out;
}

}  // namespace idea::ids
