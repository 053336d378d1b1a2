#ifndef IDEA_COMMON_RPC_REACTORS_H_
#define IDEA_COMMON_RPC_REACTORS_H_

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/pipeline.h"
#include "common/rpc/reads.h"
#include "common/rpc/server_state.h"

// The calls of a Listener with the callback API of gRPC. None blocks a thread of gRPC.
namespace idea::rpc {

// The refusal of a call because of `limit`, given to callers as metadata: "queue", "watches", "uploads" or
// "connections".
absl::Status Overloaded(const char* limit);
// The refusal of a call without a message.
absl::Status NoMessage();

// Sets the values from the context: certificate, metadata, deadline and request id.
Incoming IncomingOf(const grpc::CallbackServerContext& context, const Method* method);

// A unary call: reads one message, serves it on a worker, writes one message. A method that only reads memory
// is served on the thread of gRPC, unless the request is large or has a token, whose key may have to be read
// from a file.
class UnaryReactor : public ReadingReactor {
 public:
  UnaryReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline,
               ServerState& state);
  void OnReadDone(bool ok) override;

 private:
  // Its reactions are short, so gRPC need not wake a thread for the last one.
  bool InternalInlineable() override { return true; }
  void Work();
  Pipeline& pipeline_;
  grpc::ByteBuffer response_;
};

class WatchReactor;

// Wakes waiting streams: after a write of this process, every second (for writes of other replicas), when a
// stream is cancelled, and when all must end.
class Watchers {
 public:
  // `heartbeat` is the maximum time between two messages of a stream whose messages have a heartbeat.
  explicit Watchers(std::chrono::milliseconds heartbeat);
  ~Watchers();
  // Wakes `reactor` when the notifier count of its service differs from `seen`.
  void Park(WatchReactor* reactor, events::Notifier* notifier, uint64_t seen);
  // Wakes cancelled streams.
  void Kick();
  // Ends every stream at its next step.
  void EndAll();
  bool ending() const { return ending_; }
  std::chrono::milliseconds heartbeat() const { return heartbeat_; }

 private:
  struct Parked {
    WatchReactor* reactor;
    events::Notifier* notifier;
    uint64_t seen;
    std::chrono::steady_clock::time_point since;
  };
  void Loop();
  const std::chrono::milliseconds heartbeat_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Parked> parked_;
  bool kicked_ = false;
  bool stopping_ = false;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

// A server stream: reads one message, then repeatedly asks the pipeline for the next messages and writes
// them, or waits for new events.
class WatchReactor : public ReadingReactor {
 public:
  WatchReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline,
               ServerState& state, Watchers& watchers, Callers::Stream place);
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  // Passes the next step to a worker. False if the queue is full.
  bool Wake();
  bool cancelled() const { return cancelled_; }

 private:
  void Schedule();
  // One step: asks for the next messages.
  void Step();
  void End(const absl::Status& status);
  void WriteNext();
  Pipeline& pipeline_;
  Watchers& watchers_;
  std::unique_ptr<Pipeline::Stream> stream_;
  std::atomic<bool> cancelled_{false};
  grpc::ByteBuffer response_;
  std::vector<std::string> next_;
  size_t written_ = 0;
  std::chrono::steady_clock::time_point last_message_ = std::chrono::steady_clock::now();
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_REACTORS_H_
