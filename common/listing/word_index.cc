#include "common/listing/word_index.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/listing/words.h"
#include "common/status/status.h"

namespace idea::listing {
namespace {

using storage::Blob;

// Of a filter.
constexpr size_t kMaxWanted = 20;
constexpr size_t kRowsAtOnce = 50;

// One statement: `begin`, a group for each word, and `end`. In a group ? is the word and $1 the item.
absl::Status ForWords(storage::Transaction& db, const std::string& id, const std::vector<std::string>& words,
                      const std::string& begin, const std::string& group, const std::string& end) {
  for (size_t at = 0; at < words.size(); at += kRowsAtOnce) {
    std::string groups;
    storage::Args args = {id};
    for (size_t i = at; i < std::min(at + kRowsAtOnce, words.size()); ++i) {
      args.emplace_back(Blob{words[i]});
      std::string next = group;
      next.replace(next.find('?'), 1, "$" + std::to_string(args.size()));
      groups += (groups.empty() ? "" : ", ") + next;
    }
    RETURN_IF_ERROR(db.ExecuteDeferred(begin + groups + end, args));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status StoreWords(storage::Transaction& db, const std::string& item, const std::string& id,
                        const std::set<std::string>& words) {
  const std::string texts = item + "_texts", rows = item + "_words";
  std::string text;
  for (const std::string& word : words) text += " " + word;
  ASSIGN_OR_RETURN(const auto stored,
                   db.QueryOne("SELECT words FROM " + texts + " WHERE " + item + " = $1", {id}));
  if (stored && stored->Text(0) == text) return absl::OkStatus();
  std::set<std::string> before;
  if (stored) before = absl::StrSplit(stored->Text(0), ' ', absl::SkipEmpty());
  std::vector<std::string> gone, fresh;
  std::set_difference(before.begin(), before.end(), words.begin(), words.end(), std::back_inserter(gone));
  std::set_difference(words.begin(), words.end(), before.begin(), before.end(), std::back_inserter(fresh));
  RETURN_IF_ERROR(
      ForWords(db, id, gone, "DELETE FROM " + rows + " WHERE " + item + " = $1 AND word IN (", "?", ")"));
  RETURN_IF_ERROR(
      ForWords(db, id, fresh, "INSERT INTO " + rows + " (" + item + ", word) VALUES ", "($1, ?)", ""));
  return db.ExecuteDeferred("INSERT INTO " + texts + " (" + item + ", words) VALUES ($1, $2) ON CONFLICT (" +
                                item + ") DO UPDATE SET words = excluded.words",
                            {id, text});
}

absl::StatusOr<std::string> FindWords(storage::Transaction& db, const std::string& item, Page* page) {
  const std::string list = item + "_list", rows = item + "_words";
  if (page->words.empty()) return "";
  page->looks_up = true;
  std::set<std::string> words;
  for (const std::string& text : page->words) AddWords(text, kMaxWanted, words);
  if (words.empty()) page->where += " AND 1 = 0";
  int64_t fewest = kFew;
  storage::Args rarest;
  for (const std::string& word : words) {
    page->args.emplace_back("% " + word + "%");
    page->where += " AND EXISTS (SELECT 1 FROM " + item + "_texts t WHERE t." + item + " = " + list + "." +
                   item + " AND t.words LIKE $" + std::to_string(page->args.size()) + ")";
    // UTF-8 has no byte 0xff.
    const storage::Args range = {Blob{word}, Blob{word + '\xff'}, fewest};
    ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM (SELECT 1 FROM " + rows +
                                                     " WHERE word >= $1 AND word < $2 LIMIT $3) w",
                                                 range));
    if (row->Int(0) >= fewest) continue;
    fewest = row->Int(0);
    rarest = {range[0], range[1]};
  }
  if (rarest.empty()) return "";
  page->args.insert(page->args.end(), rarest.begin(), rarest.end());
  const size_t last = page->args.size();
  return "SELECT DISTINCT " + item + " AS hit FROM " + rows + " WHERE word >= $" + std::to_string(last - 1) +
         " AND word < $" + std::to_string(last);
}

}  // namespace idea::listing
