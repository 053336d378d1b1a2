#include "services/registry/entity/entity_search.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "services/registry/entity/entity_name.h"

namespace idea::registry {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// How many letters have to be changed, added, left out or swapped with their neighbour, up to `most`.
size_t MistakesIn(const std::string& typed, const std::string& word, size_t most) {
  const size_t rows = typed.size(), columns = word.size();
  if (rows > columns + most || columns > rows + most) return most + 1;
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

// Mistakes of a typed word against the word of a name that is nearest; none if every one is too far. The
// beginning of a word counts as the word.
std::optional<size_t> MistakesOf(const std::string& typed, const std::vector<std::string>& words) {
  const size_t forgiven = typed.size() < 4 ? 0 : typed.size() < 8 ? 1 : 2;
  size_t least = forgiven + 1;
  for (const std::string& word : words) {
    if (word.starts_with(typed)) return 0;
    if (forgiven > 0) least = std::min(least, MistakesIn(typed, word, forgiven));
  }
  if (least > forgiven) return std::nullopt;
  return least;
}

struct Score {
  v1::EntityMatchKind match;
  size_t mistakes;
};

std::optional<Score> ScoreOf(const std::vector<std::string>& query, const std::string& joined,
                             const std::vector<std::string>& words) {
  const std::string name = Joined(words);
  if (name == joined) return Score{v1::ENTITY_MATCH_KIND_EXACT, 0};
  if (const size_t at = name.find(joined); at != std::string::npos) {
    const bool begins_a_word = at == 0 || name[at - 1] == ' ';
    return Score{v1::ENTITY_MATCH_KIND_PART, begins_a_word ? size_t{0} : size_t{1}};
  }
  Score score{v1::ENTITY_MATCH_KIND_SIMILAR, 0};
  for (const std::string& typed : query) {
    const auto mistakes = MistakesOf(typed, words);
    if (!mistakes) return std::nullopt;
    score.mistakes += *mistakes;
  }
  return score;
}

}  // namespace

std::vector<Found> Search(std::string_view query, const std::vector<Called>& called, size_t most) {
  const std::vector<std::string> words = WordsOf(query);
  const std::string joined = Joined(words);
  if (words.empty()) return {};
  // What comes first is likelier; a short name is more of what was typed than a long one.
  using Rank = std::tuple<int, size_t, size_t, std::string>;
  std::map<std::string, std::pair<Rank, Found>> best;
  for (const Called& one : called) {
    const auto score = ScoreOf(words, joined, WordsOf(one.text));
    if (!score) continue;
    const Rank rank(score->match, score->mistakes, one.text.size(), one.entity);
    const auto [there, fresh] = best.try_emplace(one.entity, rank, Found());
    if (!fresh && there->second.first <= rank) continue;
    there->second = {rank, Found{one.entity, score->match, one.text}};
  }
  std::vector<std::pair<Rank, Found>> ranked;
  ranked.reserve(best.size());
  for (auto& [entity, found] : best) ranked.push_back(std::move(found));
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Found> found;
  for (size_t i = 0; i < std::min(most, ranked.size()); ++i) found.push_back(std::move(ranked[i].second));
  return found;
}

}  // namespace idea::registry
