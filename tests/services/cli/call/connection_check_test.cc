#include "services/cli/call/connection_check.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <sstream>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "services/cli/cli_app.h"
#include "tests/services/cli/wire_server.h"

namespace idea::cli {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::WireServer;

constexpr milliseconds kTimeout{10'000};

// Certificates of two authorities; those in <folder>/expired have expired.
class AConnection : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new std::string(std::filesystem::temp_directory_path() / ("connection-" + ids::NewUuid()));
    const std::string script = std::string("bash ") + IDEA_SOURCE_DIR + "/scripts/certs.sh " + *folder_;
    ASSERT_EQ(std::system((script + " cdss >/dev/null").c_str()), 0);
    ASSERT_EQ(std::system((script + " --authority other cdss >/dev/null").c_str()), 0);
    // Only `openssl ca` sets both days; it needs a separate folder.
    const std::string make =
        "set -e; cd " + *folder_ +
        "; mkdir expired; cd expired; touch index; echo 01 > serial; "
        "printf "
        "'[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\n"
        "policy=p\\n[p]\\ncommonName=supplied\\n' > ca.cnf; "
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt "
        "-subj /CN=ca "
        "-days 2; "
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.csr -subj "
        "/CN=localhost; "
        "openssl ca -batch -notext -config ca.cnf -cert ca.crt -keyfile ca.key -startdate 20200101000000Z "
        "-enddate "
        "20200102000000Z -in tls.csr -out tls.crt";
    ASSERT_EQ(std::system(("( " + make + " ) >/dev/null 2>&1").c_str()), 0);
  }
  static void TearDownTestSuite() {
    std::filesystem::remove_all(*folder_);
    delete folder_;
  }
  static std::unique_ptr<WireServer> ServerWith(const std::string& folder) {
    return std::make_unique<WireServer>(rpc::TlsFiles::In(*folder_ + "/" + folder),
                                        [](const testing::Received&) { return testing::Reply(); });
  }
  // A target with the files of `identity` and the authority of `authority`, both folders.
  static Target TargetAt(const std::string& address, const std::string& identity = "entities/cdss",
                         const std::string& authority = "suite") {
    const std::string own = *folder_ + "/" + identity;
    return {address, own + "/tls.crt", own + "/tls.key", *folder_ + "/" + authority + "/ca.crt", ""};
  }
  // Expects this trouble, and its exit code when ideactl calls the target.
  static void Expect(ExitCode code, const std::string& text, const Target& target,
                     const Variables& variables = {}, milliseconds timeout = kTimeout) {
    const auto trouble = FindConnectionTrouble(target, variables, timeout);
    ASSERT_TRUE(trouble) << text;
    EXPECT_EQ(trouble->code, code) << trouble->text;
    EXPECT_THAT(trouble->text, HasSubstr(text));
    std::istringstream in;
    std::ostringstream out, err;
    clock::FakeClock clock;
    Environment env{in, out, err, variables, clock, [](milliseconds) {}};
    EXPECT_EQ(cli::Run({"--endpoint", target.address, "--cert", target.certificate, "--key", target.key,
                        "--ca", target.authority, "--timeout", "2", "entities", "list"},
                       env),
              code)
        << err.str();
    EXPECT_EQ(out.str(), "");
  }
  static std::string* folder_;
};
std::string* AConnection::folder_ = nullptr;

TEST_F(AConnection, ThatWorksReturnsNothing) {
  const auto server = ServerWith("suite");
  const auto trouble = FindConnectionTrouble(TargetAt(server->address()), {}, kTimeout);
  EXPECT_FALSE(trouble) << trouble->text;
  EXPECT_FALSE(FindConnectionTrouble(TargetAt("unix:/somewhere"), {}, kTimeout)) << "not host:port";
}

TEST_F(AConnection, ToAServerOfAnotherAuthority) {
  const auto server = ServerWith("suite");
  Expect(kUnknownAuthority, "not from the certificate authority in --ca",
         TargetAt(server->address(), "entities/cdss", "other/suite"));
}

TEST_F(AConnection, ToAServerOfAnotherName) {
  const auto server = ServerWith("entities/cdss");
  Expect(kNameMismatch, "for another name than localhost", TargetAt(server->address()));
}

TEST_F(AConnection, ToAServerWhoseCertificateHasExpired) {
  const auto server = ServerWith("expired");
  Expect(kExpired, "out of date", TargetAt(server->address(), "entities/cdss", "expired"));
}

TEST_F(AConnection, WithAnExpiredCertificate) {
  Expect(kExpired, "your certificate " + *folder_ + "/expired/tls.crt has expired",
         TargetAt("localhost:1", "expired"));
}

TEST_F(AConnection, WithACertificateThatTheServerRefuses) {
  const auto server = ServerWith("suite");
  Expect(kCertificateRefused, "does not accept your certificate",
         TargetAt(server->address(), "other/entities/cdss"));
}

TEST_F(AConnection, ToAPortWithoutAServer) {
  Expect(kRefused, "is the server running there?", TargetAt("localhost:1"));
  Expect(kNoSuchHost, "the host nowhere.invalid is not known", TargetAt("nowhere.invalid:443"));
}

TEST_F(AConnection, ToAServerThatDoesNotAnswer) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(at);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size), 0);
  Expect(kDeadline, "did not answer within", TargetAt("127.0.0.1:" + std::to_string(ntohs(at.sin_port))), {},
         milliseconds(100));
  close(listener);
}

TEST_F(AConnection, ThroughAProxyNamesTheVariable) {
  const Variables variables = {{"https_proxy", "http://proxy.invalid:3128"}};
  Expect(kProxy, "https_proxy", TargetAt("suite.invalid:443"), variables);
  // A call to this machine, or to an exempt host, does not use it.
  Expect(kRefused, "localhost:1", TargetAt("localhost:1"), variables);
  Variables exempt = variables;
  exempt["no_proxy"] = "example.org, .invalid";
  Expect(kNoSuchHost, "suite.invalid", TargetAt("suite.invalid:443"), exempt);
}

TEST_F(AConnection, NeedsFilesThatCanBeRead) {
  Expect(kUsage, "cannot be read", TargetAt("localhost:1", "nobody"));
  Target target = TargetAt("localhost:1");
  target.authority = *folder_ + "/no-ca.crt";
  Expect(kUsage, "the certificate authority", target);
}

}  // namespace
}  // namespace idea::cli
