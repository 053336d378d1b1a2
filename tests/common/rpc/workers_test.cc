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
    Workers workers(1, 100);
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(workers.Submit([&ran, i] { ran.push_back(i); }));
  }
  ASSERT_EQ(ran.size(), 50u) << "what is queued runs before the end";
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST(Workers, RefuseWhatTheQueueCannotHoldAndAcceptAgainLater) {
  std::promise<void> busy;
  std::promise<void> may_end;
  std::promise<void> drained;
  std::atomic<int> ran{0};
  Workers workers(1, 2);
  ASSERT_TRUE(workers.Submit([&] {
    busy.set_value();
    may_end.get_future().wait();
  }));
  busy.get_future().wait();
  EXPECT_TRUE(workers.Submit([&] { ++ran; }));
  EXPECT_TRUE(workers.Submit([&] {
    ++ran;
    drained.set_value();
  }));
  EXPECT_FALSE(workers.Submit([&] { ++ran; })) << "one at work, two waiting";
  may_end.set_value();
  drained.get_future().wait();
  EXPECT_EQ(ran, 2) << "what was refused is not run";
  EXPECT_TRUE(workers.Submit([] {}));
}

TEST(Workers, WorkAtTheSameTime) {
  std::promise<void> met;
  std::shared_future<void> meeting = met.get_future().share();
  Workers workers(2, 10);
  std::promise<void> done;
  ASSERT_TRUE(workers.Submit([&] {
    meeting.wait();
    done.set_value();
  }));
  ASSERT_TRUE(workers.Submit([&] { met.set_value(); }));
  done.get_future().wait();
}

}  // namespace
}  // namespace idea::rpc
