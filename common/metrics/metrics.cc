#include "common/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <functional>
#include <mutex>
#include <shared_mutex>
#include <tuple>

namespace idea::metrics {
namespace {

using prometheus::Counter, prometheus::Family, prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                              0.1,    0.25,  0.5,    1,     2.5,  5,     10};

Family<Counter>& CounterFamily(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::State {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  Family<Counter>& calls = CounterFamily(*registry, "idea_calls_total", "Calls answered, by reason.");
  Family<Histogram>& seconds = prometheus::BuildHistogram()
                                   .Name("idea_call_seconds")
                                   .Help("Time from receiving a call to answering it.")
                                   .Register(*registry);
  Family<Counter>& relayed = CounterFamily(*registry, "idea_relayed_total", "Events handed over by relays.");
  Family<Counter>& failures = CounterFamily(*registry, "idea_relay_failures_total",
                                            "Deliveries that failed and are tried again, or were refused.");
  // The figures of a method and of a reason, once found: finding them anew costs more than counting.
  struct Found {
    Counter* calls;
    Histogram* seconds;
  };
  using Key = std::tuple<std::string, std::string, std::string>;
  std::shared_mutex mutex;
  std::map<Key, Found, std::less<>> found;

  Found Find(std::string_view service, std::string_view method, std::string_view reason) {
    {
      const std::shared_lock lock(mutex);
      const auto known = found.find(std::tuple(service, method, reason));
      if (known != found.end()) return known->second;
    }
    const std::string of(service), name(method), why(reason);
    const Found made{&calls.Add({{"service", of}, {"method", name}, {"reason", why}}),
                     &seconds.Add({{"service", of}, {"method", name}}, kSeconds)};
    const std::unique_lock lock(mutex);
    return found.emplace(Key(of, name, why), made).first->second;
  }

  std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::CountCall(std::string_view service, std::string_view method, std::string_view reason,
                        double seconds) {
  const State::Found found = state_->Find(service, method, reason);
  found.calls->Increment();
  found.seconds->Observe(seconds);
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

void Metrics::Set(const std::string& name, const std::string& help,
                  const std::map<std::string, std::string>& labels, double value) {
  // Registering a family again returns the one that is there.
  prometheus::BuildGauge().Name(name).Help(help).Register(*state_->registry).Add(labels).Set(value);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry->Collect());
}

absl::Status Metrics::Serve(const std::string& address) {
  try {
    state_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
    state_->exposer->RegisterCollectable(state_->registry);
    return absl::OkStatus();
  } catch (const std::exception&) {
    return absl::UnavailableError("cannot serve metrics on " + address + ": is the port in use?");
  }
}

}  // namespace idea::metrics
