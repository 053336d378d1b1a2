#include "services/inventory/log/log_store.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

using storage::Blob;

constexpr size_t kHashSize = 32;
constexpr int kLevelsOfTile = 8;

absl::StatusOr<std::vector<std::string>> ReadColumn(storage::Transaction& db, std::string_view sql,
                                                    const storage::Args& args) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(sql, args));
  std::vector<std::string> column;
  column.reserve(rows.size());
  for (const storage::Row& row : rows) column.push_back(row.Bytes(0));
  return column;
}

// The tree in the columns size and peaks.
transparency::CompactRange EdgeOf(const storage::Row& row) {
  transparency::CompactRange edge;
  edge.size = row.Int(0);
  const std::string& peaks = row.Bytes(1);
  for (size_t i = 0; i < peaks.size(); i += kHashSize) edge.peaks.push_back(peaks.substr(i, kHashSize));
  return edge;
}

}  // namespace

absl::StatusOr<transparency::CompactRange> ReadCompactRange(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT size, peaks FROM log_edge WHERE id = $1", {int64_t{1}}));
  return row ? EdgeOf(*row) : transparency::CompactRange();
}

absl::StatusOr<LogEnd> ReadEnd(storage::Transaction& db, std::string_view bucp) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT size, peaks, (SELECT COUNT(*) FROM log_subjects WHERE subject = $1) + "
                  "(SELECT COUNT(*) FROM filings f JOIN log_subjects s ON s.subject = 'filings/' || f.id "
                  "WHERE f.bucp = $1) FROM log_edge WHERE id = 1",
                  {std::string(bucp)}));
  return row ? LogEnd{EdgeOf(*row), row->Int(2)} : LogEnd();
}

absl::StatusOr<Appended> AppendEntry(storage::Transaction& db, transparency::CompactRange edge,
                                     std::string_view subject, std::string_view entry) {
  std::vector<std::string> proof = edge.ProofOfNext();
  const int64_t index = edge.size;
  const std::vector<transparency::Node> made = edge.Append(transparency::LeafHash(entry));
  const Blob peaks = {absl::StrJoin(edge.peaks, "")};
  if (index == 0) {
    RETURN_IF_ERROR(db.ExecuteDeferred(
        "INSERT INTO log_edge (id, size, peaks) VALUES (1, $1, $2)", {edge.size, peaks},
        storage::FailIfExists(absl::AbortedError("another transaction has started the log"))));
  } else {
    RETURN_IF_ERROR(db.ExecuteDeferred(
        "UPDATE log_edge SET size = $1, peaks = $2 WHERE id = 1 AND size = $3", {edge.size, peaks, index},
        storage::FailIfNoRows(absl::AbortedError("another transaction has appended to the log"))));
  }
  RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO log_entries (idx, entry) VALUES ($1, $2)",
                                     {index, Blob{std::string(entry)}}));
  RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO log_subjects (subject, idx) VALUES ($1, $2)",
                                     {std::string(subject), index}));
  for (const transparency::Node& node : made) {
    if (node.level % kLevelsOfTile != 0) continue;
    RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO log_nodes (level, idx, hash) VALUES ($1, $2, $3)",
                                       {int64_t{node.level}, node.index, Blob{node.hash}}));
  }
  return Appended{std::move(edge), std::move(proof)};
}

absl::StatusOr<bool> IsLogged(storage::Transaction& db, std::string_view key, std::string_view digest) {
  ASSIGN_OR_RETURN(const auto last,
                   db.QueryOne("SELECT digest FROM log_records WHERE record = $1", {std::string(key)}));
  return last && last->Text(0) == digest;
}

absl::Status SaveLastEntry(storage::Transaction& db, std::string_view key, std::string_view digest,
                           int64_t index) {
  return db.ExecuteDeferred(
      "INSERT INTO log_records (record, digest, idx) VALUES ($1, $2, $3) ON CONFLICT (record) DO UPDATE SET "
      "digest = excluded.digest, idx = excluded.idx",
      {std::string(key), std::string(digest), index});
}

absl::StatusOr<std::vector<int64_t>> ReadIndexes(storage::Transaction& db, std::string_view subject) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT idx FROM log_subjects WHERE subject = $1 ORDER BY idx", {std::string(subject)}));
  std::vector<int64_t> indexes;
  indexes.reserve(rows.size());
  for (const storage::Row& row : rows) indexes.push_back(row.Int(0));
  return indexes;
}

transparency::Nodes StoredNodes(storage::Transaction& db) {
  return [&db](int level, int64_t index) -> absl::StatusOr<std::string> {
    const int above = level % kLevelsOfTile;
    const int64_t span = int64_t{1} << above;
    ASSIGN_OR_RETURN(std::vector<std::string> hashes, ReadNodes(db, level - above, index * span, span));
    if (static_cast<int64_t>(hashes.size()) != span) {
      return absl::DataLossError("a node of the transparency log is missing");
    }
    for (; hashes.size() > 1; hashes.resize(hashes.size() / 2)) {
      for (size_t i = 0; i < hashes.size() / 2; ++i) {
        hashes[i] = transparency::NodeHash(hashes[2 * i], hashes[2 * i + 1]);
      }
    }
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
