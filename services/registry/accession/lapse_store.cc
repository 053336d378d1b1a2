#include "services/registry/accession/lapse_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/status/status.h"
#include "services/registry/accession/accession_store.h"
#include "services/registry/accession/standing.h"
#include "services/registry/entity/day.h"

namespace idea::registry {
namespace {

// A day before every other one: what has no day holds since then.
constexpr char kFirstDay[] = "0001-01-01";
constexpr size_t kMaxEntities = 500;

absl::StatusOr<std::vector<std::string>> ReadColumn(storage::Transaction& db, std::string_view sql) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(sql, {}));
  std::vector<std::string> column;
  column.reserve(rows.size());
  for (const storage::Row& row : rows) column.push_back(row.Text(0));
  return column;
}

// Entities that may have lost their standing on a day, and all that ever reported to them.
constexpr char kCandidates[] =
    "WITH RECURSIVE candidates (entity) AS (SELECT entity FROM (SELECT entity FROM accessions WHERE "
    "withdraw_date <> '' UNION SELECT name FROM entities WHERE end_date <> '' UNION SELECT entity FROM "
    "parentages WHERE start_date <> '' OR end_date <> '') changed UNION SELECT p.entity FROM parentages p "
    "JOIN candidates c ON p.parent = c.entity) SELECT entity FROM candidates ORDER BY entity";

// Days on which a standing may change.
constexpr char kDays[] =
    "SELECT day FROM (SELECT sign_date AS day FROM accessions UNION SELECT withdraw_date FROM accessions "
    "UNION SELECT start_date FROM parentages UNION SELECT end_date FROM parentages UNION SELECT end_date "
    "FROM entities) days WHERE day <> '' ORDER BY day";

bool IsSignatory(const std::string& entity, const Lineage& lineage, const std::string& day) {
  const v1::SignatoryStanding standing = Confirm(entity, lineage, day).standing();
  return standing == v1::SIGNATORY_STANDING_OWN_SIGNATURE ||
         standing == v1::SIGNATORY_STANDING_COVERED_BY_AGENCY;
}

}  // namespace

absl::StatusOr<std::vector<v1::Lapse>> FindLapses(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const std::vector<std::string> candidates, ReadColumn(db, kCandidates));
  ASSIGN_OR_RETURN(std::vector<std::string> days, ReadColumn(db, kDays));
  days.insert(days.begin(), kFirstDay);
  days.insert(std::upper_bound(days.begin(), days.end(), kIdeaDay), kIdeaDay);
  std::vector<v1::Lapse> lapses;
  for (size_t first = 0; first < candidates.size(); first += kMaxEntities) {
    const std::vector<std::string> some(
        candidates.begin() + static_cast<ptrdiff_t>(first),
        candidates.begin() + static_cast<ptrdiff_t>(std::min(first + kMaxEntities, candidates.size())));
    std::map<std::string, std::vector<v1::Lapse>> found;
    std::map<std::string, bool> signatory;
    for (const std::string& day : days) {
      ASSIGN_OR_RETURN(auto lineages, Lineages(db, some, day));
      for (const std::string& entity : some) {
        const bool is = IsSignatory(entity, lineages[entity], day);
        const bool was = std::exchange(signatory[entity], is);
        std::vector<v1::Lapse>& mine = found[entity];
        if (was && !is) {
          mine.emplace_back().set_entity(entity);
          *mine.back().mutable_start_date() = DateOf(day);
        } else if (!was && is && !mine.empty()) {
          *mine.back().mutable_end_date() = DateOf(day);
        }
      }
    }
    for (auto& [entity, mine] : found) lapses.insert(lapses.end(), mine.begin(), mine.end());
  }
  return lapses;
}

// Entities and accessions are never removed, every change of an entity raises its version, and a withdrawal
// only ever moves to an earlier day: no two states have the same counts and sums.
absl::StatusOr<std::string> StandingsVersion(storage::Transaction& db) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne(
          "SELECT e.entities, e.versions, a.accessions, a.withdrawn, a.days FROM (SELECT COUNT(*) AS "
          "entities, CAST(COALESCE(SUM(version), 0) AS BIGINT) AS versions FROM entities) e CROSS "
          "JOIN (SELECT COUNT(*) AS accessions, CAST(COALESCE(SUM(CASE WHEN withdraw_date <> '' THEN "
          "1 ELSE 0 END), 0) AS BIGINT) AS withdrawn, CAST(COALESCE(SUM(CASE WHEN withdraw_date <> "
          "'' THEN CAST(REPLACE(withdraw_date, '-', '') AS BIGINT) ELSE 0 END), 0) AS BIGINT) AS days "
          "FROM accessions) a",
          {}));
  std::string version;
  for (int i = 0; i < 5; ++i) version += std::to_string(row->Int(i)) + ".";
  return version;
}

}  // namespace idea::registry
