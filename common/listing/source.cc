#include "common/listing/source.h"

#include <cstdint>
#include <utility>

#include "common/listing/filter.h"
#include "common/listing/word_index.h"
#include "common/status/status.h"

namespace idea::listing {
namespace {

// The cost of a lookup per row, in rows read.
constexpr int kRowsOfLookUp = 5;

// The rows of the list that have a rare value; empty if no value is rare.
absl::StatusOr<std::string> FindRare(storage::Transaction& db, const std::string& list, Page* page) {
  for (const auto& [sql, values] : page->rare) {
    const std::string beginning = " FROM " + list + " WHERE " + page->list + " AND ";
    storage::Args args(page->args.begin(), page->args.begin() + static_cast<int64_t>(page->list_args));
    const std::string rows = beginning + Bind(sql, values, args);
    ASSIGN_OR_RETURN(const auto count, db.QueryOne("SELECT COUNT(*) FROM (SELECT 1" + rows + " LIMIT " +
                                                       std::to_string(kFew) + ") r",
                                                   args));
    if (count->Int(0) >= kFew) continue;
    return "SELECT " + page->id_column + " AS hit" + beginning + Bind(sql, values, page->args);
  }
  return "";
}

// Limits the page to its window. The position of its last row is read from the index only.
absl::Status SetFence(storage::Transaction& db, const std::string& list, Page* page) {
  const int window = page->looks_up ? page->window / kRowsOfLookUp : page->window;
  const std::string order = page->order_column + page->direction + ", " + page->id_column + page->direction;
  ASSIGN_OR_RETURN(
      const auto last,
      db.QueryOne("SELECT " + page->order_column + ", " + page->id_column + " FROM " + list + " WHERE " +
                      page->span + " ORDER BY " + order + " LIMIT 1 OFFSET " + std::to_string(window - 1),
                  {page->args.begin(), page->args.begin() + static_cast<int64_t>(page->span_args)}));
  if (!last) return absl::OkStatus();
  page->fence = page->CursorOf(*last, 0, 1);
  page->AddBeside(*page->fence, /*after=*/false);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> Source(storage::Transaction& db, const std::string& item, Page* page) {
  std::string list = item + "_list";
  ASSIGN_OR_RETURN(std::string hits, FindWords(db, item, page));
  if (hits.empty()) {
    ASSIGN_OR_RETURN(hits, FindRare(db, list, page));
  }
  if (hits.empty()) {
    if (page->filtered) RETURN_IF_ERROR(SetFence(db, list, page));
    return list;
  }
  page->where += " AND " + page->id_column + " = hit";
  // CROSS JOIN fixes the join order in SQLite.
  return "(" + hits + ") w CROSS JOIN " + list;
}

}  // namespace idea::listing
