#include "common/storage/socket_watch.h"

#include <sys/socket.h>

#include <algorithm>

#include "common/log/thread.h"

namespace idea::storage {
namespace {

// The maximum delay of a shutdown.
constexpr std::chrono::milliseconds kPollInterval{200};

}  // namespace

SocketWatch::Socket::Socket(SocketWatch& watch, int file) : watch_(watch), file_(file) {
  const std::lock_guard lock(watch_.mutex_);
  watch_.sockets_.insert(this);
}

SocketWatch::Socket::~Socket() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.sockets_.erase(this);
}

void SocketWatch::Socket::Begin(Clock::duration limit) {
  const Clock::time_point by =
      limit == Clock::duration::zero() ? Clock::time_point::max() : Clock::now() + limit;
  answer_by_ = by.time_since_epoch().count();
}

SocketWatch::SocketWatch() : thread_(log::StartThread("socket watch", [this] { Loop(); })) {}

SocketWatch::~SocketWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SocketWatch::EndBy(Clock::time_point end) { end_ = end.time_since_epoch().count(); }

void SocketWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kPollInterval, [this] { return stopping_; })) {
    const Clock::rep now = Clock::now().time_since_epoch().count();
    for (Socket* socket : sockets_) {
      const Clock::rep by = socket->answer_by_;
      if (by == Socket::kIdle || now < std::min<Clock::rep>(by, end_) || socket->cut_) continue;
      socket->cut_ = true;
      shutdown(socket->file_, SHUT_RDWR);
    }
  }
}

}  // namespace idea::storage
