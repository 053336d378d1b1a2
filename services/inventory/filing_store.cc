#include "services/inventory/filing_store.h"

#include <cstdlib>
#include <set>

#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

const listing::Spec& FilingList() {
  static const listing::Spec spec = {{{"state", "state", Kind::kEnum, v1::FilingState_descriptor()},
                                      {"bucp", "bucp", Kind::kText},
                                      {"title", "title", Kind::kText}},
                                     "created",
                                     false,
                                     "id",
                                     true};
  return spec;
}

template <class Stored = v1::Filing>
absl::StatusOr<Stored> Parse(const storage::Row& row, int column) {
  Stored stored;
  if (!stored.ParseFromString(row.Bytes(column))) return absl::DataLossError("a filing does not parse");
  return stored;
}

status::Error NoFiling(const std::string& name) {
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no " + name + ", or you are no party to it");
}

}  // namespace

absl::Status InsertFiling(storage::Transaction& db, v1::Filing& filing, v1::Terms& terms, clock::Micros now) {
  filing.set_etag("1");
  terms.set_name(filing.name() + "/terms");
  const std::string id = ids::Segment(filing.name(), 1);
  RETURN_IF_ERROR(db.Execute("INSERT INTO filings (id, bucp, title, state, version, created, body) "
                             "VALUES ($1, $2, $3, $4, 1, $5, $6)",
                             {id, filing.bucp(), filing.title(), int64_t{filing.state()}, now,
                              Blob{filing.SerializeAsString()}})
                      .status());
  RETURN_IF_ERROR(db.Execute("INSERT INTO filing_terms (filing, body) VALUES ($1, $2)",
                             {id, Blob{terms.SerializeAsString()}})
                      .status());
  std::set<std::string> parties(filing.recipients().begin(), filing.recipients().end());
  parties.insert(filing.providers().begin(), filing.providers().end());
  for (const std::string& entity : parties) {
    RETURN_IF_ERROR(
        db.Execute("INSERT INTO filing_parties (entity, filing) VALUES ($1, $2)", {entity, id}).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Filing> FindFiling(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM filings WHERE id = $1", {ids::Segment(name, 1)}));
  if (!row) return NoFiling(name);
  return Parse(*row, 0);
}

absl::StatusOr<v1::Terms> FindTerms(storage::Transaction& db, const std::string& filing) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM filing_terms WHERE filing = $1", {ids::Segment(filing, 1)}));
  if (!row) return NoFiling(filing);
  return Parse<v1::Terms>(*row, 0);
}

absl::StatusOr<FilingAndTerms> FindFilingAndTerms(storage::Transaction& db, const std::string& name) {
  FilingAndTerms found;
  ASSIGN_OR_RETURN(found.filing, FindFiling(db, name));
  ASSIGN_OR_RETURN(found.terms, FindTerms(db, name));
  return found;
}

absl::StatusOr<std::vector<FilingAndTerms>> ReadFilingsAfter(storage::Transaction& db,
                                                             const std::string& name, int limit) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT f.body, t.body FROM filings f JOIN filing_terms t ON t.filing = f.id WHERE f.id > $1 "
               "ORDER BY f.id LIMIT $2",
               {ids::Segment(name, 1), int64_t{limit}}));
  std::vector<FilingAndTerms> found;
  found.reserve(rows.size());
  for (const storage::Row& row : rows) {
    FilingAndTerms& each = found.emplace_back();
    ASSIGN_OR_RETURN(each.filing, Parse(row, 0));
    ASSIGN_OR_RETURN(each.terms, Parse<v1::Terms>(row, 1));
  }
  return found;
}

absl::StatusOr<std::optional<v1::Filing>> FindFilingOf(storage::Transaction& db, const std::string& bucp) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM filings WHERE bucp = $1", {bucp}));
  if (!row) return std::optional<v1::Filing>();
  ASSIGN_OR_RETURN(v1::Filing filing, Parse(*row, 0));
  return std::optional(std::move(filing));
}

absl::Status SaveFiling(storage::Transaction& db, v1::FilingState from, v1::Filing& filing) {
  const int64_t version = std::strtoll(filing.etag().c_str(), nullptr, 10);
  filing.set_etag(std::to_string(version + 1));
  ASSIGN_OR_RETURN(const int64_t saved,
                   db.Execute("UPDATE filings SET state = $1, version = $2, body = $3 WHERE id = $4 AND "
                              "state = $5 AND version = $6",
                              {int64_t{filing.state()}, version + 1, Blob{filing.SerializeAsString()},
                               ids::Segment(filing.name(), 1), int64_t{from}, version}));
  if (saved > 0) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, filing.name() + " was changed at the same moment");
}

absl::StatusOr<v1::ListFilingsResponse> ListFilings(storage::Transaction& db,
                                                    const v1::ListFilingsRequest& request,
                                                    const std::string& entity) {
  const bool all = entity.empty();
  ASSIGN_OR_RETURN(
      const listing::Page page,
      listing::Plan(FilingList(), request,
                    all ? "1 = 1" : "id IN (SELECT filing FROM filing_parties WHERE entity = $1)",
                    all ? storage::Args{} : storage::Args{entity}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT created, id, body FROM filings WHERE " + page.where + page.tail, page.args));
  v1::ListFilingsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(*response.add_filings(), Parse(row, 2));
  }
  return response;
}

}  // namespace idea::inventory
