#include "services/cli/command/suggestion.h"

#include <algorithm>
#include <cctype>

namespace idea::cli {
namespace {

// Lower case, with _ for -.
std::string Plain(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The edit distance, where the exchange of two adjacent letters counts as one edit.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> best(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t k = 0; k <= b.size(); ++k) {
      if (i == 0 || k == 0) {
        best[i][k] = i + k;
        continue;
      }
      best[i][k] = std::min(
          {best[i - 1][k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1), best[i - 1][k] + 1, best[i][k - 1] + 1});
      const bool swapped = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
      if (swapped) best[i][k] = std::min(best[i][k], best[i - 2][k - 2] + 1);
    }
  }
  return best[a.size()][b.size()];
}

}  // namespace

std::string ClosestTo(const std::string& word, const std::vector<std::string>& candidates) {
  constexpr size_t kMaxLetters = 60;
  const std::string typed = Plain(word);
  if (typed.size() < 2 || typed.size() > kMaxLetters) return "";
  std::string closest;
  // At most one edit per three letters.
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
