#include "services/inventory/evidence/evidence_service.h"

#include <string>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/offset_token.h"
#include "common/status/status.h"
#include "common/transparency/seal.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/inventory/evidence/evidence_writer.h"
#include "services/inventory/evidence/odrl_terms.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/notice/notice_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

constexpr char kFormat[] = "idea-evidence/1";
// Maximum bytes of the file in one response: clients accept 4 MiB.
constexpr size_t kMaxPart = 3 << 20;

absl::StatusOr<v1::Filing> FindFiled(storage::Transaction& db, const rpc::Call& call,
                                     const std::string& name) {
  ASSIGN_OR_RETURN(v1::Filing filing, FindVisible(db, call.caller(), name));
  if (filing.revision().empty()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND,
                 filing.name() + " was imported: its document and signatures are not in this suite");
  }
  if (!filing.has_receipt()) return Error(Reason::ERROR_REASON_NOT_FILED, name + " is not filed yet");
  return filing;
}

}  // namespace

void EvidenceService::Bind(rpc::Router& router) {
  router.Bind(this, &EvidenceService::Gather, &EvidenceService::GetEvidence);
}

absl::Status EvidenceService::GetDocument(rpc::Call& call, const v1::Filing& filing, v1::Evidence& document,
                                          v1::Evidence& html) {
  drafting::v1::GetRevisionRequest which;
  which.set_name(filing.revision());
  drafting::v1::GetRevisionResponse revision;
  RETURN_IF_ERROR(peers_.Send(call.context(), which, &revision));
  *document.mutable_document() = std::move(*revision.mutable_revision());

  drafting::v1::RenderDocumentRequest render;
  render.set_name(filing.bucp());
  render.set_format(drafting::v1::DOCUMENT_FORMAT_HTML);
  render.set_revision(static_cast<int32_t>(ids::kRevisions.NumberIn(filing.revision())));
  drafting::v1::RenderDocumentResponse rendered;
  RETURN_IF_ERROR(peers_.Send(call.context(), render, &rendered));
  html.set_document_html(std::move(*rendered.mutable_document()));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> EvidenceService::ListRoutings(rpc::Call& call,
                                                                       const v1::Filing& filing) {
  review::v1::ListRoutingsRequest find;
  find.set_filter("bucp = \"" + filing.bucp() + "\" AND state = ROUTING_STATE_COMPLETE");
  std::vector<std::string> names;
  RETURN_IF_ERROR(
      peers_.ForEachPage<review::v1::ListRoutingsResponse>(call.context(), find, [&](const auto& page) {
        for (const review::v1::Routing& routing : page.routings()) {
          if (filing.freeze_number() == 0 || routing.freeze_number() == filing.freeze_number())
            names.push_back(routing.name());
        }
      }));
  return names;
}

absl::StatusOr<v1::GetEvidenceResponse> EvidenceService::Gather(rpc::Call& call,
                                                                const v1::GetEvidenceRequest& request) {
  v1::Filing filing;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(filing, FindFiled(db, call, request.name()));
    return absl::OkStatus();
  }));
  v1::Evidence document, html;
  RETURN_IF_ERROR(GetDocument(call, filing, document, html));
  ASSIGN_OR_RETURN(const std::vector<std::string> routings, ListRoutings(call, filing));

  v1::GetEvidenceResponse response;
  const size_t begin = listing::ClaimedOffset(request.page_token());
  EvidenceWriter file(begin, kMaxPart);
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    file = EvidenceWriter(begin, kMaxPart);
    response.set_leaves(0);
    v1::Evidence checkpoint, proof, found, format;
    ASSIGN_OR_RETURN(*found.mutable_filing(), FindFiled(db, call, request.name()));
    ASSIGN_OR_RETURN(const int64_t size, log_.Prove(db, found.filing(), checkpoint, proof));
    format.set_format(kFormat);
    for (const v1::Evidence* piece : {&checkpoint, &proof, &document, &html, &found, &format})
      file.Add(*piece);
    RETURN_IF_ERROR(LogService::ForEachLeaf(db, found.filing(), size, [&](v1::LogLeaf leaf) {
      v1::Evidence piece;
      *piece.add_leaves() = std::move(leaf);
      file.Add(piece);
      response.set_leaves(response.leaves() + 1);
    }));
    RETURN_IF_ERROR(ForEachNotice(db, request.name(), VisibilityOf(call.caller()), [&](v1::Notice notice) {
      v1::Evidence piece;
      *piece.add_notices() = std::move(notice);
      file.Add(piece);
    }));
    v1::Evidence odrl;
    odrl.set_odrl(ToOdrl(found.filing(), document.document().content()));
    file.Add(odrl);
    return absl::OkStatus();
  }));

  for (const std::string& routing : routings) {
    review::v1::ListOpinionsRequest opinions;
    opinions.set_parent(routing);
    RETURN_IF_ERROR(
        peers_.ForEachPage<review::v1::ListOpinionsResponse>(call.context(), opinions, [&](auto& page) {
          v1::Evidence piece;
          piece.mutable_opinions()->Swap(page.mutable_opinions());
          file.Add(piece);
        }));
  }
  drafting::v1::ListRevisionsRequest revisions;
  revisions.set_parent(filing.bucp());
  RETURN_IF_ERROR(
      peers_.ForEachPage<drafting::v1::ListRevisionsResponse>(call.context(), revisions, [&](auto& page) {
        v1::Evidence piece;
        piece.mutable_revisions()->Swap(page.mutable_revisions());
        file.Add(piece);
      }));
  // The seal precedes the signatures in the file and covers them.
  v1::Evidence signatures;
  for (const std::string& routing : routings) {
    review::v1::ListSignaturesRequest of;
    of.set_parent(routing);
    RETURN_IF_ERROR(peers_.ForEachPage<review::v1::ListSignaturesResponse>(
        call.context(), of,
        [&](const auto& page) { signatures.mutable_signatures()->MergeFrom(page.signatures()); }));
  }
  const std::vector<transparency::SealedPart> parts = file.PartsWith(signatures);
  v1::Evidence seal;
  seal.set_seal(log_.Seal("evidence/" + request.name(), parts));
  file.Add(seal);
  file.Add(signatures);
  file.End();

  // Equal parts make an equal file, byte for byte: the responses fit together as long as the seal is equal.
  const std::string whole = request.name() + " " + ids::Sha256Hex(seal.seal());
  RETURN_IF_ERROR(listing::OffsetOf(whole, request.page_token()).status());
  response.set_parts(static_cast<int32_t>(parts.size()));
  response.set_file_name("evidence-" + ids::kFilings.IdIn(request.name()) + ".json");
  response.set_bundle(file.window());
  if (begin + kMaxPart < file.written())
    response.set_next_page_token(listing::OffsetToken(whole, begin + kMaxPart));
  return response;
}

absl::StatusOr<v1::GetEvidenceResponse> EvidenceService::GetEvidence(
    rpc::Call& /*call*/, const v1::GetEvidenceRequest& /*request*/, const v1::GetEvidenceResponse& gathered) {
  return gathered;
}

}  // namespace idea::inventory
