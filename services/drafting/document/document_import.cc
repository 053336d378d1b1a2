#include <algorithm>
#include <map>
#include <utility>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/validation/validation.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/content/content_diff.h"
#include "services/drafting/document/directory.h"
#include "services/drafting/document/document_service.h"
#include "services/drafting/document/docx_package.h"
#include "services/drafting/document/file_edit.h"
#include "services/drafting/document/form_reader.h"
#include "services/drafting/drafting_events.h"
#include "services/drafting/template/template_store.h"

// ImportDocument creates a draft from a completed file, or updates an existing BUCP.
namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

// The maximum number of names for which the registry is asked; more than in any agreement.
constexpr size_t kMaxDepartments = 300;
// The maximum number and size of changes in a response.
constexpr int kMaxChanges = 500;
constexpr size_t kMaxChangesBytes = 500'000;

template <class Names>
std::vector<std::string> ListOf(const Names& names) {
  return {names.begin(), names.end()};
}

void Report(std::vector<v1::UnreadField>& unread, const std::string& field, v1::UnreadKind kind,
            const std::string& problem) {
  v1::UnreadField& report = unread.emplace_back();
  report.set_field(field);
  report.set_kind(kind);
  report.set_problem(problem);
}

// Why no draft can be created: the side that the file does not name, with candidates.
absl::Status LacksParty(const Imported& imported) {
  const bool recipients = imported.draft.content().recipients().empty();
  const std::string side = recipients ? "recipients" : "providers";
  std::string why = "the departments; the file names none";
  for (const v1::UnreadField& unread : imported.unread) {
    if (unread.field() == side) why = "the departments: " + unread.problem();
  }
  return Error(Reason::ERROR_REASON_INVALID_FIELD,
               "the file names no " + side + " that the registry knows: name them in `" + side + "`")
      .Field(side, why);
}

void AddChanges(const std::vector<v1::FieldChange>& changes, v1::ImportDocumentResponse& response) {
  size_t bytes = 0;
  for (const v1::FieldChange& change : changes) {
    bytes += change.ByteSizeLong();
    if (response.changes_size() == kMaxChanges || bytes > kMaxChangesBytes) break;
    *response.add_changes() = change;
  }
  response.set_changes_omitted(static_cast<int>(changes.size()) - response.changes_size());
}

}  // namespace

absl::StatusOr<document::ReadForm> DocumentService::ReadFile(rpc::Call& call,
                                                             const v1::ImportDocumentRequest& request,
                                                             const TemplateTexts& words,
                                                             const std::vector<std::string>& recipients,
                                                             const std::vector<std::string>& providers) {
  Directory directory(peers_, call.context());
  ASSIGN_OR_RETURN(auto departments, directory.Departments());
  const document::DepartmentFinder finder(std::move(departments));
  ASSIGN_OR_RETURN(document::ReadForm read, document::ReadDocx(request.document(), words, finder));
  if (read.departments.size() > kMaxDepartments) {
    return document::RefuseDocument("TOO_LARGE", "the file names too many departments");
  }
  std::map<std::string, document::DepartmentMatch> entities;
  for (const std::string& name : read.departments) {
    if (ids::MatchesPattern(name, "entities/*")) {
      entities[name].entity = name;
      continue;
    }
    document::DepartmentMatch& meant = entities[name] = finder.Find(name);
    if (!meant.entity.empty() || meant.certainly_several) continue;
    // The name may be misspelled.
    ASSIGN_OR_RETURN(document::DepartmentMatch similar, directory.FindDepartment(name));
    if (similar.candidates.empty()) similar.candidates = std::move(meant.candidates);
    meant = std::move(similar);
  }
  absl::Status failed;
  const auto find_department = [&](const std::string& name) {
    const auto found = entities.find(name);
    return found == entities.end() ? finder.Find(name) : found->second;
  };
  const auto find_person = [&](const std::string& entity, const document::NamedPerson& person) {
    const auto known = directory.FindPerson(entity, person);
    if (!known.ok()) failed = known.status();
    return known.ok() ? *known : document::PersonMatch();
  };
  document::ReadForm file = read;
  document::Resolve(find_department, find_person, recipients, providers, file);
  if (file.content.recipients().empty() && recipients.empty()) {
    // A draft is written by a Data Recipient, so the caller is one.
    file = std::move(read);
    Report(file.unread, "recipients", v1::UNREAD_KIND_GUESSED,
           "the file names no Data Recipient that the registry knows; the caller was taken");
    document::Resolve(find_department, find_person, {call.caller().entity}, providers, file);
  }
  RETURN_IF_ERROR(failed);
  return file;
}

absl::StatusOr<Imported> DocumentService::GatherForImport(rpc::Call& call,
                                                          const v1::ImportDocumentRequest& request) {
  TemplateTexts words;
  v1::Bucp bucp;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(words, ReadTemplateTexts(db));
    if (request.into().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(bucp, FindVisible(db, call.caller(), request.into()));
    return absl::OkStatus();
  }));
  if (!request.into().empty()) return GatherForInto(call, request, words, bucp);
  ASSIGN_OR_RETURN(document::ReadForm file,
                   ReadFile(call, request, words, ListOf(request.recipients()), ListOf(request.providers())));
  Imported imported;
  *imported.draft.mutable_content() = std::move(file.content);
  imported.draft.set_request_id(request.request_id());
  imported.version = file.version;
  imported.unread = std::move(file.unread);
  imported.lacks_party =
      imported.draft.content().recipients().empty() || imported.draft.content().providers().empty();
  if (imported.lacks_party) {
    if (!request.validate_only()) return LacksParty(imported);
    for (const auto& [side, parties] : {std::pair("recipients", &imported.draft.content().recipients()),
                                        {"providers", &imported.draft.content().providers()}}) {
      if (!parties->empty()) continue;
      Report(imported.unread, side, v1::UNREAD_KIND_NOT_STORED,
             "a draft needs at least one; the file names none that the registry knows");
    }
    return imported;
  }
  RETURN_IF_ERROR(validation::Validate(imported.draft));
  ASSIGN_OR_RETURN(imported.signatories, bucps_.GatherForCreate(call, imported.draft));
  return imported;
}

absl::StatusOr<Imported> DocumentService::GatherForInto(rpc::Call& call,
                                                        const v1::ImportDocumentRequest& request,
                                                        const TemplateTexts& words, const v1::Bucp& bucp) {
  const v1::Content& before = bucp.content();
  const auto recipients = ListOf(request.recipients().empty() ? before.recipients() : request.recipients());
  const auto providers = ListOf(request.providers().empty() ? before.providers() : request.providers());
  ASSIGN_OR_RETURN(document::ReadForm file, ReadFile(call, request, words, recipients, providers));
  Imported imported;
  imported.version = file.version;
  FileEdit edit = EditFrom(file, bucp, call.caller());
  imported.unread = std::move(file.unread);
  imported.unread.insert(imported.unread.end(), edit.unread.begin(), edit.unread.end());
  imported.changes = DiffContents(before, edit.after);
  imported.update.set_name(bucp.name());
  imported.update.set_request_id(request.request_id());
  *imported.update.mutable_content() = std::move(edit.after);
  for (const std::string& path : edit.paths) imported.update.mutable_update_mask()->add_paths(path);
  // Later changes were not compared with the file.
  v1::SectionEtags& etags = *imported.update.mutable_section_etags();
  etags = bucp.section_etags();
  const v1::SectionEtags& read = request.section_etags();
  if (!read.parties().empty()) etags.set_parties(read.parties());
  if (!read.business_case().empty()) etags.set_business_case(read.business_case());
  if (!read.technical().empty()) etags.set_technical(read.technical());
  if (!read.administrative().empty()) etags.set_administrative(read.administrative());
  if (edit.paths.empty()) return imported;
  RETURN_IF_ERROR(validation::Validate(imported.update));
  ASSIGN_OR_RETURN(imported.signatories, bucps_.GatherForUpdate(call, imported.update));
  return imported;
}

absl::StatusOr<v1::ImportDocumentResponse> DocumentService::ImportDocument(
    rpc::Call& call, const v1::ImportDocumentRequest& request, const Imported& imported) {
  v1::ImportDocumentResponse response;
  if (imported.lacks_party) {
    *response.mutable_bucp()->mutable_content() = imported.draft.content();
  } else if (request.into().empty()) {
    ASSIGN_OR_RETURN(v1::CreateBucpResponse created,
                     bucps_.CreateBucp(call, imported.draft, imported.signatories));
    *response.mutable_bucp() = std::move(*created.mutable_bucp());
  } else if (imported.update.update_mask().paths().empty()) {
    // The file contains nothing that the BUCP does not.
    ASSIGN_OR_RETURN(*response.mutable_bucp(), FindVisible(call, request.into()));
    call.Record({.type = kDocumentRead,
                 .subject = request.into(),
                 .bucp = request.into(),
                 .audience = {call.caller().entity},
                 .citation = "guidebook step 5",
                 .summary = "a file was read that changes nothing"});
  } else {
    ASSIGN_OR_RETURN(v1::UpdateBucpResponse updated,
                     bucps_.UpdateBucp(call, imported.update, imported.signatories));
    *response.mutable_bucp() = std::move(*updated.mutable_bucp());
  }
  if (request.validate_only() && request.into().empty()) response.mutable_bucp()->clear_name();
  AddChanges(imported.changes, response);
  response.set_template_version(imported.version);
  for (const v1::UnreadField& unread : imported.unread) *response.add_unread() = unread;
  return response;
}

}  // namespace idea::drafting
