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

// The maximum number of random bytes at once.
constexpr size_t kMaxRandomBytes = 64;

// Writes two hexadecimal digits per byte.
void WriteHex(const unsigned char* bytes, size_t n, char* to) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; ++i) {
    *to++ = kDigits[bytes[i] >> 4];
    *to++ = kDigits[bytes[i] & 15];
  }
}

std::string Hex(const unsigned char* bytes, size_t n) {
  std::string out(n * 2, '\0');
  WriteHex(bytes, n, out.data());
  return out;
}

constexpr bool IsOfSegment(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

bool IsSegment(std::string_view segment) {
  return !segment.empty() && segment.size() <= 100 && segment[0] != '.' &&
         std::all_of(segment.begin(), segment.end(), IsOfSegment);
}

bool IsUuidInAnyCase(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

// Takes random bytes from a per-thread buffer: OpenSSL fills many at once.
void TakeRandom(unsigned char* to, size_t n) {
  thread_local std::array<unsigned char, 4096> stock;
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
  std::string uuid(36, '-');
  size_t from = 0;
  size_t to = 0;
  for (const size_t size : {4, 2, 2, 2, 6}) {
    WriteHex(bytes.data() + from, size, uuid.data() + to);
    from += size;
    to += 2 * size + 1;
  }
  return uuid;
}

bool IsUuid4(std::string_view text) {
  return IsUuidInAnyCase(text) && text[14] == '4' &&
         std::string_view("89ab").find(text[19]) != std::string_view::npos &&
         text.find_first_of("ABCDEF") == std::string_view::npos;
}

std::string LowerUuids(std::string_view name) {
  std::string lower(name);
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'F'; };
  if (std::none_of(lower.begin(), lower.end(), is_upper)) return lower;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('/', begin), name.size());
    if (IsUuidInAnyCase(name.substr(begin, end - begin))) {
      for (size_t i = begin; i < end; ++i) lower[i] = static_cast<char>(std::tolower(lower[i]));
    }
    begin = end + 1;
  }
  return lower;
}

bool MatchesPattern(std::string_view name, std::string_view pattern) {
  while (true) {
    const size_t end = name.find('/');
    const size_t wanted_end = pattern.find('/');
    const std::string_view segment = name.substr(0, end);
    const std::string_view wanted = pattern.substr(0, wanted_end);
    if (wanted == "*" ? !IsSegment(segment) : segment != wanted) return false;
    if (end == std::string_view::npos || wanted_end == std::string_view::npos) return end == wanted_end;
    name.remove_prefix(end + 1);
    pattern.remove_prefix(wanted_end + 1);
  }
}

std::string Parent(std::string_view name) {
  for (int i = 0; i < 2; ++i) {
    const size_t slash = name.rfind('/');
    if (slash == std::string_view::npos) return "";
    name = name.substr(0, slash);
  }
  return std::string(name);
}

void WriteRandomHex(char* to, size_t digits) {
  std::array<unsigned char, kMaxRandomBytes> random;
  const size_t bytes = std::min(digits / 2, random.size());
  TakeRandom(random.data(), bytes);
  WriteHex(random.data(), bytes, to);
}

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return Hex(digest.data(), digest.size());
}

std::string Sha256Base64(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return Base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string Base64(std::string_view bytes) {
  return absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()));
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
  // abseil also accepts padding, white space and unused bits. Only one text is valid for each byte sequence.
  if (Base64Url(out) != text) return std::nullopt;
  return out;
}

}  // namespace idea::ids
