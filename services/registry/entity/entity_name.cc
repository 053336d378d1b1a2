#include "services/registry/entity/entity_name.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/validation/text.h"

namespace idea::registry {
namespace {

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

// Created once. Several threads may check names with it at the same time.
const USpoofChecker* Checker() {
  static const USpoofChecker* const checker = [] {
    UErrorCode failure = U_ZERO_ERROR;
    USpoofChecker* made = uspoof_open(&failure);
    uspoof_setRestrictionLevel(made, USPOOF_SINGLE_SCRIPT_RESTRICTIVE);
    uspoof_setChecks(made, USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE, &failure);
    return made;
  }();
  return checker;
}

bool IsMark(UChar32 c) { return u_charType(c) == U_NON_SPACING_MARK || c == '\'' || c == 0x2019; }

// The name in lower case, with compatible forms unified and accents separated from their letters.
icu::UnicodeString Decomposed(std::string_view name) {
  UErrorCode failure = U_ZERO_ERROR;
  const auto* fold = icu::Normalizer2::getNFKCCasefoldInstance(failure);
  const auto* decompose = icu::Normalizer2::getNFKDInstance(failure);
  return decompose->normalize(fold->normalize(FromUtf8(name), failure), failure);
}

}  // namespace

std::string NameRequirement(std::string_view name) {
  UErrorCode failure = U_ZERO_ERROR;
  if (validation::HasInvisible(name)) return "a name without invisible characters";
  if (validation::HasMarkRun(name)) return "a name without long runs of combining marks";
  const int32_t found =
      uspoof_checkUTF8(Checker(), name.data(), static_cast<int32_t>(name.size()), nullptr, &failure);
  if ((found & USPOOF_INVISIBLE) != 0) return "a name without invisible characters";
  return found == 0 ? "" : "a name in the letters of one alphabet";
}

std::string NameKey(std::string_view name) {
  UErrorCode failure = U_ZERO_ERROR;
  const std::string folded =
      ToUtf8(icu::Normalizer2::getNFKCCasefoldInstance(failure)->normalize(FromUtf8(name), failure));
  std::string key(folded.size() * 4 + 16, '\0');
  const int32_t size =
      uspoof_getSkeletonUTF8(Checker(), 0, folded.data(), static_cast<int32_t>(folded.size()), key.data(),
                             static_cast<int32_t>(key.size()), &failure);
  key.resize(static_cast<size_t>(size));
  return key;
}

std::vector<std::string> WordsOf(std::string_view name) {
  const icu::UnicodeString text = Decomposed(name);
  std::vector<std::string> words;
  icu::UnicodeString word;
  const auto end_word = [&] {
    if (!word.isEmpty()) words.push_back(ToUtf8(word));
    word.remove();
  };
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (u_isalnum(c) || c == '$') {
      word.append(c);
    } else if (c == '&') {
      end_word();
      words.emplace_back("and");
    } else if (!IsMark(c)) {
      end_word();
    }
  }
  end_word();
  return words;
}

namespace {

// The words of a name with common abbreviations written out.
std::vector<std::string> FullWordsOf(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kAbbreviations = {
      {{"dept", "department"},
       {"calif", "california"},
       {"svcs", "services"},
       {"ofc", "office"},
       {"bd", "board"},
       {"comm", "commission"},
       {"govt", "government"}}};
  std::vector<std::string> words = WordsOf(name);
  for (std::string& word : words) {
    for (const auto& [abbreviation, full] : kAbbreviations) {
      if (word == abbreviation) word = full;
    }
  }
  return words;
}

std::string Joined(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return absl::StrJoin(words, " ");
}

}  // namespace

std::string UnabbreviatedKey(std::string_view name) { return Joined(FullWordsOf(name)); }

std::string LooseKey(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kCommonWords = {"agency", "and",   "california", "for",
                                                                   "of",     "state", "the"};
  const std::vector<std::string> all = FullWordsOf(name);
  // One word is not enough: a Department of Transportation and a Transportation Agency exist, and a
  // University of California and a California State University.
  std::vector<std::string> words = all;
  for (size_t kept = 0; kept < 2; ++kept) {
    std::vector<std::string> distinctive;
    std::copy_if(all.begin(), all.end(), std::back_inserter(distinctive), [&](const std::string& word) {
      return std::find(kCommonWords.begin() + kept, kCommonWords.end(), word) == kCommonWords.end();
    });
    if (distinctive.size() < 2) continue;
    words = std::move(distinctive);
    break;
  }
  return Joined(std::move(words));
}

}  // namespace idea::registry
