#include "services/inventory/log/log_service.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/digest/digest.h"
#include "common/status/status.h"
#include "common/transparency/seal.h"
#include "common/transparency/tile_path.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/log/cosignature_store.h"
#include "services/inventory/log/log_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

absl::Status NotInLog(int64_t size) {
  return Error(Reason::ERROR_REASON_NOT_IN_LOG, "the log has " + std::to_string(size) + " entries")
      .With("size", std::to_string(size));
}

// The witness of the policy that has cosigned a text. Null if none has.
const transparency::Witness* FindWitness(const transparency::Policy& policy, std::string_view text,
                                         const transparency::NoteSignature& signature) {
  for (const transparency::Witness& witness : policy.witnesses()) {
    if (witness.key.Verifies(text, signature)) return &witness;
  }
  return nullptr;
}

absl::Status NotACosignature(const std::string& why) {
  return Error(Reason::ERROR_REASON_SIGNATURE_INVALID, "cosignature: " + why).Field("cosignature", why);
}

void Add(std::vector<std::string> hashes, google::protobuf::RepeatedPtrField<std::string>* to) {
  for (std::string& hash : hashes) *to->Add() = std::move(hash);
}

// An entry preceded by its length in two bytes, the high byte first. Entries are far shorter than that
// allows.
std::string Prefixed(const std::string& entry) {
  std::string out = {static_cast<char>(entry.size() >> 8), static_cast<char>(entry.size() & 255)};
  return out + entry;
}

// A stored entry and its proof in a tree of `size` entries.
absl::StatusOr<v1::LogLeaf> ReadLeaf(storage::Transaction& db, int64_t index, int64_t size) {
  v1::LogLeaf leaf;
  leaf.set_leaf_index(index);
  leaf.set_tree_size(size);
  ASSIGN_OR_RETURN(const std::vector<std::string> entries, ReadEntries(db, index, 1));
  if (entries.empty()) return absl::DataLossError("an entry of the transparency log is missing");
  leaf.set_entry(entries.front());
  ASSIGN_OR_RETURN(std::vector<std::string> proof,
                   transparency::InclusionProof(StoredNodes(db), index, size));
  Add(std::move(proof), leaf.mutable_inclusion_proof());
  return leaf;
}

}  // namespace

void LogService::Bind(rpc::Router& router) {
  router.Bind(this, &LogService::GetCheckpoint);
  router.Bind(this, &LogService::AddCosignature);
  router.Bind(this, &LogService::GetInclusionProof);
  router.Bind(this, &LogService::GetConsistencyProof);
  router.Bind(this, &LogService::GetTile);
}

absl::StatusOr<v1::LogLeaf> LogService::Append(storage::Transaction& db, const v1::LogEntry& entry) const {
  v1::LogLeaf leaf;
  leaf.set_entry(digest::CanonicalJson(entry));
  ASSIGN_OR_RETURN(Appended appended, AppendEntry(db, entry.filing(), leaf.entry()));
  const transparency::CompactRange& edge = appended.edge;
  leaf.set_leaf_index(edge.size - 1);
  leaf.set_tree_size(edge.size);
  Add(std::move(appended.proof), leaf.mutable_inclusion_proof());
  leaf.set_checkpoint(key_.Sign(edge.size, edge.Root()));
  return leaf;
}

absl::StatusOr<int64_t> LogService::Prove(storage::Transaction& db, const v1::Filing& filing,
                                          v1::Evidence& checkpoint, v1::Evidence& proof) const {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadEdge(db));
  ASSIGN_OR_RETURN(const std::vector<int64_t> indexes, ReadIndexes(db, filing.name()));
  const int64_t receipt = filing.receipt().leaf().tree_size();
  // A cosigned checkpoint is preferred if its tree has all the entries.
  ASSIGN_OR_RETURN(CosignedPair cosigned, ReadCosigned(db));
  int64_t size = cosigned.met.size;
  checkpoint.set_checkpoint(std::move(cosigned.met.checkpoint));
  if (size < receipt || indexes.empty() || size <= indexes.back()) {
    size = edge.size;
    checkpoint.set_checkpoint(key_.Sign(edge.size, edge.Root()));
  }
  ASSIGN_OR_RETURN(std::vector<std::string> hashes,
                   transparency::ConsistencyProof(StoredNodes(db), receipt, size));
  Add(std::move(hashes), proof.mutable_consistency_proof());
  return size;
}

absl::Status LogService::ForEachLeaf(storage::Transaction& db, const v1::Filing& filing, int64_t size,
                                     const std::function<void(v1::LogLeaf)>& on_leaf) {
  ASSIGN_OR_RETURN(const std::vector<int64_t> indexes, ReadIndexes(db, filing.name()));
  for (const int64_t index : indexes) {
    ASSIGN_OR_RETURN(v1::LogLeaf leaf, ReadLeaf(db, index, size));
    on_leaf(std::move(leaf));
  }
  return absl::OkStatus();
}

std::string LogService::Seal(std::string_view subject,
                             const std::vector<transparency::SealedPart>& parts) const {
  return key_.SignNote(transparency::SealText(key_.origin(), subject, parts));
}

absl::StatusOr<v1::GetCheckpointResponse> LogService::GetCheckpoint(rpc::Call& call,
                                                                    const v1::GetCheckpointRequest&) {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadEdge(call.db()));
  v1::GetCheckpointResponse response;
  response.set_size(edge.size);
  response.set_checkpoint(key_.Sign(edge.size, edge.Root()));
  response.set_verifier(key_.verifier());
  ASSIGN_OR_RETURN(CosignedPair cosigned, ReadCosigned(call.db()));
  response.set_cosigned_checkpoint(std::move(cosigned.met.checkpoint));
  response.set_pending_checkpoint(std::move(cosigned.pending.checkpoint));
  return response;
}

absl::StatusOr<LogService::CosignedPair> LogService::ReadCosigned(storage::Transaction& db) const {
  CosignedPair found;
  if (!policy_) return found;
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadEdge(db));
  ASSIGN_OR_RETURN(const std::vector<Cosignature> cosignatures, ReadCosignatures(db));
  for (size_t i = 0; i < cosignatures.size() && found.met.size == 0;) {
    const int64_t size = cosignatures[i].size;
    const size_t first = i;
    while (i < cosignatures.size() && cosignatures[i].size == size) ++i;
    // If the log was truncated or started again, cosignatures of larger trees are invalid.
    if (size > edge.size) continue;
    ASSIGN_OR_RETURN(const std::string root, transparency::RootOf(StoredNodes(db), size));
    const std::string text = transparency::CheckpointText({key_.origin(), size, root});
    std::string checkpoint = key_.Sign(size, root);
    for (size_t each = first; each < i; ++each) {
      // Omits a cosignature of a witness that the policy no longer names, or of a tree that the log no longer
      // has.
      ASSIGN_OR_RETURN(const auto signature, transparency::ParseSignatures(cosignatures[each].line));
      if (FindWitness(*policy_, text, signature.front()) != nullptr) checkpoint += cosignatures[each].line;
    }
    ASSIGN_OR_RETURN(const transparency::Note note, transparency::ParseNote(checkpoint));
    const transparency::Policy::Outcome outcome = policy_->Check(note);
    if (outcome.cosigned_by.empty()) continue;
    if (outcome.is_met) {
      found.met = {size, std::move(checkpoint)};
    } else if (found.pending.size == 0) {
      found.pending = {size, std::move(checkpoint)};
    }
  }
  return found;
}

absl::StatusOr<v1::AddCosignatureResponse> LogService::AddCosignature(
    rpc::Call& call, const v1::AddCosignatureRequest& request) {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadEdge(call.db()));
  if (request.size() > edge.size) return NotInLog(edge.size);
  ASSIGN_OR_RETURN(const std::string root, transparency::RootOf(StoredNodes(call.db()), request.size()));
  const std::string text = transparency::CheckpointText({key_.origin(), request.size(), root});
  const std::string line = request.cosignature() + (request.cosignature().ends_with('\n') ? "" : "\n");
  const auto signatures = transparency::ParseSignatures(line);
  if (!signatures.ok() || signatures->size() != 1)
    return NotACosignature("it is not one signature line of a note");
  if (!policy_) return NotACosignature("the log has no policy that names witnesses");
  const transparency::Witness* witness = FindWitness(*policy_, text, signatures->front());
  if (witness == nullptr) {
    return NotACosignature("no witness of the log's policy has made it for the tree of " +
                           std::to_string(request.size()) + " entries");
  }
  ASSIGN_OR_RETURN(const bool is_new, SaveCosignature(call.db(), {request.size(), witness->name, line}));
  ASSIGN_OR_RETURN(const CosignedPair cosigned, ReadCosigned(call.db()));
  RETURN_IF_ERROR(DeleteCosignaturesBefore(call.db(), cosigned.met.size));
  call.recorder().Record({.type = event::kCheckpointCosigned,
                          .subject = "log",
                          .audience = {},
                          .citation = "agreement 5.17",
                          .summary = witness->name + " has cosigned the log of " +
                                     std::to_string(request.size()) + " entries" + (is_new ? "" : " again")});
  v1::AddCosignatureResponse response;
  response.set_size(request.size());
  response.set_witness(witness->name);
  return response;
}

absl::StatusOr<v1::GetInclusionProofResponse> LogService::GetInclusionProof(
    rpc::Call& call, const v1::GetInclusionProofRequest& request) {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadEdge(call.db()));
  const int64_t size = request.tree_size() == 0 ? edge.size : request.tree_size();
  if (size > edge.size || request.leaf_index() >= size) return NotInLog(edge.size);
  v1::GetInclusionProofResponse response;
  ASSIGN_OR_RETURN(*response.mutable_leaf(), ReadLeaf(call.db(), request.leaf_index(), size));
  ASSIGN_OR_RETURN(const std::string root, transparency::RootOf(StoredNodes(call.db()), size));
  response.mutable_leaf()->set_checkpoint(key_.Sign(size, root));
  return response;
}

absl::StatusOr<v1::GetConsistencyProofResponse> LogService::GetConsistencyProof(
    rpc::Call& call, const v1::GetConsistencyProofRequest& request) {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadEdge(call.db()));
  const int64_t size = request.tree_size() == 0 ? edge.size : request.tree_size();
  if (size > edge.size || request.from_size() > size) return NotInLog(edge.size);
  const transparency::Nodes nodes = StoredNodes(call.db());
  v1::GetConsistencyProofResponse response;
  response.set_from_size(request.from_size());
  response.set_tree_size(size);
  ASSIGN_OR_RETURN(std::vector<std::string> proof,
                   transparency::ConsistencyProof(nodes, request.from_size(), size));
  Add(std::move(proof), response.mutable_proof());
  ASSIGN_OR_RETURN(const std::string root, transparency::RootOf(nodes, size));
  response.set_checkpoint(key_.Sign(size, root));
  return response;
}

absl::StatusOr<v1::GetTileResponse> LogService::GetTile(rpc::Call& call, const v1::GetTileRequest& request) {
  const auto tile = transparency::ParseTilePath(request.path());
  if (!tile) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD,
                 "path: a path of C2SP tlog-tiles, such as tile/0/000.p/3")
        .Field("path", "a path of C2SP tlog-tiles, such as tile/0/000.p/3");
  }
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadEdge(call.db()));
  const int64_t first = tile->index * transparency::kTileWidth;
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   tile->entries ? ReadEntries(call.db(), first, tile->width)
                                 : ReadNodes(call.db(), 8 * tile->level, first, tile->width));
  if (static_cast<int64_t>(parts.size()) < tile->width) return NotInLog(edge.size);
  v1::GetTileResponse response;
  for (const std::string& part : parts)
    response.mutable_data()->append(tile->entries ? Prefixed(part) : part);
  return response;
}

}  // namespace idea::inventory
