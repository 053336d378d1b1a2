#ifndef IDEA_SERVICES_INVENTORY_NOTICE_EXPIRY_WORKER_H_
#define IDEA_SERVICES_INVENTORY_NOTICE_EXPIRY_WORKER_H_

#include <chrono>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"
#include "services/inventory/log/log_service.h"
#include "services/inventory/notice/notice_service.h"

namespace idea::inventory {

// Ends agreements whose last day (BUCP template, field 14) has passed, with the notice that 8.8 applies, and
// records ReviewDue for agreements whose review date has come. Days begin at midnight of a time zone. One
// replica does each, once, or later if no replica was running.
class ExpiryWorker {
 public:
  ExpiryWorker(absl::TimeZone zone, const LogService& log, const NoticeService& notices,
               std::string cdo_entity, storage::Database& database, events::Notifier& notifier,
               const clock::Clock& clock)
      : zone_(zone),
        log_(log),
        notices_(notices),
        cdo_entity_(std::move(cdo_entity)),
        database_(database),
        notifier_(notifier),
        clock_(clock),
        loop_({.name = "expiry worker",
               .service = "inventory",
               .interval = kPollInterval,
               .notifier = &notifier},
              [this] { return Pass(); }) {}

  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }

  // One pass, as Start repeats it. Returns the number of agreements that it has ended or recorded. Continues
  // after a failure (the registry does not answer) and returns the failure at the end.
  absl::StatusOr<int> Pass();

 private:
  static constexpr std::chrono::seconds kPollInterval{5};

  absl::StatusOr<bool> Expire(const std::string& name, clock::Micros today);
  absl::StatusOr<bool> RecordReviewDue(const std::string& name, clock::Micros today);

  const absl::TimeZone zone_;
  const LogService& log_;
  const NoticeService& notices_;
  const std::string cdo_entity_;
  storage::Database& database_;
  events::Notifier& notifier_;
  const clock::Clock& clock_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_NOTICE_EXPIRY_WORKER_H_
