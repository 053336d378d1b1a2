#ifndef IDEA_COMMON_LOG_SINK_H_
#define IDEA_COMMON_LOG_SINK_H_

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <thread>

namespace idea::log {

// Buffers lines and writes many of them at once, in order: after `patience`, when the buffer is full, or when
// a line is urgent. Thread-safe.
class Sink {
 public:
  Sink(int file, std::chrono::milliseconds patience);
  // Writes the buffered lines.
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // `line` includes its line feed.
  void Write(std::string_view line, bool urgent);

  // Writes the buffered lines and makes every later line urgent. For the end of the process.
  void Close();

  // For fatal signals: writes the buffered lines without taking the lock.
  void Rescue() const noexcept;

 private:
  void Loop();
  void WriteOut();

  const int file_;
  const std::chrono::milliseconds patience_;
  // The members that every line changes share a cache line.
  alignas(64) std::mutex mutex_;
  // The number of bytes of lines_ to write. Updated after the bytes, for Rescue().
  std::atomic<size_t> filled_{0};
  bool closed_ = false;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::array<char, size_t{64} * 1024> lines_;
  std::thread thread_;
};

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_SINK_H_
