#ifndef IDEA_TESTS_SUPPORT_FALLING_DATABASE_H_
#define IDEA_TESTS_SUPPORT_FALLING_DATABASE_H_

#include <atomic>
#include <csignal>
#include <thread>

#include "common/status/status.h"
#include "common/storage/database.h"

namespace idea::testing {

// A database whose process is killed at a step of its work. Steps are: before each statement, before the
// commit of a write, and after it.
class FallingDatabase : public storage::Database {
 public:
  enum class When { kAtStep, kWhileCommitting };

  explicit FallingDatabase(storage::Database& real) : real_(real) {}

  // Steps count from now on; 0: it never falls. kWhileCommitting: while that or a later step commits, at a
  // moment that nobody chooses.
  void Arm(int fall_at, When when = When::kAtStep) {
    steps_ = 0;
    fall_at_ = fall_at;
    when_ = when;
  }
  int steps() const { return steps_; }

  absl::Status Read(const storage::Body& body) override { return real_.Read(Falling(body)); }
  absl::Status Write(const storage::Body& body, storage::Lane lane) override {
    const auto until_commit = [&](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(Falling(body)(db));
      Step();
      if (when_ == When::kWhileCommitting && fall_at_ != 0 && steps_ >= fall_at_) std::thread(Fall).detach();
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
    Steps(FallingDatabase& owner, storage::Transaction& real) : owner_(owner), real_(real) {}
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
    FallingDatabase& owner_;
    storage::Transaction& real_;
  };

  static void Fall() { raise(SIGKILL); }
  storage::Body Falling(const storage::Body& body) {
    return [this, &body](storage::Transaction& db) {
      Steps steps(*this, db);
      return body(steps);
    };
  }
  void Step() {
    if (++steps_ == fall_at_ && when_ == When::kAtStep) Fall();
  }

  storage::Database& real_;
  int fall_at_ = 0;
  When when_ = When::kAtStep;
  std::atomic<int> steps_ = 0;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_FALLING_DATABASE_H_
