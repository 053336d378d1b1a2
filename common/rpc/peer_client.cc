#include "common/rpc/peer_client.h"

#include "google/protobuf/descriptor.h"

namespace idea::rpc {

std::string_view ServiceOf(const google::protobuf::Message& request) {
  std::string_view package = request.GetDescriptor()->file()->package();
  package.remove_prefix(package.find('.') + 1);
  return package.substr(0, package.find('.'));
}

}  // namespace idea::rpc
