#ifndef IDEA_COMMON_RPC_RETRY_BUDGET_H_
#define IDEA_COMMON_RPC_RETRY_BUDGET_H_

#include <atomic>

namespace idea::rpc {

// Stops retries while too many calls to a peer are unanswered, so that an overloaded peer does not receive
// each call several times. Uses the rule of retryThrottling in gRPC: an answer earns back the cost of a
// missing one, and retries stop below half. Thread-safe.
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
  // The budget of missing answers. Retries stop when half of it is used.
  static constexpr int kMaxTokens = 100;
  // Two concurrent threads may exceed a bound by one, which is harmless.
  std::atomic<int> tokens_{kMaxTokens};
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_RETRY_BUDGET_H_
