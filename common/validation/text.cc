#include "common/validation/text.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace idea::validation {
namespace {

constexpr char32_t kBroken = 0xFFFFFFFF;

// The maximum number of consecutive combining marks. Stacked Tibetan letters and Hebrew with accents need up
// to seven.
constexpr int kMaxMarks = 8;

// Removes the next code point of strict UTF-8 from the front; kBroken if it is invalid.
char32_t Next(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  const size_t size = first < 0x80   ? 1
                      : first < 0xC2 ? 0
                      : first < 0xE0 ? 2
                      : first < 0xF0 ? 3
                      : first < 0xF5 ? 4
                                     : 0;
  if (size == 0 || text.size() < size) return kBroken;
  constexpr uint8_t kPayload[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  char32_t point = first & kPayload[size];
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kBroken;
    point = point << 6 | (byte(i) & 0x3F);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kSmallest[size] || surrogate || point > 0x10FFFF) return kBroken;
  text.remove_prefix(size);
  return point;
}

bool IsBidiOverride(char32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }

bool IsNoncharacter(char32_t c) { return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE; }

bool IsLineBreak(char32_t c) { return c == '\n' || c == 0x2028 || c == 0x2029; }

std::string_view WantedInsteadOf(char32_t c, bool one_line) {
  if (c >= 0x20 && c < 0x7F) return "";
  if (c == kBroken) return "text in UTF-8";
  if (one_line && (IsLineBreak(c) || c == '\t')) return "one line without tabs";
  if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c <= 0x9F))
    return "text without control characters";
  if (IsBidiOverride(c)) return "text without bidirectional overrides";
  if (IsNoncharacter(c)) return "text without Unicode noncharacters";
  return "";
}

bool IsInvisible(char32_t c) {
  if (c < 0x80) return false;
  constexpr char32_t kBrailleBlank = 0x2800;
  const auto point = static_cast<UChar32>(c);
  return c == kBrailleBlank || u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
         u_hasBinaryProperty(point, UCHAR_BIDI_CONTROL) || u_charType(point) == U_FORMAT_CHAR ||
         u_charType(point) == U_PRIVATE_USE_CHAR;
}

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '-'); });
}

bool IsDomain(std::string_view domain) {
  size_t labels = 0;
  while (true) {
    const size_t dot = domain.find('.');
    if (!IsLabel(domain.substr(0, dot))) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels > 1;
    domain.remove_prefix(dot + 1);
  }
}

bool IsMailbox(std::string_view local) {
  if (local.empty() || local.size() > 64 || local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  constexpr std::string_view kOthers = "!#$%&'*+/=?^_`{|}~.-";
  return std::all_of(local.begin(), local.end(), [&](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || kOthers.find(static_cast<char>(c)) != std::string_view::npos);
  });
}

}  // namespace

TextFacts CheckText(std::string_view text, bool one_line) {
  TextFacts facts;
  while (!text.empty()) {
    // The common case.
    const auto* plain_end =
        std::find_if(text.begin(), text.end(), [](char c) { return c < 0x20 || c == 0x7F; });
    facts.code_points += static_cast<size_t>(plain_end - text.begin());
    text.remove_prefix(static_cast<size_t>(plain_end - text.begin()));
    if (text.empty()) break;
    const char32_t point = Next(text);
    facts.wanted = WantedInsteadOf(point, one_line);
    if (!facts.wanted.empty()) return facts;
    ++facts.code_points;
  }
  return facts;
}

bool HasInvisible(std::string_view text) {
  while (!text.empty()) {
    const char32_t point = Next(text);
    if (point == kBroken || IsInvisible(point)) return true;
  }
  return false;
}

bool HasMarkRun(std::string_view text) {
  int run = 0;
  while (!text.empty()) {
    const char32_t point = Next(text);
    if (point == kBroken) return false;
    const auto type = u_charType(static_cast<UChar32>(point));
    run = type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK ? run + 1 : 0;
    if (run > kMaxMarks) return true;
  }
  return false;
}

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    const char32_t point = Next(text);
    if (point == kBroken || !(u_isUWhiteSpace(static_cast<UChar32>(point)) || IsInvisible(point)))
      return false;
  }
  return true;
}

bool IsEmail(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > 254) return false;
  return IsMailbox(text.substr(0, at)) && IsDomain(text.substr(at + 1));
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void Truncate(size_t max, std::string& text) {
  size_t code_points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<uint8_t>(text[i]) & 0xC0) != 0x80;
    if (begins && ++code_points > max) {
      text.replace(i, std::string::npos, "…");
      return;
    }
  }
}

std::string EscapeMarkup(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace idea::validation
