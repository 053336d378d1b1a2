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

// Reads the registry for one call, each value once. Returns the errors of the registry.
class Directory {
 public:
  Directory(const rpc::PeerClient& peers, const rpc::Context& context) : registry_(peers, context) {}

  // The display name. Empty if the entity does not exist.
  absl::StatusOr<std::string> NameOf(const std::string& entity);

  // All departments, to find them in texts.
  absl::StatusOr<std::vector<document::KnownDepartment>> Departments();

  // The department that the registry finds for the name, which may contain spelling mistakes: the one that is
  // much more likely than the others, or candidates.
  absl::StatusOr<document::DepartmentMatch> FindDepartment(const std::string& name);

  // The entity's contacts, including those that ended. Empty if the entity does not exist or is empty.
  absl::StatusOr<std::vector<registry::v1::Contact>> ContactsOf(const std::string& entity);

  // The contact of the entity for a person in a form: by e-mail address, then by name.
  absl::StatusOr<document::PersonMatch> FindPerson(const std::string& entity,
                                                   const document::NamedPerson& person);

 private:
  const server::RegistryClient registry_;
  std::map<std::string, std::vector<registry::v1::Contact>> contacts_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DIRECTORY_H_
