#include "services/drafting/bucp/copy_service.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/content/content_path.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

// Removes the texts of departments that are parties of the origin but not of the copy.
void DropFormerParties(const v1::Content& origin, v1::Content& content, std::vector<std::string>& notes) {
  std::set<std::string> dropped;
  const auto drop = [&](auto* entries) {
    const auto former = [&](const auto& entry) {
      const bool gone = IsParty(origin, entry.entity()) && !IsParty(content, entry.entity());
      if (gone) dropped.insert(entry.entity());
      return gone;
    };
    entries->erase(std::remove_if(entries->begin(), entries->end(), former), entries->end());
  };
  drop(content.mutable_business_case()->mutable_contact_information()->mutable_departments());
  drop(content.mutable_business_case()->mutable_output_use()->mutable_release_approvals());
  auto& administrative = *content.mutable_administrative();
  drop(administrative.mutable_legal_authority()->mutable_departments());
  drop(administrative.mutable_privacy_requirements()->mutable_departments());
  drop(administrative.mutable_security_requirements()->mutable_departments());
  drop(administrative.mutable_department_positions()->mutable_departments());
  for (auto& element : *content.mutable_technical()->mutable_data_elements()->mutable_elements()) {
    auto* providers = element.mutable_providers();
    providers->erase(std::remove_if(providers->begin(), providers->end(),
                                    [&](const std::string& provider) {
                                      return !absl::c_linear_search(content.providers(), provider);
                                    }),
                     providers->end());
  }
  DropEmptyParts(content);
  for (const std::string& entity : dropped) {
    notes.push_back("what " + entity + " wrote is left out, because it is not a party of the copy");
  }
}

// The person as the registry last recorded them.
v1::ContactText TextOf(const std::vector<registry::v1::Contact>& contacts, const std::string& name) {
  v1::ContactText text;
  text.set_display_name(name);
  for (const registry::v1::Contact& contact : contacts) {
    if (contact.name() != name) continue;
    text.set_display_name(contact.display_name());
    text.set_title(contact.title());
    text.set_division(contact.division());
    text.set_email(contact.email());
    text.set_phone(contact.phone());
  }
  return text;
}

// Replaces contacts that no longer hold their role by text, and adds a note for each.
absl::Status KeepContactsAsText(const server::RegistryClient& registry, clock::Micros now,
                                v1::Content& content, std::vector<std::string>& notes) {
  if (!content.business_case().has_contact_information()) return absl::OkStatus();
  for (auto& entry : *content.mutable_business_case()->mutable_contact_information()->mutable_departments()) {
    if (entry.data_coordinator().empty() && entry.executive_sponsor().empty()) continue;
    ASSIGN_OR_RETURN(const auto contacts, registry.ListContacts(entry.entity()));
    const auto keep = [&](common::v1::ContactRole role, std::string* contact, auto text) {
      if (contact->empty() || HoldsRole(contacts, *contact, role, now)) return;
      notes.push_back(*contact + " is no longer " + flow::NameOf(role) + " of " + entry.entity() +
                      ": kept as text");
      *(entry.*text)() = TextOf(contacts, std::exchange(*contact, ""));
    };
    keep(common::v1::CONTACT_ROLE_DATA_COORDINATOR, entry.mutable_data_coordinator(),
         &v1::DepartmentContacts::mutable_data_coordinator_text);
    keep(common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR, entry.mutable_executive_sponsor(),
         &v1::DepartmentContacts::mutable_executive_sponsor_text);
  }
  return absl::OkStatus();
}

}  // namespace

void CopyService::Bind(rpc::Router& router) {
  router.Bind(this, &CopyService::GatherForCopy, &CopyService::CopyBucp);
}

absl::StatusOr<Copy> CopyService::GatherForCopy(rpc::Call& call, const v1::CopyBucpRequest& request) {
  v1::Bucp origin;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(origin, FindVisible(db, call.caller(), request.name()));
    return absl::OkStatus();
  }));
  if (request.recipients().empty() && (RolesOf(call.caller(), origin) & flow::kRecipient) == 0) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP,
                 "a copy is drafted by a Data Recipient: name the copy's recipients if they are others")
        .With("by", flow::NamesOf(flow::kRecipient));
  }
  const server::RegistryClient registry(peers_, call.context());
  Copy copy;
  copy.content = origin.content();
  if (!request.recipients().empty()) *copy.content.mutable_recipients() = request.recipients();
  if (!request.providers().empty()) *copy.content.mutable_providers() = request.providers();
  DropFormerParties(origin.content(), copy.content, copy.notes);
  if (copy.content.administrative().has_approvals()) {
    copy.content.mutable_administrative()->clear_approvals();
    copy.notes.emplace_back("the acknowledgement of the Approvals field is left out: it is about " +
                            origin.name());
  }
  RETURN_IF_ERROR(KeepContactsAsText(registry, call.now(), copy.content, copy.notes));
  ASSIGN_OR_RETURN(copy.signatories, GatherNewDraft(registry, call.now(), copy.content));
  return copy;
}

absl::StatusOr<v1::CopyBucpResponse> CopyService::CopyBucp(rpc::Call& call,
                                                           const v1::CopyBucpRequest& request,
                                                           const Copy& copy) {
  RETURN_IF_ERROR(CheckNewDraft(call, copy.content, copy.signatories));
  v1::CopyBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), StartDraft(call, copy.content, {.copied_from = request.name()}));
  if (request.validate_only()) response.mutable_bucp()->clear_name();
  for (const std::string& note : copy.notes) response.add_notes(note);
  return response;
}

}  // namespace idea::drafting
