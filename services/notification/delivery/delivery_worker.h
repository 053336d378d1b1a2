#ifndef IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_WORKER_H_
#define IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_WORKER_H_

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/outbound/sender.h"
#include "common/outbound/webhook.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"
#include "services/notification/delivery/delivery_flow.h"
#include "services/notification/delivery/delivery_store.h"
#include "services/notification/delivery/shard_store.h"
#include "services/notification/subscription/subscription_store.h"

namespace idea::notification {

// Delivers the inboxes to the receivers of the subscriptions, at least once. Each replica delivers the
// subscriptions of the shards that it has leased. A subscription moves along its inbox and creates a delivery
// for each item that matches; the delivery ends when the receiver acknowledges it or all attempts have
// failed. Of each BUCP the first pending delivery is attempted, so the order of a BUCP is kept. All progress
// is in the database before the next step, so a replica that is killed loses nothing: its successor repeats
// at most the attempts whose outcome was not recorded.
class DeliveryWorker {
 public:
  struct Options {
    outbound::Sender::Options sender = {};
    RetryRules retry = {};
    // The source of CloudEvents.
    std::string trust_domain = {};
    // The file of webhook keys; empty: webhooks are not set up.
    std::string webhook_keys_file = {};
    // The mail server, "smtp://host:587" or "smtps://host:465", and the sender; empty: no mail.
    std::string smtp_url = {};
    std::string mail_from = {};
    // How long deliveries stay in the log after their end.
    clock::Micros keep = 0;
  };
  // `notifier` is notified of new items in inboxes. `metrics` may be null.
  DeliveryWorker(Options options, storage::Database& database, events::Notifier& notifier,
                 const clock::Clock& clock, metrics::Metrics* metrics = nullptr);
  ~DeliveryWorker() { Stop(); }

  void Start() { loop_.Start(); }
  // Waits for requests in progress for up to two seconds, records their outcome and gives the leases back.
  void Stop();

  // One pass, which Start repeats: renews the leases, records outcomes and starts attempts. Returns the
  // number of attempts that it has started or recorded.
  absl::StatusOr<int> Pass();

 private:
  // A subscription with attempts in progress.
  struct Endpoint {
    // The receiver has not acknowledged anything since its last failure.
    bool failing = false;
    // Deliveries that are attempted, or whose outcome is not recorded.
    std::set<std::string> busy;
  };
  struct Attempt {
    std::string subscription;
    // Several if they are sent as one mail.
    std::vector<PendingDelivery> deliveries;
    clock::Micros time = 0;
    outbound::Request request;
  };
  struct Completion {
    std::string subscription;
    std::vector<PendingDelivery> deliveries;
    clock::Micros time = 0;
    outbound::Answer answer;
    // A retry would not help.
    bool final = false;
  };
  // What a transaction of Load has found for a subscription.
  struct Loaded {
    std::vector<Attempt> attempts;
    std::vector<Completion> failed;
    // There is more to do at once.
    bool more = false;
    // See Endpoint.
    bool failing = false;
  };

  absl::Status RenewLeases();
  // Records the outcomes of attempts. Returns their number.
  absl::StatusOr<int> Record();
  // Finds subscriptions that have something to do.
  absl::Status FindWork();
  // Creates deliveries of ready subscriptions and starts attempts. Returns the number of attempts.
  absl::StatusOr<int> Load();
  absl::StatusOr<Loaded> LoadOne(storage::Transaction& db, const std::string& name);
  // Selects what a subscription may attempt now. Returns when there is something to do next.
  absl::StatusOr<clock::Micros> LoadWebhook(storage::Transaction& db, const StoredSubscription& stored,
                                            Loaded& loaded);
  absl::StatusOr<clock::Micros> LoadMail(storage::Transaction& db, const StoredSubscription& stored,
                                         Loaded& loaded);
  // The deliveries of a subscription that are attempted.
  const std::set<std::string>& BusyOf(const std::string& name) const;
  // Creates deliveries for the next items of the inbox and of a replay. Returns whether there are more.
  absl::StatusOr<bool> CreateDeliveries(storage::Transaction& db, const StoredSubscription& stored);
  // Adds an attempt, or a failure if a delivery has no event.
  absl::Status AddAttempt(storage::Transaction& db, const StoredSubscription& stored,
                          std::vector<PendingDelivery> deliveries, Loaded& loaded);
  // The request with the events. UNAVAILABLE if the operator has to act first.
  absl::StatusOr<outbound::Request> RequestOf(storage::Transaction& db, const StoredSubscription& stored,
                                              const std::vector<PendingDelivery>& deliveries,
                                              const std::vector<events::Event>& events) const;
  void Begin(Attempt attempt);
  void Complete(Completion completion);
  absl::Status RemoveOld();
  size_t CountInFlight() const;
  // The number of failing receivers with attempts in progress.
  size_t CountFailing() const;
  // Removes up to `limit` subscriptions from ready_ or, if that is empty, from found_, each in its turn.
  std::vector<std::string> TakeReady(size_t limit);
  void UpdateMetrics();

  const Options options_;
  const outbound::WebhookKeys keys_;
  storage::Database& database_;
  events::Notifier& notifier_;
  const clock::Clock& clock_;
  metrics::Metrics* const metrics_;
  ShardLeases leases_;
  std::mt19937_64 random_;

  std::map<std::string, Endpoint> endpoints_;
  // Subscriptions to load.
  std::set<std::string> ready_;
  // Those whose receivers fail, to load after them.
  std::set<std::string> found_;
  // The last one that was loaded.
  std::string turn_;
  // The shards whose subscriptions were searched for new items, and the row of all inboxes up to which.
  std::set<int64_t> known_shards_;
  int64_t scanned_ = 0;
  uint64_t seen_events_ = 0;
  std::optional<clock::Micros> renewed_, searched_, removed_;
  // Outcomes that are not recorded yet.
  std::vector<Completion> unrecorded_;
  std::map<std::string, int64_t> counts_;

  // Written by the thread of the sender.
  std::mutex mutex_;
  std::vector<Completion> completed_;
  events::Notifier wake_;

  server::BackgroundLoop loop_;
  // After the members that its callbacks use.
  std::unique_ptr<outbound::Sender> sender_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_WORKER_H_
