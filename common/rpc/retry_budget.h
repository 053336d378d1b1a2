#ifndef IDEA_COMMON_RPC_RETRY_BUDGET_H_
#define IDEA_COMMON_RPC_RETRY_BUDGET_H_

#include <atomic>

namespace idea::rpc {

// Stops retries while too many calls to a peer are unanswered, so that a peer that is overloaded does not get
// each call several times. The rule of gRPC's retryThrottling: an answer earns back what a missing one costs,
// and retries stop below half. Safe for many threads.
class RetryBudget {
 public:
  bool MayRetry() const { return tokens_ > kMaxTokens / 2; }
  void Answered() {
    if (tokens_ < kMaxTokens) ++tokens_;
  }
  void Unanswered() {
    if (tokens_ > 0) --tokens_;
  }

 private:
  // Answers that may be missing, beyond those that came, before retries stop: half of it.
  static constexpr int kMaxTokens = 100;
  // Two threads at once may overstep a bound by one, which does no harm.
  std::atomic<int> tokens_{kMaxTokens};
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_RETRY_BUDGET_H_
