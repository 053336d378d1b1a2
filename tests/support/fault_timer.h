#ifndef IDEA_TESTS_SUPPORT_FAULT_TIMER_H_
#define IDEA_TESTS_SUPPORT_FAULT_TIMER_H_

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

namespace idea::testing {

// Measures the time of the recovery from a fault, and prints it in the form that scripts/faults.sh collects.
class FaultTimer {
 public:
  // Starts the measurement: construct it when the fault ends. `name` is the name of the fault in
  // docs/FAULTS.md.
  explicit FaultTimer(std::string name) : name_(std::move(name)) {}

  // Prints the time since the construction. Call it after the first call that succeeds again.
  void Recovered() const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
    std::printf("fault: %s: recovered in %.2f s\n", name_.c_str(), took.count());
    std::fflush(stdout);
  }

 private:
  const std::string name_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

// Prints whether the process was ready during a fault, in the same form.
inline void PrintHealth(const std::string& fault, bool ready) {
  std::printf("fault: %s: health %s\n", fault.c_str(), ready ? "ready" : "not ready");
  std::fflush(stdout);
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_FAULT_TIMER_H_
