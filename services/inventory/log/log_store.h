#ifndef IDEA_SERVICES_INVENTORY_LOG_LOG_STORE_H_
#define IDEA_SERVICES_INVENTORY_LOG_LOG_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/transparency/merkle.h"

// The tables of the transparency log. Entries are only appended, in the transaction of the change that they
// record: neither exists without the other.
//
// The tables hold the data of the tiles of the log: the entries, and in log_nodes every eighth level of the
// tree, from the leaves' hashes on. The levels between are computed when they are needed.
namespace idea::inventory {

// Callers that append must use this lane (storage::Database::Write).
inline constexpr storage::Lane kLogLane = "log_lane";

// The tree after an append, and the proof that the new leaf is in it.
struct Appended {
  transparency::CompactRange edge;
  std::vector<std::string> proof;
};

// Where the log ends.
struct LogEnd {
  transparency::CompactRange edge;
  // The number of entries about a BUCP: about its records, its filing and the filing's notices.
  int64_t about_bucp = 0;
};
absl::StatusOr<LogEnd> ReadEnd(storage::Transaction& db, std::string_view bucp);

// Appends an entry about a resource to the tree that ReadEnd() has returned. Of two transactions that append
// concurrently outside of the lane, one is retried.
absl::StatusOr<Appended> AppendEntry(storage::Transaction& db, transparency::CompactRange edge,
                                     std::string_view subject, std::string_view entry);

// Whether the last entry about a record has that digest. `key` identifies the record.
absl::StatusOr<bool> IsLogged(storage::Transaction& db, std::string_view key, std::string_view digest);

// Stores which entry is the last one about a record. Only to be called in the lane.
absl::Status SaveLastEntry(storage::Transaction& db, std::string_view key, std::string_view digest,
                           int64_t index);

// The indexes of the entries about a resource, the oldest first.
absl::StatusOr<std::vector<int64_t>> ReadIndexes(storage::Transaction& db, std::string_view subject);

// The current tree.
absl::StatusOr<transparency::CompactRange> ReadCompactRange(storage::Transaction& db);

// Reads nodes for proofs. Valid as long as the transaction.
transparency::Nodes StoredNodes(storage::Transaction& db);

// Up to `count` entries from `first` on.
absl::StatusOr<std::vector<std::string>> ReadEntries(storage::Transaction& db, int64_t first, int64_t count);

// The hashes of up to `count` nodes of a level from `first` on.
absl::StatusOr<std::vector<std::string>> ReadNodes(storage::Transaction& db, int level, int64_t first,
                                                   int64_t count);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_LOG_LOG_STORE_H_
