#include "services/inventory/evidence/evidence_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/offset_token.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "common/transparency/seal.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/inventory/evidence/odrl_terms.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/notice/notice_store.h"
#include "services/inventory/review_date/review_date_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

constexpr char kFormat[] = "idea-evidence/2";
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

absl::Status EvidenceService::GetDocument(rpc::Call& call, const v1::Filing& filing, Document& document) {
  drafting::v1::GetRevisionRequest which;
  which.set_name(filing.revision());
  drafting::v1::GetRevisionResponse revision;
  RETURN_IF_ERROR(peers_.Send(call.context(), which, &revision));
  *document.document.mutable_document() = std::move(*revision.mutable_revision());

  drafting::v1::RenderDocumentRequest render;
  render.set_name(filing.bucp());
  render.set_format(drafting::v1::DOCUMENT_FORMAT_HTML);
  render.set_revision(static_cast<int32_t>(ids::kRevisions.NumberIn(filing.revision())));
  drafting::v1::RenderDocumentResponse rendered;
  RETURN_IF_ERROR(peers_.Send(call.context(), render, &rendered));
  document.html.set_document_html(std::move(*rendered.mutable_document()));
  return absl::OkStatus();
}

absl::StatusOr<EvidenceService::Routings> EvidenceService::ListRoutings(rpc::Call& call,
                                                                        const v1::Filing& filing) {
  review::v1::ListRoutingsRequest find;
  find.set_filter("bucp = \"" + filing.bucp() + "\"");
  Routings routings;
  RETURN_IF_ERROR(
      peers_.ForEachPage<review::v1::ListRoutingsResponse>(call.context(), find, [&](const auto& page) {
        for (const review::v1::Routing& routing : page.routings()) {
          const bool executed =
              routing.state() == review::v1::ROUTING_STATE_COMPLETE &&
              (filing.freeze_number() == 0 || routing.freeze_number() == filing.freeze_number());
          (executed ? routings.executed : routings.others).push_back(routing.name());
        }
      }));
  return routings;
}

absl::StatusOr<std::vector<review::v1::Signature>> EvidenceService::ListSignatures(
    rpc::Call& call, const std::vector<std::string>& routings) {
  std::vector<review::v1::Signature> signatures;
  for (const std::string& routing : routings) {
    review::v1::ListSignaturesRequest of;
    of.set_parent(routing);
    RETURN_IF_ERROR(
        peers_.ForEachPage<review::v1::ListSignaturesResponse>(call.context(), of, [&](const auto& page) {
          signatures.insert(signatures.end(), page.signatures().begin(), page.signatures().end());
        }));
  }
  return signatures;
}

absl::Status EvidenceService::AddOpinions(rpc::Call& call, const Routings& routings, EvidenceWriter& file) {
  std::vector<std::string> amended;
  const auto add = [&](const std::vector<std::string>& names, bool as_records) -> absl::Status {
    for (const std::string& routing : names) {
      review::v1::ListOpinionsRequest opinions;
      opinions.set_parent(routing);
      RETURN_IF_ERROR(
          peers_.ForEachPage<review::v1::ListOpinionsResponse>(call.context(), opinions, [&](auto& page) {
            v1::Evidence piece;
            for (review::v1::Opinion& opinion : *page.mutable_opinions()) {
              if (opinion.version() > 1) amended.push_back(opinion.name());
              *(as_records ? piece.add_records()->mutable_opinion() : piece.add_opinions()) =
                  std::move(opinion);
            }
            file.Add(piece);
          }));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(add(routings.executed, false));
  RETURN_IF_ERROR(add(routings.others, true));
  for (const std::string& opinion : amended) {
    review::v1::ListOpinionVersionsRequest versions;
    versions.set_parent(opinion);
    RETURN_IF_ERROR(peers_.ForEachPage<review::v1::ListOpinionVersionsResponse>(
        call.context(), versions, [&](auto& page) {
          v1::Evidence piece;
          for (review::v1::Opinion& version : *page.mutable_opinions())
            *piece.add_records()->mutable_opinion() = std::move(version);
          file.Add(piece);
        }));
  }
  return absl::OkStatus();
}

absl::Status EvidenceService::AddDisputes(rpc::Call& call, const std::string& bucp, EvidenceWriter& file) {
  dispute::v1::ListDisputesRequest find;
  find.set_filter("bucp = \"" + bucp + "\"");
  std::vector<std::string> names;
  const absl::Status listed =
      peers_.ForEachPage<dispute::v1::ListDisputesResponse>(call.context(), find, [&](const auto& page) {
        for (const dispute::v1::Dispute& dispute : page.disputes()) names.push_back(dispute.name());
      });
  // A dispute service of the release before lists nothing for inventory, and adds no entries to the log.
  if (absl::IsPermissionDenied(listed)) return absl::OkStatus();
  RETURN_IF_ERROR(listed);
  for (const std::string& name : names) {
    dispute::v1::GetDisputeRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(auto found, peers_.Send<dispute::v1::GetDisputeResponse>(call.context(), get));
    v1::Evidence piece;
    *piece.add_records()->mutable_dispute() = std::move(*found.mutable_dispute());
    file.Add(piece);
  }
  return absl::OkStatus();
}

absl::Status EvidenceService::AddRegister(rpc::Call& call, const std::string& name, const Document& document,
                                          const std::set<LogService::SigningKey>& keys,
                                          std::vector<v1::HistoryRecord>& records,
                                          v1::GetEvidenceResponse& response, EvidenceWriter& file) {
  return call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    file.Clear();
    records.clear();
    v1::Evidence checkpoint, proof, found, format;
    ASSIGN_OR_RETURN(*found.mutable_filing(), FindFiled(db, call, name));
    ASSIGN_OR_RETURN(const std::vector<int64_t> leaves, LogService::FindLeaves(db, found.filing()));
    ASSIGN_OR_RETURN(const std::vector<int64_t> history,
                     LogService::FindHistory(db, found.filing().bucp(), keys));
    int64_t last = -1;
    for (const auto* indexes : {&leaves, &history}) {
      if (!indexes->empty()) last = std::max(last, indexes->back());
    }
    ASSIGN_OR_RETURN(const int64_t size, log_.Prove(db, found.filing(), last, checkpoint, proof));
    format.set_format(kFormat);
    const v1::Evidence* const before_history[] = {&checkpoint,    &proof, &document.document,
                                                  &document.html, &found, &format};
    for (const v1::Evidence* piece : before_history) file.Add(*piece);
    RETURN_IF_ERROR(LogService::ForEachLeaf(db, history, size, [&](v1::LogLeaf leaf) {
      v1::Evidence piece;
      *piece.add_history() = std::move(leaf);
      file.Add(piece);
    }));
    RETURN_IF_ERROR(LogService::ForEachLeaf(db, leaves, size, [&](v1::LogLeaf leaf) {
      v1::Evidence piece;
      *piece.add_leaves() = std::move(leaf);
      file.Add(piece);
    }));
    response.set_leaves(static_cast<int32_t>(leaves.size()));
    std::vector<std::string> notices;
    RETURN_IF_ERROR(ForEachNotice(db, name, VisibilityOf(call.caller()), [&](v1::Notice notice) {
      notices.push_back(notice.name());
      v1::Evidence piece;
      *piece.add_notices() = std::move(notice);
      file.Add(piece);
    }));
    for (const std::string& notice : notices) {
      ASSIGN_OR_RETURN(std::vector<v1::Duty> duties, ReadDuties(db, notice));
      for (v1::Duty& duty : duties) *records.emplace_back().mutable_duty() = std::move(duty);
    }
    ASSIGN_OR_RETURN(StoredReviewDate review, FindReviewDate(db, name));
    if (review.version > 0) *records.emplace_back().mutable_review_date() = std::move(review.review);
    v1::Evidence odrl;
    odrl.set_odrl(ToOdrl(found.filing(), document.document.document().content()));
    file.Add(odrl);
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::GetEvidenceResponse> EvidenceService::Gather(rpc::Call& call,
                                                                const v1::GetEvidenceRequest& request) {
  v1::Filing filing;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(filing, FindFiled(db, call, request.name()));
    return absl::OkStatus();
  }));
  Document document;
  RETURN_IF_ERROR(GetDocument(call, filing, document));
  ASSIGN_OR_RETURN(const Routings routings, ListRoutings(call, filing));
  ASSIGN_OR_RETURN(const std::vector<review::v1::Signature> signed_last,
                   ListSignatures(call, routings.executed));
  ASSIGN_OR_RETURN(const std::vector<review::v1::Signature> signed_before,
                   ListSignatures(call, routings.others));
  std::set<LogService::SigningKey> keys;
  for (const auto* signatures : {&signed_last, &signed_before}) {
    for (const review::v1::Signature& signature : *signatures) {
      if (!signature.public_key().empty())
        keys.emplace(signature.entity(), transparency::KeyFingerprint(signature.public_key()));
    }
  }

  v1::GetEvidenceResponse response;
  const size_t begin = listing::ClaimedOffset(request.page_token());
  EvidenceWriter file(begin, kMaxPart);
  std::vector<v1::HistoryRecord> records;
  RETURN_IF_ERROR(AddRegister(call, request.name(), document, keys, records, response, file));
  RETURN_IF_ERROR(AddOpinions(call, routings, file));
  for (const review::v1::Signature& signature : signed_before)
    *records.emplace_back().mutable_signature() = signature;
  for (v1::HistoryRecord& record : records) {
    v1::Evidence piece;
    *piece.add_records() = std::move(record);
    file.Add(piece);
  }
  RETURN_IF_ERROR(AddDisputes(call, filing.bucp(), file));
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
  for (const review::v1::Signature& signature : signed_last) *signatures.add_signatures() = signature;
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
