#include "services/registry/accession/accession_store.h"

#include <algorithm>
#include <utility>

#include "common/clock/date.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/registry/entity/entity_store.h"

namespace idea::registry {
namespace {

using status::Reason;

constexpr char kSelect[] =
    "SELECT name, instrument, sign_date, evidence, created, signed_by, withdraw_date, withdraw_evidence FROM "
    "accessions WHERE ";

v1::Accession AccessionOf(const storage::Row& row) {
  v1::Accession accession;
  accession.set_name(row.Text(0));
  accession.set_instrument(static_cast<v1::Instrument>(row.Int(1)));
  if (!row.Text(2).empty()) *accession.mutable_sign_date() = clock::DateFromText(row.Text(2));
  accession.set_evidence(row.Text(3));
  *accession.mutable_create_time() = clock::ToProto(row.Int(4));
  accession.set_signed_by(row.Text(5));
  if (!row.Text(6).empty()) *accession.mutable_withdraw_date() = clock::DateFromText(row.Text(6));
  accession.set_withdraw_evidence(row.Text(7));
  return accession;
}

// Signed by the day $1 and not withdrawn on it.
constexpr char kInForce[] = "sign_date <= $1 AND (withdraw_date = '' OR withdraw_date > $1)";

// The lineages of the entities that `where` selects. The limit of the depth ends a cycle. Of the signatures
// of an entity, the earliest with a known day comes first.
absl::StatusOr<std::map<std::string, Lineage>> LineagesOf(storage::Transaction& db, const std::string& where,
                                                          const storage::Args& args, const std::string& day) {
  // An accession without a day counts from the day of IDEA on.
  const std::string dated = day < kIdeaDay ? "AND a.sign_date <> '' " : "";
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query(
          "WITH RECURSIVE line (requested, entity, depth) AS (SELECT name, name, 0 FROM entities" + where +
              " UNION ALL SELECT line.requested, p.parent, line.depth + 1 FROM line JOIN parentages p ON "
              "p.entity = line.entity AND p.start_date <= $1 AND (p.end_date = '' OR p.end_date > $1) "
              "WHERE p.parent <> '' AND line.depth < 8) "
              "SELECT line.requested, line.depth, e.name, e.display_name, e.own_statutory_authority, "
              "e.end_date, a.instrument, a.sign_date, a.withdraw_date FROM line "
              "JOIN entities e ON e.name = line.entity "
              "LEFT JOIN accessions a ON a.entity = e.name AND a.sign_date <= $1 " +
              dated +
              "ORDER BY line.requested, line.depth, CASE WHEN a.sign_date = '' THEN 1 ELSE 0 END, "
              "a.sign_date, a.name",
          args));
  std::map<std::string, Lineage> lineages;
  for (const storage::Row& row : rows) {
    Lineage& lineage = lineages[row.Text(0)];
    if (static_cast<size_t>(row.Int(1)) == lineage.size()) {
      EntitySnapshot& snapshot = lineage.emplace_back();
      snapshot.name = row.Text(2);
      snapshot.display_name = row.Text(3);
      snapshot.own_statutory_authority = row.Int(4) != 0;
      snapshot.end_day = row.Text(5);
    }
    if (row.IsNull(6)) continue;
    EntitySnapshot& snapshot = lineage.back();
    const std::string& withdrawn = row.Text(8);
    if (!withdrawn.empty() && withdrawn <= day) {
      snapshot.withdraw_day = std::max(snapshot.withdraw_day, withdrawn);
    } else if (snapshot.instrument == v1::INSTRUMENT_UNSPECIFIED) {
      snapshot.instrument = static_cast<v1::Instrument>(row.Int(6));
      snapshot.sign_day = row.Text(7);
    }
  }
  return lineages;
}

// The first day of a period without a start day.
constexpr char kFirstDay[] = "0001-01-01";
constexpr size_t kLapseBatch = 500;

absl::StatusOr<std::vector<std::string>> ReadColumn(storage::Transaction& db, std::string_view sql) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(sql, {}));
  std::vector<std::string> column;
  column.reserve(rows.size());
  for (const storage::Row& row : rows) column.push_back(row.Text(0));
  return column;
}

// Entities whose standing may have changed on a day, and all entities that ever reported to them.
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

std::string AccessionName(const std::string& entity, v1::Instrument instrument, const std::string& day) {
  constexpr std::string_view kPrefix = "INSTRUMENT_";
  const std::string id = ids::Slug(v1::Instrument_Name(instrument).substr(kPrefix.size()));
  return ids::kAccessions.Name(entity, id + (day.empty() ? "" : "-" + day));
}

absl::Status InsertAccession(storage::Transaction& db, const std::string& entity,
                             const v1::Accession& accession, clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO accessions (name, entity, instrument, sign_date, evidence, signed_by, created) VALUES "
      "($1, "
      "$2, $3, $4, $5, $6, $7)",
      {accession.name(), entity, int64_t{accession.instrument()}, clock::DateText(accession.sign_date()),
       accession.evidence(), accession.signed_by(), now});
  if (absl::IsAlreadyExists(added.status())) {
    return status::Error(Reason::ERROR_REASON_ALREADY_EXISTS, "this accession is already recorded")
        .With("accession", accession.name());
  }
  return added.status();
}

absl::StatusOr<std::vector<v1::Accession>> ReadAccessions(storage::Transaction& db,
                                                          const std::string& entity) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   entity.empty() ? db.Query(std::string(kSelect) + "1 = 1 ORDER BY name", {})
                                  : db.Query(std::string(kSelect) + "entity = $1 ORDER BY name", {entity}));
  std::vector<v1::Accession> accessions;
  accessions.reserve(rows.size());
  for (const storage::Row& row : rows) accessions.push_back(AccessionOf(row));
  return accessions;
}

absl::StatusOr<std::map<std::string, std::string>> AllAccessions(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query("SELECT name, withdraw_date FROM accessions", {}));
  std::map<std::string, std::string> accessions;
  for (const storage::Row& row : rows) accessions.emplace(row.Text(0), row.Text(1));
  return accessions;
}

absl::StatusOr<std::vector<v1::Accession>> Withdraw(storage::Transaction& db, const std::string& entity,
                                                    const std::string& day, const std::string& evidence) {
  const storage::Args which = {day, entity};
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query(std::string(kSelect) + kInForce + " AND entity = $2 ORDER BY sign_date, name", which));
  RETURN_IF_ERROR(
      db.Execute(std::string("UPDATE accessions SET withdraw_date = $1, withdraw_evidence = $3 WHERE ") +
                     kInForce + " AND entity = $2",
                 {day, entity, evidence})
          .status());
  std::vector<v1::Accession> ended;
  for (const storage::Row& row : rows) {
    ended.push_back(AccessionOf(row));
    *ended.back().mutable_withdraw_date() = clock::DateFromText(day);
    ended.back().set_withdraw_evidence(evidence);
  }
  return ended;
}

absl::StatusOr<v1::ListAccessionsResponse> ListAccessions(storage::Transaction& db,
                                                          const v1::ListAccessionsRequest& request) {
  const listing::Spec spec = {.fields = {},
                              .order_column = "sign_date",
                              .order_is_text = true,
                              .id_column = "name",
                              .descending = false};
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(spec, request, "entity = $1", {request.parent()}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kSelect + page.where + page.tail, page.args));
  v1::ListAccessionsResponse response;
  response.set_next_page_token(page.Finish(rows, 2, 0));
  for (const storage::Row& row : rows) *response.add_accessions() = AccessionOf(row);
  return response;
}

absl::StatusOr<std::map<std::string, Lineage>> Lineages(storage::Transaction& db,
                                                        const std::vector<std::string>& entities,
                                                        const std::string& day) {
  storage::Args args = {day};
  args.insert(args.end(), entities.begin(), entities.end());
  return LineagesOf(db, " WHERE name IN " + InList(2, entities.size()), args, day);
}

absl::StatusOr<std::map<std::string, Lineage>> AllLineages(storage::Transaction& db, const std::string& day) {
  return LineagesOf(db, "", {day}, day);
}

absl::StatusOr<std::vector<v1::Lapse>> FindLapses(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const std::vector<std::string> candidates, ReadColumn(db, kCandidates));
  ASSIGN_OR_RETURN(std::vector<std::string> days, ReadColumn(db, kDays));
  days.insert(days.begin(), kFirstDay);
  days.insert(std::upper_bound(days.begin(), days.end(), kIdeaDay), kIdeaDay);
  std::vector<v1::Lapse> lapses;
  for (size_t first = 0; first < candidates.size(); first += kLapseBatch) {
    const std::vector<std::string> batch(
        candidates.begin() + static_cast<ptrdiff_t>(first),
        candidates.begin() + static_cast<ptrdiff_t>(std::min(first + kLapseBatch, candidates.size())));
    std::map<std::string, std::vector<v1::Lapse>> found;
    std::map<std::string, bool> signatory;
    for (const std::string& day : days) {
      ASSIGN_OR_RETURN(auto lineages, Lineages(db, batch, day));
      for (const std::string& entity : batch) {
        const bool is = IsSignatory(entity, lineages[entity], day);
        const bool was = std::exchange(signatory[entity], is);
        std::vector<v1::Lapse>& mine = found[entity];
        if (was && !is) {
          mine.emplace_back().set_entity(entity);
          *mine.back().mutable_start_date() = clock::DateFromText(day);
        } else if (!was && is && !mine.empty()) {
          *mine.back().mutable_end_date() = clock::DateFromText(day);
        }
      }
    }
    for (auto& [entity, mine] : found) lapses.insert(lapses.end(), mine.begin(), mine.end());
  }
  return lapses;
}

// Every change of an entity raises its version, and a withdrawal only moves to an earlier day. An entity that
// is removed and another one that is added differ in their times of creation. So no two states have the same
// counts and sums.
absl::StatusOr<std::string> StandingsVersion(storage::Transaction& db) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne(
          "SELECT e.entities, e.versions, e.created, a.accessions, a.created, a.withdrawn, a.days FROM "
          "(SELECT "
          "COUNT(*) AS entities, CAST(COALESCE(SUM(version), 0) AS BIGINT) AS versions, "
          "CAST(COALESCE(SUM(created % 1000000000), 0) AS BIGINT) AS created FROM entities) e CROSS "
          "JOIN (SELECT COUNT(*) AS accessions, CAST(COALESCE(SUM(created % 1000000000), 0) AS BIGINT) AS "
          "created, CAST(COALESCE(SUM(CASE WHEN withdraw_date <> '' THEN "
          "1 ELSE 0 END), 0) AS BIGINT) AS withdrawn, CAST(COALESCE(SUM(CASE WHEN withdraw_date <> "
          "'' THEN CAST(REPLACE(withdraw_date, '-', '') AS BIGINT) ELSE 0 END), 0) AS BIGINT) AS days "
          "FROM accessions) a",
          {}));
  std::string version;
  for (int i = 0; i < 7; ++i) version += std::to_string(row->Int(i)) + ".";
  return version;
}

}  // namespace idea::registry
