#ifndef IDEA_COMMON_METRICS_METRICS_H_
#define IDEA_COMMON_METRICS_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

// What a process counts, in Prometheus' terms. Safe for many threads.
namespace idea::metrics {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // A call was answered: idea_calls_total{service, method, reason} and idea_call_seconds{service, method}.
  // Reason "OK" for success.
  void CountCall(std::string_view service, std::string_view method, std::string_view reason, double seconds);
  // A relay handed events to a target: idea_relayed_total{service, target}.
  void CountRelayed(std::string_view service, std::string_view target, int events);
  // A relay's delivery failed: idea_relay_failures_total{service, target, reason}.
  void CountRelayFailure(std::string_view service, std::string_view target, std::string_view reason);

  // A figure of a service's own, as it is now: Set("idea_review_tasks_open", "Tasks that ...", {{"step",
  // "x"}}, 3).
  void Set(const std::string& name, const std::string& help, const std::map<std::string, std::string>& labels,
           double value);

  // Everything in the text format that Prometheus reads.
  std::string Text() const;
  // Serves Text() at http://<host:port>/metrics.
  absl::Status Serve(const std::string& address);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace idea::metrics

#endif  // IDEA_COMMON_METRICS_METRICS_H_
