#include "common/storage/group_writer.h"

#include <algorithm>
#include <utility>

#include "common/log/thread.h"
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

GroupWriter::GroupWriter(std::unique_ptr<GroupConnection> connection)
    : connection_(std::move(connection)), thread_(log::StartThread("group writer", [this] { Work(); })) {}

GroupWriter::~GroupWriter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    asked_.notify_one();
  }
  thread_.join();
}

absl::Status GroupWriter::Submit(const Body& body, Access access) {
  Job job{.body = body, .access = access, .answer = {}, .changed = {}};
  std::unique_lock lock(mutex_);
  queue_.push_back(&job);
  asked_.notify_one();
  job.changed.wait(lock, [&] { return job.answered; });
  return job.answer;
}

void GroupWriter::Work() {
  for (Group group = NextGroup(); !group.empty(); group = NextGroup()) {
    RunGroup(group);
    connection_->Rest(Answer(group));
  }
}

// The waiting jobs, oldest first; empty when it is time to stop.
GroupWriter::Group GroupWriter::NextGroup() {
  std::unique_lock lock(mutex_);
  asked_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kGroup));
  Group group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return group;
}

// Under the lock, because a caller that sees its answer leaves, and its job ends with it.
bool GroupWriter::Answer(const Group& group) {
  std::lock_guard lock(mutex_);
  for (Job* job : group) {
    job->answered = true;
    job->changed.notify_one();
  }
  return !queue_.empty();
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
