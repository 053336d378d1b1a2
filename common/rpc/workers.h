#ifndef IDEA_COMMON_RPC_WORKERS_H_
#define IDEA_COMMON_RPC_WORKERS_H_

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "common/rpc/context.h"

namespace idea::rpc {

// Threads for blocking work with a bounded queue, because threads of gRPC must never wait for a database. A
// thread is started if no thread is idle. Callers take turns, and each has a share of the queue, so that the
// calls of one caller do not block those of another.
class Workers {
 public:
  struct Limits {
    // The maximum number of waiting calls.
    size_t queue = 256;
    // The maximum size of all requests that wait or run, in bytes. A caller without a request may always have
    // one.
    size_t bytes = size_t{64} << 20;
    // The share of both for one caller, in percent.
    size_t share = 25;
  };
  // `max_threads` is the maximum number of threads.
  Workers(int threads, Limits limits);
  // Completes the queued work, then ends.
  ~Workers();

  // Runs `work` for a request of this size. False if the queue or the share of the caller is full.
  bool Submit(const std::string& caller, size_t bytes, std::function<void()> work);
  // The number of threads started.
  size_t threads();
  // The calls that run and those that wait, and the maximum of both.
  struct Load {
    size_t running = 0;
    size_t waiting = 0;
    size_t threads = 0;
    size_t queue = 0;
  };
  Load load();

 private:
  struct Task {
    std::function<void()> work;
    size_t bytes;
  };
  // The state of one caller.
  struct Line {
    std::deque<Task> waiting;
    size_t bytes = 0;
    int running = 0;
  };
  using Lines = std::unordered_map<std::string, Line>;
  bool HasRoom(const Line& line, size_t bytes) const;
  bool StartThread();
  void Loop();
  void Finished(Lines::value_type* entry, size_t bytes);

  const size_t max_threads_;
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines lines_;
  // The callers with waiting calls, in the order of their turns. Elements of the map have stable addresses.
  std::deque<Lines::value_type*> turns_;
  size_t waiting_ = 0;
  // The number of threads that wait for work, or are about to.
  size_t idle_ = 0;
  size_t bytes_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// The workers of a server: one pool per number of hops (rpc::Context). A call only waits for calls with more
// hops, so never for the pool that serves it.
class WorkerPools {
 public:
  // `threads` serve calls without hops, half as many those with one hop, and so on. Each pool has these
  // `limits`.
  WorkerPools(int threads, Workers::Limits limits);
  Workers& Of(int hops) { return *pools_[static_cast<size_t>(hops)]; }

 private:
  std::array<std::unique_ptr<Workers>, kMaxHops + 1> pools_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_WORKERS_H_
