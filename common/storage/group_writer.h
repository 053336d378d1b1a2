#ifndef IDEA_COMMON_STORAGE_GROUP_WRITER_H_
#define IDEA_COMMON_STORAGE_GROUP_WRITER_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/storage/attempts.h"
#include "common/storage/database.h"

namespace idea::storage {

// A connection that writes groups: each group in one transaction, of which each job can be undone. A failed
// call loses the group.
class GroupConnection {
 public:
  virtual ~GroupConnection() = default;

  // Begins a transaction.
  virtual absl::Status Begin() = 0;
  // Runs the body of the next job. Fails if the body or one of its statements fails.
  virtual absl::Status Run(const Body& body, Access access) = 0;
  // False if a failure has ended the transaction.
  virtual bool InTransaction() = 0;
  // Keeps or undoes the changes of the last job.
  virtual absl::Status Keep() = 0;
  virtual absl::Status Undo() = 0;
  // OK means that the commit is durable.
  virtual absl::Status Commit() = 0;
  virtual absl::Status Rollback() = 0;
  // Called between groups, after their jobs were answered. `more`: the next one is already waiting.
  virtual void Rest(bool /*more*/) {}
};

// Commits the jobs of many callers in groups on one connection. The caller that has waited longest runs a
// group for all that wait, so that a job alone changes no thread.
class GroupWriter {
 public:
  explicit GroupWriter(std::unique_ptr<GroupConnection> connection) : connection_(std::move(connection)) {}

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
  // Both require the lock.
  Group TakeGroup();
  void RunNextGroup(std::unique_lock<std::mutex>& lock);
  void RunGroup(const Group& group);
  absl::Status RunJobs(const Group& group);
  absl::Status RunJob(Job& job);
  absl::Status Finish(const Group& group);

  const std::unique_ptr<GroupConnection> connection_;
  std::mutex mutex_;
  std::deque<Job*> queue_;
  // Whether a caller is running a group.
  bool running_ = false;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_GROUP_WRITER_H_
