#ifndef IDEA_COMMON_RPC_WORKERS_H_
#define IDEA_COMMON_RPC_WORKERS_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

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

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_WORKERS_H_
