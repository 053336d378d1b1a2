#ifndef IDEA_TESTS_SUPPORT_CRASHING_DATABASE_H_
#define IDEA_TESTS_SUPPORT_CRASHING_DATABASE_H_

#include <atomic>
#include <csignal>
#include <thread>

#include "common/status/status.h"
#include "common/storage/database.h"

namespace idea::testing {

// A database that kills the process at a step of its work. Steps are: before each statement, before the
// commit of a write, and after it.
class CrashingDatabase : public storage::Database {
 public:
  enum class When { kAtStep, kWhileCommitting };

  explicit CrashingDatabase(storage::Database& real) : real_(real) {}

  // Restarts the count of steps; 0 never crashes. kWhileCommitting: during the commit of that or a later
  // step, at a random moment.
  void Arm(int crash_at, When when = When::kAtStep) {
    steps_ = 0;
    crash_at_ = crash_at;
    when_ = when;
  }
  int steps() const { return steps_; }

  absl::Status Read(const storage::Body& body) override { return real_.Read(Crashing(body)); }
  absl::Status Write(const storage::Body& body, storage::Lane lane) override {
    const auto until_commit = [&](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(Crashing(body)(db));
      Step();
      if (when_ == When::kWhileCommitting && crash_at_ != 0 && steps_ >= crash_at_)
        std::thread(Crash).detach();
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(real_.Write(until_commit, lane));
    Step();
    return absl::OkStatus();
  }
  int Parallelism() const override { return real_.Parallelism(); }

 private:
  class Steps : public storage::Transaction {
   public:
    Steps(CrashingDatabase& owner, storage::Transaction& real) : owner_(owner), real_(real) {}
    absl::StatusOr<storage::Rows> Query(std::string_view sql, const storage::Args& args) override {
      owner_.Step();
      return real_.Query(sql, args);
    }
    absl::StatusOr<int64_t> Execute(std::string_view sql, const storage::Args& args) override {
      owner_.Step();
      return real_.Execute(sql, args);
    }
    absl::Status ExecuteDeferred(std::string_view sql, const storage::Args& args,
                                 const storage::RowCheck& check) override {
      owner_.Step();
      return real_.ExecuteDeferred(sql, args, check);
    }
    storage::Engine engine() const override { return real_.engine(); }
    absl::StatusOr<storage::Location> FindLocation() override { return real_.FindLocation(); }

   private:
    CrashingDatabase& owner_;
    storage::Transaction& real_;
  };

  static void Crash() { raise(SIGKILL); }
  storage::Body Crashing(const storage::Body& body) {
    return [this, &body](storage::Transaction& db) {
      Steps steps(*this, db);
      return body(steps);
    };
  }
  void Step() {
    if (++steps_ == crash_at_ && when_ == When::kAtStep) Crash();
  }

  storage::Database& real_;
  int crash_at_ = 0;
  When when_ = When::kAtStep;
  std::atomic<int> steps_ = 0;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_CRASHING_DATABASE_H_
