#include "common/rpc/router.h"

#include <set>
#include <string_view>

#include "common/validation/plan.h"
#include "idea/proto_files.h"

namespace idea::rpc {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

namespace {

const MethodDescriptor* FindMethodIn(const FileDescriptor& file, const Descriptor* request) {
  for (int s = 0; s < file.service_count(); ++s) {
    const auto* service = file.service(s);
    for (int m = 0; m < service->method_count(); ++m) {
      if (service->method(m)->input_type() == request) return service->method(m);
    }
  }
  return nullptr;
}

std::string_view FolderOf(std::string_view file) { return file.substr(0, file.rfind('/')); }

}  // namespace

const MethodDescriptor* FindMethod(const Descriptor* request) {
  if (const auto* method = FindMethodIn(*request->file(), request); method != nullptr) return method;
  // The files of a package are in one folder.
  for (const char* name : kProtoFiles) {
    if (FolderOf(name) != FolderOf(request->file()->name())) continue;
    const auto* file = request->file()->pool()->FindFileByName(name);
    if (file == nullptr) continue;
    if (const auto* method = FindMethodIn(*file, request); method != nullptr) return method;
  }
  return nullptr;
}

Method& Router::Add(const Descriptor* request, const Descriptor* response) {
  const MethodDescriptor* descriptor = FindMethod(request);
  // Both are programming errors, detected at the first start.
  if (descriptor == nullptr || descriptor->output_type() != response) {
    throw std::logic_error(request->full_name() + " is not the request of an rpc that returns " +
                           response->full_name());
  }
  // Created now, so that a request type that cannot be checked prevents the start.
  validation::PlanOf(request);
  const std::string path = "/" + descriptor->service()->full_name() + "/" + descriptor->name();
  Method& method = methods_[path];
  method.descriptor = descriptor;
  method.policy = descriptor->options().GetExtension(common::v1::policy);
  method.path = path;
  return method;
}

absl::Status Router::Check() const {
  std::set<const google::protobuf::ServiceDescriptor*> services;
  for (const auto& [path, method] : methods_) services.insert(method.descriptor->service());
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string path = "/" + service->full_name() + "/" + service->method(i)->name();
      const auto found = methods_.find(path);
      if (found == methods_.end()) return absl::FailedPreconditionError(path + " is not bound to a handler");
      const auto& policy = found->second.policy;
      if (policy.callers().empty() || policy.effect() == common::v1::EFFECT_UNSPECIFIED) {
        return absl::FailedPreconditionError(path + " declares no policy");
      }
      if (found->second.inline_work &&
          (policy.effect() != common::v1::EFFECT_READ || !policy.person().empty())) {
        return absl::FailedPreconditionError(path + " is bound inline, but writes or requires a person");
      }
      const bool from_client = service->method(i)->client_streaming();
      const bool from_server = service->method(i)->server_streaming();
      const bool is_stream = found->second.next != nullptr;
      if (is_stream != (from_server && !from_client) || (from_client && found->second.inline_work)) {
        return absl::FailedPreconditionError(path + " is bound as the wrong kind of method");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace idea::rpc
