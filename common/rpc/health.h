#ifndef IDEA_COMMON_RPC_HEALTH_H_
#define IDEA_COMMON_RPC_HEALTH_H_

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "common/rpc/reads.h"
#include "common/rpc/server_state.h"

namespace idea::rpc {

class HealthReactor;

// What the server says of its services (grpc.health.v1), to callers with a certificate of the exchange.
// gRPC's own service reads the messages of any caller, without a bound on the streams. Safe for many threads.
//
// The name "liveness" is of the process alone: SERVING as long as it answers. Every other name is of its
// readiness: the empty one, and those of services.
class Health {
 public:
  static bool IsCheck(const std::string& path);
  static bool IsWatch(const std::string& path);

  // `service` is a full name; empty for the server as a whole.
  void Set(const std::string& service, bool serving);
  // Whether the process has what every service needs; true at first. While false no service serves.
  void SetReady(bool ready);
  // What the server was built from. Health checks receive it as metadata kVersionMetadata (peer.h).
  void SetVersion(const std::string& version);
  // Of the event log of a service (events::Epochs::Describe). Services that check its health receive it as
  // metadata kLogHistoryMetadata (peer.h).
  void SetLogHistory(const std::string& service, const std::string& history);
  // An older one is not sent: of two answers, of whichever replicas, the one that was asked for so long after
  // the other is not the older one.
  static constexpr std::chrono::milliseconds kMaxHistoryAge{3'000};
  // Nothing serves any more, whatever is set afterwards.
  void Stop();
  // Ends the watches, and those that begin later.
  void EndAll();

 private:
  friend class HealthReactor;
  // The bytes of the answer; nullopt for a service that is not known.
  std::optional<std::string> AnswerOf(const std::string& service);

  std::mutex mutex_;
  std::map<std::string, bool> serving_;
  bool ready_ = true;
  std::string version_;
  struct LogHistory {
    std::string text;
    std::chrono::steady_clock::time_point set;
  };
  std::map<std::string, LogHistory> log_histories_;
  bool stopped_ = false;
  bool ending_ = false;
  std::set<HealthReactor*> watches_;
};

// Health/Check, and Health/Watch if it is a stream.
class HealthReactor : public ReadingReactor {
 public:
  HealthReactor(grpc::CallbackServerContext& context, Incoming incoming, ServerState& state,
                Callers::Stream place, Health& health);
  ~HealthReactor() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;

 private:
  friend class Health;
  void Check();
  // Sends the status if it has changed, or ends. Requires the lock of `health_`.
  void Update();

  Health& health_;
  std::string service_;
  // Of a watch. What was sent last; whether a message is under way; whether the call ends or has ended.
  std::string sent_;
  bool writing_ = false;
  bool ended_ = false;
  bool cancelled_ = false;
  grpc::ByteBuffer response_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_HEALTH_H_
