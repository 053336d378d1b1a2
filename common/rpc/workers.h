#ifndef IDEA_COMMON_RPC_WORKERS_H_
#define IDEA_COMMON_RPC_WORKERS_H_

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/rpc/context.h"

namespace idea::rpc {

// Threads for work that blocks, with a bounded queue: gRPC's own threads must never wait for a database.
class Workers {
 public:
  Workers(int threads, size_t queue);
  // Runs what is queued, then ends.
  ~Workers();

  // False if the queue is full: the caller is told to come back.
  bool Submit(std::function<void()> work);

 private:
  void Loop();
  const size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// The workers of a server: a pool for each number of hops (rpc::Context). A call waits only for calls with
// more hops, hence never for the pool that serves it.
class WorkerPools {
 public:
  // `threads` and `queue` are of each pool.
  WorkerPools(int threads, size_t queue);
  Workers& Of(int hops) { return *pools_[static_cast<size_t>(hops)]; }

 private:
  std::array<std::unique_ptr<Workers>, kMaxHops + 1> pools_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_WORKERS_H_
