#include "services/cli/suggestion.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace idea::cli {
namespace {

// Lower case, and - as _.
std::string Plain(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Letters to add, leave out or change to make one word of the other (Levenshtein).
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t k = 0; k < b.size(); ++k) {
      const size_t changed = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string ClosestTo(const std::string& word, const std::vector<std::string>& candidates) {
  constexpr size_t kMaxLetters = 60;
  const std::string typed = Plain(word);
  if (typed.size() < 2 || typed.size() > kMaxLetters) return "";
  std::string closest;
  // At most one wrong letter in three.
  size_t least = std::max<size_t>(1, typed.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::string plain = Plain(candidate);
    const bool begins = typed.size() > 2 && plain.starts_with(typed);
    const size_t distance = begins ? 1 : Distance(typed, plain);
    if (distance >= least) continue;
    least = distance;
    closest = candidate;
  }
  return closest;
}

std::string DidYouMean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string closest = ClosestTo(word, candidates);
  return closest.empty() ? "" : "; did you mean " + closest + "?";
}

std::string Listed(const std::vector<std::string>& words) {
  std::string listed;
  for (const std::string& word : words) listed += (listed.empty() ? "" : ", ") + word;
  return listed;
}

}  // namespace idea::cli
