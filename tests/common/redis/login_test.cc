#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/redis/redis.h"
#include "tests/support/matchers.h"
#include "tests/support/redis/redis_server.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::RedisServer;

constexpr milliseconds kTimeout{5000};

// A folder of the test.
class Login : public ::testing::Test {
 protected:
  Login() {
    std::string pattern = (std::filesystem::temp_directory_path() / "idea_login_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Login() override { std::filesystem::remove_all(folder_); }
  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << content;
    return folder_ + "/" + name;
  }
  // The kind of the failure of a command on a new connection; "" if it succeeds.
  static std::string KindOfPing(const Options& options) {
    Connection connection(options, kTimeout);
    const auto reply = connection.Run({"GET", "idea"});
    const absl::Status status = reply.ok() ? StatusOf(*reply) : reply.status();
    EXPECT_THAT(status.ToString(), Not(HasSubstr("s3cret")));
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
    return KindOf(status);
  }
  static std::string UrlOf(const RedisServer& server, const std::string& credentials) {
    return "unix://" + credentials + server.address().substr(std::string("unix:").size());
  }
  std::string folder_;
};

TEST_F(Login, NeedsThePasswordOfTheServer) {
  const RedisServer server({"--requirepass", "s3cret@1"});
  EXPECT_EQ(KindOfPing(server.address()), "NOAUTH");
  EXPECT_EQ(KindOfPing(UrlOf(server, ":s3cret@")), "WRONGPASS");
  EXPECT_EQ(KindOfPing(UrlOf(server, ":s3cret%401@")), "");
  EXPECT_EQ(KindOfPing(UrlOf(server, "default:s3cret%401@")), "");
  Options options(server.address());
  options.password_file = Write("password", "s3cret@1\n");
  EXPECT_EQ(KindOfPing(options), "");
  for (const char* bad : {"", "\n", "s3cret\nsecond line\n"}) {
    Write("password", bad);
    EXPECT_EQ(KindOfPing(options), "LOGIN") << bad;
  }
  options.password_file = folder_ + "/not-there";
  EXPECT_EQ(KindOfPing(options), "LOGIN");
}

TEST_F(Login, FollowsAPasswordThatIsRotated) {
  const RedisServer server({"--requirepass", "s3cret1"});
  Options options(server.address());
  options.password_file = Write("password", "s3cret1");
  Connection connection(options, kTimeout);
  ASSERT_THAT(connection.Run({"SET", "x", "1"}), IsOk());
  Connection admin(UrlOf(server, ":s3cret1@"), kTimeout);
  ASSERT_THAT(admin.Run({"CONFIG", "SET", "requirepass", "s3cret2"}), IsOk());
  Write("password", "s3cret2");
  ASSERT_THAT(admin.Run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}), IsOk());
  EXPECT_EQ(KindOf(connection.Run({"GET", "x"}).status()), "CLOSED");
  const auto reply = connection.Run({"GET", "x"});
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, "1");
}

TEST_F(Login, IsThatOfAUserWithWhatTheUserMayDo) {
  const RedisServer server({"--user", "idea", "on", ">s3cret", "~idea:events*", "+get"});
  EXPECT_EQ(KindOfPing(UrlOf(server, "idea:wrong-s3cret@")), "WRONGPASS");
  EXPECT_EQ(KindOfPing(UrlOf(server, "idea:s3cret@")), "NOPERM");
  Connection connection(UrlOf(server, "idea:s3cret@"), kTimeout);
  const auto reply = connection.Run({"GET", "idea:events:cursor:drafting"});
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->kind, Reply::Kind::kNil);
}

// The permissions of the manifests.
TEST_F(Login, OfTheManifestsMayDoWhatTheQueueNeedsAndNothingElse) {
  std::ifstream manifest(IDEA_SOURCE_DIR "/deploy/k8s/components/redis-sentinel/redis.sh");
  const std::string text{std::istreambuf_iterator<char>(manifest), std::istreambuf_iterator<char>()};
  const std::string before = "user idea on #$(digest password) ";
  const size_t begin = text.find(before) + before.size();
  std::istringstream rules(text.substr(begin, text.find('\n', begin) - begin));
  std::vector<std::string> arguments = {"--user", "idea", "on", ">s3cret"};
  for (std::string rule; rules >> rule;) arguments.push_back(rule);
  ASSERT_GT(arguments.size(), 10u);
  const RedisServer server(arguments);
  Connection connection(UrlOf(server, "idea:s3cret@"), kTimeout);
  Publisher publisher(connection, "idea:events", "drafting");
  Reader reader(connection, "idea:events");
  ASSERT_THAT(publisher.Cursor(), IsOk());
  ASSERT_THAT(publisher.Publish("", {{"c1", "1"}}), IsOk());
  EXPECT_TRUE(absl::IsAborted(publisher.Publish("", {{"c1", "1"}})));
  ASSERT_THAT(reader.Read(10, milliseconds(1)), IsOk());
  ASSERT_THAT(reader.Sources(), IsOk());
  ASSERT_THAT(reader.Reconcile("drafting", "", [](std::string_view, std::string_view) { return false; }),
              IsOk());
  ASSERT_THAT(reader.Rewind("drafting", ""), IsOk());
  ASSERT_THAT(reader.Trim(), IsOk());
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"FLUSHALL"}, {"GET", "other"}, {"CONFIG", "GET", "*"}}) {
    const auto reply = connection.Run(command);
    ASSERT_THAT(reply, IsOk());
    EXPECT_EQ(KindOf(StatusOf(*reply)), "NOPERM") << command[0];
  }
}

// Redis repeats the arguments of an unknown command.
TEST_F(Login, KeepsThePasswordOutOfErrorsOfAServerWithoutAuth) {
  const RedisServer server({"--rename-command", "AUTH", ""});
  Connection connection(UrlOf(server, "user:s3cret@"), kTimeout);
  const absl::Status status = connection.Run({"PING"}).status();
  EXPECT_EQ(KindOf(status), "ERR");
  EXPECT_THAT(status.ToString(), Not(HasSubstr("s3cret")));
}

// The error replies of a server that was replaced or is not ready: the next command uses a new connection.
TEST_F(Login, IsRepeatedAfterAnErrorOfTheServer) {
  const RedisServer server;
  Connection connection(server.address(), kTimeout);
  const auto id = [&] { return connection.Run({"CLIENT", "ID"})->integer; };
  const int64_t first = id();
  ASSERT_EQ(id(), first);
  ASSERT_THAT(connection.Run({"REPLICAOF", "127.0.0.1", "1"}), IsOk());
  const auto reply = connection.Run({"SET", "x", "1"});
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(KindOf(StatusOf(*reply)), "READONLY");
  EXPECT_NE(id(), first);
}

TEST_F(Login, NamesEachErrorByItsKind) {
  for (const char* kind :
       {"LOADING", "READONLY", "MASTERDOWN", "NOAUTH", "WRONGPASS", "NOPERM", "CLUSTERDOWN", "MISCONF", "OOM",
        "NOREPLICAS", "TRYAGAIN", "BUSY", "MOVED", "ASK"}) {
    Reply reply;
    reply.kind = Reply::Kind::kError;
    reply.text = std::string(kind) + " something s3cret";
    EXPECT_TRUE(absl::IsUnavailable(StatusOf(reply))) << kind;
    EXPECT_EQ(KindOf(StatusOf(reply)), kind);
    EXPECT_THAT(StatusOf(reply).ToString(), Not(HasSubstr("s3cret")));
  }
}

TEST_F(Login, WithTlsVerifiesTheServerAndShowsItsCertificate) {
  const std::string certs = folder_ + "/certs";
  ASSERT_EQ(std::system((IDEA_SOURCE_DIR "/scripts/certs.sh " + certs +
                         " >/dev/null && " IDEA_SOURCE_DIR "/scripts/certs.sh " + certs +
                         " --authority other >/dev/null")
                            .c_str()),
            0);
  const std::string port = std::to_string(testing::FreePort()), of = certs + "/notification/";
  const RedisServer server({"--tls-port", port, "--tls-cert-file", of + "tls.crt", "--tls-key-file",
                            of + "tls.key", "--tls-ca-cert-file", of + "ca.crt", "--tls-auth-clients",
                            "yes"});
  Options options("rediss://127.0.0.1:" + port);
  options.tls_dir = certs + "/drafting";
  EXPECT_EQ(KindOfPing(options), "");
  options.url = "rediss://localhost:" + port;
  EXPECT_EQ(KindOfPing(options), "");
  EXPECT_THAT(options.Check(), IsOk());
  options.url = "rediss://127.0.0.2:" + port;
  EXPECT_EQ(KindOfPing(options), "TLS") << "the certificate names another address";
  options.url = "redis://127.0.0.1:" + port;
  EXPECT_EQ(KindOfPing(options), "CLOSED") << "the server wants TLS";
  options.url = "rediss://127.0.0.1:" + port;
  options.tls_dir = certs + "/other/drafting";
  EXPECT_EQ(KindOfPing(options), "TLS") << "of another authority";
  options.tls_dir.clear();
  EXPECT_EQ(KindOfPing(options), "TLS") << "the system does not know the authority";
  options.tls_dir = folder_ + "/ca-only";
  std::filesystem::create_directories(options.tls_dir);
  std::filesystem::copy(of + "ca.crt", options.tls_dir + "/ca.crt");
  EXPECT_THAT(KindOfPing(options), ::testing::AnyOf("TLS", "CLOSED")) << "without a certificate";
}

TEST_F(Login, SettingsThatDoNotFitAreRefusedByName) {
  const auto check = [](const Options& options, const std::string& wanted) {
    const absl::Status status = options.Check();
    EXPECT_THAT(std::string(status.message()), HasSubstr(wanted));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("s3cret")));
  };
  const std::string password = Write("password", "s3cret");
  Options options("redis://:s3cret@host");
  EXPECT_THAT(options.Check(), IsOk());
  options.password_file = password;
  check(options, "IDEA_REDIS_PASSWORD_FILE");
  options.url = "redis://host";
  EXPECT_THAT(options.Check(), IsOk());
  options.password_file = folder_ + "/not-there";
  check(options, "IDEA_REDIS_PASSWORD_FILE");
  options.password_file = password;
  options.sentinel_password_file = password;
  check(options, "IDEA_REDIS_SENTINEL");
  options.url = "redis-sentinel://host";
  EXPECT_THAT(options.Check(), IsOk());
  options.tls_dir = folder_;
  check(options, "IDEA_REDIS_TLS_DIR");
  options.url = "rediss-sentinel://host";
  check(options, "IDEA_REDIS_TLS_DIR");
  options.tls_dir.clear();
  options.event_keys_file = password;
  check(options, "IDEA_EVENT_KEYS_FILE");
  check(Options(":s3cret@host"), "IDEA_REDIS wants");
}

}  // namespace
}  // namespace idea::redis
