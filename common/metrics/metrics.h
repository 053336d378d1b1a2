#ifndef IDEA_COMMON_METRICS_METRICS_H_
#define IDEA_COMMON_METRICS_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "idea/common/v1/error.pb.h"

// What a process counts, in Prometheus' terms. Safe for many threads.
namespace idea::metrics {

// The calls of one method: idea_calls_total{service, method, reason} and idea_call_seconds{service, method}.
// Reason "OK" for success.
class Calls {
 public:
  // A call was answered. Takes no lock.
  void Count(const absl::Status& status, std::chrono::nanoseconds spent);

 private:
  friend class Metrics;
  static constexpr std::array kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                          0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
  // What nearly every call changes lies together, in one cache line.
  alignas(64) std::atomic<int64_t> nanoseconds_{0};
  std::atomic<uint64_t> succeeded_{0};
  // How many took at most so long; the last: longer.
  std::array<std::atomic<uint64_t>, kSeconds.size() + 1> within_{};
  std::array<std::atomic<uint64_t>, common::v1::ErrorReason_ARRAYSIZE> failed_{};
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // Where the calls of a method are counted: looked up once, good for the life of this object.
  Calls& CallsOf(const std::string& service, const std::string& method);
  // A relay handed events to a target: idea_relayed_total{service, target}.
  void CountRelayed(std::string_view service, std::string_view target, int events);
  // A relay's delivery failed: idea_relay_failures_total{service, target, reason}.
  void CountRelayFailure(std::string_view service, std::string_view target, std::string_view reason);
  // Redis failed a service, or refused it: idea_redis_failures_total{service, kind}; the kinds are those of
  // common/redis/failure.h.
  void CountRedisFailure(std::string_view service, std::string_view kind);
  // Messages of the queue were dropped because they are forged: idea_queue_refused_total.
  void CountRefusedMessages(int64_t messages);

  // A limit of the server has refused a call: idea_limit_refusals_total{limit}.
  void CountLimitRefusal(const std::string& limit);

  // A figure of a service's own, as it is now: Set("idea_review_tasks_open", "Tasks that ...", {{"step",
  // "x"}}, 3).
  void Set(const std::string& name, const std::string& help, const std::map<std::string, std::string>& labels,
           double value);

  // Everything in the text format that Prometheus reads.
  std::string Text() const;
  // Serves Text() at http://<host:port>/metrics.
  absl::Status Serve(const std::string& address);

 private:
  class CallFigures;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace idea::metrics

#endif  // IDEA_COMMON_METRICS_METRICS_H_
