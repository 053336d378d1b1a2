#ifndef IDEA_TESTS_SUPPORT_SERVICES_H_
#define IDEA_TESTS_SUPPORT_SERVICES_H_

#include <vector>

#include "google/protobuf/descriptor.h"
#include "idea/proto_files.h"

namespace idea::testing {

// All services of the suite, in the order in which an agreement reaches them.
inline std::vector<const google::protobuf::ServiceDescriptor*> Services() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const char* name : kProtoFiles) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_SERVICES_H_
