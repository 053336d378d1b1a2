#ifndef IDEA_TESTS_SUPPORT_EVENTUALLY_H_
#define IDEA_TESTS_SUPPORT_EVENTUALLY_H_

#include <chrono>
#include <thread>

namespace idea::testing {

// Asks until the condition holds; false if it does not within a minute. Between two questions the processor
// is left to what is waited for.
template <class Condition>
bool Eventually(const Condition& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_EVENTUALLY_H_
