#ifndef IDEA_COMMON_STORAGE_SOCKET_WATCH_H_
#define IDEA_COMMON_STORAGE_SOCKET_WATCH_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace idea::storage {

// Bounds how long a thread waits for the answer of a server. The client library waits without a limit, and a
// server that is stopped or paused (SIGSTOP, a frozen virtual machine) still acknowledges packets, so TCP
// timeouts do not end that wait. The thread of this class shuts the socket down instead, and the library
// returns with a broken connection. Thread-safe.
class SocketWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // The socket of a connection, watched until the object is destroyed. Destroy it before the socket is
  // closed.
  class Socket {
   public:
    Socket(SocketWatch& watch, int file);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // Between Begin() and End() an answer is expected within `limit`; zero means no limit.
    void Begin(Clock::duration limit);
    void End() { answer_by_ = kIdle; }
    // Whether the socket was shut down because of a missing answer.
    bool cut() const { return cut_; }

   private:
    friend SocketWatch;
    static constexpr Clock::rep kIdle = 0;
    SocketWatch& watch_;
    const int file_;
    // In units of the clock since its epoch; kIdle while no answer is expected. Lock-free, because it changes
    // with each statement.
    std::atomic<Clock::rep> answer_by_{kIdle};
    std::atomic<bool> cut_{false};
  };

  SocketWatch();
  ~SocketWatch();

  // From `end` on, no thread waits for an answer.
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
