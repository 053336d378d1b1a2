#ifndef IDEA_SERVICES_INVENTORY_LOG_LOG_STORE_H_
#define IDEA_SERVICES_INVENTORY_LOG_LOG_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/transparency/merkle.h"

// The transparency log's tables. Entries are only ever added, in the transaction of what they tell of:
// neither is there without the other.
//
// Stored are what the tiles of the log hold: the entries, and in log_nodes every eighth level of the tree,
// from the leaves' hashes on. Levels between are hashed again.
namespace idea::inventory {

// Who adds an entry does so in this lane (storage::Database::Write).
inline constexpr storage::Lane kLogLane = "log_lane";

// The tree with its new last leaf, and the proof that the leaf is in it.
struct Appended {
  transparency::CompactRange edge;
  std::vector<std::string> proof;
};

// Adds an entry about a resource. Of two transactions that add at the same moment, outside of the lane, one
// is run again.
absl::StatusOr<Appended> AppendEntry(storage::Transaction& db, std::string_view subject,
                                     std::string_view entry);

// The places of the entries about a resource, oldest first.
absl::StatusOr<std::vector<int64_t>> ReadPlaces(storage::Transaction& db, std::string_view subject);

// The tree as it is.
absl::StatusOr<transparency::CompactRange> ReadEdge(storage::Transaction& db);

// Reads stored nodes, for proofs; valid as long as the transaction.
transparency::Nodes StoredNodes(storage::Transaction& db);

// Up to `count` entries from `first` on.
absl::StatusOr<std::vector<std::string>> ReadEntries(storage::Transaction& db, int64_t first, int64_t count);

// The hashes of up to `count` nodes of a level from `first` on.
absl::StatusOr<std::vector<std::string>> ReadNodes(storage::Transaction& db, int level, int64_t first,
                                                   int64_t count);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_LOG_STORE_H_
