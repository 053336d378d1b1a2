#ifndef IDEA_COMMON_RPC_HEALTH_H_
#define IDEA_COMMON_RPC_HEALTH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/reads.h"
#include "common/rpc/server_state.h"

namespace idea::rpc {

class HealthReactor;

// The health of services (grpc.health.v1), for callers with a certificate of the exchange. The standard
// implementation of gRPC reads messages of any caller and does not limit streams. Thread-safe.
//
// The name "liveness" is only about the process: SERVING as long as it answers. All other names are about
// readiness: the empty one, and those of services.
class Health {
 public:
  static bool IsCheck(const std::string& path);
  static bool IsWatch(const std::string& path);

  // Adds a service by full name, or the whole server with an empty name. It is serving.
  void Add(const std::string& service);
  // Sets why a service is NOT_SERVING; empty if it is serving. Checks receive the cause as metadata
  // kNotServingMetadata (peer.h).
  void SetCause(const std::string& service, const std::string& cause);
  // Sets why all services are NOT_SERVING, whatever their own causes; initially empty.
  void SetCauseOfAll(const std::string& cause);
  // The number of events that a service could not deliver to a peer. Checks of the Statewide CDO, who may
  // list them, receive it as metadata kDeadLettersMetadata (peer.h); those of the whole server receive the
  // sum.
  void SetDeadLetters(const std::string& service, int64_t events);
  // The release and commit of the server. Health checks receive it as metadata kVersionMetadata (peer.h).
  void SetVersion(const std::string& version);
  // Reads the history of the event log of a service (events::Epochs::Describe) from its database. Called on
  // a worker.
  using HistoryReader = std::function<absl::StatusOr<std::string>()>;
  // Services that check the health of this service receive the history as metadata kLogHistoryMetadata
  // (peer.h). It is read during the check, so it covers each write that was answered before. Not sent if it
  // cannot be read. To be called before the server starts.
  void SetLogHistory(const std::string& service, HistoryReader read);
  // Whether the whole server is SERVING.
  bool IsServing();
  // Makes everything NOT_SERVING for good.
  void Stop();
  // Ends all current and later watches.
  void EndAll();

 private:
  friend class HealthReactor;
  // The serialized answer; nullopt for an unknown service.
  std::optional<std::string> AnswerOf(const std::string& service) const;
  // Why the service is not serving; empty if it is. The service must be known.
  std::string CauseOf(const std::string& service) const;
  // Empty if the number is not known.
  std::string DeadLettersOf(const std::string& service) const;

  std::mutex mutex_;
  // The cause for each service; empty while it is serving.
  std::map<std::string, std::string> causes_;
  std::string cause_of_all_;
  std::map<std::string, int64_t> dead_letters_;
  std::string version_;
  std::map<std::string, HistoryReader> log_histories_;
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
  // Sends the answer of a check; without a history if that is empty.
  void Answer(const std::string& history);
  // Sends the status if it has changed, or ends the call. Requires the lock of `health_`.
  void Update();

  Health& health_;
  std::string service_;
  // For a watch: the last status sent, whether a write is in progress, and whether the call ends or has
  // ended.
  std::string sent_;
  bool writing_ = false;
  bool ended_ = false;
  bool cancelled_ = false;
  grpc::ByteBuffer response_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_HEALTH_H_
