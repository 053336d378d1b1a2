#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DIRECTORY_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DIRECTORY_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/server/registry_client.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/drafting/document/department_finder.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/form_reader.h"

namespace idea::drafting {

document::Person PersonOf(const registry::v1::Contact& contact);

// The registry as one call asks it: each thing once. Fails as the registry does.
class Directory {
 public:
  Directory(const rpc::PeerClient& peers, const rpc::Context& context) : registry_(peers, context) {}

  // The display name; empty if there is no such entity.
  absl::StatusOr<std::string> NameOf(const std::string& entity);

  // Every department, for finding them in texts.
  absl::StatusOr<std::vector<document::KnownDepartment>> Departments();

  // Which department the registry takes the name for, mistakes in spelling forgiven: the one that is
  // likeliest by far, or candidates.
  absl::StatusOr<document::MeantDepartment> EntityCalled(const std::string& name);

  // The entity's contacts, also those that ended; none if there is no such entity, or it is empty.
  absl::StatusOr<std::vector<registry::v1::Contact>> ContactsOf(const std::string& entity);

  // The contact of the entity whom a form means: by address, then by name.
  absl::StatusOr<document::KnownPerson> PersonCalled(const std::string& entity,
                                                     const document::NamedPerson& person);

 private:
  const server::RegistryClient registry_;
  std::map<std::string, std::vector<registry::v1::Contact>> contacts_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DIRECTORY_H_
