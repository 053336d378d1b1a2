#ifndef IDEA_TESTS_SERVICES_CLI_GATE_WATCH_SCRIPT_H_
#define IDEA_TESTS_SERVICES_CLI_GATE_WATCH_SCRIPT_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "services/cli/gate/exchange_follower.h"

namespace idea::cli {

// The server of a watch: the test sends its messages and ends it.
class WatchScript {
 public:
  ExchangeFollower::Watch watch() {
    return [this](const v1::WatchExchangesRequest& request, const ExchangeFollower::OnMessage& on_message) {
      if (!request.snapshot()) return absl::InvalidArgumentError("without snapshot");
      ++watches;
      std::unique_lock lock(mutex_);
      while (true) {
        changed_.wait(lock, [this] { return closed_ || !steps_.empty(); });
        if (closed_) return absl::CancelledError("closed");
        const Step step = std::move(steps_.front());
        steps_.pop_front();
        if (!step.message) return step.end;
        lock.unlock();
        const bool goes_on = on_message(*step.message);
        lock.lock();
        if (!goes_on) return absl::OkStatus();
      }
    };
  }
  void Send(v1::WatchExchangesResponse message) { Add({std::move(message), {}}); }
  void End(absl::Status status) { Add({std::nullopt, std::move(status)}); }
  // Ends this watch and every later one, so that a follower can be destroyed.
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }
  void SendRules(const std::string& entity, const std::string& zone = "UTC", bool permits_lapsed = false) {
    v1::WatchExchangesResponse message;
    message.mutable_rules()->set_entity(entity);
    message.mutable_rules()->set_time_zone(zone);
    message.mutable_rules()->set_permits_lapsed(permits_lapsed);
    Send(std::move(message));
  }
  void SendAgreement(const v1::Filing& filing, const v1::Terms& terms) {
    v1::WatchExchangesResponse message;
    *message.mutable_agreement()->mutable_filing() = filing;
    *message.mutable_agreement()->mutable_terms() = terms;
    Send(std::move(message));
  }
  void SendTime(clock::Micros at) {
    v1::WatchExchangesResponse message;
    *message.mutable_time() = clock::ToProto(at);
    Send(std::move(message));
  }

  std::atomic<int> watches{0};

 private:
  struct Step {
    std::optional<v1::WatchExchangesResponse> message;
    absl::Status end;
  };
  void Add(Step step) {
    {
      const std::lock_guard lock(mutex_);
      steps_.push_back(std::move(step));
    }
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> steps_;
  bool closed_ = false;
};

}  // namespace idea::cli

#endif  // IDEA_TESTS_SERVICES_CLI_GATE_WATCH_SCRIPT_H_
