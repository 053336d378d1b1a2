#ifndef IDEA_COMMON_RPC_WIRE_H_
#define IDEA_COMMON_RPC_WIRE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "common/rpc/peer.h"

// Between gRPC's types and ours.
namespace grpc::experimental {
class FileWatcherCertificateProvider;
}

namespace idea::rpc {

// A status with its google.rpc details, and back. A failure that carries no details keeps its code.
// `request_id` goes into RequestInfo.
grpc::Status ToGrpc(const absl::Status& status, const std::string& request_id = "");
absl::Status FromGrpc(const grpc::Status& status);

// Adds the bytes of a message. False if they cannot be read.
bool AppendBytes(const grpc::ByteBuffer& buffer, std::string& bytes);
grpc::ByteBuffer FromBytes(const std::string& bytes);

// Reads certificate, key and authority again whenever the files change; the last good ones stay in use.
std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> WatchFiles(const TlsFiles& files);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_WIRE_H_
