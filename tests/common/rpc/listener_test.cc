#include "common/rpc/listener.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <mutex>

#include "common/metrics/metrics.h"
#include "common/rpc/wire.h"
#include "google/rpc/error_details.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "tests/common/rpc/other_methods.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

using namespace notification::v1;
using status::Reason;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

constexpr char kService[] = "idea.notification.v1.NotificationService";

// A service whose unary method takes as long as the test wants, and whose stream counts from its resume token
// to `last`.
class Slow {
 public:
  void Bind(Router& router) {
    router.Bind(this, &Slow::ListInbox);
    router.BindInline(this, &Slow::GetTimeline);
    router.BindWatch(this, &Slow::WatchInbox);
    other_methods.Bind(router);
  }
  absl::StatusOr<ListInboxResponse> ListInbox(Call&, const ListInboxRequest&) {
    ++begun;
    end.wait();
    return ListInboxResponse();
  }
  absl::Status GetTimeline(const auth::Caller& caller, const GetTimelineRequest&,
                           GetTimelineResponse& response) {
    response.add_items()->set_resume_token(caller.entity + std::string(padding, 'x'));
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<WatchInboxResponse>> WatchInbox(Call& call, const WatchInboxRequest& request,
                                                             std::string& token) {
    if (token.empty()) token = request.resume_token().empty() ? "0" : request.resume_token();
    std::vector<WatchInboxResponse> next;
    while (std::stoi(token) < last) {
      token = std::to_string(std::stoi(token) + 1);
      next.emplace_back().mutable_item()->set_resume_token(token);
    }
    if (ends) call.EndStream();
    return next;
  }

  testing::OtherMethods other_methods;
  std::atomic<int> last{3};
  std::atomic<size_t> padding{0};
  std::atomic<bool> ends{false};
  std::atomic<int> begun{0};
  std::promise<void> may_end;
  std::shared_future<void> end = may_end.get_future().share();
};

class NobodyHasARole : public auth::Directory {
 public:
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    return auth::Person();
  }
};

class AListener : public ::testing::Test {
 protected:
  void Start(int workers, size_t queue) { Start(workers, {.workers = {.queue = queue}}); }
  void Start(int workers, ServerState::Limits limits) {
    limits.refused = [this](const std::string& limit) { metrics_.CountLimitRefusal(limit); };
    slow_.Bind(router_);
    listener_ = std::make_unique<Listener>(authenticator_, workers, limits);
    ASSERT_THAT(listener_->Add(router_, pipeline_), IsOk());
    ASSERT_THAT(listener_->Start("127.0.0.1:0", testing::FilesOf("suite")), IsOk());
    peer_ = std::make_unique<Peer>("slow", listener_->address(), testing::FilesOf(testing::kDepartment));
  }

  // Whether only this limit has refused this number of calls.
  void ExpectRefusals(const std::string& limit, int count) {
    const std::string text = metrics_.Text(), name = "idea_limit_refusals_total";
    EXPECT_NE(text.find(name + "{limit=\"" + limit + "\"} " + std::to_string(count) + "\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.rfind(name + "{"), text.find(name + "{"));
  }

  static HealthReport HealthOf(Peer& peer, const std::string& service) {
    const auto health = peer.CheckHealth(NewContext(std::chrono::seconds(20)), service);
    EXPECT_THAT(health, IsOk());
    return health.value_or(HealthReport());
  }

  std::future<absl::Status> List() {
    return std::async(std::launch::async, [this] {
      ListInboxRequest request;
      request.set_parent(testing::kDepartment);
      ListInboxResponse response;
      return peer_->Send(NewContext(std::chrono::seconds(20)), request, &response);
    });
  }
  // Reads a stream from `token` until it ends or `go_on` returns false. Records the tokens.
  absl::Status Watch(
      const std::string& token, std::vector<std::string>& came,
      const std::function<bool()>& go_on = [] { return true; }) {
    WatchInboxRequest request;
    request.set_parent(testing::kDepartment);
    request.set_resume_token(token);
    WatchInboxResponse scratch;
    return peer_->Stream(
        NewContext(std::chrono::seconds(20)), request, &scratch,
        [&](const google::protobuf::Message& message) {
          came.push_back(static_cast<const WatchInboxResponse&>(message).item().resume_token());
          return go_on();
        });
  }

  clock::SystemClock clock_;
  auth::Authenticator authenticator_{{"idea.local", testing::kCdo, testing::kGovernor, "", "", ""}, clock_};
  NobodyHasARole directory_;
  std::unique_ptr<storage::Database> database_ = testing::Fresh("memory");
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  Slow slow_;
  Router router_;
  Pipeline pipeline_{{"slow", authenticator_, directory_, *database_, notifier_, metrics_, clock_}};
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Peer> peer_;
};

TEST_F(AListener, SendsRetryInfoIfTheQueueIsFull) {
  Start(1, 1);
  std::vector<std::future<absl::Status>> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(List());
  // One is running and one is waiting; the other two are answered while nothing moves.
  const auto answered = [&] {
    return std::count_if(calls.begin(), calls.end(), [](const std::future<absl::Status>& call) {
      return call.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
  };
  EXPECT_TRUE(testing::Eventually([&] { return slow_.begun == 1 && answered() >= 2; }));
  slow_.may_end.set_value();
  int refused = 0;
  for (auto& call : calls) {
    const absl::Status status = call.get();
    if (status.ok()) continue;
    ++refused;
    EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_OVERLOADED));
    const google::rpc::Status wire = status::ToWire(status);
    EXPECT_TRUE(std::any_of(wire.details().begin(), wire.details().end(),
                            [](const auto& detail) { return detail.template Is<google::rpc::RetryInfo>(); }));
  }
  EXPECT_GE(refused, 2);
  ExpectRefusals("queue", refused);
}

TEST_F(AListener, AnswersFromMemoryWhileEveryWorkerIsBusy) {
  Start(1, 1);
  std::future<absl::Status> busy = List();
  EXPECT_TRUE(testing::Eventually([&] { return slow_.begun == 1; }));
  std::future<absl::Status> waiting = List();
  GetTimelineRequest request;
  request.set_bucp("bucps/1");
  const auto answer = peer_->Send<GetTimelineResponse>(NewContext(std::chrono::seconds(20)), request);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->items(0).resume_token(), testing::kDepartment);
  const auto echo =
      testing::Exchange(testing::ChannelTo(listener_->address(), testing::FilesOf(testing::kDepartment)),
                        std::string("/") + kService + "/GetTimeline", "\xff");
  EXPECT_THAT(FromGrpc(echo.status), FailsWith(Reason::ERROR_REASON_MALFORMED_MESSAGE));
  slow_.may_end.set_value();
  busy.wait();
  waiting.wait();
}

// Peers and ideactl read more than the 4 MiB of a default client.
TEST_F(AListener, GivesAPeerAnAnswerOfTenMebibytes) {
  Start(1, 1);
  slow_.padding = size_t{10} << 20;
  GetTimelineRequest request;
  request.set_bucp("bucps/1");
  const auto answer = peer_->Send<GetTimelineResponse>(NewContext(std::chrono::seconds(20)), request);
  ASSERT_THAT(answer, IsOk());
  EXPECT_GT(answer->ByteSizeLong(), slow_.padding);
}

TEST_F(AListener, SaysOfHealthWhatTheServiceSays) {
  Start(1, 1);
  const auto serving = [&] {
    const auto echo =
        testing::Exchange(testing::ChannelTo(listener_->address(), testing::FilesOf(testing::kDepartment)),
                          "/grpc.health.v1.Health/Check", testing::HealthRequest(kService));
    return echo.messages.size() == 1 && testing::IsServing(echo.messages[0]);
  };
  EXPECT_TRUE(serving());
  listener_->SetNotServing(kService, "the index");
  EXPECT_FALSE(serving());
  listener_->SetNotServing(kService, "");
  EXPECT_TRUE(serving());
  listener_->Stop(std::chrono::seconds(1));
  listener_->SetNotServing(kService, "");
}

TEST_F(AListener, DescribesTheLogOfItsServiceToOtherServicesAlone) {
  Start(1, 1);
  Peer service("inbox", listener_->address(), testing::FilesOf("review"));
  EXPECT_EQ(HealthOf(service, kService).log_history, "") << "nobody has said";
  std::atomic<int> position = 1;
  listener_->SetLogHistory(kService,
                           [&] { return absl::StatusOr<std::string>("b." + std::to_string(position++)); });
  EXPECT_EQ(HealthOf(service, kService).log_history, "b.1");
  EXPECT_EQ(HealthOf(service, kService).log_history, "b.2") << "each check reads it";
  EXPECT_EQ(HealthOf(*peer_, kService).log_history, "") << "a department";
  EXPECT_EQ(position, 3);
  listener_->SetLogHistory(kService, [] { return absl::StatusOr<std::string>(absl::InternalError("?")); });
  EXPECT_EQ(HealthOf(service, kService).log_history, "");
  EXPECT_TRUE(HealthOf(service, kService).serving);
}

TEST_F(AListener, SaysWhatItWasBuiltFrom) {
  Start(1, 1);
  EXPECT_EQ(HealthOf(*peer_, "").version, "") << "an earlier release";
  listener_->SetVersion("1.2.3 (commit abc)");
  EXPECT_EQ(HealthOf(*peer_, "").version, "1.2.3 (commit abc)");
}

TEST_F(AListener, SaysWhyItIsNotServing) {
  Start(1, 1);
  EXPECT_TRUE(HealthOf(*peer_, kService).serving);
  EXPECT_EQ(HealthOf(*peer_, kService).not_serving, "");
  listener_->SetNotServing(kService, "the index");
  EXPECT_FALSE(HealthOf(*peer_, kService).serving);
  EXPECT_EQ(HealthOf(*peer_, kService).not_serving, "the index");
  EXPECT_EQ(HealthOf(*peer_, "").not_serving, "") << "the server as a whole serves";
  listener_->SetNotReady("database of registry, workers");
  EXPECT_EQ(HealthOf(*peer_, kService).not_serving, "database of registry, workers");
  EXPECT_EQ(HealthOf(*peer_, "").not_serving, "database of registry, workers");
  EXPECT_TRUE(HealthOf(*peer_, "liveness").serving);
  EXPECT_EQ(HealthOf(*peer_, "liveness").not_serving, "");
  listener_->SetNotReady("");
  EXPECT_EQ(HealthOf(*peer_, kService).not_serving, "the index");
  listener_->HoldCalls();
  EXPECT_EQ(HealthOf(*peer_, "").not_serving, "the server is starting");
  listener_->AdmitCalls();
  EXPECT_TRUE(HealthOf(*peer_, "").serving);
}

TEST_F(AListener, GivesTheNumberOfDeadLettersToTheCallerThatMayListThemAlone) {
  Start(1, 1);
  Peer cdo("slow", listener_->address(), testing::FilesOf(testing::kCdo));
  EXPECT_EQ(HealthOf(cdo, kService).dead_letters, "") << "nobody has said";
  listener_->SetDeadLetters(kService, 2);
  listener_->SetDeadLetters("idea.review.v1.ReviewService", 3);
  EXPECT_EQ(HealthOf(cdo, kService).dead_letters, "2");
  EXPECT_EQ(HealthOf(cdo, "").dead_letters, "5") << "the sum";
  EXPECT_TRUE(HealthOf(cdo, "").serving);
  EXPECT_EQ(HealthOf(cdo, "liveness").dead_letters, "");
  listener_->SetDeadLetters(kService, 0);
  EXPECT_EQ(HealthOf(cdo, kService).dead_letters, "0");
  for (const char* other : {testing::kDepartment, testing::kGovernor, "review"}) {
    Peer peer("slow", listener_->address(), testing::FilesOf(other));
    EXPECT_EQ(HealthOf(peer, "").dead_letters, "") << other;
    EXPECT_EQ(HealthOf(peer, kService).dead_letters, "") << other;
  }
}

TEST_F(AListener, LetsACallUnderWayFinishWhenItStopsAndTakesNoOther) {
  Start(2, 10);
  std::promise<bool> healthy;
  std::future<std::vector<bool>> health = std::async(std::launch::async, [&] {
    std::vector<bool> serving;
    testing::Exchange(testing::ChannelTo(listener_->address(), testing::FilesOf(testing::kDepartment)),
                      "/grpc.health.v1.Health/Watch", testing::HealthRequest(kService),
                      [&](const std::string& bytes) {
                        serving.push_back(testing::IsServing(bytes));
                        if (serving.size() == 1) healthy.set_value(serving[0]);
                        return serving.back();
                      });
    return serving;
  });
  EXPECT_TRUE(healthy.get_future().get());
  std::future<absl::Status> call = List();
  EXPECT_TRUE(testing::Eventually([&] { return slow_.begun == 1; }));
  std::thread stopping([this] { listener_->Stop(std::chrono::seconds(20)); });
  EXPECT_THAT(health.get(), ElementsAre(true, false)) << "health turns first";
  slow_.may_end.set_value();
  EXPECT_THAT(call.get(), IsOk());
  stopping.join();
  EXPECT_THAT(List().get(), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_F(AListener, EndsItsStreamsAsShuttingDownWhenItStops) {
  Start(2, 10);
  std::vector<std::string> came;
  std::thread stopping;
  const absl::Status ended = Watch("", came, [&] {
    if (came.size() == 3) stopping = std::thread([this] { listener_->Stop(std::chrono::seconds(20)); });
    return true;
  });
  if (stopping.joinable()) stopping.join();
  EXPECT_THAT(ended, FailsWith(Reason::ERROR_REASON_SHUTTING_DOWN));
  EXPECT_THAT(came, ElementsAre("1", "2", "3"));
}

TEST_F(AListener, ResumesAStreamAfterItsToken) {
  Start(2, 10);
  std::vector<std::string> came;
  EXPECT_THAT(Watch("2", came, [] { return false; }), IsOk());
  EXPECT_THAT(came, ElementsAre("3"));
}

TEST_F(AListener, EndsAStreamAfterTheLastMessage) {
  Start(2, 10);
  slow_.ends = true;
  std::vector<std::string> came;
  EXPECT_THAT(Watch("", came), IsOk());
  EXPECT_THAT(came, ElementsAre("1", "2", "3"));
  came.clear();
  EXPECT_THAT(Watch("3", came), IsOk()) << "without a message";
  EXPECT_THAT(came, ElementsAre());
}

TEST_F(AListener, WakesAStreamForNews) {
  Start(2, 10);
  std::vector<std::string> came;
  EXPECT_THAT(Watch("", came,
                    [&] {
                      if (came.size() == 3) {
                        slow_.last = 4;
                        notifier_.Notify();
                      }
                      return came.size() < 4;
                    }),
              IsOk());
  EXPECT_THAT(came, ElementsAre("1", "2", "3", "4"));
}

TEST_F(AListener, ServesManyMoreStreamsThanItHasWorkers) {
  Start(1, 100);
  std::vector<std::future<size_t>> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(std::async(std::launch::async, [this] {
      std::vector<std::string> came;
      EXPECT_THAT(Watch("", came, [&] { return came.size() < 4; }), IsOk());
      return came.size();
    }));
  }
  slow_.last = 4;
  notifier_.Notify();
  for (auto& stream : streams) EXPECT_EQ(stream.get(), 4u);
}

TEST_F(AListener, EndsACallWhoseMessageDoesNotArrive) {
  Start(1, {.reads = {.message = std::chrono::milliseconds(100), .slow = std::chrono::milliseconds(50)}});
  const auto channel = testing::ChannelTo(listener_->address(), testing::FilesOf(testing::kDepartment));
  for (const std::string method : {"ListInbox", "GetTimeline", "WatchInbox"}) {
    const auto status = testing::BeginOnly(channel, std::string("/") + kService + "/" + method);
    EXPECT_THAT(FromGrpc(status), FailsWith(Reason::ERROR_REASON_MESSAGE_OVERDUE)) << method;
    EXPECT_EQ(status::MetadataOf(FromGrpc(status), "limit"), "message_time");
  }
  ExpectRefusals("message_time", 3);
}

TEST_F(AListener, RefusesAWatchAboveTheCallersShare) {
  Start(1, {.callers = {.watches = 1}});
  std::vector<std::string> came;
  EXPECT_THAT(Watch("", came,
                    [&] {
                      std::vector<std::string> none;
                      if (came.size() == 1) {
                        EXPECT_THAT(Watch("", none), FailsWith(Reason::ERROR_REASON_OVERLOADED));
                      }
                      return came.size() < 3;
                    }),
              IsOk());
  ExpectRefusals("watches", 1);
}

TEST_F(AListener, ClosesTheOldestConnectionThatProvedNothingForANewOne) {
  Start(1, {.connections = {.unproven = 2}});
  peer_->Send<GetTimelineResponse>(NewContext(std::chrono::seconds(20)), GetTimelineRequest()).IgnoreError();
  std::vector<int> idle;
  for (int i = 0; i < 4; ++i) idle.push_back(testing::ConnectTo(listener_->address()));
  // The server sends nothing before a handshake, so the first read is the end.
  const auto ended = [](int socket) {
    char byte = 0;
    return recv(socket, &byte, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  };
  EXPECT_TRUE(testing::Eventually([&] { return ended(idle[0]) && ended(idle[1]); }));
  EXPECT_FALSE(ended(idle[3]));
  GetTimelineRequest request;
  request.set_bucp("bucps/1");
  EXPECT_THAT(peer_->Send<GetTimelineResponse>(NewContext(std::chrono::seconds(20)), request), IsOk());
  for (const int socket : idle) close(socket);
}

TEST_F(AListener, SaysWhyItCannotStart) {
  Start(1, 1);
  Listener second(authenticator_, 1, 1);
  EXPECT_TRUE(absl::IsUnavailable(second.Start(listener_->address(), testing::FilesOf("suite"))))
      << "port in use";
  Listener third(authenticator_, 1, 1);
  const absl::Status missing = third.Start("127.0.0.1:0", testing::FilesOf("nobody"));
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
}

}  // namespace
}  // namespace idea::rpc
