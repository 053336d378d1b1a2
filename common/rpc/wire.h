#ifndef IDEA_COMMON_RPC_WIRE_H_
#define IDEA_COMMON_RPC_WIRE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "common/rpc/peer.h"

// Conversions between types of gRPC and ours.
namespace grpc::experimental {
class FileWatcherCertificateProvider;
}

namespace idea::rpc {

// Converts a status with its google.rpc details, and back. A failure without details keeps its code.
// `request_id` is added as RequestInfo.
grpc::Status ToGrpc(const absl::Status& status, const std::string& request_id = "");
absl::Status FromGrpc(const grpc::Status& status);

// Appends the bytes of a message. False if they cannot be read.
bool AppendBytes(const grpc::ByteBuffer& buffer, std::string& bytes);
grpc::ByteBuffer FromBytes(const std::string& bytes);

// Reads certificate, key and authority again when the files change. The last good ones stay in use.
std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> WatchFiles(const TlsFiles& files);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_WIRE_H_
