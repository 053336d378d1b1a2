#include "services/inventory/log_store.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

using storage::Blob;

constexpr size_t kHashSize = 32;

absl::StatusOr<std::vector<std::string>> ReadColumn(storage::Transaction& db, std::string_view sql,
                                                    const storage::Args& args) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(sql, args));
  std::vector<std::string> column;
  column.reserve(rows.size());
  for (const storage::Row& row : rows) column.push_back(row.Bytes(0));
  return column;
}

}  // namespace

absl::StatusOr<Edge> ReadEdge(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT size, peaks FROM log_edge WHERE id = 1", {}));
  Edge edge;
  if (!row) return edge;
  edge.size = row->Int(0);
  const std::string& peaks = row->Bytes(1);
  for (size_t i = 0; i < peaks.size(); i += kHashSize) edge.peaks.push_back(peaks.substr(i, kHashSize));
  return edge;
}

absl::StatusOr<Edge> AppendEntry(storage::Transaction& db, std::string_view entry) {
  ASSIGN_OR_RETURN(Edge edge, ReadEdge(db));
  const int64_t index = edge.size;
  const std::vector<Node> made = edge.Append(LeafHash(entry));
  const Blob peaks = {absl::StrJoin(edge.peaks, "")};
  if (index == 0) {
    const auto first =
        db.Execute("INSERT INTO log_edge (id, size, peaks) VALUES (1, $1, $2)", {edge.size, peaks});
    if (absl::IsAlreadyExists(first.status())) return absl::AbortedError("another has begun the log");
    RETURN_IF_ERROR(first.status());
  } else {
    ASSIGN_OR_RETURN(const int64_t moved,
                     db.Execute("UPDATE log_edge SET size = $1, peaks = $2 WHERE id = 1 AND size = $3",
                                {edge.size, peaks, index}));
    if (moved != 1) return absl::AbortedError("another has added to the log");
  }
  RETURN_IF_ERROR(
      db.Execute("INSERT INTO log_entries (idx, entry) VALUES ($1, $2)", {index, Blob{std::string(entry)}})
          .status());
  for (const Node& node : made) {
    RETURN_IF_ERROR(db.Execute("INSERT INTO log_nodes (level, idx, hash) VALUES ($1, $2, $3)",
                               {int64_t{node.level}, node.index, Blob{node.hash}})
                        .status());
  }
  return edge;
}

Nodes StoredNodes(storage::Transaction& db) {
  return [&db](int level, int64_t index) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(std::vector<std::string> hashes, ReadNodes(db, level, index, 1));
    if (hashes.empty()) return absl::DataLossError("a node of the transparency log is missing");
    return std::move(hashes.front());
  };
}

absl::StatusOr<std::vector<std::string>> ReadEntries(storage::Transaction& db, int64_t first, int64_t count) {
  return ReadColumn(db, "SELECT entry FROM log_entries WHERE idx >= $1 AND idx < $2 ORDER BY idx",
                    {first, first + count});
}

absl::StatusOr<std::vector<std::string>> ReadNodes(storage::Transaction& db, int level, int64_t first,
                                                   int64_t count) {
  return ReadColumn(db, "SELECT hash FROM log_nodes WHERE level = $1 AND idx >= $2 AND idx < $3 ORDER BY idx",
                    {int64_t{level}, first, first + count});
}

}  // namespace idea::inventory
