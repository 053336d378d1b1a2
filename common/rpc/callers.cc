#include "common/rpc/callers.h"

#include <algorithm>
#include <cmath>

#include "common/status/status.h"

namespace idea::rpc {
namespace {

// The maximum number of callers that are counted separately. The others share one count.
constexpr size_t kMaxCallers = 10'000;

}  // namespace

double Callers::CallsNow(const Use& use, size_t kind, Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - use.calls[kind].at;
  return std::min(RateOf(kind).burst, use.calls[kind].left + passed.count() * RateOf(kind).per_second);
}

Callers::Uses::value_type& Callers::Of(const std::string& caller, Clock::time_point now) {
  const bool full = uses_.size() >= kMaxCallers && !uses_.contains(caller);
  const Use unused = {0, 0, {{{RateOf(0).burst, now}, {RateOf(1).burst, now}}}};
  return *uses_.try_emplace(full ? "" : caller, unused).first;
}

Callers::Stream Callers::OpenStream(const std::string& caller, bool upload) {
  const std::lock_guard lock(mutex_);
  auto& [key, use] = Of(caller, Clock::now());
  int& open = upload ? use.uploads : use.watches;
  if (open >= (upload ? limits_.uploads : limits_.watches)) return nullptr;
  ++open;
  return {this, [key = key, upload](Callers* callers) { callers->CloseStream(key, upload); }};
}

void Callers::CloseStream(const std::string& key, bool upload) {
  const std::lock_guard lock(mutex_);
  Use& use = uses_.at(key);
  --(upload ? use.uploads : use.watches);
}

absl::Status Callers::TakeCall(const std::string& caller, CallKind of, double calls, Clock::time_point now) {
  const auto kind = static_cast<size_t>(of);
  const Rate& rate = RateOf(kind);
  if (rate.per_second <= 0) return absl::OkStatus();
  const double wanted = std::min(calls, rate.burst);
  double left = 0;
  {
    const std::lock_guard lock(mutex_);
    Use& use = Of(caller, now).second;
    left = CallsNow(use, kind, now);
    use.calls[kind] = {left >= wanted ? left - calls : left, now};
  }
  if (left >= wanted) return absl::OkStatus();
  const char* limit = of == CallKind::kInline ? "inline_calls" : "worker_calls";
  return status::Error(status::Reason::ERROR_REASON_OVERLOADED, "the caller exceeds its calls per second")
      .With("limit", limit)
      .With("per_second", std::to_string(static_cast<int64_t>(rate.per_second)))
      .RetryAfter(std::chrono::milliseconds(
          static_cast<int64_t>(std::ceil((wanted - left) / rate.per_second * 1000))));
}

void Callers::Sweep(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(uses_, [&](const auto& entry) {
    const Use& use = entry.second;
    return use.watches == 0 && use.uploads == 0 && CallsNow(use, 0, now) >= RateOf(0).burst &&
           CallsNow(use, 1, now) >= RateOf(1).burst;
  });
}

}  // namespace idea::rpc
