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

// Threads for work that blocks, with a bounded queue: gRPC's own threads must never wait for a database. A
// thread is started when work finds none that is idle. Callers take turns, and each has its own share of the
// queue, so that one caller's calls do not keep out another's.
class Workers {
 public:
  struct Limits {
    // Number of calls that wait.
    size_t queue = 256;
    // Bytes of the requests that wait and that are at work. A caller without any may always have one.
    size_t bytes = size_t{64} << 20;
    // The part of both that one caller may fill, in percent.
    size_t share = 25;
  };
  // At most so many threads.
  Workers(int threads, Limits limits);
  // Runs what is queued, then ends.
  ~Workers();

  // Runs `work` for a caller's request of this size. False if the queue or the caller's share of it is full.
  bool Submit(const std::string& caller, size_t bytes, std::function<void()> work);
  // How many threads were started.
  size_t threads();

 private:
  struct Task {
    std::function<void()> work;
    size_t bytes;
  };
  // What one caller has here.
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
  // The callers with waiting calls, in the order of their turns. Elements of the map stay where they are.
  std::deque<Lines::value_type*> turns_;
  size_t waiting_ = 0;
  // Threads that wait for work, or are about to.
  size_t idle_ = 0;
  size_t bytes_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// The workers of a server: a pool for each number of hops (rpc::Context). A call waits only for calls with
// more hops, hence never for the pool that serves it.
class WorkerPools {
 public:
  // `threads` serve calls without hops, half as many those with one, and so on; `limits` are of each pool.
  WorkerPools(int threads, Workers::Limits limits);
  Workers& Of(int hops) { return *pools_[static_cast<size_t>(hops)]; }

 private:
  std::array<std::unique_ptr<Workers>, kMaxHops + 1> pools_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_WORKERS_H_
