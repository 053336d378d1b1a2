#include "common/rpc/peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/rpc/listener.h"
#include "common/rpc/peer_channel.h"
#include "common/rpc/router.h"
#include "idea/notification/v1/notification.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/common/rpc/inbox_server.h"
#include "tests/common/rpc/other_methods.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/tcp_proxy.h"

namespace idea::rpc {
namespace {

using namespace notification::v1;
using testing::IsOk;

// A DNS server on the loopback that answers all names with the addresses it was last given.
class NameServer {
 public:
  NameServer() : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~NameServer() {
    stopping_ = true;
    thread_.join();
    close(socket_);
  }
  int port() const { return port_; }
  void Set(std::vector<std::string> addresses) {
    const std::lock_guard lock(mutex_);
    addresses_ = std::move(addresses);
  }

 private:
  void Serve() {
    while (!stopping_) {
      pollfd ready{socket_, POLLIN, 0};
      if (poll(&ready, 1, 50) != 1) continue;
      std::array<char, 512> bytes;
      sockaddr_in from = {};
      socklen_t size = sizeof(from);
      const ssize_t got =
          recvfrom(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < kHeader) continue;
      const std::string answer = AnswerTo({bytes.data(), static_cast<size_t>(got)});
      sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  // RFC 1035: the header, the question as received, and a record for each address if requested.
  std::string AnswerTo(const std::string& query) {
    const size_t name_end = query.find('\0', kHeader) + 1;
    const std::string question = query.substr(kHeader, name_end + 4 - kHeader);
    const bool asks_for_ipv4 = query[name_end] == 0 && query[name_end + 1] == 1;
    std::string records;
    char count = 0;
    const std::lock_guard lock(mutex_);
    for (const std::string& address : addresses_) {
      if (!asks_for_ipv4) break;
      in_addr bytes = {};
      inet_pton(AF_INET, address.c_str(), &bytes);
      // The name at offset 12; type A, class IN, not to be cached.
      records += std::string("\xc0\x0c\0\1\0\1\0\0\0\0\0\4", 12);
      records.append(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
      ++count;
    }
    const std::string header =
        query.substr(0, 2) + std::string("\x81\x80\0\1\0", 5) + count + std::string(4, '\0');
    return header + question + records;
  }

  static constexpr ssize_t kHeader = 12;
  const int socket_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> addresses_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

class NobodyHasARole : public auth::Directory {
 public:
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    return auth::Person();
  }
};

// One of several servers of the same service. Counts its calls.
class Replica {
 public:
  explicit Replica(const std::string& address, const std::string& certificate = "suite") {
    router_.Bind(this, &Replica::ListInbox);
    router_.BindInline(this, &Replica::GetTimeline);
    router_.BindWatch(this, &Replica::WatchInbox);
    other_methods_.Bind(router_);
    EXPECT_THAT(listener_.Add(router_, pipeline_), IsOk());
    EXPECT_THAT(listener_.Start(address, testing::FilesOf(certificate)), IsOk());
  }
  // ":12345"
  std::string Port() const { return listener_.address().substr(listener_.address().rfind(':')); }

  std::atomic<int> calls{0};

 private:
  absl::StatusOr<ListInboxResponse> ListInbox(Call&, const ListInboxRequest&) { return ListInboxResponse(); }
  absl::Status GetTimeline(const auth::Caller&, const GetTimelineRequest&, GetTimelineResponse&) {
    ++calls;
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<WatchInboxResponse>> WatchInbox(Call&, const WatchInboxRequest&, std::string&) {
    return std::vector<WatchInboxResponse>();
  }

  clock::SystemClock clock_;
  auth::Authenticator authenticator_{{"idea.local", "", "", "", "", ""}, clock_};
  NobodyHasARole directory_;
  std::unique_ptr<storage::Database> database_ = testing::Fresh("memory");
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  testing::OtherMethods other_methods_;
  Router router_;
  Pipeline pipeline_{{"replica", authenticator_, directory_, *database_, notifier_, metrics_, clock_}};
  Listener listener_{authenticator_, 1, 16};
};

class APeer : public ::testing::Test {
 protected:
  // The common name of all replicas, as of a headless Service.
  std::unique_ptr<Peer> PeerAt(const std::string& port) {
    return std::make_unique<Peer>(
        "replica", "dns://127.0.0.1:" + std::to_string(names_.port()) + "/suite.idea.svc" + port,
        testing::FilesOf(testing::kDepartment));
  }
  static absl::Status SendTo(Peer& peer) {
    GetTimelineRequest request;
    request.set_bucp("bucps/1");
    GetTimelineResponse response;
    return peer.Send(NewContext(std::chrono::seconds(20)), request, &response);
  }

  NameServer names_;
};

TEST_F(APeer, SharesItsCallsAmongTheReplicasOfAName) {
  Replica one("127.0.0.1:0");
  Replica two("127.0.0.2" + one.Port());
  names_.Set({"127.0.0.1", "127.0.0.2"});
  const auto peer = PeerAt(one.Port());
  ASSERT_TRUE(testing::Eventually([&] { return SendTo(*peer).ok() && one.calls > 0 && two.calls > 0; }));
  one.calls = two.calls = 0;
  for (int i = 0; i < 20; ++i) ASSERT_THAT(SendTo(*peer), IsOk());
  EXPECT_EQ(one.calls, 10);
  EXPECT_EQ(two.calls, 10);
}

// Their certificates are valid for the name of the service, not for a list of addresses.
TEST_F(APeer, SharesItsCallsAmongTheReplicasOfAList) {
  Replica one("127.0.0.1:0");
  Replica two("127.0.0.1:0");
  Peer peer("suite", "ipv4:127.0.0.1" + one.Port() + ",127.0.0.1" + two.Port(),
            testing::FilesOf(testing::kDepartment));
  ASSERT_TRUE(testing::Eventually([&] { return SendTo(peer).ok() && one.calls > 0 && two.calls > 0; }));
  Peer other("registry", "ipv4:127.0.0.1" + one.Port() + ",127.0.0.1" + two.Port(),
             testing::FilesOf(testing::kDepartment));
  EXPECT_THAT(SendTo(other), testing::FailsWith(status::Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_F(APeer, GoesOnWithTheReplicasThatAreLeft) {
  Replica one("127.0.0.1:0");
  auto two = std::make_unique<Replica>("127.0.0.2" + one.Port());
  names_.Set({"127.0.0.1", "127.0.0.2"});
  const auto peer = PeerAt(one.Port());
  ASSERT_TRUE(testing::Eventually([&] { return SendTo(*peer).ok() && one.calls > 0 && two->calls > 0; }));
  two.reset();
  // Calls in transit may fail; after that none is sent there.
  EXPECT_TRUE(testing::Eventually([&] {
    int answered = 0;
    while (answered < 20 && SendTo(*peer).ok()) ++answered;
    return answered == 20;
  }));
}

TEST_F(APeer, FindsAReplicaThatCameBackWithAnotherAddress) {
  auto one = std::make_unique<Replica>("127.0.0.1:0");
  const std::string port = one->Port();
  names_.Set({"127.0.0.1"});
  const auto peer = PeerAt(port);
  ASSERT_THAT(SendTo(*peer), IsOk());
  one.reset();
  names_.Set({"127.0.0.2"});
  Replica again("127.0.0.2" + port);
  EXPECT_TRUE(testing::Eventually([&] { return SendTo(*peer).ok(); }));
  EXPECT_GT(again.calls, 0);
}

// Sends calls one after another, as a worker does. Returns the number of those that failed or took longer
// than `limit`.
int FailuresOf(Peer& peer, int calls, std::chrono::milliseconds limit) {
  int failures = 0;
  for (int i = 0; i < calls; ++i) {
    GetTimelineRequest request;
    request.set_bucp("bucps/1");
    GetTimelineResponse response;
    const auto begun = std::chrono::steady_clock::now();
    const bool answered = peer.Send(NewContext(std::chrono::seconds(10)), request, &response).ok();
    failures += answered && std::chrono::steady_clock::now() - begun < limit ? 0 : 1;
  }
  return failures;
}

// Much shorter than the detection by keepalive.
TEST_F(APeer, LeavesASilentReplicaOutUntilItAnswersAgain) {
  Replica silent("127.0.0.1:0");
  testing::TcpProxy proxy("127.0.0.1" + silent.Port(), std::chrono::hours(1), "127.0.0.3");
  const std::string port = proxy.address().substr(proxy.address().rfind(':'));
  Replica two("127.0.0.4" + port);
  names_.Set({"127.0.0.3", "127.0.0.4"});
  const auto peer = PeerAt(port);
  ASSERT_TRUE(testing::Eventually([&] { return SendTo(*peer).ok() && silent.calls > 0 && two.calls > 0; }));
  // A channel is replaced only after two seconds.
  ASSERT_TRUE(testing::Eventually([&, begun = std::chrono::steady_clock::now()] {
    return SendTo(*peer).ok() && std::chrono::steady_clock::now() - begun > std::chrono::seconds(2);
  }));

  proxy.Freeze();
  EXPECT_EQ(FailuresOf(*peer, 20, std::chrono::seconds(9)), 0);
  EXPECT_EQ(FailuresOf(*peer, 200, std::chrono::milliseconds(900)), 0) << "one attempt lasts for a second";

  silent.calls = 0;
  proxy.Thaw();
  EXPECT_TRUE(testing::Eventually([&] { return SendTo(*peer).ok() && silent.calls > 0; }));
}

TEST(ACallWithoutAnAnswer, IsSentOnceWhereOneTryIsWanted) {
  testing::InboxServer server;
  std::promise<void> late;
  server.on_list = [until = late.get_future().share()] {
    until.wait();
    return absl::OkStatus();
  };
  ListInboxRequest request;
  request.set_parent(testing::kDepartment);
  ListInboxResponse response;
  Peer peer("inbox", server.address(), testing::FilesOf(testing::kDepartment), "", UseProxy::kNo, 1);
  EXPECT_THAT(peer.Send(NewContext(std::chrono::seconds(2)), request, &response),
              testing::FailsWith(status::Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_EQ(server.lists, 1);
  late.set_value();
}

// A write without a request_id could be executed twice.
TEST(ACallWithoutAnAnswer, IsSentAgainOnlyIfThatIsSafe) {
  const auto may_repeat = [](const google::protobuf::Message& request) {
    return MayRepeat(*FindMethod(request.GetDescriptor()), request);
  };
  registry::v1::CreateEntityRequest write;
  EXPECT_FALSE(may_repeat(write));
  write.set_request_id("4a7d1c1e-0c0b-4a3c-9c1e-000000000001");
  EXPECT_TRUE(may_repeat(write));
  EXPECT_TRUE(may_repeat(GetTimelineRequest()));
}

// Calls that cannot be answered in time must not reach an overloaded peer three times.
TEST(ARetryBudget, EndsRetriesWhileMostCallsAreUnanswered) {
  RetryBudget budget;
  for (int i = 0; i < 49; ++i) budget.Unanswered();
  EXPECT_TRUE(budget.MayRetry());
  budget.Unanswered();
  EXPECT_FALSE(budget.MayRetry());
  budget.Answered();
  EXPECT_TRUE(budget.MayRetry());
  for (int i = 0; i < 1000; ++i) budget.Answered();
  for (int i = 0; i < 50; ++i) budget.Unanswered();
  EXPECT_FALSE(budget.MayRetry()) << "answers are not saved up";
}

// The certificates of all services are valid for "localhost", so only their SPIFFE ids differ.
TEST_F(APeer, CallsNoServerWithTheIdentityOfAnother) {
  Replica suite("127.0.0.1:0");
  Replica registry("127.0.0.1:0", "registry");
  const auto ask = [](const Replica& server, const std::string& spiffe_id) {
    Peer peer("registry", "127.0.0.1" + server.Port(), testing::FilesOf("drafting"), spiffe_id);
    GetTimelineRequest request;
    request.set_bucp("bucps/1");
    GetTimelineResponse response;
    return peer.Send(NewContext(std::chrono::seconds(20)), request, &response);
  };
  // Its certificate may not call either method, so this answer comes from the server.
  const auto answered = testing::FailsWith(status::Reason::ERROR_REASON_CALLER_NOT_ALLOWED);
  EXPECT_THAT(ask(registry, "spiffe://idea.local/service/registry"), answered);
  EXPECT_THAT(ask(suite, "spiffe://idea.local/service/suite"), answered);
  EXPECT_THAT(ask(suite, ""), answered);
  for (const char* other : {"spiffe://idea.local/service/registry", "spiffe://idea.local/service/suit",
                            "spiffe://idea.test/service/suite", "spiffe://idea.local/entity/suite"}) {
    const absl::Status refused = ask(suite, other);
    EXPECT_THAT(refused, testing::FailsWith(status::Reason::ERROR_REASON_PEER_UNAVAILABLE)) << other;
    EXPECT_EQ(status::MetadataOf(refused, "cause"), "CERTIFICATE_WRONG_IDENTITY") << refused;
  }
}

// The identity does not replace the check of the host name.
TEST_F(APeer, CallsNoServerOfAnotherHostWhateverItsIdentity) {
  Replica suite("127.0.0.1:0");
  names_.Set({"127.0.0.1"});
  Peer peer("suite", "dns://127.0.0.1:" + std::to_string(names_.port()) + "/elsewhere.example" + suite.Port(),
            testing::FilesOf("drafting"), "spiffe://idea.local/service/suite");
  GetTimelineRequest request;
  request.set_bucp("bucps/1");
  GetTimelineResponse response;
  EXPECT_THAT(peer.Send(NewContext(std::chrono::seconds(5)), request, &response),
              testing::FailsWith(status::Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

}  // namespace
}  // namespace idea::rpc
