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

// The classes of calls, each with its own rate: unary reads and writes that workers serve, the opening of
// streams, and exchange checks, which threads of gRPC answer from memory.
enum class CallKind { kRead, kWrite, kStream, kCheck };
inline constexpr size_t kCallKinds = 4;

// Limits the use of a server by each caller: open streams and calls per second. Thread-safe.
class Callers {
 public:
  // The number of calls per second, and the size of a burst. 0 per second: unlimited.
  struct Rate {
    double per_second = 0;
    double burst = 0;
  };
  struct Limits {
    // The maximum number of open streams of one caller: server streams and client streams.
    int watches = 200;
    int uploads = 8;
    // The limits of calls by kind. They do not apply to services.
    Rate reads = {5'000, 10'000};
    Rate writes = {1'000, 5'000};
    Rate opened_streams = {50, 400};
    Rate checks = {50'000, 50'000};
  };
  using Clock = std::chrono::steady_clock;

  explicit Callers(Limits limits) : limits_(limits) {}

  // Counts a stream during the lifetime of the result. Null if the caller has too many open streams. The
  // object must outlive the result.
  using Stream = std::shared_ptr<const void>;
  Stream OpenStream(const std::string& caller, bool upload);
  // Counts a call with the cost of `calls` calls. OVERLOADED if the caller makes too many, with the exceeded
  // rate as metadata `limit`, the calls per second as `per_second`, and RetryInfo. A call that costs more
  // than the burst is accepted if the full burst is available.
  absl::Status TakeCall(const std::string& caller, CallKind kind, double calls = 1,
                        Clock::time_point now = Clock::now());
  // Removes idle callers.
  void Sweep(Clock::time_point now = Clock::now());

 private:
  struct Use {
    int watches = 0;
    int uploads = 0;
    // The number of calls of each kind that are available, as of `at`.
    struct Calls {
      double left = 0;
      Clock::time_point at;
    };
    std::array<Calls, kCallKinds> calls;
  };
  using Uses = std::unordered_map<std::string, Use>;
  void CloseStream(const std::string& key, bool upload);
  const Rate& RateOf(size_t kind) const;
  double CallsNow(const Use& use, size_t kind, Clock::time_point now) const;
  Uses::value_type& Of(const std::string& caller, Clock::time_point now);

  const Limits limits_;
  std::mutex mutex_;
  Uses uses_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CALLERS_H_
