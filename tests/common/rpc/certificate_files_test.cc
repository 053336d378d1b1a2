#include "common/rpc/certificate_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/clock/clock.h"
#include "idea/notification/v1/notification.pb.h"
#include "tests/common/rpc/inbox_server.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

namespace fs = std::filesystem;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

clock::Micros Now() { return clock::SystemClock().Now(); }

// A folder of certificates that a test can change.
class OwnFiles {
 public:
  explicit OwnFiles(const std::string& of) {
    static int count = 0;
    path_ = testing::Certificates() + "/own-" + std::to_string(++count);
    fs::create_directory(path_);
    CopyFrom(of);
  }
  ~OwnFiles() { fs::remove_all(path_); }
  TlsFiles files() const { return TlsFiles::In(path_); }
  CertificateFiles& watched() const { return CertificateFiles::Of(files()); }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
  }
  void Copy(const std::string& of, const std::string& name) const {
    fs::copy_file(testing::Certificates() + "/" + of + "/" + name, path_ + "/" + name,
                  fs::copy_options::overwrite_existing);
  }
  void CopyFrom(const std::string& of) const {
    for (const char* name : {"ca.crt", "tls.key", "tls.crt"}) Copy(of, name);
  }
  // The second reading of the files, when faults count.
  void ReadTwice() const {
    watched().Refresh(Now());
    watched().Refresh(Now());
  }

 private:
  std::string path_;
};

absl::Status SendTo(Peer& peer) {
  notification::v1::GetTimelineRequest request;
  request.set_bucp("bucps/1");
  notification::v1::GetTimelineResponse response;
  return peer.Send(NewContext(std::chrono::seconds(10)), request, &response);
}

// Whether a new connection reaches a server with that name.
absl::Status Connect(const std::string& address, const std::string& service) {
  Peer peer("inbox", "localhost" + address.substr(address.rfind(':')), testing::FilesOf(testing::kDepartment),
            "spiffe://idea.local/service/" + service);
  return SendTo(peer);
}

class BrokenFiles : public ::testing::TestWithParam<void (*)(const OwnFiles&)> {};

TEST_P(BrokenFiles, LeaveTheLastGoodOnesInUse) {
  const OwnFiles own("suite");
  testing::InboxServer server({}, "127.0.0.1:0", own.files());
  Peer before("inbox", server.address(), testing::FilesOf(testing::kDepartment));
  ASSERT_THAT(SendTo(before), IsOk());

  GetParam()(own);
  own.ReadTwice();
  EXPECT_EQ(own.watched().refused(), 1);
  // Longer than gRPC takes to read its files.
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(testing::Eventually([&] {
    EXPECT_THAT(SendTo(before), IsOk());
    EXPECT_THAT(Connect(server.address(), "suite"), IsOk());
    return std::chrono::steady_clock::now() - begun > std::chrono::seconds(3) ||
           ::testing::Test::HasFailure();
  }));
  own.watched().Refresh(Now());
  EXPECT_EQ(own.watched().refused(), 1) << "the same files are counted once";

  own.CopyFrom("registry");
  own.watched().Refresh(Now());
  EXPECT_TRUE(testing::Eventually([&] { return Connect(server.address(), "registry").ok(); }));
  EXPECT_THAT(SendTo(before), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    Each, BrokenFiles,
    ::testing::Values([](const OwnFiles& own) { own.Write("tls.crt", "no certificate"); },
                      [](const OwnFiles& own) { own.Write("tls.key", ""); },
                      [](const OwnFiles& own) { own.Copy("registry", "tls.key"); },
                      [](const OwnFiles& own) { own.Copy("registry", "tls.crt"); },
                      [](const OwnFiles& own) {
                        own.Write("ca.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
                      },
                      [](const OwnFiles& own) { fs::remove(own.files().authority); }));

// Writes a certificate of the trusted authority with CA:TRUE and the SPIFFE id of `path` to the folder.
void IssueAuthority(const OwnFiles& own, const std::string& path) {
  const std::string authority = testing::Certificates() + "/authority/ca";
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout " + own.files().key +
      " -out " + own.files().certificate + " -CA " + authority + ".crt -CAkey " + authority +
      ".key -sha256 -days 30 -subj /O=test -addext 'keyUsage=critical,digitalSignature,keyCertSign'" +
      " -addext 'basicConstraints=critical,CA:TRUE' -addext 'extendedKeyUsage=serverAuth,clientAuth'" +
      " -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,URI:spiffe://idea.local/" + path + "' 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

TEST(AnAuthoritysCertificate, IsRefusedAsAClients) {
  const OwnFiles own(testing::kDepartment);
  IssueAuthority(own, "entity/department-x");
  testing::InboxServer server;
  Peer peer("inbox", server.address(), own.files());
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(SendTo(peer), FailsWith(status::Reason::ERROR_REASON_CERTIFICATE_REQUIRED));
}

TEST(AnAuthoritysCertificate, IsRefusedAsAServers) {
  const OwnFiles own("suite");
  IssueAuthority(own, "service/suite");
  const std::string why(own.watched().Check(Now()).message());
  EXPECT_THAT(why, HasSubstr(own.files().certificate));
  EXPECT_THAT(why, HasSubstr("CA:TRUE"));
}

TEST(CertificateFiles, AreRefusedAtTheStartInOneLine) {
  const OwnFiles good("suite");
  EXPECT_THAT(good.watched().Check(Now()), IsOk());
  EXPECT_THAT(std::string(good.watched().Check(Now() + 91 * clock::kDay).message()),
              HasSubstr(good.files().certificate + ": expired on 20"));
  EXPECT_THAT(std::string(good.watched().Check(Now() - 91 * clock::kDay).message()),
              HasSubstr("is valid only from 20"));
  const OwnFiles mismatched("suite");
  mismatched.Copy("registry", "tls.key");
  EXPECT_THAT(std::string(mismatched.watched().Check(Now()).message()),
              HasSubstr(mismatched.files().key + ": the private key belongs to another certificate"));
  const OwnFiles empty("suite");
  fs::remove(empty.files().key);
  EXPECT_THAT(std::string(empty.watched().Check(Now()).message()),
              HasSubstr("cannot read " + empty.files().key));
}

// A renewal that has already expired must not replace a valid certificate.
TEST(CertificateFiles, DoNotReplaceValidOnesByExpiredOnes) {
  const OwnFiles own("suite");
  ASSERT_THAT(own.watched().Check(Now()), IsOk());
  own.CopyFrom("registry");
  const clock::Micros later = Now() + 91 * clock::kDay;
  own.watched().Refresh(later);
  own.watched().Refresh(later);
  EXPECT_EQ(own.watched().refused(), 1);
}

}  // namespace
}  // namespace idea::rpc
