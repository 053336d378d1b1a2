#ifndef IDEA_COMMON_STORAGE_POOL_H_
#define IDEA_COMMON_STORAGE_POOL_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "common/storage/connection_use.h"

namespace idea::storage {

// A bounded connection pool. Opens a connection only if none is released soon, one at a time: short
// transactions that begin together share a connection instead of opening one each, which matters most for a
// server that has just restarted.
template <class Connection>
class Pool {
 public:
  using Opener = std::function<absl::StatusOr<std::unique_ptr<Connection>>()>;

  Pool(int most, Opener open) : open_(std::move(open)), most_(most), places_(most) {}

  // A connection that is returned to the pool by the destructor.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection, int generation)
        : pool_(&pool), connection_(std::move(connection)), generation_(generation) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          connection_(std::move(other.connection_)),
          generation_(other.generation_) {}
    ~Lease() {
      if (pool_ != nullptr) pool_->Release(std::move(connection_), generation_);
    }

    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    friend Pool;
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
    int generation_;
  };

  // Waits for a free connection. If none can be opened, all waiting callers get the failure.
  absl::StatusOr<Lease> Acquire() {
    std::unique_lock lock(mutex_);
    // All paths below end with the lock.
    ++waiting_;
    const absl::Cleanup served = [this] { --waiting_; };
    const auto heard = [&, failures = failures_] { return !free_.empty() || failures_ != failures; };
    changed_.wait_for(lock, kFreeTimeout, [&] { return heard() || places_ == most_; });
    changed_.wait(lock, [&] { return heard() || (!opening_ && places_ > 0); });
    if (!free_.empty()) {
      // The most recently used connection is taken first.
      auto connection = std::move(free_.back());
      free_.pop_back();
      return Lease(*this, std::move(connection), generation_);
    }
    if (heard()) return failure_;
    --places_;
    opening_ = true;
    const int generation = generation_;
    lock.unlock();
    auto opened = open_();
    lock.lock();
    opening_ = false;
    if (opened.ok()) {
      changed_.notify_all();
      return Lease(*this, *std::move(opened), generation);
    }
    ++places_;
    Fail(opened.status());
    return failure_;
  }

  // Without `queued_writes`, which a pool does not know.
  ConnectionUse Use() {
    const std::lock_guard lock(mutex_);
    const auto idle = static_cast<int>(free_.size());
    return {.max = most_, .used = most_ - places_ - idle, .idle = idle, .waiting = waiting_};
  }

  // Closes a broken connection and all others that were opened before this call, because they lead to the
  // same server: free ones now, the others when they are returned.
  void Drop(Lease& lease) {
    lease.connection_.reset();
    std::vector<std::unique_ptr<Connection>> closed;
    std::unique_lock lock(mutex_);
    ++generation_;
    closed.swap(free_);
    const auto places = static_cast<int>(closed.size());
    // Closed without the lock, and before new connections may replace these.
    lock.unlock();
    closed.clear();
    lock.lock();
    places_ += places;
    changed_.notify_all();
  }

  // The same for a server that does not answer: callers that wait for a connection get `failure` now instead
  // of trying the server one after another.
  void Drop(Lease& lease, const absl::Status& failure) {
    Drop(lease);
    const std::lock_guard lock(mutex_);
    Fail(failure);
  }

 private:
  // The minimum time to open a connection, and longer than most transactions.
  static constexpr std::chrono::milliseconds kFreeTimeout{20};

  // A free connection suits any waiting caller. A place to open one suits only callers that have waited long
  // enough, so all are woken, here and where one was opened.
  void Release(std::unique_ptr<Connection> connection, int generation) {
    std::unique_lock lock(mutex_);
    if (generation != generation_ && connection != nullptr) {
      // Closed without the lock, and before another one may replace it.
      lock.unlock();
      connection.reset();
      lock.lock();
    }
    if (connection != nullptr) {
      free_.push_back(std::move(connection));
      changed_.notify_one();
    } else {
      ++places_;
      changed_.notify_all();
    }
  }

  // Requires the lock.
  void Fail(const absl::Status& failure) {
    ++failures_;
    failure_ = failure;
    changed_.notify_all();
  }

  const Opener open_;
  const int most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Connection>> free_;
  // Places for connections that are not open yet.
  int places_;
  bool opening_ = false;
  // The number of callers in Acquire().
  int waiting_ = 0;
  // The number of calls of Drop(). A connection of an earlier generation is closed when it is returned.
  int generation_ = 0;
  // The number of failed attempts to open one, and the last failure.
  int failures_ = 0;
  absl::Status failure_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POOL_H_
