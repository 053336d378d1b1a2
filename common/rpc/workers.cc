#include "common/rpc/workers.h"

#include "common/log/thread.h"

namespace idea::rpc {

Workers::Workers(int threads, size_t queue) : limit_(queue) {
  for (int i = 0; i < threads; ++i) threads_.push_back(log::StartThread("worker", [this] { Loop(); }));
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::Submit(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= limit_) return false;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Workers::Loop() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
  }
}

WorkerPools::WorkerPools(int threads, size_t queue) {
  for (auto& pool : pools_) pool = std::make_unique<Workers>(threads, queue);
}

}  // namespace idea::rpc
