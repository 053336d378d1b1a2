// What every answer carries over the wire, for every reason of a refusal and in every kind of call.
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

namespace idea::rpc {
namespace {

using google::protobuf::Message;
using status::Reason;
using testing::FailsWith;
using testing::InboxServer;

constexpr char kService[] = "/idea.notification.v1.NotificationService/";

// What a client of gRPC's defaults gets.
struct Answer {
  absl::Status status;
  google::rpc::Status wire;
  std::map<std::string, std::string> initial;
  std::map<std::string, std::string> trailing;
  int messages = 0;
};

Answer Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, const std::string& body,
            const std::string& request_id) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
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
  if (going) {
    stream->WriteLast(FromBytes(body), grpc::WriteOptions(), nullptr);
    done();
    grpc::ByteBuffer buffer;
    stream->Read(&buffer, nullptr);
    // One message shows that a stream has begun.
    if (done()) {
      ++answer.messages;
      context.TryCancel();
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

// The worst refusal of every reason: texts and lists without end, names that are no UTF-8.
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
