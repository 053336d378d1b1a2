#include "services/drafting/bucp/bucp_service.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "common/events/epochs.h"
#include "common/ids/ids.h"
#include "common/listing/offset_token.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/drafting/bucp/amendment_transition.h"
#include "services/drafting/bucp/bucp_edits.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/bucp/draft_start.h"
#include "services/drafting/bucp/section_etags.h"
#include "services/drafting/content/content_diff.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/content/content_size.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

constexpr int kWatchBatch = 100;

template <class Values, class Value>
bool Has(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::vector<std::string> PartiesOf(const v1::Content& content) {
  std::vector<std::string> parties(content.recipients().begin(), content.recipients().end());
  parties.insert(parties.end(), content.providers().begin(), content.providers().end());
  return parties;
}

// Who must have signed IDEA: the parties, and the education agency that signs.
std::vector<std::string> SignatoriesOf(const v1::Content& content) {
  std::vector<std::string> entities = PartiesOf(content);
  if (const std::string agency = SigningAgencyOf(content); !agency.empty()) entities.push_back(agency);
  return entities;
}

// The flowchart's first two questions.
bool NeedsIdea(const v1::AssessApplicabilityRequest& request) {
  return request.public_records() != v1::ANSWER_YES && request.internal_use() != v1::ANSWER_YES;
}

// What follows where a party is not a signatory (flowchart question 3).
std::string NextStepWithoutIdea(const v1::AssessApplicabilityResponse& response) {
  std::string text;
  if (response.unknown_parties_size() < response.not_signatories_size()) {
    text =
        "whoever is no signatory is invited to sign (agreement 16.1; caldata@innovation.ca.gov); until then "
        "the agreement and the template may serve as a starting point and are not required";
  }
  if (response.unknown_parties().empty()) return text;
  std::string unknown;
  for (const std::string& party : response.unknown_parties())
    unknown += (unknown.empty() ? "" : ", ") + party;
  return text + (text.empty() ? "" : ". ") + "The registry does not know " + unknown +
         ": if it is a state entity, look its name up (SearchEntities) and ask again. A county, a city, a "
         "university or a company cannot sign IDEA: use the agreement that the law asks for; the template "
         "may "
         "serve as a starting point";
}

// Whether the caller sees an event of a BUCP that it sees: what happened to the unsent draft was told to the
// recipients alone, and stays theirs.
bool IsForCaller(const auth::Caller& caller, const v1::Bucp& bucp, const common::v1::Event& event) {
  if (bucp.first_shown_revision() == 0 || FirstRevisionFor(caller, bucp) == 0) return true;
  const auto& recipients = bucp.content().recipients();
  return !std::all_of(event.audience().begin(), event.audience().end(),
                      [&](const std::string& entity) { return Has(recipients, entity); });
}

// The contacts that a content names, by their paths.
struct NamedContact {
  std::string path;
  std::string entity;
  std::string contact;
  common::v1::ContactRole role;

  // Wherever it is named.
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

bool HoldsRole(const std::vector<registry::v1::Contact>& contacts, const std::string& name, int role,
               clock::Micros now) {
  return std::any_of(contacts.begin(), contacts.end(), [&](const registry::v1::Contact& contact) {
    const bool ended = contact.has_end_time() && clock::FromProto(contact.end_time()) <= now;
    return contact.name() == name && !ended && Has(contact.roles(), role);
  });
}

absl::Status CheckSignatories(const Signatories& signatories) {
  if (!signatories.unknown.empty()) {
    const std::string& entity = signatories.unknown.front();
    return Error(Reason::ERROR_REASON_UNKNOWN_ENTITY, "the registry does not know " + entity)
        .With("entity", entity);
  }
  if (signatories.outside.empty()) return absl::OkStatus();
  Error error(Reason::ERROR_REASON_NOT_SIGNATORY,
              "a party or an education agency that signs is no signatory to IDEA");
  for (const std::string& entity : signatories.outside) {
    error.Precondition("SIGNATORY", entity, "has not signed IDEA and no agency's signature covers it");
  }
  return error.With("entity", signatories.outside.front());
}

absl::Status CheckNewDraft(rpc::Call& call, const v1::Content& content, const Signatories& signatories) {
  if (!Has(content.recipients(), call.caller().entity)) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "a BUCP is drafted by its Data Recipient")
        .Field("content.recipients", "the calling entity " + call.caller().entity + " among them");
  }
  return CheckSignatories(signatories);
}

absl::StatusOr<Signatories> DraftingService::Confirm(rpc::Call& call,
                                                     const std::vector<std::string>& parties) {
  ASSIGN_OR_RETURN(const auto answer,
                   server::RegistryClient(peers_, call.context()).ConfirmSignatories(parties));
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

absl::Status DraftingService::CheckContacts(rpc::Call& call, const v1::Content& before,
                                            const v1::Content& after) {
  const std::vector<NamedContact> checked = ContactsIn(before);
  Error error(Reason::ERROR_REASON_INVALID_FIELD, "a contact is not in the registry");
  bool wrong = false;
  // The contacts of each entity that is asked about.
  std::map<std::string, std::vector<registry::v1::Contact>> directory;
  for (const NamedContact& named : ContactsIn(after)) {
    if (Has(checked, named)) continue;
    const auto [known, fresh] = directory.try_emplace(named.entity);
    if (fresh) {
      ASSIGN_OR_RETURN(known->second, ContactsOf(call, named.entity));
    }
    if (HoldsRole(known->second, named.contact, named.role, call.now())) continue;
    error.Field(named.path,
                "a contact of " + named.entity + " in force with the role " + flow::NameOf(named.role));
    wrong = true;
  }
  if (wrong) return error;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<registry::v1::Contact>> DraftingService::ContactsOf(rpc::Call& call,
                                                                               const std::string& entity) {
  return server::RegistryClient(peers_, call.context()).ListContacts(entity);
}

absl::StatusOr<Signatories> DraftingService::GatherForAssessment(
    rpc::Call& call, const v1::AssessApplicabilityRequest& request) {
  if (!NeedsIdea(request)) return Signatories();
  for (int i = 0; i < request.outside_parties_size(); ++i) {
    ASSIGN_OR_RETURN(const std::string entity, EntityNamed(call, request.outside_parties(i)));
    if (entity.empty()) continue;
    const std::string path = "outside_parties[" + std::to_string(i) + "]";
    return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": the registry has it as " + entity)
        .Field(path, "name it in parties, as " + entity);
  }
  const std::set<std::string> parties(request.parties().begin(), request.parties().end());
  return Confirm(call, {parties.begin(), parties.end()});
}

absl::StatusOr<std::string> DraftingService::EntityNamed(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(const auto answer, server::RegistryClient(peers_, call.context()).SearchEntities(name, 1));
  const bool same =
      !answer.matches().empty() && answer.matches(0).match() == registry::v1::ENTITY_MATCH_KIND_EXACT;
  return same ? answer.matches(0).entity().name() : "";
}

absl::StatusOr<v1::AssessApplicabilityResponse> DraftingService::AssessApplicability(
    rpc::Call&, const v1::AssessApplicabilityRequest& request, const Signatories& signatories) {
  v1::AssessApplicabilityResponse response;
  if (!NeedsIdea(request)) {
    const bool is_public = request.public_records() == v1::ANSWER_YES;
    response.set_outcome(v1::APPLICABILITY_NOT_NEEDED);
    response.set_citation(std::string("guidebook step 1, flowchart question ") + (is_public ? "1" : "2"));
    response.set_next_step("treat the exchange as a normal part of business: IDEA does not apply to it");
    return response;
  }
  response.set_citation("guidebook step 2, flowchart question 3");
  for (const std::string& entity : signatories.outside) response.add_not_signatories(entity);
  for (const auto& unknown : {std::vector<std::string>(signatories.unknown),
                              {request.outside_parties().begin(), request.outside_parties().end()}}) {
    for (const std::string& party : unknown) {
      response.add_not_signatories(party);
      response.add_unknown_parties(party);
    }
  }
  if (!response.not_signatories().empty()) {
    response.set_outcome(v1::APPLICABILITY_NOT_REQUIRED);
    response.set_next_step(NextStepWithoutIdea(response));
    return response;
  }
  response.set_outcome(v1::APPLICABILITY_REQUIRED);
  const auto& parties = request.parties();
  if (std::all_of(parties.begin(), parties.end(),
                  [&](const std::string& party) { return party == parties[0]; })) {
    response.set_next_step(
        "draft a BUCP with the department on both sides (guidebook step 3): one program receives, another "
        "provides, and each opinion and signature is given once. If funds are transferred, it is an exhibit "
        "of a Memorandum of Agreement (FAQ)");
    return response;
  }
  response.set_next_step(
      "draft a BUCP (guidebook step 3; GetTemplate shows its fields), unless federal or state law requires "
      "another agreement (5.15); one that exists already may go on until it is renewed (FAQ)");
  return response;
}

absl::StatusOr<Signatories> DraftingService::GatherForCreate(rpc::Call& call,
                                                             const v1::CreateBucpRequest& request) {
  RETURN_IF_ERROR(CheckContent(request.content()));
  RETURN_IF_ERROR(CheckContentSize({}, request.content()));
  ASSIGN_OR_RETURN(Signatories signatories, Confirm(call, SignatoriesOf(request.content())));
  // Whoever is no signatory hears that first.
  if (CheckSignatories(signatories).ok()) RETURN_IF_ERROR(CheckContacts(call, {}, request.content()));
  return signatories;
}

absl::StatusOr<v1::CreateBucpResponse> DraftingService::CreateBucp(rpc::Call& call,
                                                                   const v1::CreateBucpRequest& request,
                                                                   const Signatories& signatories) {
  RETURN_IF_ERROR(CheckNewDraft(call, request.content(), signatories));
  v1::CreateBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(),
                   StartDraft(call, request.content(), {.form = request.template_()}));
  return response;
}

absl::StatusOr<v1::AmendBucpResponse> DraftingService::AmendBucp(rpc::Call& call,
                                                                 const v1::AmendBucpRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp old, FindVisible(call, request.name()));
  if ((PartsOf(call.caller(), old) & flow::kRecipient) == 0) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "an amendment is drafted by a Data Recipient")
        .With("by", flow::NamesOf(flow::kRecipient));
  }
  RETURN_IF_ERROR(CheckAmendable(call, old));
  v1::AmendBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), StartDraft(call, old.content(), {.amends = old.name()}));
  return response;
}

absl::StatusOr<Signatories> DraftingService::GatherForUpdate(rpc::Call& call,
                                                             const v1::UpdateBucpRequest& request) {
  v1::Content before;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(v1::Bucp bucp, FindVisible(db, call.caller(), request.name()));
    before = std::move(*bucp.mutable_content());
    return absl::OkStatus();
  }));
  v1::Content after = before;
  validation::ReplaceFields(request.content(), request.update_mask(), &after);
  RETURN_IF_ERROR(CheckContacts(call, before, after));
  // Signatories that stay were confirmed when they were written.
  const std::vector<std::string> signatories = SignatoriesOf(after);
  return signatories == SignatoriesOf(before) ? Signatories() : Confirm(call, signatories);
}

absl::StatusOr<v1::UpdateBucpResponse> DraftingService::UpdateBucp(rpc::Call& call,
                                                                   const v1::UpdateBucpRequest& request,
                                                                   const Signatories& signatories) {
  RETURN_IF_ERROR(CheckSignatories(signatories));
  v1::UpdateBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), TakeEdit(call, {.name = request.name(),
                                                             .content = request.content(),
                                                             .mask = request.update_mask(),
                                                             .etags = request.section_etags()}));
  return response;
}

absl::StatusOr<Signatories> DraftingService::GatherForFreeze(rpc::Call& call,
                                                             const v1::FreezeBucpRequest& request) {
  v1::Bucp bucp;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(bucp, FindVisible(db, call.caller(), request.name()));
    return absl::OkStatus();
  }));
  // Elsewhere it is the state that is in the way.
  if (bucp.state() != v1::STATE_SENT) return Signatories();
  return Confirm(call, SignatoriesOf(bucp.content()));
}

absl::StatusOr<v1::GetBucpResponse> DraftingService::GetBucp(rpc::Call& call,
                                                             const v1::GetBucpRequest& request) {
  v1::GetBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), FindVisible(call, request.name()));
  return response;
}

absl::StatusOr<v1::ListBucpsResponse> DraftingService::ListBucps(rpc::Call& call,
                                                                 const v1::ListBucpsRequest& request) {
  const bool all = call.caller().kind != common::v1::CALLER_KIND_ENTITY;
  return drafting::ListBucps(call.db(), request, all ? "" : call.caller().entity);
}

absl::StatusOr<v1::GetRevisionResponse> DraftingService::GetRevision(rpc::Call& call,
                                                                     const v1::GetRevisionRequest& request) {
  RETURN_IF_ERROR(CheckRevisionVisible(call.db(), call.caller(), request.name()));
  v1::GetRevisionResponse response;
  ASSIGN_OR_RETURN(*response.mutable_revision(), FindRevision(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::DiffRevisionsResponse> DraftingService::DiffRevisions(
    rpc::Call& call, const v1::DiffRevisionsRequest& request) {
  v1::Revision sides[2];
  const std::string* names[] = {&request.from(), &request.to()};
  for (int i = 0; i < 2; ++i) {
    RETURN_IF_ERROR(CheckRevisionVisible(call.db(), call.caller(), *names[i]));
    ASSIGN_OR_RETURN(sides[i], FindRevision(call.db(), *names[i]));
  }
  // Revisions never change: neither does what they differ in.
  const std::string whole = request.from() + " " + request.to();
  ASSIGN_OR_RETURN(const size_t begin, listing::OffsetOf(whole, request.page_token()));
  std::vector<v1::FieldChange> changes = DiffContents(sides[0].content(), sides[1].content());
  v1::DiffRevisionsResponse response;
  size_t bytes = 0;
  for (size_t i = begin; i < changes.size(); ++i) {
    bytes += changes[i].ByteSizeLong();
    const bool full = bytes > listing::kMaxPageBytes ||
                      (request.page_size() > 0 && response.changes_size() == request.page_size());
    if (full && i > begin) {
      response.set_next_page_token(listing::OffsetToken(whole, i));
      break;
    }
    *response.add_changes() = std::move(changes[i]);
  }
  return response;
}

absl::StatusOr<std::vector<v1::WatchBucpResponse>> DraftingService::WatchBucp(
    rpc::Call& call, const v1::WatchBucpRequest& request, std::string& token) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.name()));
  const std::string& from = token.empty() ? request.resume_token() : token;
  const std::string scope = "bucp " + request.name();
  ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(call.db()));
  ASSIGN_OR_RETURN(const int64_t after, epochs.Resolve(from, scope, "resume_token"));
  ASSIGN_OR_RETURN(const auto logged, events::ReadOf(call.db(), request.name(), after, kWatchBatch));
  token = epochs.TokenOf(after, scope);
  std::vector<v1::WatchBucpResponse> responses;
  for (const events::LoggedEvent& each : logged) {
    if (!IsForCaller(call.caller(), bucp, each.event)) continue;
    v1::WatchBucpResponse& response = responses.emplace_back();
    *response.mutable_event() = each.event;
    // Between services.
    response.mutable_event()->clear_data();
    token = epochs.TokenOf(each.position, scope);
    response.set_resume_token(token);
  }
  return responses;
}

absl::StatusOr<v1::ListRevisionsResponse> DraftingService::ListRevisions(
    rpc::Call& call, const v1::ListRevisionsRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.parent()));
  return drafting::ListRevisions(call.db(), request, FirstRevisionFor(call.caller(), bucp));
}

}  // namespace idea::drafting
