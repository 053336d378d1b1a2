// A server that starts or stops: the fate of calls in progress, in transit, and new.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "common/rpc/peer.h"
#include "common/rpc/wire.h"
#include "google/rpc/error_details.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "tests/common/rpc/inbox_server.h"
#include "tests/support/eventually.h"

namespace idea::rpc {
namespace {

using notification::v1::ListInboxRequest;
using status::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FailsWith;
using testing::InboxServer;

constexpr char kList[] = "/idea.notification.v1.NotificationService/ListInbox";
constexpr char kTimeline[] = "/idea.notification.v1.NotificationService/GetTimeline";
constexpr char kReflection[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

std::string ListRequest() {
  ListInboxRequest request;
  request.set_parent(testing::kDepartment);
  return request.SerializeAsString();
}

std::string TimelineRequest() {
  notification::v1::GetTimelineRequest request;
  request.set_bucp("bucps/1");
  return request.SerializeAsString();
}

grpc::Status CallAs(const std::string& caller, const std::string& address, const std::string& path,
                    const std::string& body) {
  return testing::Exchange(testing::ChannelTo(address, testing::FilesOf(caller)), path, body).status;
}

bool HasRetryInfo(const absl::Status& status) {
  const google::rpc::Status wire = status::ToWire(status);
  return std::any_of(wire.details().begin(), wire.details().end(),
                     [](const auto& detail) { return detail.template Is<google::rpc::RetryInfo>(); });
}

// A server whose ListInbox waits until it may end.
class AStoppingServer : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.stop_grace = seconds(30);
    server_ = std::make_unique<InboxServer>(settings_);
    server_->on_list = [this] {
      may_end_.get_future().wait();
      return absl::OkStatus();
    };
    in_hand_ = std::async(std::launch::async, [this] {
      return CallAs(testing::kDepartment, server_->address(), kList, ListRequest());
    });
    ASSERT_TRUE(testing::Eventually([this] { return server_->lists == 1; }));
    // The grace is half of it.
    stop_ = std::async(std::launch::async, [this] { server_->listener().Stop(seconds(6)); });
  }
  void End() {
    may_end_.set_value();
    EXPECT_TRUE(in_hand_.get().ok()) << "a call in hand finishes";
    stop_.wait();
  }
  // The answer to a new call after the server has begun to stop.
  absl::Status AnswerTo(const std::string& caller, const std::string& path, const std::string& body) {
    grpc::Status status;
    EXPECT_TRUE(testing::Eventually([&] {
      status = CallAs(caller, server_->address(), path, body);
      return !status.ok();
    }));
    return FromGrpc(status);
  }

  ConnectionSettings settings_;
  std::unique_ptr<InboxServer> server_;
  std::promise<void> may_end_;
  std::future<grpc::Status> in_hand_;
  std::future<void> stop_;
};

TEST_F(AStoppingServer, RefusesNewCallsOfEveryKindForAGracePeriod) {
  for (const auto& [path, body] : std::map<std::string, std::string>{
           {kTimeline, TimelineRequest()}, {kList, ListRequest()}, {kReflection, ""}}) {
    const absl::Status refused = AnswerTo(testing::kDepartment, path, body);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_SHUTTING_DOWN)) << path;
    EXPECT_TRUE(absl::IsUnavailable(refused)) << path;
    EXPECT_TRUE(HasRetryInfo(refused)) << path;
  }
  End();
}

// A client with two replicas that has connected again to the one that stops meets it in many of its attempts.
// The last one has to come when only the other replica has an open port: here nobody answers it.
TEST_F(AStoppingServer, DelaysTheLastAttemptOfAClientUntilItsPortIsClosed) {
  EXPECT_FALSE(AnswerTo(testing::kDepartment, kTimeline, TimelineRequest()).ok());
  grpc::ChannelArguments arguments;
  Configure(arguments);
  const auto channel =
      testing::ChannelTo(server_->address(), testing::FilesOf(testing::kDepartment), arguments);
  const absl::Status refused = FromGrpc(testing::CallOnce(channel, kList, ListRequest()));
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_EQ(status::ReasonOf(refused), Reason::ERROR_REASON_UNSPECIFIED) << refused;
  End();
}

TEST(AStartingServer, RefusesCallsOfEveryKindUntilItsDatabaseAnswers) {
  InboxServer server;
  server.listener().HoldCalls();
  const auto serving = [&](const std::string& name) {
    const auto channel = testing::ChannelTo(server.address(), testing::FilesOf(testing::kDepartment));
    const auto echo =
        testing::Exchange(channel, "/grpc.health.v1.Health/Check", testing::HealthRequest(name));
    return echo.messages.size() == 1 && testing::IsServing(echo.messages[0]);
  };
  const std::map<std::string, std::string> calls = {
      {kTimeline, TimelineRequest()}, {kList, ListRequest()}, {kReflection, ""}};
  for (const auto& [path, body] : calls) {
    const absl::Status refused = FromGrpc(CallAs(testing::kDepartment, server.address(), path, body));
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_STORAGE_UNAVAILABLE)) << path;
    EXPECT_TRUE(HasRetryInfo(refused)) << path;
  }
  EXPECT_FALSE(serving(""));
  EXPECT_FALSE(serving("idea.notification.v1.NotificationService"));
  EXPECT_TRUE(serving("liveness"));

  server.listener().AdmitCalls();
  EXPECT_TRUE(serving(""));
  EXPECT_EQ(server.lists, 0);
  EXPECT_TRUE(CallAs(testing::kDepartment, server.address(), kList, ListRequest()).ok());

  server.listener().Stop(milliseconds(0));
  server.listener().AdmitCalls();
}

// Clients with one connection each that call continuously while the server stops, repeatedly.
TEST(Stopping, EndsNoCallAsCancelled) {
  std::mutex mutex;
  std::map<std::string, int> kinds;
  for (int round = 0; round < 10; ++round) {
    ConnectionSettings settings;
    settings.stop_grace = milliseconds(100);
    InboxServer server(settings);
    std::atomic<bool> over{false};
    std::atomic<int> busy{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        const auto channel = testing::ChannelTo(server.address(), testing::FilesOf(testing::kDepartment));
        for (bool first = true; !over; first = false) {
          const absl::Status status =
              FromGrpc(testing::Exchange(channel, kTimeline, TimelineRequest()).status);
          if (first) ++busy;
          const std::string kind = status.ok() || status::ReasonOf(status) != Reason::ERROR_REASON_UNSPECIFIED
                                       ? status::ReasonName(status)
                                       : absl::StatusCodeToString(status.code());
          const std::lock_guard lock(mutex);
          ++kinds[kind];
        }
      });
    }
    EXPECT_TRUE(testing::Eventually([&] { return busy == 8; }));
    server.listener().Stop(seconds(10));
    over = true;
    for (std::thread& client : clients) client.join();
  }
  // UNAVAILABLE without a reason: the port was closed.
  for (const auto& [kind, count] : kinds) {
    EXPECT_TRUE(kind == "OK" || kind == "SHUTTING_DOWN" || kind == "UNAVAILABLE")
        << count << " times " << kind;
  }
  EXPECT_GT(kinds["SHUTTING_DOWN"], 0);
}

}  // namespace
}  // namespace idea::rpc
