// Connections and streams that live for months: what keeps them open and what ends them.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/connection_settings.h"
#include "common/rpc/peer.h"
#include "common/rpc/wire.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "idea/review/v1/review.pb.h"
#include "tests/common/rpc/inbox_server.h"
#include "tests/support/eventually.h"
#include "tests/support/services.h"
#include "tests/support/tcp_proxy.h"

namespace idea::rpc {
namespace {

using notification::v1::GetTimelineRequest;
using notification::v1::WatchInboxRequest;
using notification::v1::WatchInboxResponse;
using std::chrono::milliseconds;
using testing::InboxServer;
using testing::IsOk;
using testing::TcpProxy;

constexpr char kWatch[] = "/idea.notification.v1.NotificationService/WatchInbox";
constexpr char kTimeline[] = "/idea.notification.v1.NotificationService/GetTimeline";

std::string TimelineRequest() {
  GetTimelineRequest request;
  request.set_bucp("bucps/1");
  return request.SerializeAsString();
}

// Watches the inbox over the channel from `token` until `go_on` returns false or the stream ends.
grpc::Status Watch(const std::shared_ptr<grpc::Channel>& channel, const std::string& token,
                   const std::function<bool(const WatchInboxResponse&)>& go_on) {
  WatchInboxRequest request;
  request.set_parent(testing::kDepartment);
  request.set_resume_token(token);
  return testing::Exchange(channel, kWatch, request.SerializeAsString(),
                           [&](const std::string& bytes) {
                             WatchInboxResponse message;
                             EXPECT_TRUE(message.ParseFromString(bytes));
                             return go_on(message);
                           })
      .status;
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  return testing::ChannelTo(address, testing::FilesOf(testing::kDepartment));
}

// A channel that pings at this interval, with or without calls.
std::shared_ptr<grpc::Channel> PingingChannelTo(const std::string& address, milliseconds interval) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(WatchFiles(testing::FilesOf(testing::kDepartment)));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(interval.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return grpc::CreateCustomChannel(address, grpc::experimental::TlsCredentials(options), arguments);
}

TEST(AnIdleWatch, OutlivesABalancerThatDropsIdleConnections) {
  ConnectionSettings settings;
  settings.keepalive_time = milliseconds(100);
  settings.heartbeat = std::chrono::hours(1);
  InboxServer server(settings);
  TcpProxy proxy(server.address(), milliseconds(1500));
  std::promise<void> open;
  std::vector<std::string> came;
  auto watch = std::async(std::launch::async, [&] {
    return Watch(ChannelTo(proxy.address()), "", [&](const WatchInboxResponse& message) {
      came.push_back(message.resume_token());
      if (came.size() == 1) open.set_value();
      return came.size() < 2;
    });
  });
  server.Add();
  open.get_future().wait();
  // Only pings of the server are sent, for twice the time after which an idle connection is dropped.
  const auto idle_since = std::chrono::steady_clock::now();
  EXPECT_TRUE(testing::Eventually([&] {
    return std::chrono::steady_clock::now() - idle_since > milliseconds(3500) || proxy.dropped > 0;
  }));
  server.Add();
  watch.wait();
  EXPECT_EQ(proxy.dropped, 0);
  EXPECT_THAT(came, ::testing::ElementsAre("1", "2"));
}

TEST(AStoppedWatcher, IsReleased) {
  ConnectionSettings settings;
  settings.keepalive_time = settings.keepalive_timeout = milliseconds(200);
  InboxServer server(settings);
  auto proxy = std::make_unique<TcpProxy>(server.address());
  Peer peer("inbox", proxy->address(), testing::FilesOf(testing::kDepartment));
  // Without a deadline, only the server can detect that the client does not read.
  std::thread watcher([&] {
    WatchInboxRequest request;
    request.set_parent(testing::kDepartment);
    WatchInboxResponse scratch;
    const auto status = peer.Stream({"1", "", std::chrono::steady_clock::time_point::max()}, request,
                                    &scratch, [&](const google::protobuf::Message&) {
                                      proxy->Freeze();
                                      return true;
                                    });
    EXPECT_THAT(status, testing::FailsWith(status::Reason::ERROR_REASON_PEER_UNAVAILABLE));
  });
  server.Add();
  EXPECT_TRUE(testing::Eventually([&] {
    return server.metrics().find(R"({method="WatchInbox",reason="CANCELLED",service="inbox"} 1)") !=
           std::string::npos;
  })) << server.metrics();
  proxy.reset();
  watcher.join();
}

TEST(TheDefaults, ReleaseAStoppedWatcherWithinTwoMinutesAndSendAHeartbeatEveryMinute) {
  const ConnectionSettings settings;
  EXPECT_LE(settings.keepalive_time + settings.keepalive_timeout, std::chrono::minutes(2));
  EXPECT_LT(settings.heartbeat, std::chrono::minutes(1));
  // A tenth more or less: gRPC's jitter.
  EXPECT_GE(settings.max_age * 9 / 10, std::chrono::minutes(15));
  EXPECT_LE(settings.max_age * 11 / 10, std::chrono::minutes(30));
  EXPECT_LT(settings.min_client_ping, std::chrono::seconds(10));
}

TEST(AnIdleWatch, GetsHeartbeatsThatResume) {
  ConnectionSettings settings;
  settings.heartbeat = milliseconds(100);
  InboxServer server(settings);
  server.Add();
  std::vector<WatchInboxResponse> came;
  Watch(ChannelTo(server.address()), "", [&](const WatchInboxResponse& message) {
    came.push_back(message);
    return came.size() < 3;
  });
  ASSERT_EQ(came.size(), 3u);
  EXPECT_FALSE(came[0].heartbeat());
  for (int i : {1, 2}) {
    EXPECT_TRUE(came[i].heartbeat());
    EXPECT_FALSE(came[i].item().has_event());
    EXPECT_EQ(came[i].resume_token(), "1");
    EXPECT_EQ(came[i].item().resume_token(), "1") << "where clients of an earlier release look";
  }
  server.Add();
  std::string next;
  Watch(ChannelTo(server.address()), came[2].resume_token(), [&](const WatchInboxResponse& message) {
    next = message.resume_token();
    return false;
  });
  EXPECT_EQ(next, "2");
}

TEST(EveryWatch, HasAHeartbeat) {
  for (const auto* service : testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (!method->server_streaming() || !method->name().starts_with("Watch")) continue;
      for (const char* field : {"heartbeat", "resume_token"})
        EXPECT_NE(method->output_type()->FindFieldByName(field), nullptr) << method->full_name();
    }
  }
}

// Reads a stream until its first heartbeat.
template <class Response, class Request>
Response HeartbeatOf(testing::SuiteServer& suite, const Request& request) {
  Response message;
  EXPECT_THAT(suite.Of(testing::kDepartment)
                  .Stream(NewContext(std::chrono::seconds(20)), request, &message,
                          [&](const google::protobuf::Message&) { return !message.heartbeat(); }),
              IsOk());
  return message;
}

// A stream that begins without messages, and one that resumes at its heartbeat.
template <class Response, class Request>
void ExpectHeartbeatsThatResume(testing::SuiteServer& suite, Request request) {
  const Response first = HeartbeatOf<Response>(suite, request);
  EXPECT_TRUE(first.heartbeat());
  EXPECT_NE(first.resume_token(), "");
  request.set_resume_token(first.resume_token());
  EXPECT_EQ(HeartbeatOf<Response>(suite, request).resume_token(), first.resume_token());
}

TEST(TheSuite, SendsHeartbeatsInItsWatches) {
  testing::SuiteServer suite("sqlite::memory:", {{"IDEA_HEARTBEAT_SECONDS", "1"}});
  WatchInboxRequest inbox;
  inbox.set_parent(testing::kDepartment);
  ExpectHeartbeatsThatResume<WatchInboxResponse>(suite, inbox);
  ExpectHeartbeatsThatResume<review::v1::WatchTasksResponse>(suite, review::v1::WatchTasksRequest());
  ExpectHeartbeatsThatResume<inventory::v1::WatchExchangesResponse>(suite,
                                                                    inventory::v1::WatchExchangesRequest());
}

// The checkpoint in a heartbeat of a stream.
template <class Response, class Request>
std::string CheckpointOf(testing::SuiteServer& suite, const Request& request) {
  Response message;
  EXPECT_THAT(suite.Of(testing::kDepartment)
                  .Stream(NewContext(std::chrono::seconds(60)), request, &message,
                          [&](const google::protobuf::Message&) {
                            return !message.heartbeat() || message.checkpoint().empty();
                          }),
              IsOk());
  return message.checkpoint();
}

TEST(TheSuite, SendsCheckpointsInHeartbeats) {
  testing::SuiteServer suite("sqlite::memory:", {{"IDEA_HEARTBEAT_SECONDS", "1"}});
  WatchInboxRequest inbox;
  inbox.set_parent(testing::kDepartment);
  const std::string note = CheckpointOf<WatchInboxResponse>(suite, inbox);
  EXPECT_THAT(note, ::testing::StartsWith("idea.local/log\n"));
  EXPECT_EQ(
      CheckpointOf<inventory::v1::WatchExchangesResponse>(suite, inventory::v1::WatchExchangesRequest()),
      note);
}

TEST(AnIdleClient, MayPingWithoutCalls) {
  ConnectionSettings settings;
  settings.min_client_ping = milliseconds(40);
  InboxServer server(settings);
  TcpProxy proxy(server.address());
  const auto channel = PingingChannelTo(proxy.address(), milliseconds(50));
  EXPECT_TRUE(testing::Exchange(channel, kTimeline, TimelineRequest()).status.ok());
  const int before = proxy.from_client;
  // gRPC disconnects a client after three pings that it does not allow.
  EXPECT_TRUE(testing::Eventually([&] { return proxy.from_client - before > 5 || proxy.accepted > 1; }));
  EXPECT_TRUE(testing::Exchange(channel, kTimeline, TimelineRequest()).status.ok());
  EXPECT_EQ(proxy.accepted, 1);
}

TEST(AnOldConnection, IsReplacedWithoutAFailedCall) {
  ConnectionSettings settings;
  settings.max_age = milliseconds(200);
  InboxServer server(settings);
  TcpProxy proxy(server.address());
  const auto channel = ChannelTo(proxy.address());
  EXPECT_TRUE(testing::Eventually([&] {
    const grpc::Status status = testing::Exchange(channel, kTimeline, TimelineRequest()).status;
    EXPECT_TRUE(status.ok()) << status.error_message();
    return proxy.accepted >= 4;
  }));
}

}  // namespace
}  // namespace idea::rpc
