#include "common/server/feed.h"

#include <algorithm>

#include "common/events/epochs.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/status/status.h"

namespace idea::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{1000};
constexpr milliseconds kTimeout{2000};
constexpr milliseconds kPauseMin{50};
constexpr milliseconds kPauseMax{2000};
constexpr int kBatch = 100;

}  // namespace

Feed::Feed(std::string service, const redis::Options& redis, storage::Database& database,
           events::Signal& news, metrics::Metrics& metrics)
    : service_(std::move(service)),
      database_(database),
      news_(news),
      metrics_(metrics),
      connection_(redis, kTimeout),
      publisher_(connection_, kQueue, service_) {}

Feed::~Feed() { Stop(); }

void Feed::Start() {
  thread_ = log::StartThread("feed", [this] { Loop(); });
}

void Feed::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  news_.Announce();
  thread_.join();
}

absl::StatusOr<int> Feed::Pass() {
  ASSIGN_OR_RETURN(const std::string from, publisher_.Cursor());
  std::vector<redis::Publisher::Entry> entries;
  bool ahead = false;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    entries.clear();
    ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(db));
    ahead = epochs.IsAhead(from);
    if (ahead) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto batch, events::ReadAfter(db, epochs.ReplayAfter(from), kBatch));
    for (const events::Logged& logged : batch) {
      entries.push_back({epochs.CursorOf(logged.position), logged.event.SerializeAsString()});
    }
    return absl::OkStatus();
  }));
  if (ahead) {
    RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) { return events::EndEpochOf(db, from); }));
    return absl::AbortedError("the log has begun an epoch: it is published again");
  }
  RETURN_IF_ERROR(publisher_.Publish(from, entries));
  const auto published = static_cast<int>(entries.size());
  if (published > 0) metrics_.CountRelayed(service_, "notification", published);
  return published;
}

void Feed::Loop() {
  milliseconds pause{0};
  std::string last_kind;
  uint64_t seen = news_.Count();
  while (!stopping_) {
    const absl::StatusOr<int> published = Pass();
    if (published.ok()) {
      pause = milliseconds(0);
      if (*published < kBatch) seen = news_.Wait(seen, kPoll);
      continue;
    }
    // Another replica was faster: no failure.
    if (absl::IsAborted(published.status())) continue;
    metrics_.CountRelayFailure(service_, "notification", status::ReasonName(published.status()));
    const std::string kind = redis::KindOf(published.status());
    if (!kind.empty()) metrics_.CountRedisFailure(service_, kind);
    if (pause.count() == 0 || kind != last_kind) {
      log::Line(log::Level::kWarn, "the notification queue cannot be filled; trying again until it can")
          .With("service", service_)
          .With("kind", kind)
          .With("text", std::string(published.status().message()));
    }
    last_kind = kind;
    pause = std::clamp(pause * 2, kPauseMin, kPauseMax);
    const auto until = std::chrono::steady_clock::now() + pause;
    while (!stopping_ && std::chrono::steady_clock::now() < until) {
      seen = news_.Wait(seen,
                        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now()));
    }
  }
}

}  // namespace idea::server
