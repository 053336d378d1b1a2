#include "tests/support/query_plans.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "common/status/status.h"
#include "tests/support/matchers.h"

namespace idea::testing {
namespace {

std::string Literal(const storage::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (const auto* blob = std::get_if<storage::Blob>(&value))
    return "'\\x" + absl::BytesToHexString(blob->bytes) + "'::bytea";
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return "NULL";
  std::string quoted = "'";
  for (char c : *text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

// PostgreSQL's EXPLAIN takes no arguments.
std::string WithLiterals(const Statement& statement) {
  std::string written;
  const std::string& sql = statement.sql;
  for (size_t i = 0; i < sql.size(); ++i) {
    size_t end = i + 1;
    while (sql[i] == '$' && end < sql.size() && sql[end] >= '0' && sql[end] <= '9') ++end;
    if (end == i + 1) {
      written += sql[i];
      continue;
    }
    written += Literal(statement.args.at(std::stoul(sql.substr(i + 1, end - i - 1)) - 1));
    i = end - 1;
  }
  return written;
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The table of a step that scans one: "SCAN tasks USING INDEX ...", "->  Seq Scan on tasks t".
std::string TableOf(const std::string& step) {
  const bool sqlite = step.starts_with("SCAN ");
  const size_t begin = sqlite ? 5 : step.rfind(" on ") + 4;
  return step.substr(begin, step.find(' ', begin) - begin);
}

// Tables with a row for each entity, template or service, tables whose rows are removed within seconds, and
// results of subqueries, whose names here have one letter.
bool IsSmall(const std::string& table) {
  static const std::set<std::string> small = {
      "entities",  "accessions",   "parentages",   "former_names",    "successions",   "lapses",
      "templates", "event_epochs", "inbox_epochs", "unplaced_events", "inbox_sources", "candidates",
      "above",     "line",         "days",         "relay_cursors"};
  return table.size() == 1 || small.contains(table);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> PlanOf(storage::Transaction& db, const Statement& statement) {
  const bool sqlite = db.engine() == storage::Engine::kSqlite;
  ASSIGN_OR_RETURN(const auto rows, sqlite ? db.Query("EXPLAIN QUERY PLAN " + statement.sql, statement.args)
                                           : db.Query("EXPLAIN (COSTS OFF) " + WithLiterals(statement), {}));
  std::vector<std::string> lines;
  for (const storage::Row& row : rows) lines.push_back(row.Text(sqlite ? 3 : 0));
  return lines;
}

absl::Status PreferIndexes(storage::Transaction& db) {
  if (db.engine() == storage::Engine::kSqlite) return absl::OkStatus();
  return db
      .Query(
          "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), "
          "set_config('enable_mergejoin', 'off', true)",
          {})
      .status();
}

std::vector<std::string> PlansOf(storage::Database& database, const storage::Body& body) {
  std::vector<std::string> lines;
  EXPECT_THAT(database.Read([&](storage::Transaction& db) -> absl::Status {
    lines.clear();
    StatementRecorder recorder(db);
    RETURN_IF_ERROR(body(recorder));
    for (const Statement& statement : recorder.statements) {
      ASSIGN_OR_RETURN(const auto plan, PlanOf(db, statement));
      lines.insert(lines.end(), plan.begin(), plan.end());
    }
    return absl::OkStatus();
  }),
              IsOk());
  return lines;
}

std::vector<std::string> FullScans(std::string_view sql, const std::vector<std::string>& plan) {
  std::vector<std::string> scans;
  if (sql.find(" WHERE ") == std::string_view::npos) return scans;
  const bool limited = sql.find(" LIMIT ") != std::string_view::npos;
  for (const std::string& step : plan) {
    const bool of_index = limited && Has(step, " USING ");
    const bool scan = (Has(step, "SCAN ") && !of_index) || Has(step, "Seq Scan on ");
    if (scan && !IsSmall(TableOf(step))) scans.push_back(step);
  }
  return scans;
}

std::vector<std::string> SlowSteps(const std::vector<std::string>& plan,
                                   const std::vector<std::string>& small) {
  std::vector<std::string> slow;
  for (const std::string& step : plan) {
    const bool scans = Has(step, "SCAN ") || Has(step, "Seq Scan") || Has(step, "TEMP B-TREE") ||
                       step.starts_with("Sort") || Has(step, "Hash");
    const bool is_small =
        std::any_of(small.begin(), small.end(), [&](const std::string& table) { return Has(step, table); });
    if (scans && !is_small) slow.push_back(step);
  }
  return slow;
}

}  // namespace idea::testing
