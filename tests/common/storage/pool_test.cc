#include "common/storage/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <optional>
#include <set>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::storage {
namespace {

using testing::IsOk;

// Numbered as they are opened.
struct Connection {
  Connection(int number, std::atomic<int>& alive) : number(number), alive(alive) { ++alive; }
  ~Connection() { --alive; }
  Connection(const Connection&) = delete;
  const int number;
  std::atomic<int>& alive;
};

class APool : public ::testing::Test {
 protected:
  using Connections = Pool<Connection>;

  // Runs while a connection is opened.
  std::function<absl::Status()> meanwhile_ = [] { return absl::OkStatus(); };
  std::atomic<int> opened_ = 0;
  std::atomic<int> alive_ = 0;
  Connections::Opener opener_ = [this]() -> absl::StatusOr<std::unique_ptr<Connection>> {
    const absl::Status status = meanwhile_();
    if (!status.ok()) return status;
    return std::make_unique<Connection>(++opened_, alive_);
  };
};

TEST_F(APool, GivesTheLastOneUsedAgain) {
  Connections pool(3, opener_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ((*pool.Acquire())->number, 1);
  auto first = *pool.Acquire();
  {
    auto second = *pool.Acquire();
    EXPECT_EQ(second->number, 2);
  }
  EXPECT_EQ((*pool.Acquire())->number, 2);
  EXPECT_EQ(opened_, 2);
}

TEST_F(APool, LetsWaitForOneWhereAllAreTaken) {
  Connections pool(1, opener_);
  std::optional<Connections::Lease> held(*pool.Acquire());
  auto waiting = std::async(std::launch::async, [&] { return (*pool.Acquire())->number; });
  held.reset();
  EXPECT_EQ(waiting.get(), 1);
  EXPECT_EQ(opened_, 1);
}

TEST_F(APool, CountsItsConnectionsAndThoseThatWaitForOne) {
  Connections pool(2, opener_);
  EXPECT_EQ(pool.Use().max, 2);
  EXPECT_EQ(pool.Use().used, 0);
  std::optional<Connections::Lease> first(*pool.Acquire());
  std::optional<Connections::Lease> second(*pool.Acquire());
  EXPECT_EQ(pool.Use().used, 2);
  auto third = std::async(std::launch::async, [&] { return (*pool.Acquire())->number; });
  EXPECT_TRUE(testing::Eventually([&] { return pool.Use().waiting == 1; }));
  first.reset();
  third.get();
  EXPECT_EQ(pool.Use().waiting, 0);
  EXPECT_EQ(pool.Use().used, 1);
  EXPECT_EQ(pool.Use().idle, 1);
}

TEST_F(APool, GivesOneThatComesBackToWhoCameWhileAnotherWasOpened) {
  std::promise<void> begun, go_on;
  Connections pool(3, opener_);
  std::optional<Connections::Lease> held(*pool.Acquire());
  meanwhile_ = [&] {
    begun.set_value();
    go_on.get_future().wait();
    return absl::OkStatus();
  };
  auto opening = std::async(std::launch::async, [&] { return (*pool.Acquire())->number; });
  begun.get_future().wait();
  auto waiting = std::async(std::launch::async, [&] { return (*pool.Acquire())->number; });
  held.reset();
  EXPECT_EQ(waiting.get(), 1) << "though the other one still opens";
  go_on.set_value();
  EXPECT_EQ(opening.get(), 2);
}

TEST_F(APool, GivesAllWaitingCallersTheFailureToOpen) {
  constexpr int kCallers = 8;
  std::latch together(kCallers);
  meanwhile_ = [] { return absl::UnavailableError("no server"); };
  Connections pool(2, opener_);
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      together.arrive_and_wait();
      EXPECT_EQ(pool.Acquire().status(), absl::UnavailableError("no server"));
    });
  }
  for (std::thread& caller : callers) caller.join();
  meanwhile_ = [] { return absl::OkStatus(); };
  EXPECT_THAT(pool.Acquire(), IsOk()) << "the places are free again";
}

TEST_F(APool, ClosesTheFreeOnesTooWhenOneIsBroken) {
  Connections pool(2, opener_);
  auto broken = *pool.Acquire();
  { const auto other = *pool.Acquire(); }
  EXPECT_EQ(alive_, 2);
  pool.Drop(broken);
  EXPECT_EQ(alive_, 0);
  EXPECT_EQ((*pool.Acquire())->number, 3);
}

TEST_F(APool, ClosesThoseInUseTooOnceTheyAreReturned) {
  Connections pool(3, opener_);
  auto broken = *pool.Acquire();
  {
    const auto other = *pool.Acquire();
    pool.Drop(broken);
    EXPECT_EQ(alive_, 1) << "it is still in use";
  }
  EXPECT_EQ(alive_, 0);
  auto one = *pool.Acquire();
  auto two = *pool.Acquire();
  EXPECT_EQ(one->number, 3);
  EXPECT_EQ(two->number, 4);
}

TEST_F(APool, GivesAllWaitingCallersTheFailureOfASilentServer) {
  Connections pool(1, opener_);
  auto unanswered = *pool.Acquire();
  auto waiting = std::async(std::launch::async, [&] { return pool.Acquire().status(); });
  // Repeated until the other thread waits. The lease holds the only connection.
  while (waiting.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
    pool.Drop(unanswered, absl::UnavailableError("no answer"));
  EXPECT_EQ(waiting.get(), absl::UnavailableError("no answer"));
  { const auto returned = std::move(unanswered); }
  EXPECT_THAT(pool.Acquire(), IsOk());
}

TEST_F(APool, NeverHasMoreThanItsPlacesAndNeverGivesOneToTwo) {
  std::mutex mutex;
  std::set<int> in_use;
  std::atomic<int> opening = 0;
  meanwhile_ = [&] {
    EXPECT_EQ(++opening, 1) << "one at a time";
    --opening;
    return absl::OkStatus();
  };
  Connections pool(3, opener_);
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&, i] {
      for (int n = 0; n < 500; ++n) {
        auto lease = *pool.Acquire();
        const int number = lease->number;
        {
          const std::lock_guard lock(mutex);
          EXPECT_TRUE(in_use.insert(number).second);
          EXPECT_LE(alive_, 3);
        }
        std::this_thread::yield();
        const std::lock_guard lock(mutex);
        in_use.erase(number);
        if (n % 50 == i) pool.Drop(lease);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_LE(alive_, 3);
}

}  // namespace
}  // namespace idea::storage
