#include "common/rpc/workers.h"

#include <algorithm>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "common/log/thread.h"

namespace idea::rpc {

Workers::Workers(int threads, Limits limits)
    : max_threads_(static_cast<size_t>(std::max(1, threads))), limits_(limits) {}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::HasRoom(const Line& line, size_t bytes) const {
  const bool idle = line.waiting.empty() && line.running == 0;
  const size_t places = std::max<size_t>(1, limits_.queue * limits_.share / 100);
  return waiting_ < limits_.queue && line.waiting.size() < places &&
         (idle || line.bytes + bytes <= limits_.bytes * limits_.share / 100) &&
         (bytes_ == 0 || bytes_ + bytes <= limits_.bytes);
}

// Requires the lock. False if the system cannot create a thread.
bool Workers::StartThread() {
  try {
    threads_.push_back(log::StartThread("worker", [this] { Loop(); }));
  } catch (const std::system_error&) {
    return false;
  }
  ++idle_;
  return true;
}

size_t Workers::threads() {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

Workers::Load Workers::load() {
  const std::lock_guard lock(mutex_);
  return {.running = threads_.size() - idle_,
          .waiting = waiting_,
          .threads = max_threads_,
          .queue = limits_.queue};
}

bool Workers::Submit(const std::string& caller, size_t bytes, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    // The existing threads do the work if no more can be started.
    if (waiting_ >= idle_ && threads_.size() < max_threads_ && !StartThread() && threads_.empty())
      return false;
    const auto entry = lines_.try_emplace(caller).first;
    Line& line = entry->second;
    if (!HasRoom(line, bytes)) {
      if (line.waiting.empty() && line.running == 0) lines_.erase(entry);
      return false;
    }
    if (line.waiting.empty()) turns_.push_back(&*entry);
    line.waiting.push_back({std::move(work), bytes});
    line.bytes += bytes;
    bytes_ += bytes;
    ++waiting_;
  }
  changed_.notify_one();
  return true;
}

void Workers::Loop() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !turns_.empty(); });
    if (turns_.empty()) return;
    --idle_;
    Lines::value_type* const entry = turns_.front();
    turns_.pop_front();
    Line& line = entry->second;
    Task task = std::move(line.waiting.front());
    line.waiting.pop_front();
    if (!line.waiting.empty()) turns_.push_back(entry);
    --waiting_;
    ++line.running;
    lock.unlock();
    // Also if the work throws.
    const absl::Cleanup done = [this, entry, bytes = task.bytes] { Finished(entry, bytes); };
    task.work();
  }
}

void Workers::Finished(Lines::value_type* entry, size_t bytes) {
  const std::lock_guard lock(mutex_);
  ++idle_;
  Line& line = entry->second;
  line.bytes -= bytes;
  bytes_ -= bytes;
  if (--line.running == 0 && line.waiting.empty()) lines_.erase(lines_.find(entry->first));
}

WorkerPools::WorkerPools(int threads, Workers::Limits limits) {
  // With more hops, fewer calls run concurrently.
  for (int hops = 0; hops <= kMaxHops; ++hops)
    pools_[static_cast<size_t>(hops)] = std::make_unique<Workers>(std::max(1, threads >> hops), limits);
}

}  // namespace idea::rpc
