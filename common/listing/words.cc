#include "common/listing/words.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace idea::listing {
namespace {

constexpr int32_t kMaxWordLength = 40;

// Folds case, unifies compatible forms, and separates accents from letters.
icu::UnicodeString Folded(std::string_view text) {
  UErrorCode failure = U_ZERO_ERROR;
  const auto* fold = icu::Normalizer2::getNFKCCasefoldInstance(failure);
  const auto* decompose = icu::Normalizer2::getNFKDInstance(failure);
  const auto raw =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  return decompose->normalize(fold->normalize(raw, failure), failure);
}

}  // namespace

void AddWords(std::string_view text, size_t most, std::set<std::string>& words) {
  icu::UnicodeString word;
  const auto end_word = [&] {
    std::string bytes;
    word.toUTF8String(bytes);
    if (!bytes.empty() && words.size() < most) words.insert(std::move(bytes));
    word.remove();
  };
  const icu::UnicodeString folded = Folded(text);
  for (int32_t i = 0; i < folded.length() && words.size() < most; i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    if (u_charType(c) == U_NON_SPACING_MARK) continue;
    if (!u_isalnum(c)) {
      end_word();
    } else if (word.countChar32() < kMaxWordLength) {
      word.append(c);
    }
  }
  end_word();
}

std::string NameKey(std::string_view name) {
  const bool ascii =
      std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) {
    const auto bare = absl::StripAsciiWhitespace(absl::string_view(name.data(), name.size()));
    return absl::AsciiStrToLower(bare);
  }
  UErrorCode failure = U_ZERO_ERROR;
  const auto* compose = icu::Normalizer2::getNFCInstance(failure);
  const auto raw =
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
  icu::UnicodeString folded = compose->normalize(raw, failure).foldCase();
  int32_t begin = 0, end = folded.length();
  while (begin < end && u_isUWhiteSpace(folded.charAt(begin))) ++begin;
  while (begin < end && u_isUWhiteSpace(folded.charAt(end - 1))) --end;
  std::string key;
  compose->normalize(folded.tempSubStringBetween(begin, end), failure).toUTF8String(key);
  return key;
}

}  // namespace idea::listing
