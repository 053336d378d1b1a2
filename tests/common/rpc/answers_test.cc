// The content of every answer on the wire, for every reason and every kind of call.
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>

#include "common/rpc/wire.h"
#include "google/rpc/error_details.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "tests/common/rpc/inbox_server.h"
#include "tests/support/eventually.h"

namespace idea::rpc {
namespace {

using google::protobuf::Message;
using status::Reason;
using testing::FailsWith;
using testing::InboxServer;

constexpr char kService[] = "/idea.notification.v1.NotificationService/";

// A client with the defaults of gRPC.
struct Answer {
  absl::Status status;
  google::rpc::Status wire;
  std::map<std::string, std::string> initial;
  std::map<std::string, std::string> trailing;
  int messages = 0;
};

enum class Sends { kMessage, kEndOnly, kNothing };
struct CallSettings {
  Sends sends = Sends::kMessage;
  std::chrono::milliseconds timeout{20'000};
  // Called for each message of a stream, which is read until the server ends it. Null: the call is cancelled
  // after the first message.
  std::function<void()> on_message = nullptr;
};

Answer Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, const std::string& body,
            const std::string& request_id, const CallSettings& settings = {}) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + settings.timeout);
  if (!request_id.empty()) context.AddMetadata("x-request-id", request_id);
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  Answer answer;
  auto stream = stub.PrepareCall(&context, path, &queue);
  stream->StartCall(nullptr);
  bool going = done();
  if (going && settings.sends != Sends::kNothing) {
    if (settings.sends == Sends::kMessage) {
      stream->WriteLast(FromBytes(body), grpc::WriteOptions(), nullptr);
    } else {
      stream->WritesDone(nullptr);
    }
    done();
  }
  grpc::ByteBuffer buffer;
  while (going) {
    stream->Read(&buffer, nullptr);
    going = done();
    if (!going) break;
    ++answer.messages;
    if (settings.on_message != nullptr) {
      settings.on_message();
    } else {
      context.TryCancel();
      going = false;
    }
  }
  grpc::Status status;
  stream->Finish(&status, nullptr);
  done();
  answer.status = FromGrpc(status);
  answer.wire.ParseFromString(status.error_details());
  for (const auto& [key, value] : context.GetServerInitialMetadata())
    answer.initial[{key.data(), key.size()}] = {value.data(), value.size()};
  for (const auto& [key, value] : context.GetServerTrailingMetadata())
    answer.trailing[{key.data(), key.size()}] = {value.data(), value.size()};
  return answer;
}

template <class T>
T DetailOf(const Answer& answer) {
  T found;
  for (const auto& detail : answer.wire.details()) {
    if (detail.Is<T>()) EXPECT_TRUE(detail.UnpackTo(&found));
  }
  return found;
}

std::string ListRequest() {
  notification::v1::ListInboxRequest request;
  request.set_parent(testing::kDepartment);
  return request.SerializeAsString();
}

class AnAnswer : public ::testing::Test {
 protected:
  AnAnswer() {
    server_.on_list = [this] { return refusal_; };
    channel_ = testing::ChannelTo(server_.address(), testing::FilesOf(testing::kDepartment));
  }
  absl::Status refusal_;
  InboxServer server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// The largest refusal of every reason: very long texts and lists, and names that are not UTF-8.
TEST_F(AnAnswer, OfEveryReasonFitsAClientAndHasItsDetails) {
  const std::string text = std::string(600, '\xc3') + std::string(300, 'x');
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<Reason>(reasons->value(i)->number());
    status::Error error(reason, "message " + text);
    for (int n = 0; n < 60; ++n) {
      error.Field("contact.titles[" + std::to_string(n) + "]" + text, "wanted " + text);
      error.Precondition("MISSING", "subject " + text, "description " + text);
    }
    for (int n = 0; n < 20; ++n) error.With("key" + std::to_string(n) + std::string(200, '\xff'), text);
    error.With("a", "short");
    refusal_ = error;
    const Answer answer = Call(channel_, std::string(kService) + "ListInbox", ListRequest(), "id-of-mine");
    ASSERT_THAT(answer.status, FailsWith(reason));
    EXPECT_EQ(status::MetadataOf(answer.status, "a"), "short");
    const auto bad = DetailOf<google::rpc::BadRequest>(answer);
    ASSERT_GT(bad.field_violations_size(), 1);
    EXPECT_EQ(bad.field_violations(bad.field_violations_size() - 1).description(),
              "and " + std::to_string(61 - bad.field_violations_size()) + " more");
    const auto failure = DetailOf<google::rpc::PreconditionFailure>(answer);
    ASSERT_GT(failure.violations_size(), 1);
    EXPECT_EQ(failure.violations(failure.violations_size() - 1).description(),
              "and " + std::to_string(61 - failure.violations_size()) + " more");
    EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(answer).request_id(), "id-of-mine");
    const auto& rule = reasons->value(i)->options().GetExtension(common::v1::reason);
    const auto pause = DetailOf<google::rpc::RetryInfo>(answer).retry_delay();
    EXPECT_EQ(pause.seconds() + pause.nanos() > 0, rule.retry() == common::v1::RETRY_YES)
        << status::ReasonName(reason);
    EXPECT_EQ(answer.trailing.at("x-request-id"), "id-of-mine");
    EXPECT_TRUE(answer.initial.empty()) << "a client retries only an answer that has not begun";
  }
}

TEST_F(AnAnswer, WithAMessageCarriesTheRequestIdFirst) {
  server_.Add();
  notification::v1::WatchInboxRequest watch;
  watch.set_parent(testing::kDepartment);
  notification::v1::GetTimelineRequest timeline;
  timeline.set_bucp("bucps/1");
  for (const auto& [method, body] :
       std::map<std::string, std::string>{{"ListInbox", ListRequest()},
                                          {"GetTimeline", timeline.SerializeAsString()},
                                          {"WatchInbox", watch.SerializeAsString()}}) {
    const Answer answer = Call(channel_, kService + method, body, "id-of-mine");
    EXPECT_EQ(answer.messages, 1) << method << ": " << answer.status;
    EXPECT_EQ(answer.initial.at("x-request-id"), "id-of-mine") << method;
  }
}

TEST_F(AnAnswer, ThatIsARefusalOfAnyKindNamesTheRequest) {
  rpc::TlsFiles nobody;
  nobody.authority = testing::FilesOf("suite").authority;
  const auto anonymous = testing::ChannelTo(server_.address(), nobody);
  refusal_ = absl::InternalError("the server's own words");
  const std::string reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  for (const Answer& answer :
       {Call(channel_, "/x/y", "", "id-of-mine"), Call(channel_, reflection, "\xff", "id-of-mine"),
        Call(anonymous, reflection, "", "id-of-mine"),
        Call(anonymous, std::string(kService) + "ListInbox", ListRequest(), "id-of-mine"),
        Call(channel_, std::string(kService) + "ListInbox", "\xff", "id-of-mine"),
        Call(channel_, std::string(kService) + "WatchInbox", "", "id-of-mine"),
        Call(channel_, std::string(kService) + "ListInbox", ListRequest(), "id-of-mine")}) {
    EXPECT_FALSE(answer.status.ok());
    EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(answer).request_id(), "id-of-mine") << answer.status;
    EXPECT_EQ(answer.trailing.at("x-request-id"), "id-of-mine") << answer.status;
  }
}

// The refusals from outside of the pipeline, or before it has run a method.
class ARefusal : public ::testing::Test {
 protected:
  struct Case {
    std::string path;
    std::string body;
    CallSettings settings = {};
  };
  static std::string Watch() {
    notification::v1::WatchInboxRequest request;
    request.set_parent(testing::kDepartment);
    return request.SerializeAsString();
  }
  static std::string Timeline() {
    notification::v1::GetTimelineRequest request;
    request.set_bucp("bucps/1");
    return request.SerializeAsString();
  }

  void Serve(const ServerState::Limits& limits) {
    ConnectionSettings settings;
    settings.stop_grace = std::chrono::seconds(30);
    server_ = std::make_unique<InboxServer>(settings, "127.0.0.1:0", testing::FilesOf("suite"), limits);
    channel_ = testing::ChannelTo(server_->address(), testing::FilesOf(testing::kDepartment));
  }
  void ExpectRefused(Reason reason, const Case& call) {
    ExpectNames(reason, call, Call(channel_, call.path, call.body, "id-of-mine", call.settings));
  }
  static void ExpectNames(Reason reason, const Case& call, const Answer& answer) {
    EXPECT_THAT(answer.status, FailsWith(reason)) << call.path;
    EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(answer).request_id(), "id-of-mine") << call.path;
    const auto found = answer.trailing.find("x-request-id");
    EXPECT_TRUE(found != answer.trailing.end() && found->second == "id-of-mine") << call.path;
  }

  const Case list_{std::string(kService) + "ListInbox", ListRequest()};
  const Case timeline_{std::string(kService) + "GetTimeline", Timeline()};
  const Case watch_{std::string(kService) + "WatchInbox", Watch()};
  const Case reflection_{"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", ""};
  const Case health_check_{"/grpc.health.v1.Health/Check", ""};
  const Case health_watch_{"/grpc.health.v1.Health/Watch", ""};
  const Case unknown_{"/x/Y", ""};
  std::unique_ptr<InboxServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ARefusal, OfACallerOrOfAMessageNamesTheRequest) {
  Serve({});
  ExpectRefused(Reason::ERROR_REASON_METHOD_UNKNOWN, unknown_);
  ExpectRefused(Reason::ERROR_REASON_NOT_FOUND,
                {health_check_.path, testing::HealthRequest("idea.archive.v1.ArchiveService")});
  for (const Case& call : {list_, timeline_, watch_, reflection_, health_check_, health_watch_}) {
    ExpectRefused(Reason::ERROR_REASON_MALFORMED_MESSAGE, {call.path, "\xff"});
  }
  for (const Case& call : {list_, timeline_, watch_, health_check_, health_watch_}) {
    ExpectRefused(Reason::ERROR_REASON_MALFORMED_MESSAGE, {call.path, "", {.sends = Sends::kEndOnly}});
  }
  // The client's own timer may be first.
  Answer late;
  EXPECT_TRUE(testing::Eventually([&] {
    late = Call(channel_, list_.path, list_.body, "id-of-mine", {.timeout = std::chrono::milliseconds(18)});
    return !late.wire.details().empty();
  }));
  ExpectNames(Reason::ERROR_REASON_DEADLINE_SPENT, list_, late);
  rpc::TlsFiles nobody;
  nobody.authority = testing::FilesOf("suite").authority;
  for (const Case& call : {list_, timeline_, watch_, reflection_, health_check_, health_watch_, unknown_}) {
    channel_ = testing::ChannelTo(server_->address(), nobody);
    ExpectRefused(Reason::ERROR_REASON_CERTIFICATE_REQUIRED, call);
  }
}

TEST_F(ARefusal, OfALimitNamesTheRequest) {
  Serve({.workers = {.queue = 0}});
  for (const Case& call : {list_, watch_}) ExpectRefused(Reason::ERROR_REASON_OVERLOADED, call);
  Serve({.callers = {.watches = 0}});
  for (const Case& call : {watch_, reflection_, health_watch_})
    ExpectRefused(Reason::ERROR_REASON_OVERLOADED, call);
  Serve({.connections = {.of_caller = 1}});
  const auto first =
      std::exchange(channel_, testing::ChannelTo(server_->address(), testing::FilesOf(testing::kDepartment)));
  EXPECT_EQ(Call(first, timeline_.path, timeline_.body, "id-of-mine").messages, 1);
  for (const Case& call : {list_, timeline_, watch_, reflection_, health_check_, health_watch_, unknown_})
    ExpectRefused(Reason::ERROR_REASON_OVERLOADED, call);
  Serve({.callers = {.reads = {0.001, 1}, .checks = {0.001, 1}}});
  for (const Case& call : {list_, timeline_}) {
    EXPECT_EQ(Call(channel_, call.path, call.body, "id-of-mine").messages, 1);
    ExpectRefused(Reason::ERROR_REASON_OVERLOADED, call);
  }
  Serve({.callers = {.opened_streams = {0.001, 1}}});
  EXPECT_GE(Call(channel_, health_watch_.path, health_watch_.body, "id-of-mine").messages, 0);
  for (const Case& call : {watch_, reflection_, health_watch_})
    ExpectRefused(Reason::ERROR_REASON_OVERLOADED, call);
  Serve({.reads = {.message = std::chrono::milliseconds(1)}});
  for (const Case& call : {list_, timeline_, watch_, reflection_, health_check_, health_watch_})
    ExpectRefused(Reason::ERROR_REASON_MESSAGE_OVERDUE, {call.path, "", {.sends = Sends::kNothing}});
}

TEST_F(ARefusal, OfAServerThatStartsOrStopsNamesTheRequest) {
  Serve({});
  server_->listener().HoldCalls();
  for (const Case& call : {list_, timeline_, watch_, reflection_, unknown_})
    ExpectRefused(Reason::ERROR_REASON_STORAGE_UNAVAILABLE, call);
  server_->listener().AdmitCalls();

  server_->Add();
  std::atomic<int> messages = 0;
  const auto begin = [&](const Case& call) {
    return std::async(std::launch::async, [this, call, &messages] {
      return Call(channel_, call.path, call.body, "id-of-mine", {.on_message = [&] { ++messages; }});
    });
  };
  auto watch = begin(watch_);
  auto health_watch = begin(health_watch_);
  ASSERT_TRUE(testing::Eventually([&] { return messages == 2; }));
  auto stop = std::async(std::launch::async, [&] { server_->listener().Stop(std::chrono::seconds(6)); });
  ExpectNames(Reason::ERROR_REASON_SHUTTING_DOWN, watch_, watch.get());
  for (const Case& call : {list_, timeline_, watch_, reflection_, unknown_})
    ExpectRefused(Reason::ERROR_REASON_SHUTTING_DOWN, call);
  ExpectNames(Reason::ERROR_REASON_SHUTTING_DOWN, health_watch_, health_watch.get());
  stop.wait();
}

// One that cannot be a header of the next call is replaced.
TEST_F(AnAnswer, HasARequestIdThatTheServerMadeIfTheClientSentNone) {
  for (const std::string& sent : {std::string(), std::string("with blanks"), std::string(101, 'x')}) {
    const Answer answer = Call(channel_, "/x/y", "", sent);
    EXPECT_EQ(answer.trailing.at("x-request-id").size(), 36u) << sent;
    EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(answer).request_id(), answer.trailing.at("x-request-id"));
  }
}

}  // namespace
}  // namespace idea::rpc
