#ifndef IDEA_COMMON_SERVER_READINESS_H_
#define IDEA_COMMON_SERVER_READINESS_H_

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/metrics/metrics.h"
#include "common/server/background_loop.h"

namespace idea::server {

// Whether a process can serve. Checks its dependencies in the background, each in its own thread, because a
// check may hang. A check fails if it has not succeeded for `max_silence`, and passes again after two
// successes in a row. The process is ready while all checks pass. Each change is a log line with the cause,
// and the gauge idea_health_check{check} of 1 or 0.
class Readiness {
 public:
  struct Settings {
    // The time between the end of a check and its next run.
    std::chrono::milliseconds interval{2'000};
    std::chrono::milliseconds max_silence{6'000};
  };
  // `set_not_ready` receives each change: the names of the checks that fail, separated by commas; empty if
  // the process is ready, as it is initially.
  using SetNotReady = std::function<void(const std::string& checks)>;
  Readiness(SetNotReady set_not_ready, metrics::Metrics& metrics, Settings settings);
  ~Readiness();

  // To be called before Start().
  void Add(std::string name, std::function<absl::Status()> check);
  void Start();
  // The names of the checks that fail.
  std::vector<std::string> Failing();
  // Returns when the running checks have returned.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Check {
    std::string name;
    std::function<absl::Status()> run;
    Clock::time_point succeeded;
    // The number of successes since the last failure.
    int successes = 0;
    bool passes = true;
    absl::Status failure;
  };
  void Run(Check& check);
  void Show(const Check& check);
  void Judge();
  void AddLoop(const char* name, std::chrono::milliseconds interval, std::function<void()> pass);
  // Requires the lock. Returns the checks that fail at `now`, as for SetNotReady.
  std::string Update(Clock::time_point now);

  const SetNotReady set_not_ready_;
  metrics::Metrics& metrics_;
  const Settings settings_;
  std::vector<std::unique_ptr<Check>> checks_;
  // The last result of Update() that was handed over.
  std::string failing_;
  std::mutex mutex_;
  // A loop for each check, and the one that judges.
  std::list<BackgroundLoop> loops_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_READINESS_H_
