#ifndef IDEA_COMMON_RPC_CALLERS_H_
#define IDEA_COMMON_RPC_CALLERS_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace idea::rpc {

// What each caller may use of a server at once: open streams and calls per second. Safe for many threads.
class Callers {
 public:
  struct Limits {
    // Open streams of one caller: those that the server writes, and those that the client writes.
    int watches = 200;
    int uploads = 8;
    // Calls per second that are given to a worker, and how many of them may come at once. Services have no
    // such limit.
    double rate = 2000;
    double burst = 4000;
  };
  using Clock = std::chrono::steady_clock;

  explicit Callers(Limits limits) : limits_(limits) {}

  // Counts a stream for as long as the result lives. Null if the caller has too many open already. The object
  // must outlive the result.
  using Stream = std::shared_ptr<const void>;
  Stream OpenStream(const std::string& caller, bool upload);
  // Counts a call. False if the caller makes too many.
  bool TakeCall(const std::string& caller, Clock::time_point now = Clock::now());
  // Forgets the callers that are idle.
  void Sweep(Clock::time_point now = Clock::now());

 private:
  struct Use {
    int watches = 0;
    int uploads = 0;
    // Calls that may come now, as of `at`.
    double calls = 0;
    Clock::time_point at;
  };
  void CloseStream(const std::string& caller, bool upload);
  double CallsNow(const Use& use, Clock::time_point now) const;
  Use& Of(const std::string& caller, Clock::time_point now);

  const Limits limits_;
  std::mutex mutex_;
  std::unordered_map<std::string, Use> uses_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CALLERS_H_
