#include "common/rpc/wire.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/support/slice.h>

#include "common/rpc/certificate_files.h"
#include "common/status/status.h"

namespace idea::rpc {

grpc::Status ToGrpc(const absl::Status& status, const std::string& request_id) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status wire = status::ToWire(status, request_id);
  return {static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString()};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details()) || wire.code() != status.error_code()) {
    wire.Clear();
    wire.set_code(status.error_code());
    wire.set_message(status.error_message());
  }
  return status::FromWire(wire);
}

bool AppendBytes(const grpc::ByteBuffer& buffer, std::string& bytes) {
  grpc::Slice slice;
  if (buffer.TrySingleSlice(&slice).ok() || buffer.DumpToSingleSlice(&slice).ok()) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    return true;
  }
  return false;
}

grpc::ByteBuffer FromBytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> WatchFiles(const TlsFiles& files) {
  return CertificateFiles::Of(files).provider();
}

}  // namespace idea::rpc
