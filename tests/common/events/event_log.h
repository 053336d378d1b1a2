#ifndef IDEA_TESTS_COMMON_EVENTS_EVENT_LOG_H_
#define IDEA_TESTS_COMMON_EVENTS_EVENT_LOG_H_

#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/events/epochs.h"
#include "common/events/events.h"
#include "common/events/positions.h"
#include "common/status/status.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::events {

using Subjects = std::vector<std::string>;

using testing::Eventually;

// A transaction that has written events and stays open until End().
class SlowWrite {
 public:
  SlowWrite(storage::Database& database, std::vector<Event> events)
      : done_(std::async(std::launch::async, [this, &database, events = std::move(events)] {
          return database.Write([&](storage::Transaction& db) -> absl::Status {
            RETURN_IF_ERROR(Append(db, events, nullptr));
            wrote_.set_value();
            may_end_.get_future().wait();
            return absl::OkStatus();
          });
        })) {
    wrote_.get_future().wait();
  }
  absl::Status End() {
    may_end_.set_value();
    return done_.get();
  }

 private:
  std::promise<void> wrote_;
  std::promise<void> may_end_;
  std::future<absl::Status> done_;
};

// An empty event log on each backend.
class OnEventLog : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(storage::Migrate(database(), "events", k_events_schema), testing::IsOk());
  }

  // Events of one write about these subjects.
  static std::vector<Event> About(const Subjects& subjects) {
    common::v1::Actor actor;
    actor.set_entity("entities/a");
    actor.set_person("p");
    EventRecorder recorder(clock::kSecond, actor, "request", "00-trace");
    for (const std::string& subject : subjects)
      recorder.Record({"BucpSent", subject, subject, {"entities/b"}});
    return recorder.events();
  }

  // Writes events about these subjects in one transaction.
  absl::Status Record(const Subjects& subjects, const Answer* answer = nullptr) {
    const std::vector<Event> events = About(subjects);
    return database().Write([&](storage::Transaction& db) { return Append(db, events, answer); });
  }

  std::vector<LoggedEvent> Read(int64_t after = 0, int limit = 1000) {
    std::vector<LoggedEvent> logged;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(logged, ReadAfter(db, after, limit));
      return absl::OkStatus();
    }),
                testing::IsOk());
    return logged;
  }

  // The same database as in another process. Its events get no positions from it.
  std::unique_ptr<storage::Database> OpenAgain() {
    auto opened = storage::Open(address());
    EXPECT_THAT(opened, testing::IsOk());
    return *std::move(opened);
  }

  // The current epochs of the log.
  Epochs CurrentEpochs() {
    std::optional<Epochs> epochs;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(epochs, Epochs::Read(db));
      return absl::OkStatus();
    }),
                testing::IsOk());
    return *epochs;
  }

  // The first `count` events, when they can be read.
  std::vector<LoggedEvent> ReadSoon(size_t count) {
    EXPECT_TRUE(Eventually([&] { return Read().size() >= count; }));
    return Read();
  }

  static Subjects SubjectsOf(const std::vector<LoggedEvent>& logged) {
    Subjects subjects;
    for (const LoggedEvent& entry : logged) subjects.push_back(entry.event.subject());
    return subjects;
  }
};

}  // namespace idea::events

#endif  // IDEA_TESTS_COMMON_EVENTS_EVENT_LOG_H_
