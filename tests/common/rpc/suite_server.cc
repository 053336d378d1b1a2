#include "tests/common/rpc/suite_server.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>

#include "common/rpc/wire.h"
#include "grpc/health/v1/health.pb.h"
#include "services/dispute/dispute_app.h"
#include "services/drafting/drafting_app.h"
#include "services/inventory/inventory_app.h"
#include "services/notification/notification_app.h"
#include "services/registry/registry_app.h"
#include "services/review/review_app.h"
#include "tests/support/matchers.h"

namespace idea::testing {
namespace {

void Run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

// Copies of files that are created once for all tests of a build folder, removed when the program ends.
struct Folder {
  Folder() {
    char name[] = "/tmp/idea-suite-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    path = name;
    const std::string scripts = "bash " IDEA_SOURCE_DIR "/scripts/", made = IDEA_BINARY_DIR "/certificates";
    for (const std::string authority : {"", " --authority other"}) {
      Run(scripts + "certs.sh " + made + authority + " " + kDepartment + " " + kOtherDepartment + " " +
          kEducationAgency + " " + kCdo + " " + kGovernor + " >/dev/null");
    }
    std::filesystem::copy(made, path, std::filesystem::copy_options::recursive);
    Run(scripts + "log_key.sh " + path + "/log.key");
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

const std::string& Certificates() {
  static const Folder folder;
  return folder.path;
}

rpc::TlsFiles FilesOf(const std::string& caller) { return rpc::TlsFiles::In(Certificates() + "/" + caller); }

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address, const rpc::TlsFiles& tls,
                                         grpc::ChannelArguments arguments) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (tls.certificate.empty()) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(tls.authority, 1));
  } else {
    options.set_certificate_provider(rpc::WatchFiles(tls));
    options.watch_identity_key_cert_pairs();
  }
  options.watch_root_certs();
  // Channels of different callers must not share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::experimental::TlsCredentials(options), arguments);
}

grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                      const std::string& bytes) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext call;
  grpc::CompletionQueue queue;
  const grpc::Slice slice(bytes);
  const auto unary = stub.PrepareUnaryCall(&call, path, grpc::ByteBuffer(&slice, 1), &queue);
  unary->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  unary->Finish(&response, &status, &status);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

Echo Exchange(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
              const std::string& bytes, const std::function<bool(const std::string&)>& go_on) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext call;
  call.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  Echo echo;
  auto stream = stub.PrepareCall(&call, path, &queue);
  stream->StartCall(nullptr);
  bool going = done();
  if (going) {
    stream->WriteLast(rpc::FromBytes(bytes), grpc::WriteOptions(), nullptr);
    going = done();
  }
  while (going) {
    grpc::ByteBuffer buffer;
    stream->Read(&buffer, nullptr);
    going = done();
    if (!going) break;
    rpc::AppendBytes(buffer, echo.messages.emplace_back());
    if (go_on != nullptr && !go_on(echo.messages.back())) {
      call.TryCancel();
      break;
    }
  }
  stream->Finish(&echo.status, nullptr);
  done();
  return echo;
}

grpc::Status BeginOnly(const std::shared_ptr<grpc::Channel>& channel, const std::string& path) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext call;
  call.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
  };
  auto stream = stub.PrepareCall(&call, path, &queue);
  stream->StartCall(nullptr);
  done();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  done();
  return status;
}

int ConnectTo(const std::string& address) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket, reinterpret_cast<sockaddr*>(&at), sizeof(at)), 0);
  return socket;
}

std::string HealthRequest(const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return request.SerializeAsString();
}

bool IsServing(const std::string& health_response) {
  grpc::health::v1::HealthCheckResponse response;
  return response.ParseFromString(health_response) &&
         response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

SuiteServer::SuiteServer(const std::string& databases, const std::map<std::string, std::string>& settings) {
  issuer_.AddEcKey("key");
  std::map<std::string, std::string> all = settings;
  all.insert({{"IDEA_LISTEN", "127.0.0.1:0"},
              {"IDEA_DATABASE", databases},
              {"IDEA_TLS_DIR", Certificates() + "/{service}"},
              {"IDEA_CDO_ENTITY", kCdo},
              {"IDEA_GOVERNOR_ENTITY", kGovernor},
              {"IDEA_TOKEN_KEYS_DIR", issuer_.folder()},
              {"IDEA_LOG_KEY", Certificates() + "/log.key"},
              {"IDEA_REDIS", "unix:" + Certificates() + "/no-queue"},
              {"IDEA_DRAIN_SECONDS", "2"},
              {"IDEA_STOP_GRACE_SECONDS", "0"}});
  const auto config = config::Config::Load(0, nullptr, all);
  EXPECT_THAT(config, IsOk());
  process_ = std::make_unique<server::Process>("suite", *config, clock_);
  EXPECT_THAT(process_->Start({registry::kRegistry, drafting::kDrafting, review::kReview, dispute::kDispute,
                               inventory::kInventory, notification::kNotification}),
              IsOk());
  address_ = process_->address();
}

SuiteServer::~SuiteServer() { process_->Stop(); }

rpc::Peer& SuiteServer::Of(const std::string& caller) {
  auto& peer = peers_[caller];
  if (peer == nullptr) peer = std::make_unique<rpc::Peer>("suite", address_, FilesOf(caller));
  return *peer;
}

std::string SuiteServer::TokenOf(const std::string& person) const {
  return issuer_.Sign(R"({"alg":"ES256","typ":"JWT","kid":"key"})",
                      R"({"iss":"https://issuer.idea.local","aud":"idea-exchange","sub":")" + person +
                          R"(","exp":)" + std::to_string(clock_.Now() / clock::kSecond + 300) + "}",
                      "key");
}

}  // namespace idea::testing
