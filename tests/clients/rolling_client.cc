// A client in C++ that calls two replicas of the registry until its standard input ends: nothing but gRPC and
// the published service config. Prints how many calls it made, then a line for each kind of failure.
//
// usage: rolling_client <address,address> <service config> <folder with the certificate> <token file>
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
#include <thread>

#include "common/ids/ids.h"
#include "common/rpc/wire.h"
#include "idea/registry/v1/registry.pb.h"

namespace idea::testing {
namespace {

using registry::v1::CreateEntityRequest;
using registry::v1::GetEntityRequest;

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

grpc::Status Call(grpc::GenericStub& stub, const std::string& method, const std::string& token,
                  const std::string& bytes) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.AddMetadata("x-request-id", "cc-" + ids::NewUuid());
  context.AddMetadata("authorization", "Bearer " + token);
  const grpc::ByteBuffer request = rpc::FromBytes(bytes);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, "/idea.registry.v1.RegistryService/" + method, grpc::StubOptions(), &request,
                 &response, [&](grpc::Status status) { answered.set_value(std::move(status)); });
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
  grpc::GenericStub stub(ChannelTo(arguments[1], arguments[2], arguments[3]));
  GetEntityRequest read;
  read.set_name("entities/office-of-data-and-innovation");
  std::map<std::string, int> failures;
  int calls = 0;
  for (; !InputEnded(); ++calls) {
    CreateEntityRequest write;
    write.mutable_entity()->set_display_name("Board " + ids::NewUuid());
    write.mutable_entity()->set_kind(registry::v1::ENTITY_KIND_BOARD);
    write.set_request_id(ids::NewUuid());
    const grpc::Status status = calls % 4 == 0 ? Call(stub, "CreateEntity", token, write.SerializeAsString())
                                               : Call(stub, "GetEntity", token, read.SerializeAsString());
    if (!status.ok()) ++failures[std::to_string(status.error_code()) + " " + status.error_message()];
  }
  std::cout << calls << " calls\n";
  for (const auto& [kind, count] : failures) std::cout << count << " times " << kind << "\n";
  return failures.empty() ? 0 : 1;
}

}  // namespace
}  // namespace idea::testing

int main(int argc, char** argv) { return argc == 5 ? idea::testing::Run(argv) : 2; }
