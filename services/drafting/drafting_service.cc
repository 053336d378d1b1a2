#include "services/drafting/drafting_service.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <set>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/drafting/bucp_moves.h"
#include "services/drafting/bucp_store.h"
#include "services/drafting/completeness.h"

namespace idea::drafting {
namespace {

using google::protobuf::util::FieldMaskUtil;
using status::Error;
using status::Reason;

std::vector<std::string> PartiesOf(const v1::Content& content) {
  std::vector<std::string> parties(content.recipients().begin(), content.recipients().end());
  parties.insert(parties.end(), content.providers().begin(), content.providers().end());
  return parties;
}

// Every party known and a signatory (guidebook step 2).
absl::Status CheckSignatories(const Signatories& signatories) {
  if (!signatories.unknown.empty()) {
    const std::string& entity = signatories.unknown.front();
    return Error(Reason::ERROR_REASON_UNKNOWN_ENTITY, "the registry does not know " + entity)
        .With("entity", entity);
  }
  if (signatories.outside.empty()) return absl::OkStatus();
  Error error(Reason::ERROR_REASON_NOT_SIGNATORY, "a party is no signatory to IDEA");
  for (const std::string& entity : signatories.outside) {
    error.Precondition("SIGNATORY", entity, "has not signed IDEA and no agency's signature covers it");
  }
  return error.With("entity", signatories.outside.front());
}

template <class Names>
std::string FindDouble(const Names& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) return name;
  }
  return "";
}

// What no field rule can say.
absl::Status CheckContent(const v1::Content& content) {
  Error error(Reason::ERROR_REASON_INVALID_FIELD, "the content contradicts itself");
  bool wrong = false;
  const auto refuse = [&](const char* path, const std::string& wanted) {
    error.Field(path, wanted);
    wrong = true;
  };
  if (content.recipients().empty()) refuse("content.recipients", "at least one");
  if (content.providers().empty()) refuse("content.providers", "at least one");
  if (!FindDouble(content.recipients()).empty()) refuse("content.recipients", "each department once");
  if (!FindDouble(content.providers()).empty()) refuse("content.providers", "each department once");
  std::vector<std::string> names;
  for (const auto& element : content.technical().data_elements().elements())
    names.push_back(element.field_name());
  if (const std::string twice = FindDouble(names); !twice.empty()) {
    refuse("content.technical.data_elements.elements",
           "each field name once; \"" + twice + "\" is there twice");
  }
  if (wrong) return error;
  return absl::OkStatus();
}

// A new draft as it is stored and told.
absl::StatusOr<v1::Bucp> StartDraft(rpc::Call& call, const v1::Content& content, const std::string& amends) {
  v1::Bucp bucp;
  bucp.set_name("bucps/" + ids::NewUuid());
  bucp.set_title(content.business_case().use_case_name().title());
  bucp.set_state(v1::STATE_DRAFT);
  *bucp.mutable_content() = content;
  bucp.set_revision(1);
  bucp.set_amends(amends);
  for (auto* etag : {bucp.mutable_section_etags()->mutable_parties(),
                     bucp.mutable_section_etags()->mutable_business_case(),
                     bucp.mutable_section_etags()->mutable_technical(),
                     bucp.mutable_section_etags()->mutable_administrative()}) {
    *etag = "1";
  }
  *bucp.mutable_create_time() = clock::ToProto(call.now());
  *bucp.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertBucp(call.db(), bucp));
  RETURN_IF_ERROR(InsertRevision(call.db(), bucp, call.caller().entity, call.caller().person, call.now()));
  call.Tell({
      .type = amends.empty() ? "BucpCreated" : "AmendmentStarted",
      .subject = bucp.name(),
      .bucp = bucp.name(),
      .audience = AudienceOf(bucp),
      .citation = amends.empty() ? "guidebook step 3" : "guidebook step 8",
      .summary = amends.empty() ? "draft started" : "amendment of " + amends + " started",
  });
  return bucp;
}

// The section that a path of the mask belongs to, and the field that holds its etag.
struct Section {
  std::string_view name;
  std::string* (v1::SectionEtags::*etag)();
};

const Section kSections[] = {
    {"parties", &v1::SectionEtags::mutable_parties},
    {"business_case", &v1::SectionEtags::mutable_business_case},
    {"technical", &v1::SectionEtags::mutable_technical},
    {"administrative", &v1::SectionEtags::mutable_administrative},
};

std::string_view SectionOf(std::string_view path) {
  const std::string_view top = path.substr(0, path.find('.'));
  return top == "recipients" || top == "providers" ? "parties" : top;
}

// Each section that the mask touches must be as it was read; it gets the next etag.
absl::Status MoveSectionEtags(const v1::UpdateBucpRequest& request, v1::Bucp& bucp) {
  v1::SectionEtags read = request.section_etags();
  const std::string next = std::to_string(bucp.revision());
  for (const Section& section : kSections) {
    const auto& paths = request.update_mask().paths();
    const bool touched = std::any_of(
        paths.begin(), paths.end(), [&](const std::string& path) { return SectionOf(path) == section.name; });
    if (!touched) continue;
    const std::string& expected = *(read.*section.etag)();
    std::string& current = *(bucp.mutable_section_etags()->*section.etag)();
    if (!expected.empty() && expected != current) {
      return Error(Reason::ERROR_REASON_STALE_ETAG, "the section was changed since it was read")
          .With("section", section.name)
          .With("etag", current);
    }
    current = next;
  }
  return absl::OkStatus();
}

absl::Status CheckMask(const v1::UpdateBucpRequest& request) {
  if (request.update_mask().paths().empty()) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "update_mask is empty")
        .Field("update_mask", "at least one path into the content, such as technical.data_users");
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (FieldMaskUtil::IsValidPath<v1::Content>(path)) continue;
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "update_mask names what the content does not have")
        .Field("update_mask",
               "paths into the content such as technical.data_users; \"" + path + "\" is none");
  }
  return absl::OkStatus();
}

bool ChangesParties(const v1::UpdateBucpRequest& request) {
  const auto& paths = request.update_mask().paths();
  return std::any_of(paths.begin(), paths.end(),
                     [](const std::string& path) { return SectionOf(path) == "parties"; });
}

}  // namespace

absl::StatusOr<Signatories> DraftingService::Confirm(rpc::Call& call,
                                                     const std::vector<std::string>& parties) {
  registry::v1::ConfirmSignatoriesRequest question;
  for (const std::string& entity : parties) question.add_entities(entity);
  registry::v1::ConfirmSignatoriesResponse answer;
  RETURN_IF_ERROR(ask_(call.context(), question, &answer));
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

absl::StatusOr<Signatories> DraftingService::GatherForAssessment(
    rpc::Call& call, const v1::AssessApplicabilityRequest& request) {
  return Confirm(call, {request.parties().begin(), request.parties().end()});
}

absl::StatusOr<v1::AssessApplicabilityResponse> DraftingService::AssessApplicability(
    rpc::Call&, const v1::AssessApplicabilityRequest& request, const Signatories& signatories) {
  if (!signatories.unknown.empty()) return CheckSignatories(signatories);
  v1::AssessApplicabilityResponse response;
  if (request.public_records() == v1::ANSWER_YES || request.internal_use() == v1::ANSWER_YES) {
    response.set_outcome(v1::APPLICABILITY_NOT_NEEDED);
    response.set_citation("guidebook step 1");
    response.set_next_step("exchange the data as a normal part of business; IDEA is not needed");
    return response;
  }
  response.set_citation("guidebook step 2");
  if (!signatories.outside.empty()) {
    response.set_outcome(v1::APPLICABILITY_NOT_REQUIRED);
    response.set_next_step(
        "a party is no signatory: the BUCP may serve as a pattern, or the party joins IDEA first");
    for (const std::string& entity : signatories.outside) response.add_not_signatories(entity);
    return response;
  }
  response.set_outcome(v1::APPLICABILITY_REQUIRED);
  response.set_next_step("draft a BUCP with CreateBucp");
  return response;
}

absl::StatusOr<Signatories> DraftingService::GatherForCreate(rpc::Call& call,
                                                             const v1::CreateBucpRequest& request) {
  RETURN_IF_ERROR(CheckContent(request.content()));
  return Confirm(call, PartiesOf(request.content()));
}

absl::StatusOr<v1::CreateBucpResponse> DraftingService::CreateBucp(rpc::Call& call,
                                                                   const v1::CreateBucpRequest& request,
                                                                   const Signatories& signatories) {
  const auto& recipients = request.content().recipients();
  if (std::find(recipients.begin(), recipients.end(), call.caller().entity) == recipients.end()) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "a BUCP is drafted by its Data Recipient")
        .Field("content.recipients", "the calling entity " + call.caller().entity + " among them");
  }
  RETURN_IF_ERROR(CheckSignatories(signatories));
  v1::CreateBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), StartDraft(call, request.content(), ""));
  return response;
}

absl::StatusOr<v1::AmendBucpResponse> DraftingService::AmendBucp(rpc::Call& call,
                                                                 const v1::AmendBucpRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp old, FindVisible(call, request.name()));
  if ((PartsOf(call.caller(), old) & flow::kRecipient) == 0) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "an amendment is drafted by a Data Recipient")
        .With("by", flow::NamesOf(flow::kRecipient));
  }
  if (old.state() != v1::STATE_EXECUTED && old.state() != v1::STATE_FILED) {
    return Error(Reason::ERROR_REASON_NOT_EXECUTED, "only an agreement in force is amended")
        .With("state", flow::NameOf(old.state()));
  }
  v1::AmendBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), StartDraft(call, old.content(), old.name()));
  return response;
}

absl::StatusOr<Signatories> DraftingService::GatherForUpdate(rpc::Call& call,
                                                             const v1::UpdateBucpRequest& request) {
  RETURN_IF_ERROR(CheckMask(request));
  if (!ChangesParties(request) || PartiesOf(request.content()).empty()) return Signatories();
  return Confirm(call, PartiesOf(request.content()));
}

absl::StatusOr<v1::UpdateBucpResponse> DraftingService::UpdateBucp(rpc::Call& call,
                                                                   const v1::UpdateBucpRequest& request,
                                                                   const Signatories& signatories) {
  RETURN_IF_ERROR(CheckSignatories(signatories));
  const auto edit = [&](v1::Bucp& bucp) -> absl::Status {
    FieldMaskUtil::MergeOptions replace;
    replace.set_replace_message_fields(true);
    replace.set_replace_repeated_fields(true);
    FieldMaskUtil::MergeMessageTo(request.content(), request.update_mask(), replace, bucp.mutable_content());
    RETURN_IF_ERROR(CheckContent(bucp.content()));
    if (PartsOf(call.caller(), bucp) == 0) {
      return Error(Reason::ERROR_REASON_INVALID_FIELD, "an edit must not leave its author out")
          .Field("content.recipients", "the calling entity stays a party");
    }
    bucp.set_revision(bucp.revision() + 1);
    bucp.set_title(bucp.content().business_case().use_case_name().title());
    RETURN_IF_ERROR(MoveSectionEtags(request, bucp));
    return InsertRevision(call.db(), bucp, call.caller().entity, call.caller().person, call.now());
  };
  v1::UpdateBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(),
                   Take(call, {.on = "UpdateBucp",
                               .name = request.name(),
                               .summary = "edited: " + FieldMaskUtil::ToString(request.update_mask()),
                               .change = edit}));
  return response;
}

absl::StatusOr<v1::GetBucpResponse> DraftingService::GetBucp(rpc::Call& call,
                                                             const v1::GetBucpRequest& request) {
  v1::GetBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), FindVisible(call, request.name()));
  return response;
}

absl::StatusOr<v1::ListBucpsResponse> DraftingService::ListBucps(rpc::Call& call,
                                                                 const v1::ListBucpsRequest& request) {
  const bool all = call.caller().kind == common::v1::CALLER_KIND_CDO;
  return drafting::ListBucps(call.db(), request, all ? "" : call.caller().entity);
}

absl::StatusOr<v1::CheckCompletenessResponse> DraftingService::CheckCompleteness(
    rpc::Call& call, const v1::CheckCompletenessRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.name()));
  v1::CheckCompletenessResponse response;
  for (v1::Gap& gap : FindGaps(bucp.content(), bucp.disputed())) *response.add_gaps() = std::move(gap);
  response.set_complete(response.gaps().empty());
  return response;
}

absl::StatusOr<v1::GetRevisionResponse> DraftingService::GetRevision(rpc::Call& call,
                                                                     const v1::GetRevisionRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, ids::Parent(request.name())).status());
  v1::GetRevisionResponse response;
  ASSIGN_OR_RETURN(*response.mutable_revision(), FindRevision(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::ListRevisionsResponse> DraftingService::ListRevisions(
    rpc::Call& call, const v1::ListRevisionsRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, request.parent()).status());
  return drafting::ListRevisions(call.db(), request);
}

}  // namespace idea::drafting
