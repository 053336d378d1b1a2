#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "common/rpc/peer.h"
#include "idea/notification/v1/notification.pb.h"
#include "tests/common/rpc/inbox_server.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

namespace fs = std::filesystem;
using status::Reason;
using testing::FailsWith;
using testing::FilesOf;

// Shorter than all attempts of gRPC together: the cause must be found within this time.
constexpr std::chrono::milliseconds kDeadline{1'000};
constexpr char kSuite[] = "spiffe://idea.local/service/suite";

// Makes a certificate of the tests' authority that is valid between two times, as YYYYMMDDHHMMSSZ.
TlsFiles Issue(const std::string& name, const std::string& begin, const std::string& end,
               const std::string& names = std::string("DNS:localhost,IP:127.0.0.1,URI:") + kSuite) {
  const std::string folder = testing::Certificates() + "/" + name;
  fs::create_directories(folder);
  std::ofstream(folder + "/ca.cnf")
      << "[ca]\ndefault_ca=c\n[c]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
         "policy=p\nx509_extensions=leaf\n[p]\ncommonName=supplied\n"
         "[leaf]\nbasicConstraints=critical,CA:FALSE\nsubjectAltName="
      << names << "\n";
  const std::string make =
      "set -e; cd " + folder +
      "; cp ../authority/ca.crt ca.crt; : > index; echo 01 > serial; "
      "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key "
      "-out tls.csr -subj /CN=test; openssl ca -batch -notext -config ca.cnf -cert ca.crt "
      "-keyfile ../authority/ca.key -startdate " +
      begin + " -enddate " + end + " -in tls.csr -out tls.crt";
  EXPECT_EQ(std::system(("( " + make + " ) >/dev/null 2>&1").c_str()), 0);
  return TlsFiles::In(folder);
}

TlsFiles Expired() { return Issue("expired", "20200101000000Z", "20200102000000Z"); }
TlsFiles NotYetValid() { return Issue("early", "20980101000000Z", "20990101000000Z"); }

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A server with any certificate, which ours do not allow, that accepts every caller.
class AnyServer {
 public:
  explicit AnyServer(const TlsFiles& files) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({TextOf(files.key), TextOf(files.certificate)});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port_);
    builder.RegisterAsyncGenericService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
  }
  ~AnyServer() {
    server_->Shutdown();
    queue_->Shutdown();
    void* tag = nullptr;
    for (bool ok = false; queue_->Next(&tag, &ok);) continue;
  }
  std::string At(const std::string& host) const { return host + ":" + std::to_string(port_); }

 private:
  int port_ = 0;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
};

absl::Status SendTo(const std::string& address, const std::string& spiffe_id = kSuite,
                    const TlsFiles& files = FilesOf("drafting")) {
  Peer peer("suite", address, files, spiffe_id);
  notification::v1::GetTimelineRequest request;
  request.set_bucp("bucps/1");
  notification::v1::GetTimelineResponse response;
  return peer.Send(NewContext(kDeadline), request, &response);
}

void ExpectCause(const std::string& cause, const absl::Status& status) {
  EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_EQ(status::MetadataOf(status, "cause"), cause) << status;
  EXPECT_EQ(status::MetadataOf(status, "service"), "suite");
}

// Each also by a name with several addresses, where ::1 has no server.
TEST(TheCauseOfAFailedCall, IsWhatIsWrongWithThePeersCertificate) {
  struct Case {
    TlsFiles files;
    std::string cause;
  };
  for (const auto& [files, cause] :
       {Case{Expired(), "CERTIFICATE_EXPIRED"}, Case{NotYetValid(), "CERTIFICATE_NOT_YET_VALID"},
        Case{FilesOf("other/suite"), "CERTIFICATE_UNKNOWN_AUTHORITY"},
        Case{FilesOf(testing::kDepartment), "CERTIFICATE_WRONG_NAME"},
        Case{FilesOf("registry"), "CERTIFICATE_WRONG_IDENTITY"}}) {
    const AnyServer server(files);
    for (const char* host : {"127.0.0.1", "localhost"}) {
      SCOPED_TRACE(host);
      ExpectCause(cause, SendTo(server.At(host)));
    }
  }
}

TEST(TheCauseOfAFailedCall, IsFoundAmongTheReplicasOfAList) {
  const AnyServer server(FilesOf("other/suite"));
  const std::string refused = "127.0.0.1:1", bad = server.At("127.0.0.1");
  ExpectCause("CERTIFICATE_UNKNOWN_AUTHORITY", SendTo("ipv4:" + bad + "," + refused));
  ExpectCause("CERTIFICATE_UNKNOWN_AUTHORITY", SendTo("ipv4:" + refused + "," + bad));
}

TEST(TheCauseOfAFailedCall, IsThatTheServerRefusesTheCallersCertificate) {
  testing::InboxServer server;
  ExpectCause("OWN_CERTIFICATE_EXPIRED", SendTo(server.address(), kSuite, Expired()));
  TlsFiles stranger = FilesOf("other/drafting");
  stranger.authority = FilesOf("drafting").authority;
  ExpectCause("OWN_CERTIFICATE_REFUSED", SendTo(server.address(), kSuite, stranger));
}

TEST(TheCauseOfAFailedCall, IsNotACertificateIfThePeerIsAway) {
  ExpectCause("", SendTo("localhost:1"));
  const AnyServer server(FilesOf("suite"));
  const absl::Status status = SendTo("ipv4:127.0.0.1:1,127.0.0.1:2");
  ExpectCause("", status);
}

// After its certificate is replaced, the peer is called again and answers.
TEST(TheCauseOfAFailedCall, EndsWithTheNewCertificate) {
  auto bad = std::make_unique<AnyServer>(Expired());
  const std::string address = bad->At("127.0.0.1");
  Peer peer("suite", address, FilesOf(testing::kDepartment), kSuite);
  const auto ask = [&] {
    notification::v1::GetTimelineRequest request;
    request.set_bucp("bucps/1");
    notification::v1::GetTimelineResponse response;
    return peer.Send(NewContext(kDeadline), request, &response);
  };
  ExpectCause("CERTIFICATE_EXPIRED", ask());
  bad.reset();
  const testing::InboxServer good({}, address);
  EXPECT_TRUE(testing::Eventually([&] { return ask().ok(); }));
}

}  // namespace
}  // namespace idea::rpc
