// A client in C++ that makes the calls of a file in turn, until its standard input ends: nothing but gRPC and
// the published service config. Prints how many calls it made, then a line for each kind of failure.
//
// usage: rolling_client <file of calls> <service config> <folder with the certificate> <token file>
//
// Each line of the file is a call: the addresses of the replicas, separated by commas, the path of the
// method, and the request in base64. The UUID of zeros in a request is replaced by a random one. Watches are
// left to the other clients.
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <poll.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/ids/ids.h"
#include "common/rpc/wire.h"

namespace idea::testing {
namespace {

constexpr std::string_view kAnyUuid = "00000000-0000-0000-0000-000000000000";

struct PlannedCall {
  std::string addresses;
  std::string path;
  std::string request;
};

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& addresses, const std::string& service_config,
                                         const std::string& folder) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ReadText(service_config));
  arguments.SetSslTargetNameOverride("localhost");
  return grpc::CreateCustomChannel(
      "ipv4:" + addresses,
      grpc::SslCredentials(
          {ReadText(folder + "/ca.crt"), ReadText(folder + "/tls.key"), ReadText(folder + "/tls.crt")}),
      arguments);
}

std::vector<PlannedCall> ReadCalls(const std::string& path) {
  std::vector<PlannedCall> calls;
  std::ifstream file(path);
  PlannedCall call;
  for (std::string base64; file >> call.addresses >> call.path >> base64;) {
    const bool watch = call.path.find("/Watch") != std::string::npos;
    if (!watch && absl::Base64Unescape(base64, &call.request)) calls.push_back(call);
  }
  return calls;
}

grpc::Status Call(grpc::GenericStub& stub, const std::string& path, const std::string& token,
                  std::string bytes) {
  const std::string id = ids::NewUuid();
  for (size_t at = bytes.find(kAnyUuid); at != std::string::npos; at = bytes.find(kAnyUuid))
    bytes.replace(at, kAnyUuid.size(), id);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.AddMetadata("x-request-id", "cc-" + ids::NewUuid());
  context.AddMetadata("authorization", "Bearer " + token);
  const grpc::ByteBuffer request = rpc::FromBytes(bytes);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, path, grpc::StubOptions(), &request, &response,
                 [&](grpc::Status status) { answered.set_value(std::move(status)); });
  return answered.get_future().get();
}

bool InputEnded() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char byte = 0;
  return poll(&input, 1, 10) == 1 && read(STDIN_FILENO, &byte, 1) <= 0;
}

int Run(char** arguments) {
  std::string token = ReadText(arguments[4]);
  token.erase(token.find_last_not_of('\n') + 1);
  const std::vector<PlannedCall> planned = ReadCalls(arguments[1]);
  if (planned.empty()) {
    std::cout << "no calls in " << arguments[1] << "\n";
    return 2;
  }
  std::map<std::string, std::unique_ptr<grpc::GenericStub>> stubs;
  for (const PlannedCall& call : planned) {
    auto& stub = stubs[call.addresses];
    if (stub == nullptr) {
      stub = std::make_unique<grpc::GenericStub>(ChannelTo(call.addresses, arguments[2], arguments[3]));
    }
  }
  std::map<std::string, int> failures;
  size_t calls = 0;
  for (; !InputEnded(); ++calls) {
    const PlannedCall& call = planned[calls % planned.size()];
    const grpc::Status status = Call(*stubs[call.addresses], call.path, token, call.request);
    if (!status.ok())
      ++failures[call.path + " " + std::to_string(status.error_code()) + " " + status.error_message()];
  }
  std::cout << calls << " calls\n";
  for (const auto& [kind, count] : failures) std::cout << count << " times " << kind << "\n";
  return failures.empty() ? 0 : 1;
}

}  // namespace
}  // namespace idea::testing

int main(int argc, char** argv) { return argc == 5 ? idea::testing::Run(argv) : 2; }
