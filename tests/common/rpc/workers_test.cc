#include "common/rpc/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace idea::rpc {
namespace {

TEST(Workers, RunWhatIsSubmittedInItsOrder) {
  std::vector<int> ran;
  {
    Workers workers(1, {.queue = 400});
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(workers.Submit("a", 0, [&ran, i] { ran.push_back(i); }));
  }
  ASSERT_EQ(ran.size(), 50u) << "what is queued runs before the end";
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST(Workers, RefuseWhatTheQueueCannotHoldAndAcceptAgainLater) {
  std::promise<void> busy;
  std::promise<void> may_end;
  std::promise<void> drained;
  std::atomic<int> ran{0};
  Workers workers(1, {.queue = 8});
  ASSERT_TRUE(workers.Submit("a", 0, [&] {
    busy.set_value();
    may_end.get_future().wait();
  }));
  busy.get_future().wait();
  EXPECT_TRUE(workers.Submit("a", 0, [&] { ++ran; }));
  EXPECT_TRUE(workers.Submit("a", 0, [&] {
    ++ran;
    drained.set_value();
  }));
  EXPECT_FALSE(workers.Submit("a", 0, [&] { ++ran; })) << "one at work, two waiting";
  const Workers::Load load = workers.load();
  EXPECT_EQ(load.running, 1U);
  EXPECT_EQ(load.waiting, 2U);
  EXPECT_EQ(load.threads, 1U);
  EXPECT_EQ(load.queue, 8U);
  may_end.set_value();
  drained.get_future().wait();
  EXPECT_EQ(ran, 2) << "refused work is not run";
  EXPECT_TRUE(workers.Submit("a", 0, [] {}));
}

TEST(Workers, WorkAtTheSameTime) {
  std::promise<void> met;
  std::shared_future<void> meeting = met.get_future().share();
  Workers workers(2, {.queue = 40});
  std::promise<void> done;
  ASSERT_TRUE(workers.Submit("a", 0, [&] {
    meeting.wait();
    done.set_value();
  }));
  ASSERT_TRUE(workers.Submit("a", 0, [&] { met.set_value(); }));
  done.get_future().wait();
}

TEST(Workers, StartAThreadOnlyWhereNoneIsIdle) {
  std::promise<void> go;
  std::shared_future<void> started = go.get_future().share();
  Workers workers(3, {.queue = 100});
  EXPECT_EQ(workers.threads(), 0u);
  for (int i = 0; i < 10; ++i) {
    std::promise<void> done;
    // The thread may not be back yet when the next call comes.
    ASSERT_TRUE(workers.Submit("a", 0, [&] { done.set_value(); }));
    done.get_future().wait();
    EXPECT_LE(workers.threads(), 2u);
  }
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(workers.Submit("a", 0, [started] { started.wait(); }));
  EXPECT_EQ(workers.threads(), 3u) << "as many as there may be";
  go.set_value();
}

TEST(Workers, GoOnAfterWorkThatThrows) {
  std::promise<void> done;
  Workers workers(1, {.queue = 100});
  ASSERT_TRUE(workers.Submit("a", 0, [] { throw std::runtime_error("broken"); }));
  ASSERT_TRUE(workers.Submit("a", 0, [&] { done.set_value(); }));
  done.get_future().wait();
  EXPECT_EQ(workers.threads(), 1u);
}

// One worker, kept busy until `go`.
class BusyWorkers {
 public:
  explicit BusyWorkers(Workers::Limits limits) : workers(1, limits) {
    std::promise<void> busy;
    EXPECT_TRUE(workers.Submit("first", 0, [&] {
      busy.set_value();
      go.get_future().wait();
    }));
    busy.get_future().wait();
  }
  bool Submit(const std::string& caller, size_t bytes = 0) {
    return workers.Submit(caller, bytes, [this, caller] { ran.push_back(caller); });
  }
  std::vector<std::string> ran;
  std::promise<void> go;
  Workers workers;
};

TEST(Workers, LetCallersTakeTurns) {
  BusyWorkers busy({.queue = 100});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(busy.Submit("many"));
  ASSERT_TRUE(busy.Submit("one"));
  std::promise<void> last;
  ASSERT_TRUE(busy.workers.Submit("many", 0, [&] { last.set_value(); }));
  busy.go.set_value();
  last.get_future().wait();
  EXPECT_THAT(busy.ran, ::testing::ElementsAre("many", "one", "many", "many"));
}

TEST(Workers, GiveACallerAQuarterOfTheQueueAndOfItsBytes) {
  BusyWorkers busy({.queue = 8, .bytes = 400});
  EXPECT_TRUE(busy.Submit("a"));
  EXPECT_TRUE(busy.Submit("a"));
  EXPECT_FALSE(busy.Submit("a")) << "two of eight places";
  EXPECT_TRUE(busy.Submit("b", 200)) << "one may be larger than the share";
  EXPECT_FALSE(busy.Submit("b", 1));
  EXPECT_TRUE(busy.Submit("c", 100));
  EXPECT_FALSE(busy.Submit("d", 101)) << "all bytes are taken";
  EXPECT_TRUE(busy.Submit("d", 100));
  busy.go.set_value();
}

}  // namespace
}  // namespace idea::rpc
