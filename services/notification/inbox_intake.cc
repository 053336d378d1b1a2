#include "services/notification/inbox_intake.h"

#include <algorithm>
#include <chrono>

#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/server/feed.h"
#include "common/status/status.h"
#include "services/notification/inbox_store.h"

namespace idea::notification {
namespace {

using std::chrono::milliseconds;

constexpr char kGroup[] = "notification";
constexpr milliseconds kTimeout{2000};
constexpr milliseconds kBlock{500};
// A replica that holds messages for longer is taken for dead.
constexpr milliseconds kIdle{10'000};
constexpr milliseconds kPauseMin{50};
constexpr milliseconds kPauseMax{2000};
constexpr int kBatch = 100;

}  // namespace

InboxIntake::InboxIntake(const std::string& redis, storage::Database& database, events::Signal& news)
    : database_(database),
      news_(news),
      connection_(redis, kTimeout),
      consumer_(connection_, server::kQueue, kGroup, "inbox-" + ids::NewUuid()) {}

InboxIntake::~InboxIntake() { Stop(); }

void InboxIntake::Start() {
  thread_ = log::StartThread("inbox intake", [this] { Loop(); });
}

void InboxIntake::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<int> InboxIntake::Pass() {
  if (batch_.empty()) {
    ASSIGN_OR_RETURN(batch_, consumer_.Read(kBatch, kBlock, kIdle));
    stored_ = false;
  }
  if (batch_.empty()) return 0;
  if (!stored_) RETURN_IF_ERROR(Store());
  stored_ = true;
  RETURN_IF_ERROR(consumer_.Acknowledge(batch_));
  const auto taken = static_cast<int>(batch_.size());
  batch_.clear();
  return taken;
}

absl::Status InboxIntake::Store() {
  std::vector<events::Event> events;
  for (const redis::Message& message : batch_) {
    events::Event event;
    if (event.ParseFromString(message.body) && IsDeliverable(event)) {
      events.push_back(std::move(event));
      continue;
    }
    // Trying again would not help, and it must not stop the queue.
    log::Line(log::Level::kError, "a message of the queue is no event; passed over")
        .With("source", message.source)
        .With("id", message.id)
        .With("bytes", static_cast<int64_t>(message.body.size()));
  }
  if (events.empty()) return absl::OkStatus();
  int fresh = 0;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    fresh = 0;
    for (const events::Event& event : events) {
      ASSIGN_OR_RETURN(const int inboxes, Deliver(db, event));
      fresh += inboxes;
    }
    return absl::OkStatus();
  }));
  if (fresh > 0) news_.Raise();
  return absl::OkStatus();
}

void InboxIntake::Loop() {
  milliseconds pause{0};
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const absl::StatusOr<int> taken = Pass();
    if (!taken.ok() && pause.count() == 0) {
      log::Line(log::Level::kWarn, "the inboxes cannot be filled; trying again until they can")
          .With("text", std::string(taken.status().message()));
    }
    pause = taken.ok() ? milliseconds(0) : std::clamp(pause * 2, kPauseMin, kPauseMax);
    lock.lock();
    if (pause.count() > 0) stopped_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

}  // namespace idea::notification
