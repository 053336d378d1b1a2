#include "common/outbound/sender.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <future>

#include "tests/support/matchers.h"
#include "tests/support/webhook/webhook_receiver.h"

namespace idea::outbound {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

Answer SendAndWait(Sender& sender, const std::string& url, const std::string& body = "{}") {
  std::promise<Answer> answer;
  sender.Send({.url = url, .headers = {"webhook-id: 1"}, .body = body},
              [&](const Answer& given) { answer.set_value(given); });
  return answer.get_future().get();
}

Sender::Options LoopbackAllowed() {
  Sender::Options options;
  options.rules = *AddressRules::Parse("127.0.0.0/8");
  options.timeout = std::chrono::seconds(5);
  return options;
}

// A port of the loopback interfaces that counts connections.
class Listener {
 public:
  explicit Listener(int family) : socket_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET) {
      reinterpret_cast<sockaddr_in*>(&address)->sin_addr.s_addr = htonl(INADDR_ANY);
    } else {
      reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr = in6addr_any;
    }
    socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    listens_ = bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(socket_, 16) == 0;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in*>(&address)->sin_port
                                    : reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  }
  ~Listener() { close(socket_); }
  bool listens() const { return listens_; }
  std::string port() const { return std::to_string(port_); }
  bool HasConnection() const {
    pollfd waiting{socket_, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
  }

 private:
  const int socket_;
  bool listens_ = false;
  int port_ = 0;
};

TEST(Sender, DoesNotConnectToPrivateAddressesInAnyNotation) {
  const Listener four(AF_INET);
  ASSERT_TRUE(four.listens());
  Sender sender({});
  for (const std::string host : {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
                                 "0", "0.0.0.0", "localhost", "localhost.", "LOCALHOST", "[::ffff:127.0.0.1]",
                                 "[::ffff:7f00:1]", "[::]", "[::1]", "127.0.0.1."}) {
    const Answer answer = SendAndWait(sender, "https://" + host + ":" + four.port() + "/");
    EXPECT_EQ(answer.status, 0) << host;
    EXPECT_NE(answer.error, "") << host;
    EXPECT_FALSE(four.HasConnection()) << host;
  }
}

TEST(Sender, ChecksTheAddressToWhichANameResolves) {
  const Listener four(AF_INET);
  Sender sender({});
  const Answer answer = SendAndWait(sender, "https://localhost:" + four.port() + "/");
  EXPECT_THAT(answer.error, HasSubstr("to which the server does not send"));
  EXPECT_FALSE(four.HasConnection());
}

TEST(Sender, UsesNeitherProxyNorAnotherScheme) {
  const Listener proxy(AF_INET);
  const std::string address = "http://127.0.0.1:" + proxy.port();
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    setenv(name, address.c_str(), 1);
  Sender sender(LoopbackAllowed());
  SendAndWait(sender, "https://127.0.0.1:1/");
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  for (const std::string scheme : {"http", "ftp", "gopher", "telnet", "dict"})
    EXPECT_NE(SendAndWait(sender, scheme + "://127.0.0.1:" + proxy.port() + "/").error, "") << scheme;
  EXPECT_FALSE(proxy.HasConnection());
}

class SenderToReceiver : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WebhookReceiver::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    receiver_ = std::make_unique<testing::WebhookReceiver>();
    Sender::Options options = LoopbackAllowed();
    options.ca_file = receiver_->ca_file();
    sender_ = std::make_unique<Sender>(options);
  }
  std::unique_ptr<testing::WebhookReceiver> receiver_;
  std::unique_ptr<Sender> sender_;
};

TEST_F(SenderToReceiver, ReturnsTheAnswer) {
  const Answer ok = SendAndWait(*sender_, receiver_->Url("/ok"));
  EXPECT_EQ(ok.error, "");
  EXPECT_EQ(ok.status, 204);
  receiver_->SetDown(true);
  const Answer failed = SendAndWait(*sender_, receiver_->Url("/down"));
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.text, "the answer of the receiver");
  EXPECT_NE(failed.error, "");
}

TEST_F(SenderToReceiver, ReturnsThePauseThatTheReceiverAsksFor) {
  const Answer busy = SendAndWait(*sender_, receiver_->Url("/busy"));
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.retry_after, std::chrono::seconds(60));
}

TEST_F(SenderToReceiver, FollowsNoRedirect) {
  const Answer answer = SendAndWait(*sender_, receiver_->Url("/redirect"));
  EXPECT_EQ(answer.status, 307);
  EXPECT_THAT(answer.error, HasSubstr("redirects"));
  EXPECT_THAT(receiver_->Requests("/ok"), IsEmpty());
}

TEST_F(SenderToReceiver, ReadsAnAnswerWithoutAnEndOnlyInPart) {
  const Answer body = SendAndWait(*sender_, receiver_->Url("/endless"));
  EXPECT_EQ(body.status, 200);
  EXPECT_EQ(body.error, "");
  EXPECT_THAT(body.text, SizeIs(500));
  EXPECT_NE(SendAndWait(*sender_, receiver_->Url("/headers")).error, "");
}

TEST_F(SenderToReceiver, AcceptsOnlyACertificateOfAKnownAuthority) {
  Sender stranger(LoopbackAllowed());
  const Answer answer = SendAndWait(stranger, receiver_->Url("/ok"));
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.error, "");
  EXPECT_THAT(receiver_->Requests("/ok"), IsEmpty());
}

TEST_F(SenderToReceiver, DoesNotWaitForASlowReceiver) {
  Sender::Options options = LoopbackAllowed();
  options.ca_file = receiver_->ca_file();
  options.timeout = std::chrono::milliseconds(200);
  Sender impatient(options);
  EXPECT_NE(SendAndWait(impatient, receiver_->Url("/silent")).error, "");
}

// Sixty-four silent receivers do not delay an answer, and the destructor does not wait for them.
TEST_F(SenderToReceiver, SendsManyRequestsAtOnce) {
  std::atomic<int> answers{0};
  for (int i = 0; i < 64; ++i)
    sender_->Send({.url = receiver_->Url("/silent"), .body = "{}"}, [&](const Answer&) { ++answers; });
  EXPECT_EQ(SendAndWait(*sender_, receiver_->Url("/ok")).status, 204);
  sender_.reset();
  EXPECT_EQ(answers, 0);
}

// --- CheckUrl ---

TEST(CheckUrl, AcceptsHttpsOnly) {
  for (const char* url : {"https://example.org", "https://example.org:8443/a/b?c=d", "https://1.1.1.1/",
                          "https://[2606:4700::1111]/x", "HTTPS://EXAMPLE.ORG/"})
    EXPECT_THAT(CheckUrl(url, AddressRules()), IsOk()) << url;
  for (const char* url :
       {"", "example.org", "http://example.org", "ftp://example.org", "file:///etc/passwd", "https://",
        "https:///path", "https://user@example.org", "https://user:pw@example.org",
        "https://example.org/#part", "https://example.org/a b", "https://ex\xc3\xa4mple.org",
        "https://example.org:99999/", "javascript:1", "https://example.org/\r\nx: y", "https://exa mple.org",
        "gopher://example.org"})
    EXPECT_FALSE(CheckUrl(url, AddressRules()).ok()) << url;
}

TEST(CheckUrl, RefusesPrivateAddressesInAnyNotation) {
  for (const std::string host :
       {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "10.1.2.3", "169.254.169.254",
        "2852039166", "[::1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fe80::1%25eth0]", "localhost", "LocalHost",
        "localhost.", "a.localhost"})
    EXPECT_FALSE(CheckUrl("https://" + host + "/", AddressRules()).ok()) << host;
  const auto rules = AddressRules::Parse("127.0.0.0/8");
  EXPECT_THAT(CheckUrl("https://localhost/", *rules), IsOk());
  EXPECT_THAT(CheckUrl("https://127.1:8443/", *rules), IsOk());
}

}  // namespace
}  // namespace idea::outbound
