#ifndef IDEA_SERVICES_INVENTORY_LOG_LOG_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_LOG_LOG_SERVICE_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/policy.h"
#include "common/transparency/seal.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/log.pb.h"

namespace idea::inventory {

// Implements the methods of InventoryService on the transparency log, and appends entries for the register.
class LogService {
 public:
  // `policy` names the witnesses that may cosign, and how many suffice. `metrics` may be null.
  explicit LogService(transparency::LogKey key, std::optional<transparency::Policy> policy = std::nullopt,
                      metrics::Metrics* metrics = nullptr)
      : key_(std::move(key)), policy_(std::move(policy)), metrics_(metrics) {}

  // Binds every method.
  void Bind(rpc::Router& router);

  // Appends an entry about a filing to the log in the transaction, with its sequence. Returns the leaf with
  // its proof and checkpoint.
  absl::StatusOr<v1::LogLeaf> Append(storage::Transaction& db, v1::LogEntry entry) const;

  // Appends entries about records (kinds from 20 on) that were made at `now`, each unless the last one about
  // its record has its digest. Returns the number of appended entries. Only to be called in the lane of the
  // log.
  absl::StatusOr<int> AppendRecords(storage::Transaction& db, const std::vector<v1::LogEntry>& entries,
                                    clock::Micros now) const;

  // The indexes of the entries about a filing and its notices, in order.
  static absl::StatusOr<std::vector<int64_t>> FindLeaves(storage::Transaction& db, const v1::Filing& filing);
  // A signing key: the entity of its contact, and its fingerprint.
  using SigningKey = std::pair<std::string, std::string>;
  // The indexes of the entries about the records of a BUCP, and of those about the keys, in order.
  static absl::StatusOr<std::vector<int64_t>> FindHistory(storage::Transaction& db, const std::string& bucp,
                                                          const std::set<SigningKey>& keys);
  // Sets the newest checkpoint, cosigned if possible, of a tree with the entry `last`, and the proof that its
  // tree begins with that of the receipt of the filing. Returns the size of the tree.
  absl::StatusOr<int64_t> Prove(storage::Transaction& db, const v1::Filing& filing, int64_t last,
                                v1::Evidence& checkpoint, v1::Evidence& proof) const;
  // Calls `on_leaf` for each entry, with its proof in the tree of `size` entries.
  static absl::Status ForEachLeaf(storage::Transaction& db, const std::vector<int64_t>& indexes, int64_t size,
                                  const std::function<void(v1::LogLeaf)>& on_leaf);
  // Signs the parts of a message, under a name that differs from that of every checkpoint.
  std::string Seal(std::string_view subject, const std::vector<transparency::SealedPart>& parts) const;

  // The signed checkpoint of the current tree.
  absl::StatusOr<std::string> NewestCheckpoint(storage::Transaction& db) const;

  // The witnesses that may cosign. Null if there are none.
  const transparency::Policy* policy() const { return policy_ ? &*policy_ : nullptr; }

  // The submission of a checkpoint to a witness (C2SP tlog-witness).
  struct Submission {
    // Number of entries in the tree that the witness has, in that of the checkpoint, and in the log.
    int64_t old_size = 0, size = 0, newest = 0;
    // The proof that the first is a prefix of the second.
    std::vector<std::string> proof;
    std::string checkpoint;
  };
  // The next submission to a witness that has cosigned `old_size` entries: the checkpoint that other
  // witnesses have cosigned, so that they agree, else the newest one. nullopt if the witness has cosigned it.
  absl::StatusOr<std::optional<Submission>> NextSubmission(storage::Transaction& db,
                                                           const transparency::Witness& witness,
                                                           int64_t old_size) const;

  // Stores a cosignature of a witness of the policy, a signature line, for the tree of `size` entries, and
  // deletes those that are no longer needed. Returns whether it is new. SIGNATURE_INVALID if no witness made
  // it for that tree.
  absl::StatusOr<bool> StoreCosignature(storage::Transaction& db, events::EventRecorder& recorder,
                                        int64_t size, const std::string& line,
                                        std::string* witness = nullptr) const;

  // A cosigned checkpoint.
  struct Cosigned {
    int64_t size = 0;
    std::string checkpoint;
  };
  // The newest checkpoint that meets the policy, and the newest of a larger tree that does not meet it yet. A
  // size of 0 means that none exists.
  struct CosignedPair {
    Cosigned met, pending;
  };
  absl::StatusOr<CosignedPair> ReadCosigned(storage::Transaction& db) const;

 private:
  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(rpc::Call& call,
                                                          const v1::GetCheckpointRequest& request);
  absl::StatusOr<v1::AddCosignatureResponse> AddCosignature(rpc::Call& call,
                                                            const v1::AddCosignatureRequest& request);
  absl::StatusOr<v1::AddLogEntriesResponse> AddLogEntries(rpc::Call& call,
                                                          const v1::AddLogEntriesRequest& request);
  absl::StatusOr<v1::GetInclusionProofResponse> GetInclusionProof(
      rpc::Call& call, const v1::GetInclusionProofRequest& request);
  absl::StatusOr<v1::GetConsistencyProofResponse> GetConsistencyProof(
      rpc::Call& call, const v1::GetConsistencyProofRequest& request);
  absl::StatusOr<v1::GetTileResponse> GetTile(rpc::Call& call, const v1::GetTileRequest& request);

  const transparency::LogKey key_;
  const std::optional<transparency::Policy> policy_;
  metrics::Metrics* const metrics_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_LOG_SERVICE_H_
