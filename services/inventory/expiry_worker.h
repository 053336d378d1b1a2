#ifndef IDEA_SERVICES_INVENTORY_EXPIRY_WORKER_H_
#define IDEA_SERVICES_INVENTORY_EXPIRY_WORKER_H_

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

// What the calendar brings to agreements, by the midnights of a time zone, each once, whichever replica gets
// to it, and later where nobody was there: those whose last day (BUCP template, field 14) is over end, with
// the notice that 8.8 applies, and those whose review date has come are told of (ReviewDue).
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

  // One pass, as Start repeats it. Returns how many agreements it has ended or told of. What fails (the
  // registry is away) keeps nothing else from being done, and is returned in the end.
  absl::StatusOr<int> Pass();

 private:
  static constexpr std::chrono::seconds kPollInterval{5};

  absl::StatusOr<bool> Expire(const std::string& name, clock::Micros today);
  absl::StatusOr<bool> TellReview(const std::string& name, clock::Micros today);

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

#endif  // IDEA_SERVICES_INVENTORY_EXPIRY_WORKER_H_
