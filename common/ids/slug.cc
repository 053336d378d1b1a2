#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <string_view>

#include "common/ids/ids.h"

// This is a separate file so that programs that make no ids from names do not link the transliteration data.
namespace idea::ids {
namespace {

// Created once; thread-safe. Null if the data of ICU lacks these rules.
const icu::Transliterator* Romanizer() {
  static const icu::Transliterator* const romanizer = [] {
    UErrorCode failure = U_ZERO_ERROR;
    return icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, failure);
  }();
  return romanizer;
}

std::string InLatinLetters(std::string_view name) {
  const bool ascii =
      std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii || Romanizer() == nullptr) return std::string(name);
  icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
  Romanizer()->transliterate(text);
  std::string latin;
  return text.toUTF8String(latin);
}

}  // namespace

std::string Slug(std::string_view name) {
  std::string out;
  for (const char c : InLatinLetters(name)) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x80 && std::isalnum(u)) {
      out += static_cast<char>(std::tolower(u));
    } else if (c != '\'' && !out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.substr(0, 100);
}

}  // namespace idea::ids
