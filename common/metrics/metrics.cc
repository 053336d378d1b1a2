#include "common/metrics/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "common/metrics/process_metrics.h"
#include "common/status/status.h"

namespace idea::metrics {
namespace {

using prometheus::ClientMetric, prometheus::Counter, prometheus::Family, prometheus::MetricFamily,
    prometheus::MetricType;

Family<Counter>& CounterFamily(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

// The counts of Count() in Prometheus' format.
class Metrics::CallFigures : public prometheus::Collectable {
 public:
  Calls& Of(const std::string& service, const std::string& method) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Calls>& calls = calls_[{service, method}];
    if (calls == nullptr) calls = std::make_unique<Calls>();
    return *calls;
  }

  std::vector<MetricFamily> Collect() const override {
    MetricFamily total{"idea_calls_total", "Calls answered, by reason.", MetricType::Counter, {}};
    MetricFamily seconds{"rpc_server_call_duration_seconds",
                         "Time from receiving a call to answering it.",
                         MetricType::Histogram,
                         {}};
    const std::lock_guard lock(mutex_);
    for (const auto& [of, calls] : calls_) {
      const auto& [service, method] = of;
      const auto count = [&, &service = service, &method = method](const std::string& reason,
                                                                   uint64_t times) {
        if (times == 0) return;
        ClientMetric& metric = total.metric.emplace_back();
        metric.label = {
            {"method", method.substr(method.rfind('/') + 1)}, {"reason", reason}, {"service", service}};
        metric.counter.value = static_cast<double>(times);
      };
      count("OK", calls->succeeded_);
      count("INTERNAL", calls->failed_[status::Reason::ERROR_REASON_UNSPECIFIED]);
      for (size_t reason = 1; reason < calls->failed_.size(); ++reason) {
        // Only reasons that were counted are listed.
        if (calls->failed_[reason] > 0)
          count(status::ReasonName(static_cast<status::Reason>(reason)), calls->failed_[reason]);
      }
      ClientMetric metric;
      metric.label = {{"rpc_method", method}, {"rpc_system_name", "grpc"}, {"service", service}};
      metric.histogram = HistogramOf(*calls);
      if (metric.histogram.sample_count > 0) seconds.metric.push_back(std::move(metric));
    }
    return {total, seconds};
  }

 private:
  static ClientMetric::Histogram HistogramOf(const Calls& calls) {
    ClientMetric::Histogram histogram;
    for (size_t i = 0; i < calls.within_.size(); ++i) {
      histogram.sample_count += calls.within_[i];
      histogram.bucket.push_back({histogram.sample_count, i < Calls::kSeconds.size()
                                                              ? Calls::kSeconds[i]
                                                              : std::numeric_limits<double>::infinity()});
    }
    histogram.sample_sum = static_cast<double>(calls.nanoseconds_) / 1e9;
    return histogram;
  }

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Calls>> calls_;
};

struct Metrics::State {
  std::shared_ptr<CallFigures> calls = std::make_shared<CallFigures>();
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  Family<Counter>& relayed = CounterFamily(*registry, "idea_relayed_total", "Events handed over by relays.");
  Family<Counter>& failures = CounterFamily(*registry, "idea_relay_failures_total",
                                            "Deliveries that failed and are tried again, or were refused.");
  Family<Counter>& redis = CounterFamily(*registry, "idea_redis_failures_total",
                                         "Failures and refusals of the notification queue's Redis.");
  Family<Counter>& limits =
      CounterFamily(*registry, "idea_limit_refusals_total",
                    "Calls refused because a limit of callers or of the server was used up.");
  Counter& refused =
      CounterFamily(*registry, "idea_queue_refused_total", "Messages dropped because they are forged.")
          .Add({});
};

void Calls::Count(const absl::Status& status, std::chrono::nanoseconds spent) {
  const double seconds = std::chrono::duration<double>(spent).count();
  const auto bucket = std::lower_bound(kSeconds.begin(), kSeconds.end(), seconds) - kSeconds.begin();
  auto& counted = status.ok() ? succeeded_ : failed_[static_cast<size_t>(status::ReasonOf(status))];
  counted.fetch_add(1, std::memory_order_relaxed);
  within_[static_cast<size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(spent.count(), std::memory_order_relaxed);
}

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Calls& Metrics::CallsOf(const std::string& service, const std::string& method) {
  return state_->calls->Of(service, method);
}

void Metrics::CountRelayed(std::string_view service, std::string_view target, int events) {
  state_->relayed.Add({{"service", std::string(service)}, {"target", std::string(target)}}).Increment(events);
}

void Metrics::CountRelayFailure(std::string_view service, std::string_view target, std::string_view reason) {
  state_->failures
      .Add({{"service", std::string(service)},
            {"target", std::string(target)},
            {"reason", std::string(reason)}})
      .Increment();
}

void Metrics::CountRedisFailure(std::string_view service, std::string_view kind) {
  state_->redis.Add({{"service", std::string(service)}, {"kind", std::string(kind)}}).Increment();
}

void Metrics::CountRefusedMessages(int64_t messages) {
  state_->refused.Increment(static_cast<double>(messages));
}

void Metrics::CountLimitRefusal(const std::string& limit) {
  state_->limits.Add({{"limit", limit}}).Increment();
}

void Metrics::Set(const std::string& name, const std::string& help,
                  const std::map<std::string, std::string>& labels, double value) {
  // Registering a family again returns the existing one.
  prometheus::BuildGauge().Name(name).Help(help).Register(*state_->registry).Add(labels).Set(value);
}

void Metrics::Observe(const std::string& name, const std::string& help,
                      const std::map<std::string, std::string>& labels, double seconds) {
  static const prometheus::Histogram::BucketBoundaries buckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                                  1,     2.5,  5,     10,   60,  600,  3600};
  prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(*state_->registry)
      .Add(labels, buckets)
      .Observe(seconds);
}

std::string Metrics::Text() const {
  std::vector<MetricFamily> families = state_->calls->Collect();
  for (MetricFamily& family : state_->registry->Collect()) families.push_back(std::move(family));
  for (MetricFamily& family : ProcessMetrics()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace idea::metrics
