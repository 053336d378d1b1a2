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

// Gathers lines and writes many of them at once, in their order: when the first has waited for `patience`,
// when there is no room for the next, and at once when one is urgent. Safe for many threads.
class Sink {
 public:
  Sink(int file, std::chrono::milliseconds patience);
  // Writes what is there.
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // `line` ends with its line feed.
  void Write(std::string_view line, bool urgent);

  // Writes what is there; from now on every line is urgent. For the end of the process.
  void Close();

  // For a signal that ends the process: writes what is there, whoever holds the lock.
  void Rescue() const noexcept;

 private:
  void Loop();
  void WriteOut();

  const int file_;
  const std::chrono::milliseconds patience_;
  // What every line touches lies together, in one cache line.
  alignas(64) std::mutex mutex_;
  // How much of lines_ there is to write: moved on behind the bytes, for Rescue.
  std::atomic<size_t> filled_{0};
  bool closed_ = false;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::array<char, size_t{64} * 1024> lines_;
  std::thread thread_;
};

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_SINK_H_
