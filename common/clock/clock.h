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

// The calendar day of a time in a time zone.
inline absl::CivilDay DayOf(Micros at, const absl::TimeZone& zone) {
  return absl::ToCivilDay(absl::FromUnixMicros(at), zone);
}

// A monotonic time without a date, for measuring durations.
inline Micros SteadyNow() {
  using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::steady_clock;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

// One moment, read from both clocks.
struct Moment {
  Micros now = 0;
  Micros steady = 0;
};

// The source of all times in the suite.
class Clock {
 public:
  explicit Clock(absl::TimeZone zone) : zone_(zone) {}
  virtual ~Clock() = default;
  // The time of day, which people and NTP can set.
  virtual Micros Now() const = 0;
  // Monotonic time, independent of changes to the time of day. It may stand still while the machine sleeps.
  virtual Micros Steady() const { return SteadyNow(); }
  Moment Read() const { return {Now(), Steady()}; }
  // Whether less than `span` has passed since `since` by both clocks. So neither a clock that was set nor a
  // machine that slept prolongs a lease or a cached answer.
  bool IsWithin(Micros span, const Moment& since) const {
    const Micros elapsed = Now() - since.now;
    return 0 <= elapsed && elapsed < span && Steady() - since.steady < span;
  }
  // The time zone of calendar days.
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

// A clock that tests control.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Micros now = 1'767'225'600 * kSecond)  // 2026-01-01T00:00:00Z
      : Clock(absl::UTCTimeZone()), now_(now) {}
  Micros Now() const override { return now_; }
  Micros Steady() const override { return steady_; }
  // Advances both clocks.
  void Advance(Micros by) {
    now_ += by;
    steady_ += by;
  }
  // Sets the time of day only.
  void Set(Micros to) { now_ = to; }
  // To be called before other threads use the clock.
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
