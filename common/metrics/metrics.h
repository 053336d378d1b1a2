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

// The metrics of a process for Prometheus. Thread-safe.
namespace idea::metrics {

// The calls of one method: idea_calls_total{service, method, reason}, whose reason is "OK" after a success,
// and rpc_server_call_duration_seconds.
class Calls {
 public:
  // Counts an answered call. Lock-free.
  void Count(const absl::Status& status, std::chrono::nanoseconds spent);

 private:
  friend class Metrics;
  static constexpr std::array kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                          0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
  // The members that nearly every call changes share a cache line.
  alignas(64) std::atomic<int64_t> nanoseconds_{0};
  std::atomic<uint64_t> succeeded_{0};
  // Number of calls per latency bucket. The last bucket has no upper bound.
  std::array<std::atomic<uint64_t>, kSeconds.size() + 1> within_{};
  std::array<std::atomic<uint64_t>, common::v1::ErrorReason_ARRAYSIZE> failed_{};
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // The counters of a method. Looked up once; valid as long as this object.
  Calls& CallsOf(const std::string& service, const std::string& method);
  // Counts events that a relay delivered: idea_relayed_total{service, target}.
  void CountRelayed(std::string_view service, std::string_view target, int events);
  // Counts failed deliveries of a relay: idea_relay_failures_total{service, target, reason}.
  void CountRelayFailure(std::string_view service, std::string_view target, std::string_view reason);
  // Counts failures of Redis: idea_redis_failures_total{service, kind}. common/redis/failure.h lists the
  // kinds.
  void CountRedisFailure(std::string_view service, std::string_view kind);
  // Counts messages of the queue that were dropped as forged: idea_queue_refused_total.
  void CountRefusedMessages(int64_t messages);

  // Counts calls that a limit of the server refused: idea_limit_refusals_total{limit}.
  void CountLimitRefusal(const std::string& limit);

  // Sets a gauge of a service: Set("idea_review_tasks_open", "Tasks that ...", {{"step", "x"}}, 3).
  void Set(const std::string& name, const std::string& help, const std::map<std::string, std::string>& labels,
           double value);

  // Adds a duration to a histogram of a service, with buckets from 5 ms to an hour.
  void Observe(const std::string& name, const std::string& help,
               const std::map<std::string, std::string>& labels, double seconds);

  // All metrics in the text format of Prometheus.
  std::string Text() const;

 private:
  class CallFigures;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace idea::metrics

#endif  // IDEA_COMMON_METRICS_METRICS_H_
