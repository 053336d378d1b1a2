#ifndef IDEA_TESTS_SUPPORT_EVENTUALLY_H_
#define IDEA_TESTS_SUPPORT_EVENTUALLY_H_

#include <algorithm>
#include <chrono>
#include <thread>

namespace idea::testing {

// Asks until the condition holds; false if it does not within a minute. Between two questions, soon and then
// less often, the processor is left to what is waited for.
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
