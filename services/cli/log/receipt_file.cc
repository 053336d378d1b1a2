#include "services/cli/log/receipt_file.h"

#include "common/status/status.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/merkle.h"
#include "common/transparency/proof_file.h"
#include "google/protobuf/util/json_util.h"
#include "idea/inventory/v1/inventory.pb.h"

namespace idea::cli {
namespace {

namespace v1 = inventory::v1;

absl::StatusOr<transparency::Checkpoint> Parse(const std::string& checkpoint) {
  ASSIGN_OR_RETURN(const transparency::Note note, transparency::ParseNote(checkpoint));
  return transparency::ParseCheckpoint(note.text);
}

}  // namespace

absl::StatusOr<std::string> ReadReceipt(const CallFunction& call, const std::string& filing) {
  v1::GetFilingRequest get;
  get.set_name(filing);
  ASSIGN_OR_RETURN(const auto found, Call<v1::GetFilingResponse>(call, get));
  if (!found.filing().has_receipt())
    return status::Error(status::Reason::ERROR_REASON_NOT_FILED, filing + " is not filed yet");
  const int64_t index = found.filing().receipt().leaf().leaf_index();
  ASSIGN_OR_RETURN(const auto head, Call<v1::GetCheckpointResponse>(call, v1::GetCheckpointRequest()));
  std::string checkpoint = head.checkpoint();
  if (const auto cosigned = Parse(head.cosigned_checkpoint()); cosigned.ok() && cosigned->size > index)
    checkpoint = head.cosigned_checkpoint();
  ASSIGN_OR_RETURN(const transparency::Checkpoint tree, Parse(checkpoint));
  v1::GetInclusionProofRequest prove;
  prove.set_leaf_index(index);
  prove.set_tree_size(tree.size);
  ASSIGN_OR_RETURN(const auto proved, Call<v1::GetInclusionProofResponse>(call, prove));
  const v1::LogLeaf& leaf = proved.leaf();
  const std::vector<std::string> proof(leaf.inclusion_proof().begin(), leaf.inclusion_proof().end());
  if (leaf.entry() != found.filing().receipt().leaf().entry() ||
      !transparency::ProvesInclusion(transparency::LeafHash(leaf.entry()), index, tree.size, proof,
                                     tree.root))
    return absl::DataLossError("the log does not prove the entry of the receipt");
  return transparency::FormatProofFile({leaf.entry(), index, proof, checkpoint});
}

std::vector<Finding> VerifyReceipt(std::string_view text, std::string_view verifiers,
                                   const transparency::Policy* policy) {
  const auto file = transparency::ParseProofFile(text);
  if (!file.ok()) return {{false, "file", "it is not a proof: " + std::string(file.status().message())}};
  const std::string keys = transparency::VerifiersFor(verifiers, file->checkpoint);
  const auto tree = transparency::OpenCheckpoint(file->checkpoint, keys.empty() ? verifiers : keys);
  if (!tree.ok()) return {{false, "checkpoint", std::string(tree.status().message())}};
  std::vector<Finding> findings = {
      {true, "checkpoint", std::to_string(tree->size) + " entries, signed by " + tree->origin}};
  v1::LogEntry entry;
  const std::string place = "entry " + std::to_string(file->index);
  if (file->extra.empty() || !google::protobuf::util::JsonStringToMessage(file->extra, &entry).ok()) {
    findings.push_back({false, "entry", "the extra data are not an entry of the log"});
  } else if (!transparency::ProvesInclusion(transparency::LeafHash(file->extra), file->index, tree->size,
                                            file->proof, tree->root)) {
    findings.push_back({false, "entry", place + " is not in the tree of the checkpoint"});
  } else {
    findings.push_back({true, "entry", place + ": " + file->extra});
  }
  if (policy != nullptr) {
    const transparency::Policy::Outcome outcome = policy->Check(*transparency::ParseNote(file->checkpoint));
    findings.push_back(
        {outcome.is_met, "witnesses", outcome.text + (outcome.is_met ? "" : "; the policy demands more")});
  }
  return findings;
}

}  // namespace idea::cli
