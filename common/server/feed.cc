#include "common/server/feed.h"

#include "common/events/epochs.h"
#include "common/status/status.h"

namespace idea::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollInterval{1000};
constexpr milliseconds kTimeout{2000};
constexpr milliseconds kMinBackoff{50};
constexpr milliseconds kMaxBackoff{2000};
constexpr int kBatch = 100;

}  // namespace

Feed::Feed(std::string service, const redis::Options& redis, storage::Database& database,
           events::Notifier& notifier, metrics::Metrics& metrics)
    : service_(std::move(service)),
      database_(database),
      metrics_(metrics),
      connection_(redis, kTimeout),
      publisher_(connection_, kQueue, service_),
      loop_({.name = "feed",
             .service = service_,
             .interval = kPollInterval,
             .notifier = &notifier,
             .full_pass = kBatch,
             .min_backoff = kMinBackoff,
             .max_backoff = kMaxBackoff},
            [this] { return PassAndCount(); }) {}

std::optional<std::string> Feed::cursor() {
  const std::lock_guard lock(mutex_);
  return cursor_;
}

void Feed::KeepCursor(const std::string& cursor) {
  const std::lock_guard lock(mutex_);
  cursor_ = cursor;
}

absl::StatusOr<int> Feed::Pass() {
  ASSIGN_OR_RETURN(const std::string from, publisher_.Cursor());
  KeepCursor(from);
  std::vector<redis::Publisher::Entry> entries;
  bool ahead = false;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    entries.clear();
    ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(db));
    ahead = epochs.IsAhead(from);
    if (ahead) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto batch, events::ReadAfter(db, epochs.ReplayAfter(from), kBatch));
    for (const events::LoggedEvent& logged : batch) {
      entries.push_back({epochs.CursorOf(logged.position), logged.event.SerializeAsString()});
    }
    return absl::OkStatus();
  }));
  if (ahead) {
    RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) { return events::EndEpochOf(db, from); }));
    return absl::AbortedError("the log has begun a new epoch and is published again");
  }
  RETURN_IF_ERROR(publisher_.Publish(from, entries));
  if (!entries.empty()) KeepCursor(entries.back().cursor);
  const auto published = static_cast<int>(entries.size());
  if (published > 0) metrics_.CountRelayed(service_, "notification", published);
  return published;
}

absl::StatusOr<int> Feed::PassAndCount() {
  absl::StatusOr<int> published = Pass();
  // Another replica was faster.
  if (absl::IsAborted(published.status())) return kBatch;
  if (!published.ok()) {
    metrics_.CountRelayFailure(service_, "notification", status::ReasonName(published.status()));
    const std::string kind = redis::KindOf(published.status());
    if (!kind.empty()) metrics_.CountRedisFailure(service_, kind);
  }
  return published;
}

}  // namespace idea::server
