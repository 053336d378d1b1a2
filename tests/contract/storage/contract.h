#ifndef IDEA_TESTS_CONTRACT_STORAGE_CONTRACT_H_
#define IDEA_TESTS_CONTRACT_STORAGE_CONTRACT_H_

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/status/status.h"
#include "common/storage/database.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

// The contract of every engine of storage::Database.
namespace idea::storage {

using testing::FailsWith;
using testing::IsOk;

// Every engine, and SQLite in memory.
inline auto EveryEngine() {
  std::vector<std::string> names = testing::Backends();
  names.push_back("memory");
  return ::testing::ValuesIn(names);
}

inline absl::Status Execute(Database& database, const std::string& sql, const Args& args = {}) {
  return database.Write([&](Transaction& transaction) { return transaction.Execute(sql, args).status(); });
}

// The rows of one statement in a read.
inline Rows Query(Database& database, const std::string& sql, const Args& args = {}) {
  Rows rows;
  EXPECT_THAT(database.Read([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(rows, transaction.Query(sql, args));
    return absl::OkStatus();
  }),
              IsOk());
  return rows;
}

inline int64_t QueryInt(Database& database, const std::string& sql, const Args& args = {}) {
  const Rows rows = Query(database, sql, args);
  return rows.size() == 1 ? rows[0].Int(0) : -1;
}

// Runs `work` on this number of threads concurrently.
inline void InParallel(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  for (auto& thread : running) thread.join();
}

}  // namespace idea::storage

#endif  // IDEA_TESTS_CONTRACT_STORAGE_CONTRACT_H_
