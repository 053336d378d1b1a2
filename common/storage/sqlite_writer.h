#ifndef IDEA_COMMON_STORAGE_SQLITE_WRITER_H_
#define IDEA_COMMON_STORAGE_SQLITE_WRITER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/storage/sqlite_connection.h"

namespace idea::storage {

// The one thread that owns a connection and commits what many ask of it in groups.
class SqliteWriter {
 public:
  // `owner` is the database that the bodies belong to. `committed` is told, on the writer's thread and
  // between transactions, how many pages the log holds.
  SqliteWriter(const Database* owner, std::unique_ptr<SqliteConnection> connection,
               std::function<void(SqliteConnection&, int)> committed);
  // Ends after the work that is queued.
  ~SqliteWriter();

  // Runs the body once. OK means that it is on the disk.
  absl::Status Write(const Body& body) { return Ask(body, Access::kReadWrite); }
  // The same, without letting it change anything.
  absl::Status Read(const Body& body) { return Ask(body, Access::kReadOnly); }

 private:
  // A caller that waits; lives on its stack.
  struct Job {
    const Body& body;
    const Access access;
    absl::Status answer;
    bool answered = false;
    std::condition_variable changed;
  };
  using Group = std::vector<Job*>;

  absl::Status Ask(const Body& body, Access access);
  void Work();
  Group NextGroup();
  void Answer(const Group& group);
  void RunGroup(const Group& group);
  absl::Status RunJobs(const Group& group);
  absl::Status RunJob(Job& job);
  absl::Status RunJobBody(const Job& job);
  absl::Status Finish(const Group& group);

  const Database* const owner_;
  const std::unique_ptr<SqliteConnection> connection_;
  const std::function<void(SqliteConnection&, int)> committed_;
  int pages_in_log_ = 0;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Job*> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SQLITE_WRITER_H_
