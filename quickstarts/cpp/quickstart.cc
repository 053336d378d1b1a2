// Lists the entities of the exchange, then reads a BUCP that does not exist.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "idea/drafting/v1/drafting.grpc.pb.h"
#include "idea/registry/v1/registry.grpc.pb.h"

namespace {

std::string Read(const std::string& name) {
  std::ifstream in(std::getenv("IDEA_TLS") + ("/" + name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
}

// The reason of a refusal (docs/ERRORS.md); empty if the failure did not come from the exchange.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  details.ParseFromString(status.error_details());
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

}  // namespace

int main() {
  const auto credentials = grpc::SslCredentials({Read("ca.crt"), Read("tls.key"), Read("tls.crt")});
  const auto channel = grpc::CreateChannel(std::getenv("IDEA_ENDPOINT"), credentials);

  const auto registry = idea::registry::v1::RegistryService::NewStub(channel);
  idea::registry::v1::ListEntitiesRequest request;
  request.set_page_size(50);
  int count = 0;
  do {
    grpc::ClientContext context;
    SetDeadline(context);
    idea::registry::v1::ListEntitiesResponse page;
    const grpc::Status status = registry->ListEntities(&context, request, &page);
    if (!status.ok()) {
      std::cerr << ReasonOf(status) << ": " << status.error_message() << "\n";
      return 1;
    }
    for (const auto& entity : page.entities()) {
      if (count++ < 3) std::cout << entity.name() << "\n";
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::cout << count << " entities\n";

  const auto drafting = idea::drafting::v1::DraftingService::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context);
  idea::drafting::v1::GetBucpRequest get;
  get.set_name("bucps/none");
  idea::drafting::v1::GetBucpResponse bucp;
  const grpc::Status refused = drafting->GetBucp(&context, get, &bucp);
  std::cout << "refused: " << ReasonOf(refused) << "\n";
}
