#include "common/rpc/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <vector>

#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace idea::rpc {
namespace {

namespace v1 = grpc::reflection::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// The file and all its imports, each once.
void AddFile(const FileDescriptor* file, std::set<std::string>& seen, v1::FileDescriptorResponse* out) {
  if (!seen.insert(file->name()).second) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  out->add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) AddFile(file->dependency(i), seen, out);
}

// The file of reflection v1 with the names of v1alpha, which has the same messages.
const DescriptorPool& AlphaPool() {
  static const DescriptorPool& pool = *[] {
    constexpr std::string_view kV1 = "grpc.reflection.v1", kAlpha = "grpc.reflection.v1alpha";
    google::protobuf::FileDescriptorProto file;
    v1::ServerReflectionRequest::descriptor()->file()->CopyTo(&file);
    file.set_name("grpc/reflection/v1alpha/reflection.proto");
    file.set_package(std::string(kAlpha));
    const auto rename = [&](std::string* type) {
      if (type->starts_with("." + std::string(kV1) + ".")) type->replace(1, kV1.size(), kAlpha);
    };
    for (auto& message : *file.mutable_message_type()) {
      for (auto& field : *message.mutable_field()) {
        if (field.has_type_name()) rename(field.mutable_type_name());
      }
    }
    for (auto& method : *file.mutable_service(0)->mutable_method()) {
      rename(method.mutable_input_type());
      rename(method.mutable_output_type());
    }
    auto* made = new DescriptorPool;
    made->BuildFile(file);
    return made;
  }();
  return pool;
}

const FileDescriptor* FindFileIn(const DescriptorPool* pool, const v1::ServerReflectionRequest& request) {
  switch (request.message_request_case()) {
    case v1::ServerReflectionRequest::kFileByFilename:
      return pool->FindFileByName(request.file_by_filename());
    case v1::ServerReflectionRequest::kFileContainingSymbol:
      return pool->FindFileContainingSymbol(request.file_containing_symbol());
    case v1::ServerReflectionRequest::kFileContainingExtension: {
      const auto& wanted = request.file_containing_extension();
      const auto* message = pool->FindMessageTypeByName(wanted.containing_type());
      const auto* extension =
          message == nullptr ? nullptr : pool->FindExtensionByNumber(message, wanted.extension_number());
      return extension == nullptr ? nullptr : extension->file();
    }
    default:
      return nullptr;
  }
}

const FileDescriptor* FindFile(const v1::ServerReflectionRequest& request) {
  const FileDescriptor* file = FindFileIn(DescriptorPool::generated_pool(), request);
  return file != nullptr ? file : FindFileIn(&AlphaPool(), request);
}

bool AddExtensionNumbers(const std::string& type, v1::ExtensionNumberResponse* out) {
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  const auto* message = pool->FindMessageTypeByName(type);
  if (message == nullptr) return false;
  std::vector<const google::protobuf::FieldDescriptor*> extensions;
  pool->FindAllExtensions(message, &extensions);
  out->set_base_type_name(type);
  for (const auto* extension : extensions) out->add_extension_number(extension->number());
  return true;
}

void Fail(v1::ServerReflectionResponse& response, grpc::StatusCode code, const char* text) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(text);
}

v1::ServerReflectionResponse Answer(const v1::ServerReflectionRequest& request,
                                    const std::set<std::string>& services) {
  v1::ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case v1::ServerReflectionRequest::kListServices:
      for (const std::string& service : services)
        response.mutable_list_services_response()->add_service()->set_name(service);
      // The services of every server.
      for (const auto* service :
           {grpc::health::v1::HealthCheckRequest::descriptor()->file()->service(0),
            v1::ServerReflectionRequest::descriptor()->file()->service(0),
            AlphaPool().FindServiceByName("grpc.reflection.v1alpha.ServerReflection")}) {
        response.mutable_list_services_response()->add_service()->set_name(service->full_name());
      }
      break;
    case v1::ServerReflectionRequest::kAllExtensionNumbersOfType:
      if (!AddExtensionNumbers(request.all_extension_numbers_of_type(),
                               response.mutable_all_extension_numbers_response())) {
        Fail(response, grpc::StatusCode::NOT_FOUND, "no such type");
      }
      break;
    case v1::ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      Fail(response, grpc::StatusCode::INVALID_ARGUMENT, "the request asks nothing");
      break;
    default:
      if (const FileDescriptor* file = FindFile(request)) {
        std::set<std::string> seen;
        AddFile(file, seen, response.mutable_file_descriptor_response());
      } else {
        Fail(response, grpc::StatusCode::NOT_FOUND, "no such file, symbol or extension");
      }
  }
  return response;
}

}  // namespace

bool ReflectionReactor::IsReflection(const std::string& path) {
  return path == "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo" ||
         path == "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
}

ReflectionReactor::ReflectionReactor(grpc::CallbackServerContext& context, Incoming incoming,
                                     ServerState& state, Callers::Stream place,
                                     const std::set<std::string>& services)
    : ReadingReactor(context, std::move(incoming), state, std::move(place)), services_(services) {
  ReadNext();
}

void ReflectionReactor::OnReadDone(bool ok) {
  if (!Resume()) return;
  if (!ok) {
    Finish(grpc::Status::OK);
    return;
  }
  std::string bytes;
  v1::ServerReflectionRequest request;
  if (!AppendBytes(request_, bytes) || !request.ParseFromString(bytes)) {
    FinishWith(status::Error(status::Reason::ERROR_REASON_MALFORMED_MESSAGE, "not a reflection request"));
    return;
  }
  response_ = FromBytes(Answer(request, services_).SerializeAsString());
  StartWrite(&response_);
}

void ReflectionReactor::OnWriteDone(bool ok) {
  Acquire();
  if (ok) {
    ReadNext();
  } else {
    Finish(grpc::Status::CANCELLED);
  }
}

}  // namespace idea::rpc
