#ifndef IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_FLOW_H_
#define IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_FLOW_H_

#include <algorithm>
#include <cstdint>

// What follows an attempt. Times are in microseconds since 1970.
namespace idea::notification {

struct RetryRules {
  // The pause after the first failure, doubled after each further one up to the maximum.
  int64_t min_pause = 0;
  int64_t max_pause = 0;
  // The number of attempts until a delivery is a dead letter.
  int64_t attempts = 0;
};

// After this number of failures in a row, the receiver gets one attempt at a time, with pauses between them.
inline constexpr int64_t kFailuresUntilHold = 5;
// The maximum pause between two attempts of a receiver that fails, in microseconds. It bounds how late other
// events arrive when the receiver is back.
inline constexpr int64_t kMaxHoldPause = int64_t{5} * 60 * 1'000'000;

// The pause after the n-th failure in a row. `jitter` is a random number from 0 to 1: the pause is a quarter
// longer or shorter at most, so that many deliveries that fail together are not repeated together.
inline int64_t PauseAfter(const RetryRules& rules, int64_t failures, double jitter) {
  constexpr int64_t kMaxDoublings = 40;
  const int64_t doublings = std::min(failures - 1, kMaxDoublings);
  const double pause =
      std::min(static_cast<double>(rules.max_pause),
               static_cast<double>(rules.min_pause) * static_cast<double>(int64_t{1} << doublings));
  return static_cast<int64_t>(pause * (0.75 + jitter / 2));
}

// Until when a receiver that has failed gets no attempt; 0: it gets one at once. `asked` is the pause that it
// asked for.
inline int64_t HoldUntil(const RetryRules& rules, int64_t failures, int64_t asked, double jitter,
                         int64_t now) {
  const int64_t beyond = failures - kFailuresUntilHold + 1;
  const int64_t pause = beyond > 0 ? std::min(kMaxHoldPause, PauseAfter(rules, beyond, jitter)) : 0;
  const int64_t longer = std::max(pause, asked);
  return longer == 0 ? 0 : now + longer;
}

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_DELIVERY_DELIVERY_FLOW_H_
