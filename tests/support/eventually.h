#ifndef IDEA_TESTS_SUPPORT_EVENTUALLY_H_
#define IDEA_TESTS_SUPPORT_EVENTUALLY_H_

#include <algorithm>
#include <chrono>
#include <thread>

namespace idea::testing {

// Polls until the condition holds. Returns false if it does not within a minute. The pauses grow, so that the
// awaited work gets the processor.
template <class Condition>
bool Eventually(const Condition& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (std::chrono::milliseconds pause(1); !holds();
       pause = std::min(2 * pause, std::chrono::milliseconds(32))) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_EVENTUALLY_H_
