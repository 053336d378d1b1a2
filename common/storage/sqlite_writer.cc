#include "common/storage/sqlite_writer.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "common/storage/attempts.h"

namespace idea::storage {
namespace {

constexpr size_t kGroup = 64;

// Called by SQLite after each commit.
int NotePages(void* pages_in_log, sqlite3*, const char*, int pages) {
  *static_cast<int*>(pages_in_log) = pages;
  return SQLITE_OK;
}

}  // namespace

SqliteWriter::SqliteWriter(const Database* owner, std::unique_ptr<SqliteConnection> connection,
                           std::function<void(SqliteConnection&, int)> committed)
    : owner_(owner), connection_(std::move(connection)), committed_(std::move(committed)) {
  sqlite3_wal_hook(connection_->handle(), NotePages, &pages_in_log_);
  thread_ = std::thread([this] { Work(); });
}

SqliteWriter::~SqliteWriter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    asked_.notify_one();
  }
  thread_.join();
}

absl::Status SqliteWriter::Ask(const Body& body, Access access) {
  Job job{.body = body, .access = access, .answer = {}, .changed = {}};
  std::unique_lock lock(mutex_);
  queue_.push_back(&job);
  asked_.notify_one();
  job.changed.wait(lock, [&] { return job.answered; });
  return job.answer;
}

void SqliteWriter::Work() {
  for (Group group = NextGroup(); !group.empty(); group = NextGroup()) {
    RunGroup(group);
    Answer(group);
    committed_(*connection_, pages_in_log_);
  }
}

// Those who wait by now, the first come first; none when it is time to stop.
SqliteWriter::Group SqliteWriter::NextGroup() {
  std::unique_lock lock(mutex_);
  asked_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kGroup));
  Group group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return group;
}

// Under the lock: a caller that saw its answer is gone, and its job with it.
void SqliteWriter::Answer(const Group& group) {
  std::lock_guard lock(mutex_);
  for (Job* job : group) {
    job->answered = true;
    job->changed.notify_one();
  }
}

// Even a refused job is answered only after the commit: it may have been refused for what another one in the
// group wrote.
void SqliteWriter::RunGroup(const Group& group) {
  absl::Status status = connection_->Run("BEGIN IMMEDIATE");
  if (status.ok()) status = RunJobs(group);
  if (status.ok()) status = Finish(group);
  if (status.ok()) return;
  if (connection_->InTransaction()) connection_->Run("ROLLBACK").IgnoreError();
  for (Job* job : group) job->answer = status;
}

absl::Status SqliteWriter::RunJobs(const Group& group) {
  for (Job* job : group) RETURN_IF_ERROR(RunJob(*job));
  return absl::OkStatus();
}

// Fails only if the whole group is lost.
absl::Status SqliteWriter::RunJob(Job& job) {
  RETURN_IF_ERROR(connection_->Run("SAVEPOINT job"));
  job.answer = RunJobBody(job);
  // On a full disk SQLite may roll back everything by itself.
  if (!connection_->InTransaction()) {
    return job.answer.ok() ? Unavailable("the transaction was given up") : job.answer;
  }
  if (!job.answer.ok() || job.access == Access::kReadOnly)
    RETURN_IF_ERROR(connection_->Run("ROLLBACK TO job"));
  return connection_->Run("RELEASE job");
}

absl::Status SqliteWriter::RunJobBody(const Job& job) {
  SqliteTransaction transaction(*connection_, job.access);
  absl::Status status = RunBody(owner_, job.body, transaction);
  return status.ok() ? transaction.failure() : status;
}

absl::Status SqliteWriter::Finish(const Group& group) {
  const bool wrote = std::any_of(group.begin(), group.end(), [](const Job* job) {
    return job->answer.ok() && job->access == Access::kReadWrite;
  });
  return connection_->Run(wrote ? "COMMIT" : "ROLLBACK");
}

}  // namespace idea::storage
