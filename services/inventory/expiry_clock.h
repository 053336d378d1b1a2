#ifndef IDEA_SERVICES_INVENTORY_EXPIRY_CLOCK_H_
#define IDEA_SERVICES_INVENTORY_EXPIRY_CLOCK_H_

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/storage/database.h"
#include "services/inventory/log_service.h"

namespace idea::inventory {

// Ends agreements whose last day (BUCP template, field 14) is over where the time zone's midnight says so,
// each once, whichever replica gets to it. What ended while nobody was there ends at the next start.
class ExpiryClock {
 public:
  ExpiryClock(absl::TimeZone zone, const LogService& log, std::string cdo_entity, storage::Database& database,
              events::Signal& news, const clock::Clock& clock)
      : zone_(zone),
        log_(log),
        cdo_entity_(std::move(cdo_entity)),
        database_(database),
        news_(news),
        clock_(clock) {}
  ~ExpiryClock() { Stop(); }

  void Start();
  void Stop();

  // One pass, as Start repeats it. Returns how many agreements it has ended.
  absl::StatusOr<int> Pass();

 private:
  void Loop();
  absl::StatusOr<bool> Expire(const std::string& name, clock::Micros today);

  const absl::TimeZone zone_;
  const LogService& log_;
  const std::string cdo_entity_;
  storage::Database& database_;
  events::Signal& news_;
  const clock::Clock& clock_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXPIRY_CLOCK_H_
