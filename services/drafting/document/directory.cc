#include "services/drafting/document/directory.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/status/status.h"
#include "services/drafting/document/cell_text.h"

namespace idea::drafting {
namespace {

// The maximum number of departments for an ambiguous name.
constexpr int kCandidates = 5;
constexpr size_t kShownOfAName = 200;

}  // namespace

document::Person PersonOf(const registry::v1::Contact& contact) {
  return {contact.display_name(), contact.title(), contact.division(), contact.email(), contact.phone()};
}

absl::StatusOr<std::string> Directory::NameOf(const std::string& entity) {
  ASSIGN_OR_RETURN(const auto found, registry_.FindEntity(entity));
  return found ? found->display_name() : "";
}

absl::StatusOr<std::vector<document::KnownDepartment>> Directory::Departments() {
  ASSIGN_OR_RETURN(const auto all, registry_.ListEntities());
  std::vector<document::KnownDepartment> departments;
  for (const registry::v1::Entity& entity : all.entities()) {
    document::KnownDepartment known = {
        entity.name(), entity.display_name(), entity.acronym(), {}, entity.parent()};
    for (const auto& former : entity.former_names()) {
      known.former.push_back(former.display_name());
      if (!former.acronym().empty() && former.acronym() != entity.acronym())
        known.former.push_back(former.acronym());
    }
    departments.push_back(std::move(known));
  }
  return departments;
}

absl::StatusOr<document::DepartmentMatch> Directory::FindDepartment(const std::string& name) {
  const std::string quoted = "\"" + document::Cut(name, kShownOfAName) + "\"";
  const document::DepartmentMatch nobody = {"", "the registry has no department " + quoted};
  ASSIGN_OR_RETURN(const auto found, registry_.SearchEntities(name, kCandidates));
  const auto& matches = found.matches();
  if (matches.empty()) return nobody;
  document::DepartmentMatch meant;
  for (const auto& match : matches)
    meant.candidates.push_back({match.entity().name(), match.entity().display_name()});
  if (matches.size() == 1 || matches[0].match() < matches[1].match()) {
    meant.entity = matches[0].entity().name();
    meant.doubt = quoted + " was taken as " + matches[0].entity().display_name() + " (" + meant.entity + ")";
    return meant;
  }
  meant.doubt = quoted + " may be one of several departments";
  for (size_t i = 0; i < meant.candidates.size(); ++i) {
    meant.doubt +=
        (i == 0 ? ": " : "; ") + meant.candidates[i].name + " (" + meant.candidates[i].entity + ")";
  }
  return meant;
}

absl::StatusOr<std::vector<registry::v1::Contact>> Directory::ContactsOf(const std::string& entity) {
  if (entity.empty()) return std::vector<registry::v1::Contact>();
  if (const auto known = contacts_.find(entity); known != contacts_.end()) return known->second;
  ASSIGN_OR_RETURN(auto contacts, registry_.ListContacts(entity));
  return contacts_[entity] = std::move(contacts);
}

absl::StatusOr<document::PersonMatch> Directory::FindPerson(const std::string& entity,
                                                            const document::NamedPerson& person) {
  ASSIGN_OR_RETURN(const auto contacts, ContactsOf(entity));
  std::vector<const registry::v1::Contact*> same;
  for (const auto& contact : contacts) {
    const bool by_address = !person.email.empty() &&
                            absl::AsciiStrToLower(contact.email()) == absl::AsciiStrToLower(person.email);
    if (by_address || (person.email.empty() && contact.display_name() == person.name))
      same.push_back(&contact);
  }
  if (same.size() > 1) {
    same.erase(std::remove_if(same.begin(), same.end(),
                              [&](const auto* contact) { return contact->display_name() != person.name; }),
               same.end());
  }
  if (same.size() != 1) return document::PersonMatch();
  const registry::v1::Contact& found = *same[0];
  return document::PersonMatch{
      found.name(), {found.display_name(), found.email(), found.title(), found.division(), found.phone()}};
}

}  // namespace idea::drafting
