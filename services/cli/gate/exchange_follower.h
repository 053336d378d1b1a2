#ifndef IDEA_SERVICES_CLI_GATE_EXCHANGE_FOLLOWER_H_
#define IDEA_SERVICES_CLI_GATE_EXCHANGE_FOLLOWER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/exchange/exchange_index.h"
#include "idea/inventory/v1/exchange.pb.h"

namespace idea::cli {

namespace v1 = inventory::v1;

// Keeps the agreements of one caller in memory by a watch with `snapshot`, and decides as the exchange check
// of the service does. Decides nothing while what it has may be too old. Thread-safe.
class ExchangeFollower {
 public:
  using OnMessage = std::function<bool(const v1::WatchExchangesResponse&)>;
  // Calls WatchExchanges and hands each message to `on_message`, until that returns false or the stream ends.
  using Watch = std::function<absl::Status(const v1::WatchExchangesRequest& request, const OnMessage&)>;
  struct Options {
    Watch watch;
    const clock::Clock& clock;
    // The maximum age of what decisions depend on.
    std::chrono::milliseconds max_staleness;
    // Called with one line when the state changes.
    std::function<void(const std::string& line)> report;
  };

  explicit ExchangeFollower(Options options);
  // Ends the watch with its next message.
  ~ExchangeFollower();
  ExchangeFollower(const ExchangeFollower&) = delete;
  ExchangeFollower& operator=(const ExchangeFollower&) = delete;

  // Begins to follow.
  void Start();

  // Decides as ExchangeService.CheckExchange does. Fails with INVALID_FIELD as that does, and also for
  // `at_least_as_fresh`.
  absl::Status Decide(v1::CheckExchangeRequest request, v1::ExchangeDecision& decision) const;

  // Whether it can decide, and why not: empty if it can.
  bool IsFresh() const { return Unready().empty(); }
  std::string Unready() const;
  // The time up to which everything is known. 0 before the first snapshot.
  clock::Micros time() const { return time_; }
  // The number of agreements.
  size_t size() const;

 private:
  // What one watch has sent.
  struct View;
  void Loop();
  // Applies one message of the current watch. Returns false to end it.
  bool Apply(const v1::WatchExchangesResponse& message, std::shared_ptr<View>& view, std::string& fault);
  std::shared_ptr<const View> Current() const;
  clock::Micros Now() const;
  // Waits before the next watch. Returns false if there is none.
  bool Pause(std::chrono::milliseconds time);

  const Options options_;
  // When the last message with a time came: by the steady clock, and its time.
  std::atomic<clock::Micros> received_{0};
  std::atomic<clock::Micros> time_{0};
  // The latest time so far: an agreement that has ended stays ended if the clock is set back.
  mutable std::atomic<clock::Micros> latest_{0};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const View> view_;
  // Why the last watch ended.
  std::string fault_ = "the first snapshot is not complete";
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_GATE_EXCHANGE_FOLLOWER_H_
