#include "common/rpc/callers.h"

#include <algorithm>
#include <cmath>

#include "common/status/status.h"

namespace idea::rpc {
namespace {

// The maximum number of callers that are counted separately. The others share one count.
constexpr size_t kMaxCallers = 10'000;

// By CallKind: the name of the limit in refusals.
constexpr std::array<const char*, kCallKinds> kNames = {"reads", "writes", "opened_streams", "checks"};

}  // namespace

const Callers::Rate& Callers::RateOf(size_t kind) const {
  switch (static_cast<CallKind>(kind)) {
    case CallKind::kRead:
      return limits_.reads;
    case CallKind::kWrite:
      return limits_.writes;
    case CallKind::kStream:
      return limits_.opened_streams;
    case CallKind::kCheck:
      break;
  }
  return limits_.checks;
}

double Callers::CallsNow(const Use& use, size_t kind, Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - use.calls[kind].at;
  return std::min(RateOf(kind).burst, use.calls[kind].left + passed.count() * RateOf(kind).per_second);
}

Callers::Uses::value_type& Callers::Of(const std::string& caller, Clock::time_point now) {
  const bool full = uses_.size() >= kMaxCallers && !uses_.contains(caller);
  const auto [found, is_new] = uses_.try_emplace(full ? "" : caller);
  for (size_t kind = 0; is_new && kind < kCallKinds; ++kind)
    found->second.calls[kind] = {RateOf(kind).burst, now};
  return *found;
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
  return status::Error(status::Reason::ERROR_REASON_OVERLOADED,
                       std::string("the caller exceeds its rate of ") + kNames[kind])
      .With("limit", kNames[kind])
      .With("per_second", std::to_string(static_cast<int64_t>(rate.per_second)))
      .RetryAfter(std::chrono::milliseconds(
          static_cast<int64_t>(std::ceil((wanted - left) / rate.per_second * 1000))));
}

void Callers::Sweep(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(uses_, [&](const auto& entry) {
    const Use& use = entry.second;
    bool idle = use.watches == 0 && use.uploads == 0;
    for (size_t kind = 0; kind < kCallKinds; ++kind)
      idle = idle && CallsNow(use, kind, now) >= RateOf(kind).burst;
    return idle;
  });
}

}  // namespace idea::rpc
