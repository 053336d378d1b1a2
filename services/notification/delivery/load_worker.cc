// The part of DeliveryWorker that selects what a subscription attempts next.
#include <algorithm>
#include <utility>

#include "common/events/cloud_event.h"
#include "common/log/log.h"
#include "common/outbound/event_mail.h"
#include "common/status/status.h"
#include "services/notification/delivery/delivery_worker.h"
#include "services/notification/inbox/inbox_store.h"

namespace idea::notification {
namespace {

// Attempts in progress of one subscription.
constexpr size_t kMaxInFlightOfSubscription = 8;
// Receivers that fail, with attempts in progress: any number of them leaves room for the others.
constexpr size_t kMaxFailing = 128;
constexpr clock::Micros kFailingInterval = clock::kSecond;
// Pending deliveries of a subscription. Further items wait in the inbox.
constexpr int64_t kMaxPending = 1000;
// Deliveries that one step creates for a subscription.
constexpr int kCreateBatch = 100;
constexpr int kMaxHeads = 64;
// Events of one mail.
constexpr int kMaxEventsOfMail = 100;
// The pause until a subscription is tried again for which the operator has to act.
constexpr clock::Micros kOperatorInterval = 60 * clock::kSecond;

}  // namespace

absl::StatusOr<DeliveryWorker::Loaded> DeliveryWorker::LoadOne(storage::Transaction& db,
                                                               const std::string& name) {
  Loaded loaded;
  const absl::StatusOr<StoredSubscription> found = FindSubscription(db, name);
  if (status::ReasonOf(found.status()) == status::Reason::ERROR_REASON_NOT_FOUND) return loaded;
  RETURN_IF_ERROR(found.status());
  const StoredSubscription& stored = *found;
  loaded.failing = stored.subscription.consecutive_failures() > 0;
  // The failing receivers take turns.
  if (loaded.failing && BusyOf(name).empty() && CountFailing() >= kMaxFailing) {
    RETURN_IF_ERROR(SaveDue(db, name, clock_.Now() + kFailingInterval));
    return loaded;
  }
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
  request.body = events::ToStructuredJson(events.front(), options_.trust_domain);
  request.headers =
      outbound::WebhookHeaders(events.front().event_id(), now / clock::kSecond, request.body, secrets);
  request.headers.push_back(std::string("content-type: ") + events::kStructuredContentType);
  return request;
}

}  // namespace idea::notification
