#ifndef IDEA_COMMON_RPC_READS_H_
#define IDEA_COMMON_RPC_READS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "common/rpc/callers.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/reactor.h"

namespace idea::rpc {

struct ServerState;

// A call that reads messages of its client. The caller is identified.
class ReadingReactor : public Reactor {
 public:
  void OnCancel() override;

 protected:
  // `stream` is the counted stream of the caller; null for other calls.
  ReadingReactor(grpc::CallbackServerContext& context, Incoming incoming, ServerState& state,
                 Callers::Stream stream = nullptr)
      : Reactor(context, incoming.request_id),
        incoming_(std::move(incoming)),
        state_(state),
        stream_place_(std::move(stream)) {}

  // Starts the next read, or ends the call if the server is stopping.
  void ReadNext();
  // To be called first in OnReadDone(): whether the call continues. False if it was ended in between.
  bool Resume();
  bool IsStream() const { return stream_place_ != nullptr; }
  // Runs `work` on a worker. OVERLOADED if the queue is full or the caller makes too many calls.
  absl::Status Submit(std::function<void()> work);

  Incoming incoming_;
  ServerState& state_;
  grpc::ByteBuffer request_;

 private:
  friend class Reads;
  const Callers::Stream stream_place_;
  // The position in the list of calls that wait for a message; null if this one does not.
  ReadingReactor* before_ = nullptr;
  ReadingReactor* after_ = nullptr;
  bool waits_ = false;
  bool waited_ = false;
  std::chrono::steady_clock::time_point since_;
};

// The calls that wait for a message, oldest first. A message that arrives too slowly, or that is one of too
// many slow ones of its caller, ends its call, because an unfinished message holds memory.
class Reads {
 public:
  struct Limits {
    // The maximum time for a message, and for a client to send the next message of a stream.
    std::chrono::milliseconds message{30'000};
    std::chrono::milliseconds next{60'000};
    // The time after which a message is slow, and the number of slow messages that a caller may have.
    std::chrono::milliseconds slow{250};
    int slow_of_caller = 8;
  };
  explicit Reads(Limits limits) : limits_(limits) {}

  // Ends the calls whose messages take too long.
  void EndOverdue();
  // For a stopping server: ends the waiting streams now, and each other one at its next read.
  void EndStreams();

 private:
  friend class ReadingReactor;
  bool Start(ReadingReactor* reactor);
  bool Resume(ReadingReactor* reactor);
  void Unlink(ReadingReactor* reactor);

  const Limits limits_;
  std::mutex mutex_;
  ReadingReactor* first_ = nullptr;
  ReadingReactor* last_ = nullptr;
  bool ending_ = false;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_READS_H_
