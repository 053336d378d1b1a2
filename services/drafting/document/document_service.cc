#include "services/drafting/document/document_service.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/rpc/peer_client.h"
#include "common/status/status.h"
#include "idea/registry/v1/registry.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/bucp/revision_store.h"
#include "services/drafting/comment/comment_store.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/document/directory.h"
#include "services/drafting/document/mail_file.h"
#include "services/drafting/document/pdf_converter.h"
#include "services/drafting/document/template.h"
#include "services/drafting/template/template_store.h"

namespace idea::drafting {
namespace {

using common::v1::ContactRole;
using document::Person;
using status::Error;
using status::Reason;

absl::Status NameEverybody(Directory& directory, const v1::Content& content, document::Facts& facts) {
  std::set<std::string> entities;
  v1::Content copy = content;
  ForEachDepartment(copy, [&](const std::string& entity, std::string_view) { entities.insert(entity); });
  for (const std::string& entity : entities) {
    ASSIGN_OR_RETURN(const std::string name, directory.NameOf(entity));
    if (!name.empty()) facts.entities[entity] = name;
  }
  for (const auto& entry : content.business_case().contact_information().departments()) {
    for (const std::string& wanted : {entry.data_coordinator(), entry.executive_sponsor()}) {
      if (wanted.empty()) continue;
      ASSIGN_OR_RETURN(const auto contacts, directory.ContactsOf(ids::Parent(wanted)));
      for (const auto& contact : contacts) {
        if (contact.name() == wanted) facts.people[wanted] = PersonOf(contact);
      }
    }
  }
  return absl::OkStatus();
}

std::string TaskOf(review::v1::Discipline discipline) {
  if (discipline == review::v1::DISCIPLINE_LEGAL) return "Legal Review";
  return discipline == review::v1::DISCIPLINE_PRIVACY ? "Privacy Review" : "Security Review";
}

std::string TaskOf(review::v1::Capacity capacity) {
  if (capacity == review::v1::CAPACITY_EXECUTIVE_SPONSOR) return "Executive Sponsor Review";
  if (capacity == review::v1::CAPACITY_DATA_COORDINATOR) return "Data Coordinator Final Review";
  return std::string(document::kEducationAgencySignature);
}

// The person who gave an opinion or a signature, and on whose behalf: "L. Chen, for R. Okafor (delegation
// 4f1d...)".
template <class Part>
std::string SignerOf(const Part& part) {
  if (!part.has_on_behalf()) return part.person_name();
  return part.person_name() + ", for " + part.on_behalf().principal_name() + " (delegation " +
         ids::kDelegations.IdIn(part.on_behalf().delegation()) + ")";
}

// The opinions and signatures of the current freeze.
absl::Status ReadRouting(const rpc::PeerClient& peers, const rpc::Context& context, const v1::Bucp& bucp,
                         Directory& directory, document::Facts& facts) {
  review::v1::ListRoutingsRequest find;
  find.set_filter("bucp = \"" + bucp.name() + "\"");
  ASSIGN_OR_RETURN(const auto routings, peers.ListAll<review::v1::ListRoutingsResponse>(context, find));
  const auto routing =
      std::find_if(routings.routings().begin(), routings.routings().end(), [&](const auto& candidate) {
        return candidate.freeze_number() == bucp.freeze_number() &&
               candidate.digest() == bucp.frozen_digest() &&
               candidate.state() != review::v1::ROUTING_STATE_CLOSED;
      });
  if (routing == routings.routings().end()) return absl::OkStatus();
  review::v1::ListOpinionsRequest list;
  list.set_parent(routing->name());
  ASSIGN_OR_RETURN(const auto opinions, peers.ListAll<review::v1::ListOpinionsResponse>(context, list));
  for (const auto& opinion : opinions.opinions()) {
    if (opinion.refused()) continue;
    std::vector<std::string> said;
    if (opinion.position() == review::v1::POSITION_OPPOSES) said.emplace_back("opposes");
    if (opinion.version() > 1) said.emplace_back("amended");
    if (!opinion.carried_from().empty()) said.emplace_back("carried over");
    const auto open =
        std::count_if(opinion.concerns().begin(), opinion.concerns().end(),
                      [](const auto& concern) { return concern.state() == review::v1::CONCERN_STATE_OPEN; });
    if (open > 0) said.push_back(std::to_string(open) + (open == 1 ? " open concern" : " open concerns"));
    std::string note;
    for (const std::string& each : said) note += (note.empty() ? " (" : ", ") + each;
    if (!note.empty()) note += ")";
    const bool applies = opinion.position() != review::v1::POSITION_NOT_APPLICABLE;
    facts.signoffs.push_back({opinion.entity(), TaskOf(opinion.discipline()),
                              applies ? document::DayOf(opinion.create_time(), facts.zone) + note : "N/A",
                              SignerOf(opinion), opinion.person_title()});
    for (const auto& concern : opinion.concerns()) {
      if (concern.state() == review::v1::CONCERN_STATE_OPEN)
        facts.signoffs.back().concerns.push_back(concern.text());
    }
  }
  review::v1::ListSignaturesRequest signed_by;
  signed_by.set_parent(routing->name());
  ASSIGN_OR_RETURN(const auto signatures,
                   peers.ListAll<review::v1::ListSignaturesResponse>(context, signed_by));
  for (const auto& signature : signatures.signatures()) {
    document::Signoff signoff = {signature.entity(), TaskOf(signature.capacity()),
                                 document::DayOf(signature.sign_time(), facts.zone), SignerOf(signature),
                                 signature.person_title()};
    // The signer, also if they signed for another person.
    const auto contacts = directory.ContactsOf(signature.entity());
    if (contacts.ok()) {
      for (const auto& contact : *contacts) {
        if (contact.person() != signature.person()) continue;
        signoff.email = contact.email();
        signoff.phone = contact.phone();
      }
    }
    facts.signoffs.push_back(std::move(signoff));
  }
  return absl::OkStatus();
}

// A comment in the form in which Word shows it.
document::OpenComment OpenCommentOf(const v1::Comment& comment) {
  return {comment.field(), comment.author() + (comment.person().empty() ? "" : ", " + comment.person()),
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(comment.create_time().seconds()),
                           absl::UTCTimeZone()),
          comment.text()};
}

struct FileKind {
  std::string_view suffix;
  std::string_view media_type;
  std::string (*write)(const document::Form&);
};

FileKind KindOf(v1::DocumentFormat format) {
  if (format == v1::DOCUMENT_FORMAT_HTML) return {".html", "text/html; charset=utf-8", document::ToHtml};
  if (format == v1::DOCUMENT_FORMAT_PDF) return {".pdf", "application/pdf", nullptr};
  if (format == v1::DOCUMENT_FORMAT_MD) return {".md", "text/markdown; charset=utf-8", document::ToMarkdown};
  return {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
          document::ToDocx};
}

// People complete the .docx of a BUCP while it can be edited.
document::View ViewOf(const v1::RenderDocumentRequest& request, const v1::Bucp& bucp) {
  if (request.view() == v1::DOCUMENT_VIEW_PUBLIC) return document::View::kPublic;
  const bool is_edited = bucp.state() == v1::STATE_DRAFT || bucp.state() == v1::STATE_SENT;
  return is_edited && request.format() == v1::DOCUMENT_FORMAT_DOCX ? document::View::kForm
                                                                   : document::View::kFull;
}

ContactRole ReviewerOf(v1::MessageKind kind) {
  if (kind == v1::MESSAGE_KIND_LEGAL_REVIEW) return common::v1::CONTACT_ROLE_LEGAL;
  if (kind == v1::MESSAGE_KIND_PRIVACY_REVIEW) return common::v1::CONTACT_ROLE_PRIVACY;
  return common::v1::CONTACT_ROLE_SECURITY;
}

std::vector<Person> WithRole(const std::vector<registry::v1::Contact>& contacts, ContactRole role,
                             clock::Micros now) {
  std::vector<Person> people;
  for (const auto& contact : contacts) {
    const auto& roles = contact.roles();
    const bool there = !contact.has_end_time() || now < clock::FromProto(contact.end_time());
    if (there && std::find(roles.begin(), roles.end(), role) != roles.end())
      people.push_back(PersonOf(contact));
  }
  return people;
}

// Reads the names of the departments of a side and their contacts. For a department without contacts in the
// registry, adds the person that the BUCP names. Adds the names of these departments to `without_account`,
// which may be null.
template <class Entities>
absl::Status DescribeSide(Directory& directory, const Entities& entities, const v1::Content& content,
                          clock::Micros now, std::vector<std::string>& names, std::vector<Person>& people,
                          std::vector<std::string>* without_account) {
  for (const std::string& entity : entities) {
    ASSIGN_OR_RETURN(const std::string name, directory.NameOf(entity));
    names.push_back(name.empty() ? entity : name);
    ASSIGN_OR_RETURN(const auto contacts, directory.ContactsOf(entity));
    std::vector<Person> some = WithRole(contacts, common::v1::CONTACT_ROLE_PROGRAM, now);
    if (some.empty()) some = WithRole(contacts, common::v1::CONTACT_ROLE_DATA_COORDINATOR, now);
    const v1::ContactText* named = some.empty() ? ProgramContactOf(content, entity) : nullptr;
    if (named != nullptr) {
      some.push_back(
          {named->display_name(), named->title(), named->division(), named->email(), named->phone()});
    }
    people.insert(people.end(), some.begin(), some.end());
    const bool nobody = std::none_of(contacts.begin(), contacts.end(), [&](const auto& contact) {
      return !contact.has_end_time() || now < clock::FromProto(contact.end_time());
    });
    if (nobody && without_account != nullptr) without_account->push_back(names.back());
  }
  return absl::OkStatus();
}

}  // namespace

void DocumentService::Bind(rpc::Router& router) {
  router.Bind(this, &DocumentService::GatherForRender, &DocumentService::RenderDocument);
  router.Bind(this, &DocumentService::GatherForImport, &DocumentService::ImportDocument);
  router.Bind(this, &DocumentService::GatherForMessage, &DocumentService::RenderMessage);
}

absl::StatusOr<Rendering> DocumentService::GatherForRender(rpc::Call& call,
                                                           const v1::RenderDocumentRequest& request) {
  const bool is_public = request.view() == v1::DOCUMENT_VIEW_PUBLIC;
  if (request.with_comments() && (is_public || request.format() != v1::DOCUMENT_FORMAT_DOCX)) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "with_comments is for the full view as DOCX")
        .Field("with_comments", "only with the format DOCX and the full view");
  }
  Rendering out;
  out.facts.zone = call.zone();
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(out.bucp, FindVisible(db, call.caller(), request.name()));
    ASSIGN_OR_RETURN(out.facts.bucp_template, FindTemplate(db, out.bucp.template_()));
    if (request.with_comments()) {
      ASSIGN_OR_RETURN(const auto comments, UnresolvedComments(db, request.name()));
      for (const v1::Comment& comment : comments) out.facts.comments.push_back(OpenCommentOf(comment));
    }
    if (request.revision() == 0 || request.revision() == out.bucp.revision()) return absl::OkStatus();
    const std::string name = ids::kRevisions.Name(request.name(), std::to_string(request.revision()));
    RETURN_IF_ERROR(CheckRevisionVisible(db, call.caller(), name));
    ASSIGN_OR_RETURN(const v1::Revision revision, FindRevision(db, name));
    *out.bucp.mutable_content() = revision.content();
    out.bucp.set_revision(request.revision());
    return absl::OkStatus();
  }));
  out.digest = digest::Digest(out.bucp.content());
  // A document with explained blanks is better than none.
  Directory directory(peers_, call.context());
  if (!NameEverybody(directory, out.bucp.content(), out.facts).ok()) {
    out.facts.notes.emplace_back(
        "The registry did not answer: departments and people may be shown by their resource names.");
  }
  if (out.digest == out.bucp.frozen_digest() &&
      !ReadRouting(peers_, call.context(), out.bucp, directory, out.facts).ok()) {
    out.facts.signoffs.clear();
    out.facts.notes.emplace_back(
        "The review service did not answer: opinions and signatures are left blank, whether given or not.");
  }
  if (request.format() == v1::DOCUMENT_FORMAT_PDF) {
    ASSIGN_OR_RETURN(out.pdf, ConvertToPdf(document::ToDocx(document::Compose(out.bucp, out.digest, out.facts,
                                                                              ViewOf(request, out.bucp)))));
  }
  return out;
}

absl::StatusOr<v1::RenderDocumentResponse> DocumentService::RenderDocument(
    rpc::Call&, const v1::RenderDocumentRequest& request, const Rendering& rendering) {
  const bool is_public = request.view() == v1::DOCUMENT_VIEW_PUBLIC;
  const FileKind kind = KindOf(request.format());
  const std::string slug = ids::Slug(rendering.bucp.content().business_case().use_case_name().title());
  const std::string revision = std::to_string(rendering.bucp.revision());
  v1::RenderDocumentResponse response;
  const bool is_pdf = request.format() == v1::DOCUMENT_FORMAT_PDF;
  response.set_document(is_pdf
                            ? rendering.pdf
                            : kind.write(document::Compose(rendering.bucp, rendering.digest, rendering.facts,
                                                           ViewOf(request, rendering.bucp))));
  response.set_media_type(std::string(kind.media_type));
  response.set_file_name("bucp-" + (slug.empty() ? "" : slug.substr(0, 60) + "-") + "r" + revision +
                         (is_public ? "-public" : "") + std::string(kind.suffix));
  response.set_revision(ids::kRevisions.Name(rendering.bucp.name(), revision));
  response.set_digest(rendering.digest);
  for (const std::string& note : rendering.facts.notes) response.add_notes(note);
  return response;
}

absl::StatusOr<MessageMatter> DocumentService::GatherForMessage(rpc::Call& call,
                                                                const v1::RenderMessageRequest& request) {
  MessageMatter matter;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(matter.bucp, FindVisible(db, call.caller(), request.name()));
    return absl::OkStatus();
  }));
  const auth::Caller& caller = call.caller();
  if (request.kind() == v1::MESSAGE_KIND_INITIATE_EXCHANGE &&
      (RolesOf(caller, matter.bucp) & flow::kRecipient) == 0) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "an exchange is initiated by a Data Recipient")
        .With("by", flow::NamesOf(flow::kRecipient));
  }
  const v1::Content& content = matter.bucp.content();
  document::MessageFacts& facts = matter.facts;
  Directory directory(peers_, call.context());
  RETURN_IF_ERROR(DescribeSide(directory, content.recipients(), content, call.now(), facts.recipients,
                               facts.recipient_contacts, nullptr));
  RETURN_IF_ERROR(DescribeSide(directory, content.providers(), content, call.now(), facts.providers,
                               facts.provider_contacts, &facts.without_account));
  ASSIGN_OR_RETURN(facts.sender_department, directory.NameOf(caller.entity));
  ASSIGN_OR_RETURN(const auto colleagues, directory.ContactsOf(caller.entity));
  facts.reviewers = WithRole(colleagues, ReviewerOf(request.kind()), call.now());
  facts.sender = {caller.person_name, caller.person_title, "", "", ""};
  for (const auto& contact : colleagues) {
    if (contact.name() == caller.contact) facts.sender = PersonOf(contact);
  }
  return matter;
}

absl::StatusOr<v1::RenderMessageResponse> DocumentService::RenderMessage(
    rpc::Call& call, const v1::RenderMessageRequest& request, const MessageMatter& matter) {
  v1::RenderMessageResponse message = document::WriteMessage(request.kind(), matter.bucp, matter.facts);
  message.set_eml(document::ToMailFile(message, matter.facts.sender, absl::FromUnixMicros(call.now())));
  return message;
}

}  // namespace idea::drafting
