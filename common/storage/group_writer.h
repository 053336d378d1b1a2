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

// A connection on which groups are written: each in one transaction, in which each job stands behind a
// savepoint. A call that fails loses the group.
class GroupConnection {
 public:
  virtual ~GroupConnection() = default;

  // Begins a transaction, and the savepoint of its first job.
  virtual absl::Status Begin() = 0;
  // Runs a body behind the savepoint. Fails if the body does or one of its statements did.
  virtual absl::Status Run(const Body& body, Access access) = 0;
  // False if a failure has ended the transaction.
  virtual bool InTransaction() = 0;
  // Keeps what the job wrote, or undoes it. The next job stands behind a savepoint again.
  virtual absl::Status Keep() = 0;
  virtual absl::Status Undo() = 0;
  // OK means: durable.
  virtual absl::Status Commit() = 0;
  virtual absl::Status Rollback() = 0;
  // Called between groups, when nobody waits for an answer. `more`: the next one waits already.
  virtual void Rest(bool /*more*/) {}
};

// The one thread that uses a connection and commits what many ask of it in groups.
class GroupWriter {
 public:
  explicit GroupWriter(std::unique_ptr<GroupConnection> connection);
  // Ends after the work that is queued.
  ~GroupWriter();

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
  // Returns whether others wait already.
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
