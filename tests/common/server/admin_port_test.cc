#include "common/server/admin_port.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>

namespace idea::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class TheAdminPort : public ::testing::Test {
 protected:
  void SetUp() override {
    AdminPort::Pages pages;
    pages.metrics = [] { return std::string("idea_x 1\n"); };
    pages.unready = [this] {
      const std::lock_guard lock(mutex_);
      return unready_;
    };
    pages.build = "{\"version\":\"1\"}\n";
    pages.config = "IDEA_LISTEN=127.0.0.1:0\n";
    auto port = AdminPort::Listen("127.0.0.1:0", std::move(pages));
    ASSERT_TRUE(port.ok()) << port.status();
    port_ = *std::move(port);
  }

  int Connect() const {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return client;
  }

  // The whole answer.
  std::string Send(const std::string& method, const std::string& path) const {
    const int client = Connect();
    const std::string request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    EXPECT_EQ(write(client, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string answer;
    char part[4096];
    for (ssize_t size = 0; (size = read(client, part, sizeof part)) > 0;)
      answer.append(part, static_cast<size_t>(size));
    close(client);
    return answer;
  }

  std::mutex mutex_;
  std::string unready_;
  std::unique_ptr<AdminPort> port_;
};

TEST_F(TheAdminPort, ShowsProbesWhetherTheProcessLivesAndIsReady) {
  EXPECT_THAT(Send("GET", "/livez"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Send("GET", "/readyz"), StartsWith("HTTP/1.1 200 "));
  {
    const std::lock_guard lock(mutex_);
    unready_ = "database of registry";
  }
  EXPECT_THAT(Send("GET", "/livez"), StartsWith("HTTP/1.1 200 "));
  const std::string answer = Send("GET", "/readyz");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nnot ready: database of registry\n"));
}

TEST_F(TheAdminPort, ServesMetricsBuildAndSettings) {
  EXPECT_THAT(Send("GET", "/metrics"), EndsWith("\r\n\r\nidea_x 1\n"));
  EXPECT_THAT(Send("GET", "/metrics?a=b"), EndsWith("\r\n\r\nidea_x 1\n"));
  EXPECT_THAT(Send("GET", "/build"), EndsWith("\r\n\r\n{\"version\":\"1\"}\n"));
  EXPECT_THAT(Send("GET", "/config"), EndsWith("\r\n\r\nIDEA_LISTEN=127.0.0.1:0\n"));
}

TEST_F(TheAdminPort, AnswersHeadWithoutABody) {
  const std::string answer = Send("HEAD", "/metrics");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(TheAdminPort, RefusesOtherMethodsAndPages) {
  EXPECT_THAT(Send("POST", "/config"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Send("DELETE", "/livez"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Send("GET", "/livez/x"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Send("GET", "/"), Not(StartsWith("HTTP/1.1 200 ")));
}

TEST_F(TheAdminPort, AnswersProbesWhileAClientSendsItsRequestSlowly) {
  const int slow = Connect();
  EXPECT_EQ(write(slow, "GET /met", 8), 8);
  EXPECT_THAT(Send("GET", "/livez"), StartsWith("HTTP/1.1 200 "));
  close(slow);
}

TEST_F(TheAdminPort, IsRefusedIfTheAddressIsInUse) {
  const auto second = AdminPort::Listen("127.0.0.1:" + std::to_string(port_->port()), {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace idea::server
