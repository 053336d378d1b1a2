#ifndef IDEA_COMMON_CLOCK_CLOCK_H_
#define IDEA_COMMON_CLOCK_CLOCK_H_

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace idea::clock {

// A point in time: microseconds since 1970-01-01T00:00:00Z, as the databases keep it.
using Micros = int64_t;

constexpr Micros kSecond = 1'000'000;
constexpr Micros kDay = kSecond * 3600 * 24;

// The calendar day in which a time lies, where days begin and end as in `zone`.
inline absl::CivilDay DayOf(Micros at, const absl::TimeZone& zone) {
  return absl::ToCivilDay(absl::FromUnixMicros(at), zone);
}

// A time that only goes forward and is never set, to measure how long something took: it has no date.
inline Micros SteadyNow() {
  using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::steady_clock;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

// One moment as both clocks show it.
struct Moment {
  Micros now = 0;
  Micros steady = 0;
};

// Where time comes from. Nothing else in the suite asks the machine.
class Clock {
 public:
  explicit Clock(absl::TimeZone zone) : zone_(zone) {}
  virtual ~Clock() = default;
  // The date and time of day, which people and NTP set.
  virtual Micros Now() const = 0;
  // What passes meanwhile, whatever the time of day is set to. It may stand still while the machine sleeps.
  virtual Micros Steady() const { return SteadyNow(); }
  Moment Look() const { return {Now(), Steady()}; }
  // Whether less than `span` has passed since, by both clocks: neither a clock that was set nor a machine
  // that slept makes a lease or a remembered answer last longer.
  bool IsWithin(Micros span, const Moment& since) const {
    const Micros elapsed = Now() - since.now;
    return 0 <= elapsed && elapsed < span && Steady() - since.steady < span;
  }
  // Where days begin and end.
  const absl::TimeZone& zone() const { return zone_; }

 protected:
  absl::TimeZone zone_;
};

// The machine's clock.
class SystemClock : public Clock {
 public:
  explicit SystemClock(absl::TimeZone zone = absl::UTCTimeZone()) : Clock(zone) {}
  Micros Now() const override {
    using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::system_clock;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  }
};

// A clock that tests move.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Micros now = 1'767'225'600 * kSecond)  // 2026-01-01T00:00:00Z
      : Clock(absl::UTCTimeZone()), now_(now) {}
  Micros Now() const override { return now_; }
  Micros Steady() const override { return steady_; }
  // Time passes.
  void Advance(Micros by) {
    now_ += by;
    steady_ += by;
  }
  // Somebody sets the clock; no time passes.
  void Set(Micros to) { now_ = to; }
  // Before anybody else looks at it.
  void SetZone(absl::TimeZone zone) { zone_ = zone; }

 private:
  std::atomic<Micros> now_;
  std::atomic<Micros> steady_ = kDay;
};

inline google::protobuf::Timestamp ToProto(Micros at) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(at / kSecond);
  stamp.set_nanos(static_cast<int32_t>(at % kSecond) * 1000);
  return stamp;
}

inline Micros FromProto(const google::protobuf::Timestamp& stamp) {
  return stamp.seconds() * kSecond + stamp.nanos() / 1000;
}

}  // namespace idea::clock

#endif  // IDEA_COMMON_CLOCK_CLOCK_H_
