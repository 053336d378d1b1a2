#include "services/inventory/log/log_service.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "common/transparency/seal.h"
#include "common/transparency/tile_path.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/log/cosignature_store.h"
#include "services/inventory/log/log_store.h"
#include "services/inventory/log/timestamp_store.h"

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

// The kinds of entries about records of other services.
struct RecordKind {
  v1::LogEntryKind kind;
  // The service that has the records.
  std::string_view service;
  // The form of their names.
  std::string_view pattern;
};
constexpr auto kRecordKinds = std::to_array<RecordKind>({
    {v1::LOG_ENTRY_KIND_REVISION_FROZEN, "drafting", "bucps/*/revisions/*"},
    {v1::LOG_ENTRY_KIND_OPINION_REGISTERED, "review", "routings/*/opinions/*"},
    {v1::LOG_ENTRY_KIND_OPINION_CHANGED, "review", "routings/*/opinions/*"},
    {v1::LOG_ENTRY_KIND_OPINION_CARRIED_OVER, "review", "routings/*/opinions/*"},
    {v1::LOG_ENTRY_KIND_SIGNED, "review", "routings/*/signatures/*"},
    {v1::LOG_ENTRY_KIND_EXECUTED, "drafting", "bucps/*"},
    {v1::LOG_ENTRY_KIND_EXECUTION_REVOKED, "drafting", "bucps/*"},
    {v1::LOG_ENTRY_KIND_DISPUTE_OPENED, "dispute", "disputes/*"},
    {v1::LOG_ENTRY_KIND_DISPUTE_CHANGED, "dispute", "disputes/*"},
    {v1::LOG_ENTRY_KIND_DISPUTE_SETTLED, "dispute", "disputes/*"},
    {v1::LOG_ENTRY_KIND_DISPUTE_DECIDED, "dispute", "disputes/*"},
    {v1::LOG_ENTRY_KIND_DISPUTE_ENDED, "dispute", "disputes/*"},
    {v1::LOG_ENTRY_KIND_DEIDENTIFICATION_SUBMITTED, "dispute", "deidentifications/*"},
    {v1::LOG_ENTRY_KIND_DEIDENTIFICATION_CHANGED, "dispute", "deidentifications/*"},
    {v1::LOG_ENTRY_KIND_ACCESSION_RECORDED, "registry", "entities/*/accessions/*"},
    {v1::LOG_ENTRY_KIND_WITHDRAWN, "registry", "entities/*/accessions/*"},
    {v1::LOG_ENTRY_KIND_CONTACT_KEY, "registry", "entities/*"},
    {v1::LOG_ENTRY_KIND_CERTIFICATION_RECORDED, "registry", "entities/*/certifications/*"},
    {v1::LOG_ENTRY_KIND_DELEGATION_RECORDED, "registry", "entities/*/delegations/*"},
    {v1::LOG_ENTRY_KIND_DELEGATION_ENDED, "registry", "entities/*/delegations/*"},
});

// INVALID_FIELD unless the entry is about a record of the service and has no field besides those that such
// entries have.
absl::Status CheckEntry(const v1::LogEntry& entry, const std::string& service, const std::string& path) {
  const auto invalid = [&path](const std::string& field, const std::string& expected) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, path + field + ": " + expected)
        .Field(path + field, expected);
  };
  const auto* kind = std::find_if(kRecordKinds.begin(), kRecordKinds.end(),
                                  [&](const RecordKind& each) { return each.kind == entry.kind(); });
  if (kind == kRecordKinds.end() || kind->service != service)
    return invalid("kind", "a kind of record of the service " + service);
  if (!ids::MatchesPattern(entry.record(), kind->pattern))
    return invalid("record", "a name of the form " + std::string(kind->pattern));
  if (!entry.bucp().empty() && !ids::MatchesPattern(entry.bucp(), "bucps/*"))
    return invalid("bucp", "a name of the form bucps/*");
  if (!entry.entity().empty() && !ids::MatchesPattern(entry.entity(), "entities/*"))
    return invalid("entity", "a name of the form entities/*");
  if (!entry.delegation().empty() && !ids::MatchesPattern(entry.delegation(), "entities/*/delegations/*"))
    return invalid("delegation", "a name of the form entities/*/delegations/*");
  const auto is_digest = [](const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  };
  if (!is_digest(entry.record_digest())) return invalid("record_digest", "64 lower-case hexadecimal digits");
  if (!entry.digest().empty() && !is_digest(entry.digest()))
    return invalid("digest", "64 lower-case hexadecimal digits");
  if (!entry.key_fingerprint().empty() && !is_digest(entry.key_fingerprint()))
    return invalid("key_fingerprint", "64 lower-case hexadecimal digits");
  if (!entry.has_time()) return invalid("time", "when it happened");
  if (!entry.filing().empty() || !entry.filing_digest().empty() || !entry.amends().empty() ||
      !entry.notice().empty() || !entry.notice_kind().empty() || !entry.notice_digest().empty() ||
      entry.has_log_time() || entry.sequence() != 0 || !entry.receipt_id().empty())
    return invalid("filing", "only the fields of entries about records");
  return absl::OkStatus();
}

// What identifies a record among the entries.
std::string KeyOf(const v1::LogEntry& entry) {
  // Of the keys of an entity, each is one record.
  if (entry.kind() == v1::LOG_ENTRY_KIND_CONTACT_KEY) return entry.record() + "@" + entry.record_digest();
  // The same revision may be frozen twice.
  const bool frozen = entry.kind() == v1::LOG_ENTRY_KIND_REVISION_FROZEN;
  const int32_t version = frozen ? entry.freeze_number() : entry.version();
  return entry.record() + (version == 0 ? "" : "@" + std::to_string(version));
}

// What the entries about a record are found by: the BUCP, whose evidence has them.
const std::string& SubjectOf(const v1::LogEntry& entry) {
  if (transparency::IsInEvidence(entry)) return entry.bucp();
  if (!entry.bucp().empty()) return entry.record();
  return entry.entity().empty() ? entry.record() : entry.entity();
}

// Numbers an entry that is appended at the end.
void SetSequence(const LogEnd& end, v1::LogEntry& entry) {
  if (!transparency::IsInEvidence(entry)) return;
  entry.set_sequence(static_cast<int32_t>(end.about_bucp + 1));
}

// The indexes of the entries about a key.
absl::StatusOr<std::vector<int64_t>> FindKey(storage::Transaction& db, const LogService::SigningKey& key) {
  ASSIGN_OR_RETURN(const std::vector<int64_t> candidates, ReadIndexes(db, key.first));
  std::vector<int64_t> indexes;
  for (const int64_t index : candidates) {
    ASSIGN_OR_RETURN(const std::vector<std::string> entries, ReadEntries(db, index, 1));
    if (!entries.empty() && entries.front().find(key.second) != std::string::npos) indexes.push_back(index);
  }
  return indexes;
}

// KEY_NOT_LOGGED if the entry is of a signature whose key has no entry.
absl::Status CheckKeyIsLogged(storage::Transaction& db, const v1::LogEntry& entry) {
  if (entry.kind() != v1::LOG_ENTRY_KIND_SIGNED || entry.key_fingerprint().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<int64_t> of_key, FindKey(db, {entry.entity(), entry.key_fingerprint()}));
  if (!of_key.empty()) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_KEY_NOT_LOGGED,
               "the log must have the signing key of " + entry.entity() + " before " + entry.record())
      .With("entity", entry.entity())
      .With("record", entry.record());
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
  router.Bind(this, &LogService::AddLogEntries, kLogLane);
  router.Bind(this, &LogService::GetInclusionProof);
  router.Bind(this, &LogService::GetConsistencyProof);
  router.Bind(this, &LogService::GetTile);
}

absl::StatusOr<v1::LogLeaf> LogService::Append(storage::Transaction& db, v1::LogEntry entry) const {
  ASSIGN_OR_RETURN(LogEnd end, ReadEnd(db, entry.bucp()));
  SetSequence(end, entry);
  v1::LogLeaf leaf;
  leaf.set_entry(digest::CanonicalJson(entry));
  ASSIGN_OR_RETURN(Appended appended, AppendEntry(db, std::move(end.edge), entry.filing(), leaf.entry()));
  const transparency::CompactRange& edge = appended.edge;
  leaf.set_leaf_index(edge.size - 1);
  leaf.set_tree_size(edge.size);
  Add(std::move(appended.proof), leaf.mutable_inclusion_proof());
  leaf.set_checkpoint(key_.Sign(edge.size, edge.Root()));
  return leaf;
}

absl::StatusOr<int> LogService::AppendRecords(storage::Transaction& db,
                                              const std::vector<v1::LogEntry>& entries,
                                              clock::Micros now) const {
  int added = 0;
  for (v1::LogEntry entry : entries) {
    const std::string key = KeyOf(entry);
    ASSIGN_OR_RETURN(const bool is_logged, IsLogged(db, key, entry.record_digest()));
    if (is_logged) continue;
    ASSIGN_OR_RETURN(LogEnd end, ReadEnd(db, entry.bucp()));
    *entry.mutable_log_time() = clock::ToProto(now);
    SetSequence(end, entry);
    RETURN_IF_ERROR(SaveLastEntry(db, key, entry.record_digest(), end.edge.size));
    RETURN_IF_ERROR(
        AppendEntry(db, std::move(end.edge), SubjectOf(entry), digest::CanonicalJson(entry)).status());
    ++added;
    if (metrics_ == nullptr) continue;
    metrics_->Observe("idea_log_delay_seconds", "Time from a change of a record to its entry in the log.", {},
                      static_cast<double>(now - clock::FromProto(entry.time())) / clock::kSecond);
  }
  return added;
}

absl::StatusOr<std::vector<int64_t>> LogService::FindLeaves(storage::Transaction& db,
                                                            const v1::Filing& filing) {
  return ReadIndexes(db, filing.name());
}

absl::StatusOr<std::vector<int64_t>> LogService::FindHistory(storage::Transaction& db,
                                                             const std::string& bucp,
                                                             const std::set<SigningKey>& keys) {
  ASSIGN_OR_RETURN(std::vector<int64_t> indexes, ReadIndexes(db, bucp));
  for (const SigningKey& key : keys) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> of_key, FindKey(db, key));
    indexes.insert(indexes.end(), of_key.begin(), of_key.end());
  }
  std::sort(indexes.begin(), indexes.end());
  return indexes;
}

absl::StatusOr<int64_t> LogService::Prove(storage::Transaction& db, const v1::Filing& filing, int64_t last,
                                          v1::Evidence& checkpoint, v1::Evidence& proof) const {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
  const int64_t receipt = filing.receipt().leaf().tree_size();
  // A cosigned checkpoint is preferred if its tree has all the entries.
  ASSIGN_OR_RETURN(CosignedPair cosigned, ReadCosigned(db));
  int64_t size = cosigned.met.size;
  checkpoint.set_checkpoint(std::move(cosigned.met.checkpoint));
  if (size < receipt || size <= last) {
    size = edge.size;
    checkpoint.set_checkpoint(key_.Sign(edge.size, edge.Root()));
  }
  ASSIGN_OR_RETURN(std::vector<std::string> hashes,
                   transparency::ConsistencyProof(StoredNodes(db), receipt, size));
  Add(std::move(hashes), proof.mutable_consistency_proof());
  return size;
}

absl::Status LogService::ForEachLeaf(storage::Transaction& db, const std::vector<int64_t>& indexes,
                                     int64_t size, const std::function<void(v1::LogLeaf)>& on_leaf) {
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

absl::StatusOr<std::string> LogService::NewestCheckpoint(storage::Transaction& db) const {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
  return key_.Sign(edge.size, edge.Root());
}

absl::StatusOr<v1::GetCheckpointResponse> LogService::GetCheckpoint(rpc::Call& call,
                                                                    const v1::GetCheckpointRequest&) {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(call.db()));
  v1::GetCheckpointResponse response;
  response.set_size(edge.size);
  response.set_checkpoint(key_.Sign(edge.size, edge.Root()));
  response.set_verifier(key_.verifier());
  ASSIGN_OR_RETURN(CosignedPair cosigned, ReadCosigned(call.db()));
  response.set_cosigned_checkpoint(std::move(cosigned.met.checkpoint));
  response.set_pending_checkpoint(std::move(cosigned.pending.checkpoint));
  ASSIGN_OR_RETURN(auto stamped, NewestTimestamp(call.db(), edge.size));
  if (stamped) {
    response.set_timestamped_checkpoint(std::move(stamped->checkpoint));
    response.set_timestamp_token(std::move(stamped->token));
  }
  return response;
}

absl::StatusOr<LogService::CosignedPair> LogService::ReadCosigned(storage::Transaction& db) const {
  CosignedPair found;
  if (!policy_) return found;
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
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

absl::StatusOr<std::optional<LogService::Submission>> LogService::NextSubmission(
    storage::Transaction& db, const transparency::Witness& witness, int64_t old_size) const {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
  ASSIGN_OR_RETURN(const std::vector<Cosignature> cosignatures, ReadCosignatures(db));
  ASSIGN_OR_RETURN(const CosignedPair cosigned, ReadCosigned(db));
  Submission submission{
      .old_size = old_size, .size = edge.size, .newest = edge.size, .proof = {}, .checkpoint = {}};
  if (cosigned.pending.size >= std::max<int64_t>(old_size, 1)) submission.size = cosigned.pending.size;
  const bool is_done = std::any_of(cosignatures.begin(), cosignatures.end(), [&](const Cosignature& each) {
    return each.witness == witness.name && each.size == submission.size;
  });
  if (submission.size == 0 || is_done) return std::optional<Submission>();
  if (old_size > submission.size) return NotInLog(edge.size);
  const transparency::Nodes nodes = StoredNodes(db);
  ASSIGN_OR_RETURN(submission.proof, transparency::ConsistencyProof(nodes, old_size, submission.size));
  ASSIGN_OR_RETURN(const std::string root, transparency::RootOf(nodes, submission.size));
  submission.checkpoint = key_.Sign(submission.size, root);
  return std::optional<Submission>(std::move(submission));
}

absl::StatusOr<bool> LogService::StoreCosignature(storage::Transaction& db, events::EventRecorder& recorder,
                                                  int64_t size, const std::string& line,
                                                  std::string* witness) const {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
  if (size > edge.size) return NotInLog(edge.size);
  ASSIGN_OR_RETURN(const std::string root, transparency::RootOf(StoredNodes(db), size));
  const std::string text = transparency::CheckpointText({key_.origin(), size, root});
  const auto signatures = transparency::ParseSignatures(line);
  if (!signatures.ok() || signatures->size() != 1)
    return NotACosignature("it is not one signature line of a note");
  if (!policy_) return NotACosignature("the log has no policy that names witnesses");
  const transparency::Witness* signer = FindWitness(*policy_, text, signatures->front());
  if (signer == nullptr) {
    return NotACosignature("no witness of the log's policy has made it for the tree of " +
                           std::to_string(size) + " entries");
  }
  if (witness != nullptr) *witness = signer->name;
  ASSIGN_OR_RETURN(const bool is_new, SaveCosignature(db, {size, signer->name, line}));
  ASSIGN_OR_RETURN(const CosignedPair cosigned, ReadCosigned(db));
  RETURN_IF_ERROR(DeleteCosignaturesBefore(db, cosigned.met.size));
  recorder.Record({.type = event::kCheckpointCosigned,
                   .subject = "log",
                   .audience = {},
                   .citation = "agreement 5.17",
                   .summary = signer->name + " has cosigned the log of " + std::to_string(size) + " entries" +
                              (is_new ? "" : " again")});
  return is_new;
}

absl::StatusOr<v1::AddCosignatureResponse> LogService::AddCosignature(
    rpc::Call& call, const v1::AddCosignatureRequest& request) {
  v1::AddCosignatureResponse response;
  const std::string line = request.cosignature() + (request.cosignature().ends_with('\n') ? "" : "\n");
  RETURN_IF_ERROR(
      StoreCosignature(call.db(), call.recorder(), request.size(), line, response.mutable_witness())
          .status());
  response.set_size(request.size());
  return response;
}

absl::StatusOr<v1::AddLogEntriesResponse> LogService::AddLogEntries(rpc::Call& call,
                                                                    const v1::AddLogEntriesRequest& request) {
  for (int i = 0; i < request.entries_size(); ++i) {
    RETURN_IF_ERROR(
        CheckEntry(request.entries(i), call.caller().service, "entries[" + std::to_string(i) + "]."));
    RETURN_IF_ERROR(CheckKeyIsLogged(call.db(), request.entries(i)));
  }
  v1::AddLogEntriesResponse response;
  ASSIGN_OR_RETURN(
      const int added,
      AppendRecords(call.db(), {request.entries().begin(), request.entries().end()}, call.now()));
  response.set_added(added);
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(call.db()));
  response.set_size(edge.size);
  call.recorder().Record({.type = event::kLogEntriesAdded,
                          .subject = "log",
                          .audience = {},
                          .citation = "agreement 5.17",
                          .summary = std::to_string(added) + " entries about records of " +
                                     call.caller().service + " were added to the log"});
  return response;
}

absl::StatusOr<v1::GetInclusionProofResponse> LogService::GetInclusionProof(
    rpc::Call& call, const v1::GetInclusionProofRequest& request) {
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(call.db()));
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
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(call.db()));
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
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(call.db()));
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
