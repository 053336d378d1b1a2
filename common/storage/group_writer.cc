#include "common/storage/group_writer.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"

namespace idea::storage {
namespace {

// The number of savepoints that PostgreSQL caches per transaction.
constexpr size_t kGroup = 64;

// The result of a group that ended with one of its jobs: the failure of that job, unless the group has its
// own.
absl::Status LostBy(const absl::Status& answer) {
  const status::Reason reason = status::ReasonOf(answer);
  const bool of_storage = !answer.ok() && (reason == status::Reason::ERROR_REASON_UNSPECIFIED ||
                                           reason == status::Reason::ERROR_REASON_STORAGE_UNAVAILABLE);
  return of_storage ? answer : Unavailable("the transaction was given up");
}

}  // namespace

absl::Status GroupWriter::Submit(const Body& body, Access access) {
  Job job{.body = body, .access = access, .answer = {}, .changed = {}};
  std::unique_lock lock(mutex_);
  queue_.push_back(&job);
  job.changed.wait(lock, [&] { return job.answered || (!running_ && queue_.front() == &job); });
  if (!job.answered) RunNextGroup(lock);
  return job.answer;
}

// The waiting jobs, oldest first.
GroupWriter::Group GroupWriter::TakeGroup() {
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kGroup));
  Group group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return group;
}

void GroupWriter::RunNextGroup(std::unique_lock<std::mutex>& lock) {
  running_ = true;
  const Group group = TakeGroup();
  lock.unlock();
  RunGroup(group);
  lock.lock();
  // Under the lock, because a caller that sees its answer leaves, and its job ends with it.
  for (Job* job : group) {
    job->answered = true;
    job->changed.notify_one();
  }
  const bool more = !queue_.empty();
  lock.unlock();
  connection_->Rest(more);
  lock.lock();
  running_ = false;
  if (!queue_.empty()) queue_.front()->changed.notify_one();
}

// Even a refused job is answered only after the commit, because another job of the group may have caused the
// refusal.
void GroupWriter::RunGroup(const Group& group) {
  const absl::Status status = status::Catch([&]() -> absl::Status {
    RETURN_IF_ERROR(connection_->Begin());
    RETURN_IF_ERROR(RunJobs(group));
    return Finish(group);
  });
  if (status.ok()) return;
  if (connection_->InTransaction()) connection_->Rollback().IgnoreError();
  for (Job* job : group) job->answer = status;
}

absl::Status GroupWriter::RunJobs(const Group& group) {
  for (Job* job : group) RETURN_IF_ERROR(RunJob(*job));
  return absl::OkStatus();
}

// Fails only if the whole group is lost.
absl::Status GroupWriter::RunJob(Job& job) {
  job.answer = connection_->Run(job.body, job.access);
  // On a full disk SQLite may roll back everything; a connection may break.
  if (!connection_->InTransaction()) return LostBy(job.answer);
  const bool keep = job.answer.ok() && job.access == Access::kReadWrite;
  return keep ? connection_->Keep() : connection_->Undo();
}

absl::Status GroupWriter::Finish(const Group& group) {
  const bool wrote = std::any_of(group.begin(), group.end(), [](const Job* job) {
    return job->answer.ok() && job->access == Access::kReadWrite;
  });
  return wrote ? connection_->Commit() : connection_->Rollback();
}

}  // namespace idea::storage
