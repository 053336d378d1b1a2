#ifndef IDEA_COMMON_RPC_CALLERS_H_
#define IDEA_COMMON_RPC_CALLERS_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"

namespace idea::rpc {

// What serves a call: a worker, or gRPC's own thread, which only looks at memory.
enum class CallKind { kWorker, kInline };

// What each caller may use of a server at once: open streams and calls per second. Safe for many threads.
class Callers {
 public:
  // Calls per second, and how many of them may come at once. 0 per second: no limit.
  struct Rate {
    double per_second = 0;
    double burst = 0;
  };
  struct Limits {
    // Open streams of one caller: those that the server writes, and those that the client writes.
    int watches = 200;
    int uploads = 8;
    // Calls of each kind. Services have no such limit.
    Rate worker_calls = {20'000, 20'000};
    Rate inline_calls = {50'000, 50'000};
  };
  using Clock = std::chrono::steady_clock;

  explicit Callers(Limits limits) : limits_(limits) {}

  // Counts a stream for as long as the result lives. Null if the caller has too many open already. The object
  // must outlive the result.
  using Stream = std::shared_ptr<const void>;
  Stream OpenStream(const std::string& caller, bool upload);
  // Counts a call that costs as much as `calls` calls. OVERLOADED if the caller makes too many, with the rate
  // that is used up as metadata `limit`, the calls per second as `per_second`, and RetryInfo for when the
  // call may come. One that costs more than the burst may come when nothing of it is used.
  absl::Status TakeCall(const std::string& caller, CallKind kind, double calls = 1,
                        Clock::time_point now = Clock::now());
  // Forgets the callers that are idle.
  void Sweep(Clock::time_point now = Clock::now());

 private:
  struct Use {
    int watches = 0;
    int uploads = 0;
    // Calls of each kind that may come now, as of `at`.
    struct Calls {
      double left = 0;
      Clock::time_point at;
    };
    std::array<Calls, 2> calls;
  };
  using Uses = std::unordered_map<std::string, Use>;
  void CloseStream(const std::string& key, bool upload);
  const Rate& RateOf(size_t kind) const { return kind == 0 ? limits_.worker_calls : limits_.inline_calls; }
  double CallsNow(const Use& use, size_t kind, Clock::time_point now) const;
  Uses::value_type& Of(const std::string& caller, Clock::time_point now);

  const Limits limits_;
  std::mutex mutex_;
  Uses uses_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CALLERS_H_
