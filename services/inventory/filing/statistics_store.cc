#include "services/inventory/filing/statistics_store.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "common/status/status.h"

namespace idea::inventory {
namespace {

using clock::kDay;
constexpr int64_t kBlockDays = 32;
constexpr clock::Micros kBlock = kBlockDays * kDay;

constexpr std::array kSums = {"executed", "ended",         "unfiled",     "disputed",        "filed",
                              "drafted",  "drafting_days", "filing_days", "within_yardstick"};

// The numbers that a filing adds, in the order of kSums.
using Sums = std::array<int64_t, kSums.size()>;

// The days from the creation of the BUCP to its execution. nullopt if the creation time is not known.
std::optional<int64_t> DraftingDays(const v1::Filing& filing) {
  const clock::Micros drafted = clock::FromProto(filing.draft_time());
  if (drafted <= 0) return std::nullopt;
  return (clock::FromProto(filing.execute_time()) - drafted) / kDay;
}

Sums SumsOf(const v1::Filing& filing, v1::FilingState state, bool filed) {
  const std::optional<int64_t> drafting = DraftingDays(filing);
  const clock::Micros waited = clock::FromProto(filing.file_time()) - clock::FromProto(filing.execute_time());
  return {1,
          state == v1::FILING_STATE_ENDED,
          state == v1::FILING_STATE_UNFILED,
          filing.disputed(),
          filed,
          drafting.has_value(),
          drafting.value_or(0),
          filed ? waited / kDay : 0,
          drafting && *drafting <= kYardstickDays};
}

std::string SumsAs(const char* before, const char* after) {
  std::string list;
  for (const char* sum : kSums) list += std::string(", ") + before + sum + after;
  return list;
}

}  // namespace

absl::Status CountFiling(storage::Transaction& db, const v1::Filing& filing,
                         std::optional<v1::FilingState> from) {
  Sums sums = SumsOf(filing, filing.state(), filing.has_file_time());
  if (from) {
    // An ended filing changes only when it is filed after its end.
    const Sums before = SumsOf(filing, *from, *from == v1::FILING_STATE_FILED);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] -= before[i];
  }
  const clock::Micros executed = clock::FromProto(filing.execute_time());
  storage::Args args = {executed / kDay * kDay, executed / kBlock * kBlock, DraftingDays(filing).value_or(0)};
  std::string counted = ", $3";
  for (const int64_t sum : sums) {
    args.emplace_back(sum);
    counted += ", $" + std::to_string(args.size());
  }
  std::set<std::string> entities = {""};
  entities.insert(filing.recipients().begin(), filing.recipients().end());
  entities.insert(filing.providers().begin(), filing.providers().end());
  std::string rows;
  for (const std::string& entity : entities) {
    args.emplace_back(entity);
    const std::string of = ", $" + std::to_string(args.size()) + counted + ")";
    rows += (rows.empty() ? "(1, $1" : ", (1, $1") + of + ", (" + std::to_string(kBlockDays) + ", $2" + of;
  }
  std::string added;
  for (const char* sum : kSums)
    added += std::string(", ") + sum + " = filing_counts." + sum + " + excluded." + sum;
  static const std::string columns = SumsAs("", "");
  return db.ExecuteDeferred(
      "INSERT INTO filing_counts (days, first, entity, longest_drafting" + columns + ") VALUES " + rows +
          " ON CONFLICT (days, first, entity) DO UPDATE SET longest_drafting = CASE WHEN "
          "excluded.longest_drafting > filing_counts.longest_drafting THEN "
          "excluded.longest_drafting ELSE "
          "filing_counts.longest_drafting END" +
          added,
      args);
}

absl::StatusOr<std::vector<v1::Statistics>> CountFilings(storage::Transaction& db, clock::Micros from,
                                                         clock::Micros until,
                                                         const std::optional<std::string>& entity) {
  // Whole blocks, and the days before the first and after the last block.
  const clock::Micros first = std::min((from + kBlock - 1) / kBlock * kBlock, until);
  const clock::Micros last = std::max(until / kBlock * kBlock, first);
  std::string sql =
      "SELECT entity, CAST(MAX(longest_drafting) AS BIGINT)" + SumsAs("CAST(SUM(", ") AS BIGINT)") +
      " FROM filing_counts WHERE ((days = 32 AND first >= $2 AND first < $3) OR (days = 1 AND first >= $1 "
      "AND first < $2) OR (days = 1 AND first >= $3 AND first < $4))";
  storage::Args args = {from, first, last, until};
  if (entity) {
    sql += " AND entity = $5";
    args.emplace_back(*entity);
  }
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(sql + " GROUP BY entity ORDER BY entity", args));
  std::vector<v1::Statistics> all;
  for (const storage::Row& row : rows) {
    const int64_t executed = row.Int(2), ended = row.Int(3), filed = row.Int(6), drafted = row.Int(7);
    v1::Statistics& one = all.emplace_back();
    one.set_entity(row.Text(0));
    one.set_executed(executed);
    one.set_in_force(executed - ended);
    one.set_ended(ended);
    one.set_unfiled(row.Int(4));
    one.set_disputed(row.Int(5));
    one.set_filed(filed);
    if (drafted > 0) one.set_mean_days_to_execution(row.Int(8) / drafted);
    one.set_longest_days_to_execution(row.Int(1));
    if (filed > 0) one.set_mean_days_to_filing(row.Int(9) / filed);
    one.set_within_yardstick(row.Int(10));
  }
  return all;
}

absl::StatusOr<std::map<v1::FilingState, int64_t>> CountByState(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT state, COUNT(*) FROM filing_list WHERE entity = '' GROUP BY state", {}));
  std::map<v1::FilingState, int64_t> counts;
  for (const storage::Row& row : rows) counts[static_cast<v1::FilingState>(row.Int(0))] = row.Int(1);
  return counts;
}

}  // namespace idea::inventory
