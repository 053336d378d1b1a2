#include "common/rpc/callers.h"

#include <algorithm>

namespace idea::rpc {

double Callers::CallsNow(const Use& use, Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - use.at;
  return std::min(limits_.burst, use.calls + passed.count() * limits_.rate);
}

Callers::Use& Callers::Of(const std::string& caller, Clock::time_point now) {
  return uses_.try_emplace(caller, Use{0, 0, limits_.burst, now}).first->second;
}

Callers::Stream Callers::OpenStream(const std::string& caller, bool upload) {
  const std::lock_guard lock(mutex_);
  Use& use = Of(caller, Clock::now());
  int& open = upload ? use.uploads : use.watches;
  if (open >= (upload ? limits_.uploads : limits_.watches)) return nullptr;
  ++open;
  return {this, [caller, upload](Callers* callers) { callers->CloseStream(caller, upload); }};
}

void Callers::CloseStream(const std::string& caller, bool upload) {
  const std::lock_guard lock(mutex_);
  Use& use = uses_.at(caller);
  --(upload ? use.uploads : use.watches);
}

bool Callers::TakeCall(const std::string& caller, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Use& use = Of(caller, now);
  use.calls = CallsNow(use, now);
  use.at = now;
  if (use.calls < 1) return false;
  use.calls -= 1;
  return true;
}

void Callers::Sweep(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(uses_, [&](const auto& entry) {
    const Use& use = entry.second;
    return use.watches == 0 && use.uploads == 0 && CallsNow(use, now) >= limits_.burst;
  });
}

}  // namespace idea::rpc
