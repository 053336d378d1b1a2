#ifndef IDEA_TESTS_SUPPORT_QUERY_PLANS_H_
#define IDEA_TESTS_SUPPORT_QUERY_PLANS_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/storage/database.h"
#include "tests/support/matchers.h"

namespace idea::testing {

// Runs a read and records each query with its arguments.
class QuestionRecorder : public storage::Transaction {
 public:
  struct Question {
    std::string sql;
    storage::Args args;
  };
  explicit QuestionRecorder(storage::Transaction& real) : real_(real) {}
  absl::StatusOr<storage::Rows> Query(std::string_view sql, const storage::Args& args) override {
    questions.push_back({std::string(sql), args});
    return real_.Query(sql, args);
  }
  absl::StatusOr<int64_t> Execute(std::string_view sql, const storage::Args& args) override {
    return real_.Execute(sql, args);
  }
  absl::Status ExecuteDeferred(std::string_view sql, const storage::Args& args,
                               const storage::RowCheck& check) override {
    return real_.ExecuteDeferred(sql, args, check);
  }
  storage::Engine engine() const override { return real_.engine(); }
  absl::StatusOr<storage::Location> FindLocation() override { return real_.FindLocation(); }

  std::vector<Question> questions;

 private:
  storage::Transaction& real_;
};

// The plan of the engine for the queries of `body`: one line per step of EXPLAIN QUERY PLAN or EXPLAIN.
inline std::vector<std::string> PlansOf(storage::Database& database, const storage::Body& body) {
  std::vector<std::string> lines;
  EXPECT_THAT(database.Read([&](storage::Transaction& db) -> absl::Status {
    lines.clear();
    QuestionRecorder recorder(db);
    RETURN_IF_ERROR(body(recorder));
    const bool sqlite = db.engine() == storage::Engine::kSqlite;
    for (auto& [sql, args] : recorder.questions) {
      if (sqlite) {
        ASSIGN_OR_RETURN(const auto rows, db.Query("EXPLAIN QUERY PLAN " + sql, args));
        for (const storage::Row& row : rows) lines.push_back(row.Text(3));
        continue;
      }
      // EXPLAIN takes no arguments, so they are inserted into the text, the last one first, because $1 is a
      // prefix of $10.
      for (size_t i = args.size(); i > 0; --i) {
        const auto* number = std::get_if<int64_t>(&args[i - 1]);
        const std::string value =
            number != nullptr ? std::to_string(*number) : "'" + std::get<std::string>(args[i - 1]) + "'";
        const std::string name = "$" + std::to_string(i);
        for (size_t at = sql.find(name); at != std::string::npos; at = sql.find(name)) {
          sql.replace(at, name.size(), value);
        }
      }
      ASSIGN_OR_RETURN(const auto rows, db.Query("EXPLAIN (COSTS OFF) " + sql, {}));
      for (const storage::Row& row : rows) lines.push_back(row.Text(0));
    }
    return absl::OkStatus();
  }),
              IsOk());
  return lines;
}

// The steps that read a whole table or index, or sort. `small` names tables that have few rows in any
// database.
inline std::vector<std::string> SlowSteps(const std::vector<std::string>& plan,
                                          const std::vector<std::string>& small) {
  std::vector<std::string> slow;
  for (const std::string& step : plan) {
    const bool scans = step.find("SCAN") != std::string::npos || step.find("Seq Scan") != std::string::npos ||
                       step.find("TEMP B-TREE") != std::string::npos || step.find("Sort") == 0 ||
                       step.find("Hash") != std::string::npos;
    bool is_small = false;
    for (const std::string& table : small) is_small = is_small || step.find(table) != std::string::npos;
    if (scans && !is_small) slow.push_back(step);
  }
  return slow;
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_QUERY_PLANS_H_
