#include "common/log/thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace idea::log {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(AThread, GoesOnAfterAnException) {
  std::atomic<int> runs = 0;
  StartThread("planted", [&] {
    if (++runs == 1) throw std::runtime_error("planted failure");
    if (runs == 2) throw 7;  // NOLINT(hicpp-exception-baseclass): a library may throw anything.
  }).join();
  EXPECT_EQ(runs, 3);
}

TEST(AThread, NamesItselfAndTheExceptionInTheLog) {
  ::testing::internal::CaptureStderr();
  bool thrown = false;
  StartThread("planted", [&] {
    if (!std::exchange(thrown, true)) throw std::runtime_error("planted failure");
  }).join();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr(R"("level":"error")"), HasSubstr(R"("thread":"planted")"),
                    HasSubstr("planted failure")));
}

TEST(AThread, EndsWithItsWork) {
  int runs = 0;
  StartThread("planted", [&] { ++runs; }).join();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace idea::log
