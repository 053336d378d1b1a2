#ifndef IDEA_COMMON_STORAGE_GROUP_WRITER_H_
#define IDEA_COMMON_STORAGE_GROUP_WRITER_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/storage/attempts.h"
#include "common/storage/database.h"

namespace idea::storage {

// A connection that writes groups: each group in one transaction, each job after a savepoint. A failed call
// loses the group.
class GroupConnection {
 public:
  virtual ~GroupConnection() = default;

  // Begins a transaction and the savepoint of its first job.
  virtual absl::Status Begin() = 0;
  // Runs a body after the savepoint. Fails if the body or one of its statements fails.
  virtual absl::Status Run(const Body& body, Access access) = 0;
  // False if a failure has ended the transaction.
  virtual bool InTransaction() = 0;
  // Keeps or undoes the changes of the job, and begins the savepoint of the next one.
  virtual absl::Status Keep() = 0;
  virtual absl::Status Undo() = 0;
  // OK means that the commit is durable.
  virtual absl::Status Commit() = 0;
  virtual absl::Status Rollback() = 0;
  // Called between groups, when no job waits for an answer. `more`: the next one is already waiting.
  virtual void Rest(bool /*more*/) {}
};

// The only thread that uses a connection. Commits the jobs of many callers in groups.
class GroupWriter {
 public:
  explicit GroupWriter(std::unique_ptr<GroupConnection> connection);
  // Ends after the queued jobs.
  ~GroupWriter();

  // Runs the body once. OK means that the commit is durable.
  absl::Status Write(const Body& body) { return Submit(body, Access::kReadWrite); }
  // The same, read-only.
  absl::Status Read(const Body& body) { return Submit(body, Access::kReadOnly); }
  // The number of jobs that wait for their group.
  int queued() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(queue_.size());
  }

 private:
  // A waiting caller; lives on its stack.
  struct Job {
    const Body& body;
    const Access access;
    absl::Status answer;
    bool answered = false;
    std::condition_variable changed;
  };
  using Group = std::vector<Job*>;

  absl::Status Submit(const Body& body, Access access);
  void Work();
  Group NextGroup();
  // Returns whether other jobs are waiting.
  bool Answer(const Group& group);
  void RunGroup(const Group& group);
  absl::Status RunJobs(const Group& group);
  absl::Status RunJob(Job& job);
  absl::Status Finish(const Group& group);

  const std::unique_ptr<GroupConnection> connection_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<Job*> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_GROUP_WRITER_H_
