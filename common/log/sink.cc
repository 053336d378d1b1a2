#include "common/log/sink.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace idea::log {
namespace {

// Only calls functions that are safe in a signal handler. Lines that cannot be written are lost.
void WriteAll(int file, const char* bytes, size_t size) noexcept {
  while (size > 0) {
    const ssize_t written = write(file, bytes, size);
    if (written > 0) {
      bytes += written;
      size -= static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd ready{file, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace

Sink::Sink(int file, std::chrono::milliseconds patience)
    : file_(file), patience_(patience), thread_([this] { Loop(); }) {}

Sink::~Sink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  WriteOut();
}

void Sink::Write(std::string_view line, bool urgent) {
  const std::lock_guard lock(mutex_);
  if (line.size() > lines_.size() - filled_) WriteOut();
  if (line.size() > lines_.size()) return WriteAll(file_, line.data(), line.size());
  const bool first = filled_ == 0;
  std::memcpy(lines_.data() + filled_, line.data(), line.size());
  filled_ += line.size();
  if (urgent || closed_) {
    WriteOut();
  } else if (first) {
    changed_.notify_one();
  }
}

void Sink::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  WriteOut();
}

void Sink::Rescue() const noexcept { WriteAll(file_, lines_.data(), filled_); }

void Sink::WriteOut() {
  WriteAll(file_, lines_.data(), filled_);
  filled_ = 0;
}

void Sink::Loop() {
  // Signals are left to the threads that wait for them.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait(lock, [this] { return stopping_ || filled_ > 0; });
    changed_.wait_for(lock, patience_, [this] { return stopping_; });
    WriteOut();
  }
}

}  // namespace idea::log
