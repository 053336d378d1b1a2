#include "common/log/sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace idea::log {
namespace {

constexpr std::chrono::milliseconds kHour{3'600'000};

// A pipe that the test reads.
class ASink : public ::testing::Test {
 protected:
  ASink() { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~ASink() override {
    CloseWriter();
    close(ends_[0]);
  }
  int file() const { return ends_[1]; }
  void CloseWriter() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  // Reads the available bytes. Waits for them up to a minute.
  std::string Read() {
    pollfd ready{ends_[0], POLLIN, 0};
    if (poll(&ready, 1, 60'000) != 1) return "nothing";
    std::string bytes(1 << 20, '\0');
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(0, read(ends_[0], bytes.data(), bytes.size()))));
    return bytes;
  }
  bool IsEmpty() const {
    pollfd ready{ends_[0], POLLIN, 0};
    return poll(&ready, 1, 0) == 0;
  }

  std::array<int, 2> ends_ = {-1, -1};
};

TEST_F(ASink, WritesSeveralLinesAtOnceAfterAWhile) {
  Sink sink(file(), std::chrono::milliseconds(200));
  sink.Write("one\n", false);
  sink.Write("two\n", false);
  EXPECT_EQ(Read(), "one\ntwo\n");
  sink.Write("three\n", false);
  EXPECT_EQ(Read(), "three\n");
}

TEST_F(ASink, WritesAnUrgentLineAndThoseBeforeItAtOnce) {
  Sink sink(file(), kHour);
  sink.Write("one\n", false);
  EXPECT_TRUE(IsEmpty());
  sink.Write("two\n", true);
  EXPECT_FALSE(IsEmpty());
  EXPECT_EQ(Read(), "one\ntwo\n");
}

TEST_F(ASink, WritesItsBufferWhenItEndsAndAtOnceWhenItIsClosed) {
  {
    Sink sink(file(), kHour);
    sink.Write("one\n", false);
  }
  EXPECT_EQ(Read(), "one\n");
  Sink sink(file(), kHour);
  sink.Write("two\n", false);
  sink.Close();
  EXPECT_EQ(Read(), "two\n");
  sink.Write("three\n", false);
  EXPECT_EQ(Read(), "three\n");
}

TEST_F(ASink, WritesALineThatIsLongerThanAllItsRoom) {
  std::string written;
  std::thread reader([&] {
    for (std::string more = Read(); !more.empty(); more = Read()) written += more;
  });
  const std::string huge = std::string(300'000, 'x') + "\n";
  {
    Sink sink(file(), kHour);
    sink.Write("before\n", false);
    sink.Write(huge, false);
    sink.Write("after\n", false);
  }
  CloseWriter();
  reader.join();
  EXPECT_EQ(written, "before\n" + huge + "after\n");
}

TEST_F(ASink, LosesAndReordersNoLineOfManyThreadsThoughTheReaderIsSlow) {
  ASSERT_EQ(fcntl(file(), F_SETFL, O_NONBLOCK), 0);
  constexpr int kThreads = 4;
  constexpr int kLines = 20'000;
  std::string written;
  std::thread reader([&] {
    for (std::string more = Read(); !more.empty(); more = Read()) written += more;
  });
  {
    Sink sink(file(), std::chrono::milliseconds(1));
    std::vector<std::thread> writers;
    for (int t = 0; t < kThreads; ++t) {
      writers.emplace_back([&sink, t] {
        for (int i = 0; i < kLines; ++i)
          sink.Write(std::to_string(t) + " " + std::to_string(i) + "\n", i % 1000 == 999);
      });
    }
    for (std::thread& writer : writers) writer.join();
  }
  CloseWriter();
  reader.join();
  std::map<int, int> next;
  std::istringstream lines(written);
  for (int t = 0, i = 0; lines >> t >> i;) ASSERT_EQ(i, next[t]++) << "of thread " << t;
  EXPECT_EQ(next, (std::map<int, int>{{0, kLines}, {1, kLines}, {2, kLines}, {3, kLines}}));
}

}  // namespace
}  // namespace idea::log
