#ifndef IDEA_TESTS_COMMON_RPC_SUITE_SERVER_H_
#define IDEA_TESTS_COMMON_RPC_SUITE_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/rpc/peer.h"
#include "common/server/process.h"
#include "tests/support/tokens/token_issuer.h"

// A real server with its certificates and real clients of every kind.
namespace idea::testing {

inline constexpr char kDepartment[] = "entities/department-x";
inline constexpr char kOtherDepartment[] = "entities/department-y";
inline constexpr char kEducationAgency[] = "entities/department-of-education";
inline constexpr char kCdo[] = "entities/cdo-office";
inline constexpr char kGovernor[] = "entities/governors-office";

// The folder in which scripts/certs.sh has written the certificates of this test binary, once:
// <folder>/<service> and <folder>/entities/<id>, and the same of an untrusted authority in <folder>/other.
const std::string& Certificates();

// The files of a caller: "entities/department-x", "drafting".
rpc::TlsFiles FilesOf(const std::string& caller);

// A plain channel. Without a certificate and key in `tls` it sends none.
std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address, const rpc::TlsFiles& tls,
                                         grpc::ChannelArguments arguments = {});

// A unary call with these bytes, with the retries of the channel's service config.
grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                      const std::string& bytes);

// The answer on the wire.
struct Echo {
  std::vector<std::string> messages;
  grpc::Status status;
};

// Sends these bytes to any path and reads until the server ends, or `go_on` returns false. For requests that
// a normal client cannot send.
Echo Exchange(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
              const std::string& bytes, const std::function<bool(const std::string&)>& go_on = nullptr);

// Begins a call without a message and returns the answer.
grpc::Status BeginOnly(const std::shared_ptr<grpc::Channel>& channel, const std::string& path);

// A TCP connection to "127.0.0.1:port" without any data.
int ConnectTo(const std::string& address);

// The result of the standard health service for a service.
std::string HealthRequest(const std::string& service);
bool IsServing(const std::string& health_response);

// All six services in one process, with these databases and additional settings.
class SuiteServer {
 public:
  explicit SuiteServer(const std::string& databases = "sqlite::memory:",
                       const std::map<std::string, std::string>& settings = {});
  ~SuiteServer();

  const std::string& address() const { return address_; }
  // The client with the certificate of a caller.
  rpc::Peer& Of(const std::string& caller);
  // A token of this person, valid for five minutes.
  std::string TokenOf(const std::string& person) const;
  // Sets the clock of its machine ahead of the real time.
  void SetClockAhead(clock::Micros by) { clock_.ahead = by; }

 private:
  struct SettableClock : clock::SystemClock {
    clock::Micros Now() const override { return clock::SystemClock::Now() + ahead; }
    std::atomic<clock::Micros> ahead{0};
  };
  SettableClock clock_;
  TokenIssuer issuer_;
  std::unique_ptr<server::Process> process_;
  std::string address_;
  std::map<std::string, std::unique_ptr<rpc::Peer>> peers_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_COMMON_RPC_SUITE_SERVER_H_
