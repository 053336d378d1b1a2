#ifndef IDEA_COMMON_STORAGE_POOL_H_
#define IDEA_COMMON_STORAGE_POOL_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace idea::storage {

// A fixed number of places for connections. A place is empty until its holder opens a connection in it.
template <class Connection>
class Pool {
 public:
  explicit Pool(int places) : free_(static_cast<size_t>(places)) {}

  // A place, given back when it goes out of scope.
  class Lease {
   public:
    explicit Lease(Pool& pool) : pool_(pool), connection_(pool.Take()) {}
    ~Lease() { pool_.GiveBack(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    // The connection, null if the place is empty. Put one in, or take a broken one out.
    std::unique_ptr<Connection>& operator*() { return connection_; }

   private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Closes the connections that nobody holds.
  void Clear() {
    std::vector<std::unique_ptr<Connection>> closed;
    std::lock_guard lock(mutex_);
    for (auto& connection : free_) closed.push_back(std::move(connection));
  }

 private:
  std::unique_ptr<Connection> Take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return !free_.empty(); });
    auto connection = std::move(free_.back());
    free_.pop_back();
    return connection;
  }

  // Open connections go on top: the last one used is the first one taken, and empty places are used last.
  void GiveBack(std::unique_ptr<Connection> connection) {
    std::lock_guard lock(mutex_);
    free_.insert(connection ? free_.end() : free_.begin(), std::move(connection));
    returned_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> free_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POOL_H_
