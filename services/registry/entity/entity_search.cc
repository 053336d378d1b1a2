#include "services/registry/entity/entity_search.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "absl/strings/str_join.h"
#include "services/registry/entity/entity_name.h"

namespace idea::registry {
namespace {

// The number of letters that must be changed, inserted, removed or swapped with the next one. `max` + 1 if
// the lengths alone require more than `max` changes.
size_t EditDistance(const std::string& typed, const std::string& word, size_t max) {
  const size_t rows = typed.size(), columns = word.size();
  if (rows > columns + max || columns > rows + max) return max + 1;
  std::vector<std::vector<size_t>> cost(rows + 1, std::vector<size_t>(columns + 1));
  for (size_t i = 0; i <= rows; ++i) {
    for (size_t j = 0; j <= columns; ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (typed[i - 1] == word[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[rows][columns];
}

// The edit distance from a typed word to the nearest word of a name. Nothing if each distance is too large.
// The beginning of a word counts as the whole word.
std::optional<size_t> NearestDistance(const std::string& typed, const std::vector<std::string>& words) {
  const size_t max_errors = typed.size() < 4 ? 0 : typed.size() < 8 ? 1 : 2;
  size_t least = max_errors + 1;
  for (const std::string& word : words) {
    if (word.starts_with(typed)) return 0;
    if (max_errors > 0) least = std::min(least, EditDistance(typed, word, max_errors));
  }
  if (least > max_errors) return std::nullopt;
  return least;
}

struct Score {
  v1::EntityMatchKind match;
  size_t errors;
};

std::optional<Score> ScoreOf(const std::vector<std::string>& query, const std::string& joined,
                             const std::vector<std::string>& words) {
  const std::string name = absl::StrJoin(words, " ");
  if (name == joined) return Score{v1::ENTITY_MATCH_KIND_EXACT, 0};
  if (const size_t at = name.find(joined); at != std::string::npos) {
    const bool begins_a_word = at == 0 || name[at - 1] == ' ';
    return Score{v1::ENTITY_MATCH_KIND_PART, begins_a_word ? size_t{0} : size_t{1}};
  }
  Score score{v1::ENTITY_MATCH_KIND_SIMILAR, 0};
  for (const std::string& typed : query) {
    const auto errors = NearestDistance(typed, words);
    if (!errors) return std::nullopt;
    score.errors += *errors;
  }
  return score;
}

}  // namespace

std::vector<SearchMatch> Search(std::string_view query, const std::vector<SearchableName>& names,
                                size_t max_results) {
  const std::vector<std::string> words = WordsOf(query);
  const std::string joined = absl::StrJoin(words, " ");
  if (words.empty()) return {};
  // Lower is better. The query is a larger part of a short name than of a long one.
  using Rank = std::tuple<int, size_t, size_t, std::string>;
  std::map<std::string, std::pair<Rank, SearchMatch>> best;
  for (const SearchableName& name : names) {
    const auto score = ScoreOf(words, joined, WordsOf(name.text));
    if (!score) continue;
    const Rank rank(score->match, score->errors, name.text.size(), name.entity);
    const auto [entry, inserted] = best.try_emplace(name.entity, rank, SearchMatch());
    if (!inserted && entry->second.first <= rank) continue;
    entry->second = {rank, SearchMatch{name.entity, score->match, name.text}};
  }
  std::vector<std::pair<Rank, SearchMatch>> ranked;
  ranked.reserve(best.size());
  for (auto& [entity, match] : best) ranked.push_back(std::move(match));
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<SearchMatch> matches;
  for (size_t i = 0; i < std::min(max_results, ranked.size()); ++i)
    matches.push_back(std::move(ranked[i].second));
  return matches;
}

}  // namespace idea::registry
