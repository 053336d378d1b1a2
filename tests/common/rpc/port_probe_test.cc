#include "common/rpc/port_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <thread>

#include "common/rpc/listener.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

using std::chrono::milliseconds;
using testing::IsOk;

// A socket of 127.0.0.1 that listens, as a process holds it.
class AListeningSocket : public ::testing::Test {
 protected:
  AListeningSocket() {
    auto& ip = reinterpret_cast<sockaddr_in&>(address_);
    ip.sin_family = AF_INET;
    ip.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(sockaddr_in);
    bind(socket_, reinterpret_cast<sockaddr*>(&address_), size);
    listen(socket_, 8);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~AListeningSocket() override { close(socket_); }

  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage address_ = {};
};

TEST_F(AListeningSocket, IsDeafWhileOnlyTheKernelAccepts) {
  EXPECT_TRUE(absl::IsDeadlineExceeded(ProbePort(address_, milliseconds(200))));
}

TEST_F(AListeningSocket, IsDeafIfItAcceptsAndSaysNothing) {
  std::thread server([this] {
    const int accepted = accept(socket_, nullptr, nullptr);
    char byte = 0;
    while (read(accepted, &byte, 1) > 0) continue;
    close(accepted);
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(ProbePort(address_, milliseconds(200))));
  server.join();
}

TEST_F(AListeningSocket, IsAliveIfItClosesTheConnection) {
  for (const int seconds_to_linger : {-1, 0}) {  // An end and a reset.
    std::thread server([this, seconds_to_linger] {
      const int accepted = accept(socket_, nullptr, nullptr);
      const linger reset = {.l_onoff = seconds_to_linger < 0 ? 0 : 1, .l_linger = 0};
      setsockopt(accepted, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
      close(accepted);
    });
    EXPECT_THAT(ProbePort(address_, milliseconds(20'000)), IsOk()) << seconds_to_linger;
    server.join();
  }
}

TEST_F(AListeningSocket, IsMissedOnceItIsClosed) {
  close(socket_);
  EXPECT_TRUE(absl::IsUnavailable(ProbePort(address_, milliseconds(200))));
  socket_ = -1;
}

TEST(AServerWithMutualTls, AnswersTheProbeAtEveryKindOfAddress) {
  const clock::SystemClock clock;
  const auth::Authenticator authenticator({"idea.local", "", "", "", "", ""}, clock);
  for (const std::string host : {"127.0.0.1", "0.0.0.0", "[::1]", "[::]", "localhost"}) {
    Listener listener(authenticator, 1, 1);
    ASSERT_THAT(listener.Start(host + ":0", testing::FilesOf("suite")), IsOk()) << host;
    EXPECT_THAT(listener.Probe(milliseconds(20'000)), IsOk()) << host;
    listener.Stop(milliseconds(0));
    EXPECT_TRUE(absl::IsUnavailable(listener.Probe(milliseconds(200)))) << host;
  }
}

}  // namespace
}  // namespace idea::rpc
