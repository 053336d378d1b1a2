#include "common/rpc/revocations.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "common/ids/ids.h"
#include "common/rpc/certificate_files.h"
#include "common/rpc/wire.h"
#include "common/server/certificate_report.h"
#include "idea/notification/v1/notification.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

// Revoked certificates, and two authorities at once, with certificates and lists of openssl.
namespace idea::rpc {
namespace {

namespace fs = std::filesystem;
using status::Reason;
using testing::Eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::kDepartment;
using testing::kOtherDepartment;

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  fs::rename(path + ".new", path);
}

MATCHER(IsRefusedAsRevoked, "") {
  return status::ReasonOf(arg) == Reason::ERROR_REASON_CERTIFICATE_REQUIRED &&
         status::MetadataOf(arg, "cause") == "CERTIFICATE_REVOKED";
}

class RevokedCertificates : public ::testing::Test {
 protected:
  // A copy of the certificates, with a list that revokes none.
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("revocations-" + ids::NewUuid())).string();
    fs::copy(testing::Certificates(), folder_, fs::copy_options::recursive);
    Revoke("", {});
  }
  void TearDown() override {
    suite_.reset();
    fs::remove_all(folder_);
  }
  void Run(const std::string& command) {
    ASSERT_EQ(std::system(("bash " IDEA_SOURCE_DIR "/scripts/" + command + " >/dev/null").c_str()), 0)
        << command;
  }
  // Revokes certificates of the authority "" or "other".
  void Revoke(const std::string& authority, const std::vector<std::string>& callers) {
    const std::string tree = folder_ + (authority.empty() ? "" : "/" + authority);
    std::string command = "revoke.sh " + tree;
    for (const std::string& caller : callers) command += " " + tree + "/" + caller + "/tls.crt";
    Run(command);
  }
  std::string List(const std::string& authority = "") const {
    return folder_ + (authority.empty() ? "" : "/" + authority) + "/authority/crl.pem";
  }
  void Serve(const std::string& list) {
    suite_.emplace("sqlite::memory:",
                   std::map<std::string, std::string>{{"IDEA_TLS_DIR", folder_ + "/{service}"},
                                                      {"IDEA_TLS_CRL_FILE", list}});
  }
  // The files of a caller with a certificate of `authority`, who trusts the first one.
  TlsFiles FilesOf(const std::string& caller, const std::string& authority = "") const {
    TlsFiles files = TlsFiles::In(folder_ + "/" + (authority.empty() ? "" : authority + "/") + caller);
    files.authority = folder_ + "/authority/ca.crt";
    return files;
  }
  static absl::Status Read(Peer& peer) {
    registry::v1::ListEntitiesResponse entities;
    return peer.Send(NewContext(std::chrono::seconds(10)), registry::v1::ListEntitiesRequest(), &entities);
  }
  // With a new connection.
  absl::Status ReadAs(const std::string& caller, const std::string& authority = "") const {
    Peer peer("suite", suite_->address(), FilesOf(caller, authority));
    return Read(peer);
  }

  std::string folder_;
  std::optional<testing::SuiteServer> suite_;
};

TEST_F(RevokedCertificates, EndTheirConnectionsAndIdentifyNobody) {
  Serve(List());
  Peer peer("suite", suite_->address(), FilesOf(kDepartment));
  Peer other("suite", suite_->address(), FilesOf(kOtherDepartment));
  ASSERT_THAT(Read(peer), IsOk());
  ASSERT_THAT(Read(other), IsOk());
  std::promise<void> begun;
  auto watch = std::async(std::launch::async, [&] {
    int messages = 0;
    const auto echo = testing::Exchange(testing::ChannelTo(suite_->address(), FilesOf(kDepartment)),
                                        "/grpc.health.v1.Health/Watch", testing::HealthRequest(""),
                                        [&](const std::string&) {
                                          if (++messages == 1) begun.set_value();
                                          return true;
                                        });
    return FromGrpc(echo.status);
  });
  begun.get_future().wait();

  Revoke("", {kDepartment});
  EXPECT_FALSE(watch.get().ok()) << "an open stream ends";
  EXPECT_TRUE(Eventually([&] { return status::MetadataOf(Read(peer), "cause") == "CERTIFICATE_REVOKED"; }));
  EXPECT_THAT(ReadAs(kDepartment), IsRefusedAsRevoked());
  const auto health = peer.CheckHealth(NewContext(std::chrono::seconds(10)), "");
  EXPECT_THAT(health.status(), IsRefusedAsRevoked());
  EXPECT_THAT(Read(other), IsOk());

  // A new certificate of the same department is another one.
  fs::remove(folder_ + "/" + kDepartment + "/tls.crt");
  Run("certs.sh " + folder_ + " " + kDepartment);
  EXPECT_TRUE(Eventually([&] { return ReadAs(kDepartment).ok(); }));
}

TEST_F(RevokedCertificates, StayRevokedWhileTheFileIsBroken) {
  Revoke("", {kDepartment});
  Serve(List());
  EXPECT_THAT(ReadAs(kDepartment), IsRefusedAsRevoked());
  TlsFiles files = TlsFiles::In(folder_ + "/suite");
  files.revocations = List();
  const Revocations& lists = CertificateFiles::Of(files).revocations();
  const uint64_t version = lists.version();
  const std::string good = TextOf(List());
  Revoke("other", {});
  const auto fails_because = [&lists](const std::string& cause) {
    return Eventually([&] { return std::string(lists.Check().message()).find(cause) != std::string::npos; });
  };
  for (const auto& [text, cause] : {std::pair<std::string, const char*>{"", "cannot read"},
                                    {"no list", "contains no revocation list"},
                                    {good.substr(0, good.size() / 2), "contains a list that cannot be read"},
                                    {good + TextOf(List("other")), "is not signed by a trusted authority"}}) {
    Write(List(), text);
    EXPECT_TRUE(fails_because(cause)) << cause << ": " << lists.Check();
    EXPECT_THAT(std::string(lists.Check().message()), HasSubstr(List()));
    EXPECT_THAT(ReadAs(kDepartment), IsRefusedAsRevoked()) << cause;
    EXPECT_THAT(ReadAs(kOtherDepartment), IsOk()) << cause;
  }
  EXPECT_EQ(lists.version(), version);
  fs::remove(List());
  EXPECT_TRUE(fails_because("cannot read"));
  EXPECT_THAT(ReadAs(kDepartment), IsRefusedAsRevoked());
  Write(List(), good);
  EXPECT_TRUE(Eventually([&] { return lists.Check().ok(); }));
}

TEST_F(RevokedCertificates, OfServersAreRefusedByOtherServices) {
  Serve(List());
  TlsFiles files = FilesOf("drafting");
  files.revocations = List();
  Peer peer("registry", suite_->address(), files, "spiffe://idea.local/service/suite");
  ASSERT_THAT(Read(peer), IsOk());
  Revoke("", {"suite"});
  EXPECT_TRUE(Eventually([&] { return !Read(peer).ok(); })) << "an open connection is not used any more";
  const absl::Status refused = Read(peer);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_EQ(status::MetadataOf(refused, "cause"), "CERTIFICATE_REVOKED");
}

TEST_F(RevokedCertificates, ComeFromSeveralAuthorities) {
  const std::string bundle =
      TextOf(folder_ + "/authority/ca.crt") + TextOf(folder_ + "/other/authority/ca.crt");
  Write(folder_ + "/suite/ca.crt", bundle);
  Revoke("", {kDepartment});
  Revoke("other", {kOtherDepartment});
  Write(List(), TextOf(List()) + TextOf(List("other")));
  Serve(List());
  EXPECT_THAT(ReadAs(kDepartment), IsRefusedAsRevoked());
  EXPECT_THAT(ReadAs(kDepartment, "other"), IsOk());
  EXPECT_THAT(ReadAs(kOtherDepartment), IsOk());
  EXPECT_THAT(ReadAs(kOtherDepartment, "other"), IsRefusedAsRevoked());
}

// The authority changes while the server runs: the old one, both, the new one.
TEST_F(RevokedCertificates, AuthoritiesRotateWithoutARestart) {
  const std::string first = TextOf(folder_ + "/authority/ca.crt"),
                    second = TextOf(folder_ + "/other/authority/ca.crt");
  Serve("");
  EXPECT_THAT(ReadAs(kDepartment), IsOk());
  EXPECT_THAT(ReadAs(kDepartment, "other"), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  Peer open("suite", suite_->address(), FilesOf(kOtherDepartment));
  EXPECT_THAT(Read(open), IsOk());
  Write(folder_ + "/suite/ca.crt", first + second);
  EXPECT_TRUE(Eventually([&] { return ReadAs(kDepartment, "other").ok(); }));
  EXPECT_THAT(ReadAs(kDepartment), IsOk());
  Write(folder_ + "/suite/ca.crt", second);
  EXPECT_TRUE(Eventually([&] { return !ReadAs(kDepartment).ok(); }));
  EXPECT_THAT(ReadAs(kDepartment, "other"), IsOk());
  EXPECT_THAT(Read(open), IsOk()) << "an open connection stays";
}

TEST_F(RevokedCertificates, AreReportedWhenTheirListIsOutOfDate) {
  TlsFiles files = TlsFiles::In(folder_ + "/review");
  files.revocations = List();
  const CertificateFiles& of = CertificateFiles::Of(files);
  const auto lists = of.revocations().lists();
  ASSERT_EQ(lists.size(), 1);
  metrics::Metrics metrics;
  clock::FakeClock clock(lists[0].next_update - clock::kDay);
  server::CertificateReport report({&of}, metrics, clock);
  EXPECT_EQ(report.Pass(), 0);
  clock.Advance(clock::kDay + clock::kSecond);
  EXPECT_EQ(report.Pass(), 1);
  EXPECT_EQ(report.Pass(), 0) << "once a day";
  EXPECT_THAT(metrics.Text(),
              HasSubstr("idea_revocation_list_next_update_seconds{issuer=\"" + lists[0].issuer + "\"} " +
                        std::to_string(lists[0].next_update / clock::kSecond)));
}

TEST_F(RevokedCertificates, NeedAFileThatIsGoodAtTheStart) {
  TlsFiles files = TlsFiles::In(folder_ + "/dispute");
  const clock::Micros now = clock::SystemClock().Now();
  EXPECT_THAT(CertificateFiles::Of(files).Check(now), IsOk());
  files.revocations = folder_ + "/nowhere.pem";
  EXPECT_EQ(CertificateFiles::Of(files).Check(now).message(), "cannot read " + files.revocations);
}

}  // namespace
}  // namespace idea::rpc
