#include "common/server/feed.h"

#include <algorithm>

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

Feed::Feed(std::string service, const std::string& redis, storage::Database& database, events::Signal& news,
           metrics::Metrics& metrics)
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
  news_.Raise();
  thread_.join();
}

absl::StatusOr<int> Feed::Pass() {
  ASSIGN_OR_RETURN(const std::string from, publisher_.Position());
  const auto after = events::Position::FromToken(from).value_or(events::Position{});
  std::vector<events::Logged> batch;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(batch, events::ReadAfter(db, after, kBatch));
    return absl::OkStatus();
  }));
  if (batch.empty()) return 0;
  std::vector<std::string> bodies;
  for (const events::Logged& logged : batch) bodies.push_back(logged.event.SerializeAsString());
  RETURN_IF_ERROR(publisher_.Publish(bodies, from, batch.back().at.ToToken()));
  metrics_.CountRelayed(service_, "notification", static_cast<int>(batch.size()));
  return static_cast<int>(batch.size());
}

void Feed::Loop() {
  milliseconds pause{0};
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
    if (pause.count() == 0) {
      log::Line(log::Level::kWarn, "the notification queue cannot be reached; trying again until it can")
          .With("service", service_)
          .With("text", std::string(published.status().message()));
    }
    pause = std::clamp(pause * 2, kPauseMin, kPauseMax);
    const auto until = std::chrono::steady_clock::now() + pause;
    while (!stopping_ && std::chrono::steady_clock::now() < until) {
      seen = news_.Wait(seen,
                        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now()));
    }
  }
}

}  // namespace idea::server
