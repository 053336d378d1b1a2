#include "services/notification/delivery/delivery_worker.h"

#include <algorithm>
#include <utility>

#include "common/events/cloud_event.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/outbound/event_mail.h"
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
// Attempts in progress of one replica, and of one subscription.
constexpr size_t kMaxInFlight = 256;
constexpr size_t kMaxInFlightOfSubscription = 8;
// Pending deliveries of a subscription. Further items wait in the inbox.
constexpr int64_t kMaxPending = 1000;
// Deliveries that one step creates for a subscription, and subscriptions of one transaction.
constexpr int kCreateBatch = 100;
constexpr size_t kLoadBatch = 20;
constexpr int kMaxHeads = 64;
constexpr int kMaxDue = 2000;
constexpr int64_t kScanBatch = 10'000;
constexpr size_t kRecordBatch = 200;
// Events of one mail.
constexpr int kMaxEventsOfMail = 100;
// The pause until a subscription is tried again for which the operator has to act.
constexpr clock::Micros kOperatorInterval = 60 * clock::kSecond;
constexpr clock::Micros kRemoveInterval = 60 * clock::kSecond;
constexpr int kRemoveBatch = 500;
constexpr milliseconds kStopTimeout{2000};

bool Contains(const std::vector<int64_t>& list, int64_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

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

absl::StatusOr<int> DeliveryWorker::Pass() {
  RETURN_IF_ERROR(RenewLeases());
  ASSIGN_OR_RETURN(const int recorded, Record());
  RETURN_IF_ERROR(FindWork());
  ASSIGN_OR_RETURN(const int started, Load());
  RETURN_IF_ERROR(RemoveOld());
  UpdateMetrics();
  return recorded + started;
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
    ready_.insert(name);
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
  std::vector<std::string> found;
  int64_t scanned = 0;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    found.clear();
    ASSIGN_OR_RETURN(const auto head, db.QueryOne("SELECT COALESCE(MAX(seq), 0) FROM inbox", {}));
    // A database that was restored has fewer rows.
    const bool restored = head->Int(0) < scanned_;
    scanned =
        known_shards_.empty() || restored ? head->Int(0) : std::min(head->Int(0), scanned_ + kScanBatch);
    const auto add = [&](const std::vector<std::string>& names) {
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
  ready_.insert(found.begin(), found.end());
  scanned_ = scanned;
  known_shards_ = {owned.begin(), owned.end()};
  searched_ = steady;
  seen_events_ = events;
  return absl::OkStatus();
}

absl::StatusOr<int> DeliveryWorker::Load() {
  int started = 0;
  size_t in_flight = CountInFlight();
  while (!ready_.empty() && in_flight < kMaxInFlight && !loop_.stopping()) {
    const std::vector<int64_t> owned = leases_.Owned(clock_.Steady());
    std::vector<std::string> names;
    for (auto next = ready_.begin(); next != ready_.end() && names.size() < kLoadBatch;) {
      if (Contains(owned, ShardOf(*next))) names.push_back(*next);
      next = ready_.erase(next);
    }
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
        ++in_flight;
        ++started;
        Begin(std::move(attempt));
      }
    }
  }
  return started;
}

absl::StatusOr<DeliveryWorker::Loaded> DeliveryWorker::LoadOne(storage::Transaction& db,
                                                               const std::string& name) {
  Loaded loaded;
  const absl::StatusOr<StoredSubscription> found = FindSubscription(db, name);
  if (status::ReasonOf(found.status()) == status::Reason::ERROR_REASON_NOT_FOUND) return loaded;
  RETURN_IF_ERROR(found.status());
  const StoredSubscription& stored = *found;
  const bool paused = stored.subscription.state() == v1::SUBSCRIPTION_STATE_PAUSED;
  if (!paused) {
    ASSIGN_OR_RETURN(loaded.more, CreateDeliveries(db, stored));
  }
  clock::Micros due = 0;
  if (stored.subscription.has_mail()) {
    ASSIGN_OR_RETURN(due, LoadMail(db, stored, loaded));
  } else {
    ASSIGN_OR_RETURN(due, LoadWebhook(db, stored, loaded));
  }
  // An attempt in progress is something to do at once, so that a successor looks too.
  if (loaded.more || !BusyOf(name).empty()) {
    due = 0;
  } else if (due == 0 && loaded.attempts.empty() && loaded.failed.empty()) {
    due = clock_.Now() + kOperatorInterval;
  }
  if (due != stored.due) RETURN_IF_ERROR(SaveDue(db, name, due));
  return loaded;
}

const std::set<std::string>& DeliveryWorker::BusyOf(const std::string& name) const {
  static const std::set<std::string> kNone;
  const auto endpoint = endpoints_.find(name);
  return endpoint == endpoints_.end() ? kNone : endpoint->second.busy;
}

absl::StatusOr<clock::Micros> DeliveryWorker::LoadWebhook(storage::Transaction& db,
                                                          const StoredSubscription& stored, Loaded& loaded) {
  const v1::Subscription& subscription = stored.subscription;
  ASSIGN_OR_RETURN(const std::vector<PendingDelivery> heads, ReadHeads(db, subscription.name(), kMaxHeads));
  const std::set<std::string>& busy = BusyOf(subscription.name());
  const size_t most =
      subscription.consecutive_failures() >= kFailuresUntilHold ? 1 : kMaxInFlightOfSubscription;
  const bool paused = subscription.state() == v1::SUBSCRIPTION_STATE_PAUSED;
  const clock::Micros now = clock_.Now();
  clock::Micros due = kNever;
  for (const PendingDelivery& head : heads) {
    const bool test = head.kind == v1::DELIVERY_KIND_TEST;
    if (busy.contains(head.name) || (paused && !test)) continue;
    const clock::Micros start = test ? head.next_try : std::max(head.next_try, stored.hold_until);
    due = std::min(due, start > now ? start : 0);
    if (start > now || (!test && busy.size() + loaded.attempts.size() >= most)) continue;
    RETURN_IF_ERROR(AddAttempt(db, stored, {head}, loaded));
  }
  return due;
}

absl::StatusOr<clock::Micros> DeliveryWorker::LoadMail(storage::Transaction& db,
                                                       const StoredSubscription& stored, Loaded& loaded) {
  const v1::Subscription& subscription = stored.subscription;
  const clock::Micros now = clock_.Now();
  clock::Micros due = kNever;
  // One mail at a time, so that mails keep the order. A test does not wait.
  ASSIGN_OR_RETURN(const std::vector<PendingDelivery> heads, ReadHeads(db, subscription.name(), kMaxHeads));
  for (const PendingDelivery& head : heads) {
    if (head.kind != v1::DELIVERY_KIND_TEST || BusyOf(subscription.name()).contains(head.name)) continue;
    due = 0;
    RETURN_IF_ERROR(AddAttempt(db, stored, {head}, loaded));
  }
  if (!BusyOf(subscription.name()).empty() || subscription.state() == v1::SUBSCRIPTION_STATE_PAUSED)
    return due;
  ASSIGN_OR_RETURN(std::vector<PendingDelivery> pending,
                   ReadPending(db, subscription.name(), kMaxEventsOfMail));
  if (pending.empty()) return due;
  const clock::Micros collected =
      pending.front().created + subscription.mail().digest_minutes() * int64_t{60} * clock::kSecond;
  const clock::Micros start = std::max({pending.front().next_try, stored.hold_until, collected});
  if (start > now) return std::min(due, start);
  RETURN_IF_ERROR(AddAttempt(db, stored, std::move(pending), loaded));
  return 0;
}

absl::StatusOr<bool> DeliveryWorker::CreateDeliveries(storage::Transaction& db,
                                                      const StoredSubscription& stored) {
  const v1::Subscription& subscription = stored.subscription;
  ASSIGN_OR_RETURN(const int64_t pending, CountPending(db, subscription.name(), kMaxPending));
  if (pending >= kMaxPending) return false;
  ASSIGN_OR_RETURN(const InboxPage page, SearchInbox(db, subscription.entity(), stored.position, kCreateBatch,
                                                     subscription.filter()));
  for (const events::LoggedEvent& item : page.items) {
    RETURN_IF_ERROR(
        InsertDelivery(db, subscription, v1::DELIVERY_KIND_EVENT, item.event, clock_.Now()).status());
  }
  if (page.searched != stored.position) RETURN_IF_ERROR(SavePosition(db, subscription.name(), page.searched));
  ASSIGN_OR_RETURN(Replay replay, FirstReplay(db, subscription.name()));
  if (replay.id.empty()) return page.more;
  ASSIGN_OR_RETURN(const InboxPage again, SearchInbox(db, subscription.entity(), replay.position,
                                                      kCreateBatch, subscription.filter(), replay.last));
  for (const events::LoggedEvent& item : again.items) {
    const clock::Micros time = clock::FromProto(item.event.time());
    if (time < replay.since || time >= replay.until) continue;
    RETURN_IF_ERROR(
        InsertDelivery(db, subscription, v1::DELIVERY_KIND_REPLAY, item.event, clock_.Now()).status());
  }
  replay.position = again.more ? again.searched : replay.last;
  RETURN_IF_ERROR(SaveReplay(db, replay));
  return true;
}

absl::Status DeliveryWorker::AddAttempt(storage::Transaction& db, const StoredSubscription& stored,
                                        std::vector<PendingDelivery> deliveries, Loaded& loaded) {
  const std::string& name = stored.subscription.name();
  std::vector<events::Event> events;
  for (const PendingDelivery& delivery : deliveries) {
    absl::StatusOr<events::Event> event = ReadEvent(db, stored.subscription.entity(), delivery);
    if (absl::IsDataLoss(event.status())) {
      outbound::Answer answer;
      answer.error = "the event is not in the inbox any more";
      loaded.failed.push_back({name, {delivery}, clock_.Now(), answer, true});
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(event.status());
    events.push_back(*std::move(event));
  }
  absl::StatusOr<outbound::Request> request = RequestOf(db, stored, deliveries, events);
  if (absl::IsUnavailable(request.status())) {
    log::Line(log::Level::kError,
              "an event cannot be sent until the operator acts; it is tried again in a minute")
        .With("subscription", name)
        .With("text", std::string(request.status().message()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(request.status());
  loaded.attempts.push_back({name, std::move(deliveries), clock_.Now(), *std::move(request)});
  return absl::OkStatus();
}

absl::StatusOr<outbound::Request> DeliveryWorker::RequestOf(storage::Transaction& db,
                                                            const StoredSubscription& stored,
                                                            const std::vector<PendingDelivery>& deliveries,
                                                            const std::vector<events::Event>& events) const {
  const v1::Subscription& subscription = stored.subscription;
  const clock::Micros now = clock_.Now();
  outbound::Request request;
  if (subscription.has_mail()) {
    if (options_.smtp_url.empty()) return absl::UnavailableError("IDEA_SMTP_URL is empty");
    request.url = options_.smtp_url;
    request.from = options_.mail_from;
    ASSIGN_OR_RETURN(request.recipients, ReadRecipientsOf(db, subscription.name()));
    if (request.recipients.empty()) return absl::UnavailableError("no contact acts whom the mail names");
    request.body = outbound::EventMail(
        {options_.mail_from, request.recipients, deliveries.front().name, absl::FromUnixMicros(now)}, events,
        clock_.zone());
    return request;
  }
  absl::StatusOr<std::string> secret = keys_.SecretOf(stored.secrets.current, subscription.name());
  if (!secret.ok()) return absl::UnavailableError(std::string(secret.status().message()));
  std::vector<std::string> secrets = {*std::move(secret)};
  if (stored.secrets.previous_until > now) {
    absl::StatusOr<std::string> previous = keys_.SecretOf(stored.secrets.previous, subscription.name());
    if (previous.ok()) secrets.push_back(*std::move(previous));
  }
  request.url = subscription.webhook().url();
  request.body = events::CloudEventJson(events.front(), options_.trust_domain);
  request.headers =
      outbound::WebhookHeaders(events.front().event_id(), now / clock::kSecond, request.body, secrets);
  request.headers.push_back(std::string("content-type: ") + events::kCloudEventType);
  return request;
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
  if ((removed_ && steady - *removed_ < kRemoveInterval) || !Contains(leases_.Owned(steady), 0))
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
