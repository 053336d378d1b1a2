#include "services/notification/delivery/delivery_worker.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/notification/inbox/inbox_store.h"

namespace idea::notification {
namespace {

using std::chrono::milliseconds;

// How often the worker looks for what other replicas have written, and for retries that are due.
constexpr clock::Micros kSearchInterval = clock::kSecond;
constexpr milliseconds kPollInterval{50};
constexpr milliseconds kMinBackoff{50};
constexpr milliseconds kMaxBackoff{2000};
// Attempts in progress of one replica.
constexpr size_t kMaxInFlight = 256;
// Subscriptions of one transaction.
constexpr size_t kLoadBatch = 20;
// Batches of subscriptions with failing receivers that one pass loads.
constexpr int kFoundBatches = 5;
constexpr int kMaxDue = 2000;
constexpr int64_t kScanBatch = 10'000;
constexpr size_t kRecordBatch = 200;
constexpr clock::Micros kRemoveInterval = 60 * clock::kSecond;
constexpr int kRemoveBatch = 500;
constexpr milliseconds kStopTimeout{2000};

}  // namespace

DeliveryWorker::DeliveryWorker(Options options, storage::Database& database, events::Notifier& notifier,
                               const clock::Clock& clock, metrics::Metrics* metrics)
    : options_(std::move(options)),
      keys_(options_.webhook_keys_file),
      database_(database),
      notifier_(notifier),
      clock_(clock),
      metrics_(metrics),
      leases_(ids::NewUuid()),
      random_(std::random_device()()),
      loop_({.name = "deliveries",
             .service = "notification",
             .interval = kPollInterval,
             .notifier = &wake_,
             .full_pass = 1,
             .min_backoff = kMinBackoff,
             .max_backoff = kMaxBackoff},
            [this] { return Pass(); }),
      sender_(std::make_unique<outbound::Sender>(options_.sender)) {}

void DeliveryWorker::Stop() {
  if (sender_ == nullptr) return;
  loop_.Stop();
  const auto end = clock::SteadyNow() + std::chrono::microseconds(kStopTimeout).count();
  uint64_t seen = wake_.Count();
  Record().status().IgnoreError();
  while (CountInFlight() > 0 && clock::SteadyNow() < end) {
    seen = wake_.Wait(seen, kPollInterval);
    Record().status().IgnoreError();
  }
  sender_.reset();
  if (!renewed_) return;
  const absl::Status returned =
      database_.Write([&](storage::Transaction& db) { return leases_.Return(db); }, kDeliveryLane);
  if (!returned.ok())
    log::Line(log::Level::kWarn, "the leases on deliveries were not given back and will end");
}

size_t DeliveryWorker::CountInFlight() const {
  size_t count = 0;
  for (const auto& [name, endpoint] : endpoints_) count += endpoint.busy.size();
  return count;
}

size_t DeliveryWorker::CountFailing() const {
  return static_cast<size_t>(std::count_if(endpoints_.begin(), endpoints_.end(),
                                           [](const auto& endpoint) { return endpoint.second.failing; }));
}

std::vector<std::string> DeliveryWorker::TakeReady(size_t limit) {
  const std::vector<int64_t> owned = leases_.Owned(clock_.Steady());
  std::vector<std::string> names;
  std::set<std::string>& from = ready_.empty() ? found_ : ready_;
  while (!from.empty() && names.size() < limit) {
    auto next = from.upper_bound(turn_);
    if (next == from.end()) next = from.begin();
    turn_ = *next;
    if (absl::c_linear_search(owned, ShardOf(*next))) names.push_back(*next);
    from.erase(next);
  }
  return names;
}

absl::StatusOr<int> DeliveryWorker::Pass() {
  RETURN_IF_ERROR(RenewLeases());
  ASSIGN_OR_RETURN(const int recorded, Record());
  RETURN_IF_ERROR(FindWork());
  ASSIGN_OR_RETURN(const int started, Load());
  RETURN_IF_ERROR(RemoveOld());
  UpdateMetrics();
  // Those that were not loaded yet need no wait.
  const bool full = CountInFlight() >= kMaxInFlight;
  return recorded + started + (full ? 0 : static_cast<int>(found_.size()));
}

absl::Status DeliveryWorker::RenewLeases() {
  const clock::Micros steady = clock_.Steady();
  if (renewed_ && steady - *renewed_ < ShardLeases::kRenewInterval) return absl::OkStatus();
  RETURN_IF_ERROR(
      database_.Write([&](storage::Transaction& db) { return leases_.Renew(db, steady); }, kDeliveryLane));
  leases_.Commit(steady);
  renewed_ = steady;
  return absl::OkStatus();
}

absl::StatusOr<int> DeliveryWorker::Record() {
  {
    const std::lock_guard lock(mutex_);
    std::move(completed_.begin(), completed_.end(), std::back_inserter(unrecorded_));
    completed_.clear();
  }
  if (unrecorded_.empty()) return 0;
  const size_t count = std::min(unrecorded_.size(), kRecordBatch);
  // The same in each run of the transaction.
  std::vector<double> jitters(count);
  for (double& jitter : jitters) jitter = std::uniform_real_distribution<double>(0, 1)(random_);
  std::map<std::string, int64_t> counts;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    counts.clear();
    struct Health {
      int64_t failures = 0;
      clock::Micros hold_until = 0, time = 0;
    };
    std::map<std::string, Health> healths;
    for (size_t i = 0; i < count; ++i) {
      const Completion& completion = unrecorded_[i];
      const outbound::Answer& answer = completion.answer;
      const clock::Micros end = completion.time + answer.duration.count() * 1000;
      const clock::Micros asked = answer.retry_after.count() * clock::kSecond;
      bool recorded = false;
      for (const PendingDelivery& delivery : completion.deliveries) {
        Outcome outcome{delivery.name,
                        delivery.attempts,
                        completion.time,
                        answer.duration.count(),
                        answer.status,
                        answer.text,
                        answer.error,
                        v1::DELIVERY_STATE_DELIVERED,
                        0};
        if (!answer.error.empty()) {
          const int64_t tries = delivery.tries + 1;
          const bool last =
              completion.final || delivery.kind == v1::DELIVERY_KIND_TEST || tries >= options_.retry.attempts;
          outcome.state = last ? v1::DELIVERY_STATE_DEAD : v1::DELIVERY_STATE_PENDING;
          outcome.next_try = last ? 0 : end + std::max(asked, PauseAfter(options_.retry, tries, jitters[i]));
        }
        ASSIGN_OR_RETURN(const bool saved, SaveOutcome(db, outcome));
        recorded = recorded || saved;
        if (saved)
          ++counts[answer.error.empty()                       ? "delivered"
                   : outcome.state == v1::DELIVERY_STATE_DEAD ? "dead"
                                                              : "failed"];
      }
      if (!recorded) continue;
      if (completion.final) continue;
      auto health = healths.find(completion.subscription);
      if (health == healths.end()) {
        ASSIGN_OR_RETURN(const StoredSubscription stored, FindSubscription(db, completion.subscription));
        health = healths
                     .emplace(completion.subscription,
                              Health{stored.subscription.consecutive_failures(), stored.hold_until})
                     .first;
      }
      Health& health_now = health->second;
      if (health_now.hold_until <= end) health_now.hold_until = 0;
      if (answer.error.empty()) {
        health_now.failures = 0;
        // A pause that the receiver asked for in another answer stays, except after a test.
        if (completion.deliveries.front().kind == v1::DELIVERY_KIND_TEST) health_now.hold_until = 0;
      } else {
        ++health_now.failures;
        health_now.hold_until = std::max(
            health_now.hold_until, HoldUntil(options_.retry, health_now.failures, asked, jitters[i], end));
      }
      health_now.time = end;
    }
    for (const auto& [name, health] : healths)
      RETURN_IF_ERROR(SaveHealth(db, name, health.failures, health.hold_until, health.time));
    return absl::OkStatus();
  }));
  for (size_t i = 0; i < count; ++i) {
    const std::string& name = unrecorded_[i].subscription;
    if (const auto endpoint = endpoints_.find(name); endpoint != endpoints_.end()) {
      for (const PendingDelivery& delivery : unrecorded_[i].deliveries)
        endpoint->second.busy.erase(delivery.name);
      if (endpoint->second.busy.empty()) endpoints_.erase(endpoint);
    }
    // One that fails is found when it is due.
    if (unrecorded_[i].answer.error.empty()) ready_.insert(name);
  }
  unrecorded_.erase(unrecorded_.begin(), unrecorded_.begin() + static_cast<std::ptrdiff_t>(count));
  for (const auto& [kind, number] : counts) counts_[kind] += number;
  return static_cast<int>(count);
}

absl::Status DeliveryWorker::FindWork() {
  const clock::Micros steady = clock_.Steady();
  const uint64_t events = notifier_.Count();
  if (searched_ && steady - *searched_ < kSearchInterval && events == seen_events_) return absl::OkStatus();
  const std::vector<int64_t> owned = leases_.Owned(steady);
  std::vector<int64_t> fresh;
  for (const int64_t shard : owned) {
    if (!known_shards_.contains(shard)) fresh.push_back(shard);
  }
  std::vector<FoundSubscription> found;
  int64_t scanned = 0;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    found.clear();
    ASSIGN_OR_RETURN(const auto head, db.QueryOne("SELECT COALESCE(MAX(seq), 0) FROM inbox", {}));
    // A database that was restored has fewer rows.
    const bool restored = head->Int(0) < scanned_;
    scanned =
        known_shards_.empty() || restored ? head->Int(0) : std::min(head->Int(0), scanned_ + kScanBatch);
    const auto add = [&](const std::vector<FoundSubscription>& names) {
      found.insert(found.end(), names.begin(), names.end());
    };
    ASSIGN_OR_RETURN(const auto late, FindLate(db, restored ? owned : fresh));
    add(late);
    if (!known_shards_.empty() && !restored && scanned > scanned_) {
      ASSIGN_OR_RETURN(const auto entities, ReadRecipients(db, scanned_, scanned));
      ASSIGN_OR_RETURN(const auto subscribed, FindOfEntities(db, entities, owned));
      add(subscribed);
    }
    ASSIGN_OR_RETURN(const auto due, FindDue(db, owned, clock_.Now(), kMaxDue));
    add(due);
    return absl::OkStatus();
  }));
  for (const FoundSubscription& one : found) (one.failing ? found_ : ready_).insert(one.name);
  scanned_ = scanned;
  known_shards_ = {owned.begin(), owned.end()};
  searched_ = steady;
  seen_events_ = events;
  return absl::OkStatus();
}

absl::StatusOr<int> DeliveryWorker::Load() {
  int started = 0;
  size_t in_flight = CountInFlight();
  for (int batches = 0; in_flight < kMaxInFlight && !loop_.stopping();) {
    if (ready_.empty() && (found_.empty() || ++batches > kFoundBatches)) break;
    const std::vector<std::string> names = TakeReady(kLoadBatch);
    std::map<std::string, Loaded> all;
    const absl::Status loaded = database_.Write([&](storage::Transaction& db) -> absl::Status {
      all.clear();
      for (const std::string& name : names) {
        ASSIGN_OR_RETURN(all[name], LoadOne(db, name));
      }
      return absl::OkStatus();
    });
    if (!loaded.ok()) {
      ready_.insert(names.begin(), names.end());
      return loaded;
    }
    for (auto& [name, result] : all) {
      if (result.more) ready_.insert(name);
      for (Completion& failed : result.failed) {
        for (const PendingDelivery& delivery : failed.deliveries) endpoints_[name].busy.insert(delivery.name);
        unrecorded_.push_back(std::move(failed));
        ++started;
      }
      for (Attempt& attempt : result.attempts) {
        for (const PendingDelivery& delivery : attempt.deliveries)
          endpoints_[name].busy.insert(delivery.name);
        endpoints_[name].failing = result.failing;
        ++in_flight;
        ++started;
        Begin(std::move(attempt));
      }
    }
  }
  return started;
}

void DeliveryWorker::Begin(Attempt attempt) {
  sender_->Send(std::move(attempt.request),
                [this, subscription = attempt.subscription, deliveries = attempt.deliveries,
                 time = attempt.time](const outbound::Answer& answer) {
                  Complete({subscription, deliveries, time, answer, false});
                });
}

void DeliveryWorker::Complete(Completion completion) {
  {
    const std::lock_guard lock(mutex_);
    completed_.push_back(std::move(completion));
  }
  wake_.Announce();
}

absl::Status DeliveryWorker::RemoveOld() {
  const clock::Micros steady = clock_.Steady();
  if ((removed_ && steady - *removed_ < kRemoveInterval) || !absl::c_linear_search(leases_.Owned(steady), 0))
    return absl::OkStatus();
  int64_t removed = 0;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(removed, RemoveEnded(db, clock_.Now() - options_.keep, kRemoveBatch));
    return absl::OkStatus();
  }));
  // The next pass continues if there may be more.
  if (removed < kRemoveBatch) removed_ = steady;
  return absl::OkStatus();
}

void DeliveryWorker::UpdateMetrics() {
  if (metrics_ == nullptr) return;
  metrics_->Set("idea_deliveries_in_flight", "Attempts to deliver events that are in progress", {},
                static_cast<double>(CountInFlight()));
  for (const auto& [outcome, number] : counts_) {
    metrics_->Set("idea_delivery_attempts", "Attempts to deliver events since the start, by outcome",
                  {{"outcome", outcome}}, static_cast<double>(number));
  }
}

}  // namespace idea::notification
