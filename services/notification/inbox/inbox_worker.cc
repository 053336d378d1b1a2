#include "services/notification/inbox/inbox_worker.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "common/events/epochs.h"
#include "common/events/history_check.h"
#include "common/log/log.h"
#include "common/server/feed.h"
#include "common/status/status.h"
#include "services/notification/inbox/inbox_store.h"

namespace idea::notification {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeout{2000};
// The time until a source that was asked to publish again is asked again.
constexpr clock::Micros kRewindAgain = 2 * clock::kSecond;
// How often the cursors in Redis are compared with what is stored while messages arrive.
constexpr clock::Micros kReconcileInterval = clock::kSecond;
constexpr milliseconds kMinBackoff{50};
constexpr milliseconds kMaxBackoff{2000};
constexpr int kBatch = 100;
// How often the inboxes are compared with their recorded head.
constexpr clock::Micros kCheckInterval = clock::kSecond;

}  // namespace

InboxWorker::InboxWorker(const redis::Options& redis, storage::Database& database, events::Notifier& notifier,
                         metrics::Metrics* metrics, milliseconds block)
    : block_(block),
      database_(database),
      notifier_(notifier),
      connection_(redis, kTimeout),
      reader_(connection_, server::kQueue),
      metrics_(metrics),
      loop_({.name = "inbox",
             .service = "notification",
             .interval = milliseconds(0),
             .min_backoff = kMinBackoff,
             .max_backoff = kMaxBackoff},
            [this] { return PassAndCount(); }) {}

void InboxWorker::Stop() {
  loop_.Stop();
  // Records the head of the last items, too.
  if (checked_) events::CheckHistory(database_, Inboxes(), /*starting=*/false).IgnoreError();
}

absl::StatusOr<int> InboxWorker::Pass() {
  RETURN_IF_ERROR(CheckInboxes());
  if (batch_.empty()) {
    absl::StatusOr<std::vector<redis::Message>> read = reader_.Read(kBatch, block_);
    CountRefused();
    RETURN_IF_ERROR(read.status());
    batch_ = *std::move(read);
  }
  Cursors stored;
  if (!batch_.empty()) {
    ASSIGN_OR_RETURN(stored, Store());
  }
  // The next calls may fail while Redis is full. Trimming makes room, and Reconcile finds the gaps that are
  // not filled now.
  const std::vector<redis::Message> batch = std::exchange(batch_, {});
  RETURN_IF_ERROR(reader_.Trim());
  RETURN_IF_ERROR(FillGaps(batch, stored));
  if (batch.empty() || clock::SteadyNow() - reconciled_ >= kReconcileInterval) RETURN_IF_ERROR(Reconcile());
  return static_cast<int>(batch.size());
}

absl::Status InboxWorker::CheckInboxes() {
  const clock::Micros now = clock::SteadyNow();
  if (checked_ && now - *checked_ < kCheckInterval) return absl::OkStatus();
  RETURN_IF_ERROR(events::CheckHistory(database_, Inboxes(), /*starting=*/!checked_).status());
  checked_ = now;
  return absl::OkStatus();
}

void InboxWorker::CountRefused() {
  const int64_t fresh = reader_.refused() - refused_;
  if (fresh == 0) return;
  refused_ = reader_.refused();
  if (metrics_ != nullptr) metrics_->CountRefusedMessages(fresh);
  log::Line(log::Level::kError,
            "messages of the queue are not signed with a key of IDEA_EVENT_KEYS_FILE; dropped")
      .With("messages", fresh);
}

absl::StatusOr<InboxWorker::Cursors> InboxWorker::Stored() {
  Cursors stored;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(stored, ReadSources(db));
    return absl::OkStatus();
  }));
  return stored;
}

absl::StatusOr<InboxWorker::Cursors> InboxWorker::Store() {
  // Another replica may have stored the whole batch.
  ASSIGN_OR_RETURN(Cursors stored, Stored());
  const bool has_new = std::any_of(batch_.begin(), batch_.end(), [&](const redis::Message& message) {
    return message.cursor.empty() || !events::Epochs::Covers(stored[message.source], message.cursor);
  });
  if (!has_new) return stored;
  int fresh = 0;
  RETURN_IF_ERROR(database_.Write(
      [&](storage::Transaction& db) -> absl::Status {
        ASSIGN_OR_RETURN(stored, ReadSources(db));
        ASSIGN_OR_RETURN(fresh, StoreIn(db, stored));
        return absl::OkStatus();
      },
      kInboxLane));
  if (fresh > 0) notifier_.Notify();
  return stored;
}

absl::StatusOr<int> InboxWorker::StoreIn(storage::Transaction& db, Cursors& stored) {
  RETURN_IF_ERROR(EnsureInboxEpoch(db));
  int fresh = 0;
  std::set<std::string> moved;
  for (const redis::Message& message : batch_) {
    const bool chained = !message.cursor.empty();
    std::string& cursor = stored[message.source];
    if (chained && message.after != cursor) continue;
    events::Event event;
    if (event.ParseFromString(message.body) && IsDeliverable(event)) {
      ASSIGN_OR_RETURN(const int inboxes, Deliver(db, event, message.source));
      fresh += inboxes;
    } else {
      // A retry would not help, and the message must not stop the queue.
      log::Line(log::Level::kError, "a message of the queue is not an event; skipped")
          .With("source", message.source)
          .With("id", message.id)
          .With("bytes", static_cast<int64_t>(message.body.size()));
    }
    if (!chained) continue;
    cursor = message.cursor;
    moved.insert(message.source);
  }
  for (const std::string& source : moved) RETURN_IF_ERROR(SaveSource(db, source, stored[source]));
  return fresh;
}

absl::Status InboxWorker::FillGaps(const std::vector<redis::Message>& batch, const Cursors& stored) {
  const clock::Micros now = clock::SteadyNow();
  for (const redis::Message& message : batch) {
    const auto found = stored.find(message.source);
    const std::string cursor = found == stored.end() ? "" : found->second;
    if (message.cursor.empty() || message.cursor == cursor ||
        events::Epochs::Covers(cursor, message.cursor)) {
      continue;
    }
    Rewound& last = rewound_[message.source];
    if (last.time != 0 && last.stored == cursor && now - last.time < kRewindAgain) continue;
    log::Line(log::Level::kWarn, "the queue has lost messages; their source publishes them again")
        .With("source", message.source)
        .With("stored", cursor);
    RETURN_IF_ERROR(reader_.Rewind(message.source, cursor));
    last = {now, cursor};
  }
  return absl::OkStatus();
}

absl::Status InboxWorker::Reconcile() {
  reconciled_ = clock::SteadyNow();
  ASSIGN_OR_RETURN(Cursors stored, Stored());
  ASSIGN_OR_RETURN(const std::vector<std::string> sources, reader_.Sources());
  for (const std::string& source : sources) stored.try_emplace(source);
  for (const auto& [source, cursor] : stored) {
    ASSIGN_OR_RETURN(const bool lost, reader_.Reconcile(source, cursor, &events::Epochs::Covers));
    if (!lost) continue;
    log::Line(log::Level::kWarn,
              "the queue has lost messages or a cursor; the source publishes again after the stored messages")
        .With("source", source)
        .With("stored", cursor);
  }
  return absl::OkStatus();
}

absl::StatusOr<int> InboxWorker::PassAndCount() {
  const absl::StatusOr<int> taken = Pass();
  const std::string kind = redis::KindOf(taken.status());
  if (!kind.empty() && metrics_ != nullptr) metrics_->CountRedisFailure("notification", kind);
  return taken;
}

}  // namespace idea::notification
