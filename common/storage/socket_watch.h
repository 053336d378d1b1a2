#ifndef IDEA_COMMON_STORAGE_SOCKET_WATCH_H_
#define IDEA_COMMON_STORAGE_SOCKET_WATCH_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace idea::storage {

// Bounds how long a thread waits for a server's answer. The client library waits without a limit, and a
// server that is stopped or paused (SIGSTOP, a frozen virtual machine) still acknowledges packets: no TCP
// timeout ends that wait. A thread of this class shuts the socket down instead, which makes the library
// return with a broken connection. Thread-safe.
class SocketWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // One connection's socket, watched until the object is destroyed. Destroy it before the socket is closed.
  class Socket {
   public:
    Socket(SocketWatch& watch, int file);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // Between Begin and End the server owes an answer, at the latest after `limit`; zero means no limit.
    void Begin(Clock::duration limit);
    void End() { answer_by_ = kIdle; }
    // Whether the socket was shut down because no answer came.
    bool cut() const { return cut_; }

   private:
    friend SocketWatch;
    static constexpr Clock::rep kIdle = 0;
    SocketWatch& watch_;
    const int file_;
    // As a count since the clock's epoch; kIdle while no answer is due. Lock-free, because it changes with
    // each statement.
    std::atomic<Clock::rep> answer_by_{kIdle};
    std::atomic<bool> cut_{false};
  };

  SocketWatch();
  ~SocketWatch();

  // From `end` on no answer is waited for.
  void EndBy(Clock::time_point end);
  bool ended() const { return Clock::now().time_since_epoch().count() >= end_; }

 private:
  void Loop();
  std::atomic<Clock::rep> end_{Clock::time_point::max().time_since_epoch().count()};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::set<Socket*> sockets_;
  std::thread thread_;
};

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_SOCKET_WATCH_H_
