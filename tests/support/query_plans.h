#ifndef IDEA_TESTS_SUPPORT_QUERY_PLANS_H_
#define IDEA_TESTS_SUPPORT_QUERY_PLANS_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/storage/database.h"

// The plans by which an engine runs statements.
namespace idea::testing {

struct Statement {
  std::string sql;
  storage::Args args;
};

// Runs a transaction and records each statement with its arguments.
class StatementRecorder : public storage::Transaction {
 public:
  explicit StatementRecorder(storage::Transaction& real) : real_(real) {}
  absl::StatusOr<storage::Rows> Query(std::string_view sql, const storage::Args& args) override {
    statements.push_back({std::string(sql), args});
    return real_.Query(sql, args);
  }
  absl::StatusOr<int64_t> Execute(std::string_view sql, const storage::Args& args) override {
    statements.push_back({std::string(sql), args});
    return real_.Execute(sql, args);
  }
  absl::Status ExecuteDeferred(std::string_view sql, const storage::Args& args,
                               const storage::RowCheck& check) override {
    statements.push_back({std::string(sql), args});
    return real_.ExecuteDeferred(sql, args, check);
  }
  storage::Engine engine() const override { return real_.engine(); }
  absl::StatusOr<storage::Location> FindLocation() override { return real_.FindLocation(); }
  absl::Status LiftTimeouts() override { return real_.LiftTimeouts(); }

  std::vector<Statement> statements;

 private:
  storage::Transaction& real_;
};

// Returns the plan of the statement: a line for each step of EXPLAIN QUERY PLAN or EXPLAIN.
absl::StatusOr<std::vector<std::string>> PlanOf(storage::Transaction& db, const Statement& statement);

// Makes the plans of this transaction use indexes although the tables have few rows.
absl::Status PreferIndexes(storage::Transaction& db);

// Returns the plans of all statements that `body` runs.
std::vector<std::string> PlansOf(storage::Database& database, const storage::Body& body);

// Returns the steps of a SELECT that scan a whole table, except tables that stay small. A statement without a
// condition may scan, and one with LIMIT may scan an index. On PostgreSQL every statement may scan an index,
// because the planner prefers that for tables with few rows.
std::vector<std::string> FullScans(std::string_view sql, const std::vector<std::string>& plan);

// The steps that go through a table or an index from one end to the other, or sort. `small` names tables that
// have few rows however large the database is.
std::vector<std::string> SlowSteps(const std::vector<std::string>& plan,
                                   const std::vector<std::string>& small);

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_QUERY_PLANS_H_
