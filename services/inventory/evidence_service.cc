#include "services/inventory/evidence_service.h"

#include <string>

#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/listing/offset_token.h"
#include "common/rpc/all_pages.h"
#include "common/status/status.h"
#include "common/transparency/seal.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/inventory/filing_parts.h"
#include "services/inventory/notice_store.h"
#include "services/inventory/odrl_terms.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

constexpr char kFormat[] = "idea-evidence/1";
// The maximum bytes of the file in one answer: a client takes 4 MiB.
constexpr size_t kMaxPart = 3 << 20;

// Every page of a list of another service, as one message.
template <class Response, class Request>
absl::StatusOr<Response> AskForAll(const InventoryService::Ask& ask, std::string_view service,
                                   rpc::Call& call, const Request& request) {
  const auto ask_for = [&](const Request& page, Response* response) {
    return ask(service, call.context(), page, response);
  };
  return rpc::AskForAll<Response>(ask_for, request);
}

}  // namespace

absl::StatusOr<v1::Evidence> EvidenceService::Gather(rpc::Call& call, const v1::GetEvidenceRequest& request) {
  v1::Filing filing;
  RETURN_IF_ERROR(call.Look([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(filing, FindVisible(db, call.caller(), request.name()));
    return absl::OkStatus();
  }));
  if (filing.revision().empty()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND,
                 filing.name() + " was imported: its document and signatures are not in this suite");
  }
  v1::Evidence evidence;

  drafting::v1::GetRevisionRequest which;
  which.set_name(filing.revision());
  drafting::v1::GetRevisionResponse revision;
  RETURN_IF_ERROR(ask_("drafting", call.context(), which, &revision));
  *evidence.mutable_document() = std::move(*revision.mutable_revision());

  drafting::v1::ListRevisionsRequest list;
  list.set_parent(filing.bucp());
  ASSIGN_OR_RETURN(auto revisions,
                   AskForAll<drafting::v1::ListRevisionsResponse>(ask_, "drafting", call, list));
  evidence.mutable_revisions()->Swap(revisions.mutable_revisions());

  drafting::v1::RenderDocumentRequest render;
  render.set_name(filing.bucp());
  render.set_format(drafting::v1::DOCUMENT_FORMAT_HTML);
  render.set_revision(
      static_cast<int32_t>(std::strtol(ids::Segment(filing.revision(), 3).c_str(), nullptr, 10)));
  drafting::v1::RenderDocumentResponse document;
  RETURN_IF_ERROR(ask_("drafting", call.context(), render, &document));
  evidence.set_document_html(std::move(*document.mutable_document()));

  review::v1::ListRoutingsRequest find;
  find.set_filter("bucp = \"" + filing.bucp() + "\" AND state = ROUTING_STATE_COMPLETE");
  ASSIGN_OR_RETURN(const auto routings,
                   AskForAll<review::v1::ListRoutingsResponse>(ask_, "review", call, find));
  for (const review::v1::Routing& routing : routings.routings()) {
    if (filing.freeze_number() != 0 && routing.freeze_number() != filing.freeze_number()) continue;
    review::v1::ListOpinionsRequest opinions_of;
    opinions_of.set_parent(routing.name());
    ASSIGN_OR_RETURN(const auto opinions,
                     AskForAll<review::v1::ListOpinionsResponse>(ask_, "review", call, opinions_of));
    evidence.mutable_opinions()->MergeFrom(opinions.opinions());
    review::v1::ListSignaturesRequest signatures_of;
    signatures_of.set_parent(routing.name());
    ASSIGN_OR_RETURN(const auto signatures,
                     AskForAll<review::v1::ListSignaturesResponse>(ask_, "review", call, signatures_of));
    evidence.mutable_signatures()->MergeFrom(signatures.signatures());
  }
  return evidence;
}

absl::StatusOr<v1::GetEvidenceResponse> EvidenceService::GetEvidence(rpc::Call& call,
                                                                     const v1::GetEvidenceRequest& request,
                                                                     const v1::Evidence& gathered) {
  v1::Evidence evidence = gathered;
  evidence.set_format(kFormat);
  ASSIGN_OR_RETURN(*evidence.mutable_filing(), FindVisible(call.db(), call.caller(), request.name()));
  if (!evidence.filing().has_receipt()) {
    return Error(Reason::ERROR_REASON_NOT_FILED, request.name() + " is not filed yet");
  }
  const bool all = call.caller().kind == common::v1::CALLER_KIND_CDO;
  ASSIGN_OR_RETURN(const auto notices,
                   ReadNotices(call.db(), request.name(), all ? "" : call.caller().entity));
  *evidence.mutable_notices() = {notices.begin(), notices.end()};
  RETURN_IF_ERROR(log_.Prove(call.db(), evidence));
  v1::GetEvidenceResponse response;
  evidence.set_odrl(ToOdrl(evidence.filing(), evidence.document().content()));
  response.set_parts(static_cast<int32_t>(transparency::PartsOf(evidence).size()));
  response.set_leaves(evidence.leaves_size());
  response.set_file_name("evidence-" + ids::Segment(request.name(), 1) + ".json");
  evidence.set_seal(log_.Seal("evidence/" + request.name(), evidence));
  const std::string bundle = digest::CanonicalJson(evidence);
  // The same evidence is the same file, byte for byte: its parts fit together as long as nothing was added.
  const std::string whole = request.name() + " " + ids::Sha256Hex(bundle);
  ASSIGN_OR_RETURN(const size_t begin, listing::OffsetOf(whole, request.page_token()));
  response.set_bundle(bundle.substr(begin, kMaxPart));
  if (bundle.size() - begin > kMaxPart)
    response.set_next_page_token(listing::OffsetToken(whole, begin + kMaxPart));
  return response;
}

}  // namespace idea::inventory
