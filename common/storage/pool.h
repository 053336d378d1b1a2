#ifndef IDEA_COMMON_STORAGE_POOL_H_
#define IDEA_COMMON_STORAGE_POOL_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace idea::storage {

// At most so many connections, opened when none comes free soon, and one at a time: short transactions that
// begin together share one instead of opening one each, at a server that has just come back all the more.
template <class Connection>
class Pool {
 public:
  using Opener = std::function<absl::StatusOr<std::unique_ptr<Connection>>()>;

  Pool(int most, Opener open) : open_(std::move(open)), most_(most), places_(most) {}

  // A connection, given back when it goes out of scope.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    ~Lease() {
      if (pool_ != nullptr) pool_->GiveBack(std::move(connection_));
    }

    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    friend Pool;
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits for a free one. Where none can be opened, all who wait hear why.
  absl::StatusOr<Lease> Take() {
    std::unique_lock lock(mutex_);
    const auto heard = [&, failures = failures_] { return !free_.empty() || failures_ != failures; };
    changed_.wait_for(lock, kPatience, [&] { return heard() || places_ == most_; });
    changed_.wait(lock, [&] { return heard() || (!opening_ && places_ > 0); });
    if (!free_.empty()) {
      // The last one used is the first one taken.
      auto connection = std::move(free_.back());
      free_.pop_back();
      return Lease(*this, std::move(connection));
    }
    if (heard()) return failure_;
    --places_;
    opening_ = true;
    lock.unlock();
    auto opened = open_();
    lock.lock();
    opening_ = false;
    if (opened.ok()) {
      changed_.notify_all();
      return Lease(*this, *std::move(opened));
    }
    ++places_;
    ++failures_;
    failure_ = opened.status();
    changed_.notify_all();
    return failure_;
  }

  // Closes a connection that is broken, and those that nobody holds: they went to the same server.
  void Drop(Lease& lease) {
    lease.connection_.reset();
    std::vector<std::unique_ptr<Connection>> closed;
    const std::lock_guard lock(mutex_);
    places_ += static_cast<int>(free_.size());
    closed.swap(free_);
  }

 private:
  // What opening one takes at least, and more than most transactions do.
  static constexpr std::chrono::milliseconds kPatience{20};

  // One that is free suits whoever is woken, a place to open one in only those whose patience is over: they
  // are all woken for it, here and where one was opened.
  void GiveBack(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    if (connection != nullptr) {
      free_.push_back(std::move(connection));
      changed_.notify_one();
    } else {
      ++places_;
      changed_.notify_all();
    }
  }

  const Opener open_;
  const int most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Connection>> free_;
  // For connections that are not open yet.
  int places_;
  bool opening_ = false;
  // How often none could be opened, and why the last time.
  int failures_ = 0;
  absl::Status failure_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POOL_H_
