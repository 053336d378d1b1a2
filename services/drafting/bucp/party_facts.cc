#include "services/drafting/bucp/party_facts.h"

#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"
#include "common/flow/flow.h"
#include "common/status/status.h"
#include "services/drafting/bucp/edit_transition.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/content/content_size.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

// A contact that a content names, and the path where it is named.
struct NamedContact {
  std::string path;
  std::string entity;
  std::string contact;
  common::v1::ContactRole role;

  // Equal regardless of the path.
  bool operator==(const NamedContact& other) const {
    return entity == other.entity && contact == other.contact && role == other.role;
  }
};

std::vector<NamedContact> ContactsIn(const v1::Content& content) {
  std::vector<NamedContact> named;
  const auto& departments = content.business_case().contact_information().departments();
  for (int i = 0; i < departments.size(); ++i) {
    const v1::DepartmentContacts& entry = departments[i];
    const std::string path =
        "content.business_case.contact_information.departments[" + std::to_string(i) + "].";
    named.push_back({path + "data_coordinator", entry.entity(), entry.data_coordinator(),
                     common::v1::CONTACT_ROLE_DATA_COORDINATOR});
    named.push_back({path + "executive_sponsor", entry.entity(), entry.executive_sponsor(),
                     common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR});
  }
  std::erase_if(named, [](const NamedContact& each) { return each.contact.empty(); });
  return named;
}

}  // namespace

std::vector<std::string> SignatoriesOf(const v1::Content& content) {
  std::vector<std::string> entities(content.recipients().begin(), content.recipients().end());
  entities.insert(entities.end(), content.providers().begin(), content.providers().end());
  if (const std::string agency = SigningAgencyOf(content); !agency.empty()) entities.push_back(agency);
  return entities;
}

absl::StatusOr<Signatories> Confirm(const server::RegistryClient& registry,
                                    const std::vector<std::string>& entities) {
  ASSIGN_OR_RETURN(const auto answer, registry.ConfirmSignatories(entities));
  Signatories out;
  for (const auto& confirmation : answer.confirmations()) {
    if (confirmation.standing() == registry::v1::SIGNATORY_STANDING_UNKNOWN)
      out.unknown.push_back(confirmation.entity());
    if (confirmation.standing() == registry::v1::SIGNATORY_STANDING_NOT_SIGNATORY) {
      out.outside.push_back(confirmation.entity());
    }
  }
  return out;
}

absl::Status CheckSignatories(const Signatories& signatories) {
  if (!signatories.unknown.empty()) {
    const std::string& entity = signatories.unknown.front();
    return Error(Reason::ERROR_REASON_UNKNOWN_ENTITY, "the registry does not know " + entity)
        .With("entity", entity);
  }
  if (signatories.outside.empty()) return absl::OkStatus();
  Error error(Reason::ERROR_REASON_NOT_SIGNATORY,
              "a party or an education agency that signs is not a signatory to IDEA");
  for (const std::string& entity : signatories.outside) {
    error.Precondition("SIGNATORY", entity, "has not signed IDEA and no agency's signature covers it");
  }
  return error.With("entity", signatories.outside.front());
}

bool HoldsRole(const std::vector<registry::v1::Contact>& contacts, const std::string& name, int role,
               clock::Micros now) {
  return std::any_of(contacts.begin(), contacts.end(), [&](const registry::v1::Contact& contact) {
    const bool ended = contact.has_end_time() && clock::FromProto(contact.end_time()) <= now;
    return contact.name() == name && !ended && absl::c_linear_search(contact.roles(), role);
  });
}

absl::Status CheckContacts(const server::RegistryClient& registry, clock::Micros now,
                           const v1::Content& before, const v1::Content& after) {
  const std::vector<NamedContact> checked = ContactsIn(before);
  Error error(Reason::ERROR_REASON_INVALID_FIELD, "a contact is not in the registry");
  bool wrong = false;
  // The contacts of each entity, read once.
  std::map<std::string, std::vector<registry::v1::Contact>> directory;
  for (const NamedContact& named : ContactsIn(after)) {
    if (absl::c_linear_search(checked, named)) continue;
    const auto [contacts, inserted] = directory.try_emplace(named.entity);
    if (inserted) {
      ASSIGN_OR_RETURN(contacts->second, registry.ListContacts(named.entity));
    }
    if (HoldsRole(contacts->second, named.contact, named.role, now)) continue;
    error.Field(named.path,
                "a contact of " + named.entity + " in force with the role " + flow::NameOf(named.role));
    wrong = true;
  }
  if (wrong) return error;
  return absl::OkStatus();
}

absl::StatusOr<Signatories> GatherNewDraft(const server::RegistryClient& registry, clock::Micros now,
                                           const v1::Content& content) {
  RETURN_IF_ERROR(CheckContent(content));
  RETURN_IF_ERROR(CheckContentSize({}, content));
  ASSIGN_OR_RETURN(Signatories signatories, Confirm(registry, SignatoriesOf(content)));
  // A party that is not a signatory is reported first.
  if (CheckSignatories(signatories).ok()) RETURN_IF_ERROR(CheckContacts(registry, now, {}, content));
  return signatories;
}

absl::Status CheckNewDraft(rpc::Call& call, const v1::Content& content, const Signatories& signatories) {
  if (!absl::c_linear_search(content.recipients(), call.caller().entity)) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "a BUCP is drafted by its Data Recipient")
        .Field("content.recipients", "the calling entity " + call.caller().entity + " among them");
  }
  return CheckSignatories(signatories);
}

}  // namespace idea::drafting
