#include "common/server/readiness.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <string>

#include "tests/support/eventually.h"

namespace idea::server {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;

constexpr Readiness::Settings kQuick = {milliseconds(5), milliseconds(50)};

class AProcess : public ::testing::Test {
 protected:
  std::atomic<bool> ready_ = true;
  metrics::Metrics metrics_;
  // The checks that fail, as they were reported.
  std::string Failing() {
    const std::lock_guard lock(mutex_);
    return failing_;
  }
  Readiness readiness_{[this](const std::string& checks) {
                         const std::lock_guard lock(mutex_);
                         failing_ = checks;
                         ready_ = checks.empty();
                       },
                       metrics_, kQuick};
  std::mutex mutex_;
  std::string failing_;
};

TEST_F(AProcess, IsReadyWhileEveryCheckPasses) {
  std::atomic<bool> database = true;
  std::atomic<int> other = 0;
  readiness_.Add("database", [&] { return database ? absl::OkStatus() : absl::UnavailableError("away"); });
  readiness_.Add("other", [&] {
    ++other;
    return absl::OkStatus();
  });
  readiness_.Start();
  ASSERT_TRUE(Eventually([&] { return other > 20; }));
  EXPECT_TRUE(ready_);
  EXPECT_TRUE(readiness_.Failing().empty());
  database = false;
  EXPECT_TRUE(Eventually([&] { return !ready_; }));
  EXPECT_EQ(Failing(), "database");
  EXPECT_EQ(readiness_.Failing(), std::vector<std::string>{"database"});
  database = true;
  EXPECT_TRUE(Eventually([&] { return ready_.load(); }));
  EXPECT_TRUE(readiness_.Failing().empty());
}

TEST_F(AProcess, IsNotReadyWhileACheckHangs) {
  std::promise<void> answer;
  std::atomic<bool> hangs = true;
  readiness_.Add("database", [&, answered = answer.get_future().share()] {
    if (hangs) answered.wait();
    return absl::OkStatus();
  });
  readiness_.Start();
  EXPECT_TRUE(Eventually([&] { return !ready_; }));
  hangs = false;
  answer.set_value();
  EXPECT_TRUE(Eventually([&] { return ready_.load(); }));
}

TEST_F(AProcess, IsNotReadyAgainAfterOneOfSeveralSuccesses) {
  std::atomic<int> runs = 0;
  // After its first failures every second run succeeds.
  readiness_.Add("database", [&] {
    return ++runs > 40 && runs % 2 == 0 ? absl::OkStatus() : absl::UnavailableError("away");
  });
  readiness_.Start();
  ASSERT_TRUE(Eventually([&] { return !ready_; }));
  ASSERT_TRUE(Eventually([&] { return runs > 80; }));
  EXPECT_FALSE(ready_);
}

}  // namespace
}  // namespace idea::server
