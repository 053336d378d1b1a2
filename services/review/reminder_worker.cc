#include "services/review/reminder_worker.h"

#include <algorithm>
#include <chrono>

#include "common/status/status.h"
#include "services/review/review_events.h"
#include "services/review/task_store.h"

namespace idea::review {
namespace {

constexpr std::chrono::seconds kInterval{5};
constexpr int kBatch = 100;

// Sends each reminder once: a reminder that another replica has counted is skipped.
absl::StatusOr<int> SendReminderBatch(storage::Transaction& db, const std::vector<int>& days, size_t age,
                                      clock::Micros now) {
  auto recorder = events::EventRecorder::ForService("review", now);
  ASSIGN_OR_RETURN(const auto tasks, FindTasksToRemind(db, static_cast<int64_t>(age),
                                                       now - days[age] * clock::kDay, kBatch, now));
  for (const v1::Task& task : tasks) {
    // The highest age that is reached: it replaces earlier ones.
    const auto come =
        std::count_if(days.begin(), days.end(), [&](int day) { return day <= task.age_days(); });
    ASSIGN_OR_RETURN(const bool counted, CountReminder(db, task, come, now));
    if (!counted) continue;
    v1::RoutingMoved moved;
    moved.set_bucp(task.bucp());
    moved.set_routing(task.routing());
    recorder.Record({.type = kTaskReminded,
                     .subject = task.name(),
                     .bucp = task.bucp(),
                     .audience = {task.entity()},
                     .citation = task.citation(),
                     .summary = task.summary() + ": open for " + std::to_string(task.age_days()) + " days",
                     .data = &moved});
  }
  RETURN_IF_ERROR(events::Append(db, recorder.events(), nullptr));
  return static_cast<int>(recorder.events().size());
}

}  // namespace

absl::StatusOr<int> SendReminders(storage::Database& database, const std::vector<int>& days,
                                  clock::Micros now) {
  int reminded = 0;
  for (size_t age = 0; age < days.size(); ++age) {
    int batch = kBatch;
    while (batch == kBatch) {
      RETURN_IF_ERROR(database.Write([&](storage::Transaction& db) -> absl::Status {
        ASSIGN_OR_RETURN(batch, SendReminderBatch(db, days, age, now));
        return absl::OkStatus();
      }));
      reminded += batch;
    }
  }
  return reminded;
}

absl::Status UpdateGauges(storage::Database& database, metrics::Metrics& metrics, clock::Micros now) {
  std::vector<StepStats> figures;
  RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(figures, ReadStepStats(db));
    return absl::OkStatus();
  }));
  const auto seconds = [](clock::Micros span) { return static_cast<double>(span) / clock::kSecond; };
  for (const StepStats& one : figures) {
    const auto set = [&](const char* name, const char* help, double value) {
      metrics.Set(name, help, {{"step", one.step}}, value);
    };
    set("idea_review_tasks_open", "Tasks that wait for somebody.", static_cast<double>(one.open));
    set("idea_review_oldest_task_seconds", "Age of the oldest task that waits.",
        one.open == 0 ? 0 : seconds(std::max<clock::Micros>(0, now - one.oldest)));
    set("idea_review_steps_done", "Steps that were taken.", static_cast<double>(one.done));
    set("idea_review_step_seconds_sum", "Time from being possible to being taken, of all steps together.",
        seconds(one.took));
  }
  return absl::OkStatus();
}

ReminderWorker::ReminderWorker(std::vector<int> days, storage::Database& database, events::Notifier& notifier,
                               metrics::Metrics& metrics, const clock::Clock& clock)
    : days_(std::move(days)),
      database_(database),
      notifier_(notifier),
      metrics_(metrics),
      clock_(clock),
      loop_({.name = "reminders", .service = "review", .interval = kInterval}, [this] { return Pass(); }) {}

absl::StatusOr<int> ReminderWorker::Pass() {
  const absl::StatusOr<int> reminded = SendReminders(database_, days_, clock_.Now());
  if (reminded.ok() && *reminded > 0) notifier_.Notify();
  // The gauges are updated even if the reminders fail.
  const absl::Status updated = UpdateGauges(database_, metrics_, clock_.Now());
  RETURN_IF_ERROR(reminded.status());
  RETURN_IF_ERROR(updated);
  return reminded;
}

}  // namespace idea::review
