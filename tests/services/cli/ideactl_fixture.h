#ifndef IDEA_TESTS_SERVICES_CLI_IDEACTL_FIXTURE_H_
#define IDEA_TESTS_SERVICES_CLI_IDEACTL_FIXTURE_H_

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "google/protobuf/text_format.h"
#include "services/cli/cli_app.h"
#include "tests/services/cli/wire_server.h"
#include "tests/support/matchers.h"

namespace idea::testing {

// A development authority with the certificates of a server and a department, made once.
inline const std::string& Certificates() {
  static const std::string& folder = *[] {
    auto* path = new std::string(std::filesystem::temp_directory_path() / ("cli-" + ids::NewUuid()));
    const std::string script = std::string(IDEA_SOURCE_DIR) + "/scripts/certs.sh";
    if (std::system((script + " " + *path + " cdss >/dev/null").c_str()) != 0) std::abort();
    return path;
  }();
  return folder;
}

class RemoveCertificates : public ::testing::Environment {
  void TearDown() override { std::filesystem::remove_all(Certificates()); }
};
inline const auto* const kRemove = ::testing::AddGlobalTestEnvironment(new RemoveCertificates);

template <class Message>
std::string Bytes(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message.SerializeAsString();
}

// Runs ideactl against a server whose methods are `handle`.
class Ideactl : public ::testing::Test {
 protected:
  void Serve(const WireServer::Handler& handle) {
    server_.reset();
    server_ = std::make_unique<WireServer>(rpc::TlsFiles::In(Certificates() + "/suite"),
                                           [this, handle](const Received& call) {
                                             {
                                               const std::lock_guard lock(mutex_);
                                               calls_.push_back(call);
                                             }
                                             return handle(call);
                                           });
    const std::string folder = Certificates() + "/entities/cdss/";
    std::ofstream(folder + "program.jwt") << "a.b.c\n";
    std::ofstream(folder + "context.json")
        << R"({"ca": "ca.crt", "as": "cdss", "endpoints": {"default": ")" << server_->address()
        << R"("}, "identities": {"cdss": {"cert": "tls.crt", "key": "tls.key", "people": {"program": "program.jwt"}}}})";
  }

  cli::ExitCode Run(std::vector<std::string> words) {
    words.insert(words.begin(), {"--context", Certificates() + "/entities/cdss/context.json"});
    std::istringstream in(in_);
    std::ostringstream out, err;
    cli::Environment env{in, out, err, variables_, clock_, [this](std::chrono::milliseconds time) {
                           ++pauses_;
                           clock_.Advance(time.count() * 1000);
                         }};
    env.in_is_terminal = in_is_terminal_;
    const cli::ExitCode code = cli::Run(words, env);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  clock::FakeClock clock_;
  std::unique_ptr<WireServer> server_;
  // The calls that the server received. Thread-safe.
  std::vector<Received>& Calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  std::mutex mutex_;
  std::vector<Received> calls_;
  int pauses_ = 0;
  std::map<std::string, std::string> variables_;
  // The text of standard input.
  std::string in_;
  bool in_is_terminal_ = false;
  std::string out_;
  std::string err_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SERVICES_CLI_IDEACTL_FIXTURE_H_
