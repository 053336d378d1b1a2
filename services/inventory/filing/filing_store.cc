#include "services/inventory/filing/filing_store.h"

#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/substitute.h"
#include "common/clock/date.h"
#include "common/ids/resource_names.h"
#include "common/listing/source.h"
#include "common/listing/word_index.h"
#include "common/listing/words.h"
#include "common/status/status.h"
#include "services/inventory/filing/statistics_store.h"

namespace idea::inventory {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

constexpr size_t kMaxWords = 300;

#define OF_PARTY "EXISTS (SELECT 1 FROM filing_list p WHERE p.entity = ? AND p.filing = filing_list.filing"
// The list of one entity, or of callers that see all filings. For those, the rows of a party are the list of
// that party.
listing::Spec ListOf(bool all) {
  const std::string_view whose = all ? "entity = ?" : "";
  return {{{"state", "state", Kind::kEnum, v1::FilingState_descriptor(), "", "", "created", true},
           {"disputed", "disputed", Kind::kFlag, nullptr, "", "", "created", true},
           {"title", "title", Kind::kName, nullptr, "", "", "", true},
           {"bucp", "bucp", Kind::kText, nullptr, "", "", "", true},
           {"text", "", Kind::kWords},
           {"party", OF_PARTY ")", Kind::kTest, nullptr, whose},
           {"recipient", OF_PARTY " AND p.roles <> 2)", Kind::kTest, nullptr, whose, "roles <> 2"},
           {"provider", OF_PARTY " AND p.roles <> 1)", Kind::kTest, nullptr, whose, "roles <> 1"},
           {"create_time", "created", Kind::kTime},
           {"execute_time", "executed", Kind::kTime},
           {"file_time", "filed", Kind::kTime},
           {"end_date", "ends", Kind::kTime}},
          "created",
          false,
          "filing",
          true,
          {{"create_time", "created"},
           {"execute_time", "executed"},
           {"file_time", "filed"},
           {"end_date", "ends"},
           {"title", "title", true}},
          all ? "entity = ''" : ""};
}
#undef OF_PARTY

const listing::Spec& FilingList(bool all) {
  static const listing::Spec own = ListOf(false), every = ListOf(true);
  return all ? every : own;
}

// The oldest first.
const listing::Spec& UnfiledList() {
  static const listing::Spec spec = {{}, "executed", false, "filing", false};
  return spec;
}

template <class Stored = v1::Filing>
absl::StatusOr<Stored> Parse(const storage::Row& row, int column) {
  Stored stored;
  if (!stored.ParseFromString(row.Bytes(column))) return absl::DataLossError("a filing does not parse");
  return stored;
}

constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();

// Stores the rows of filing_list: one for each party, and one for callers that see all.
absl::Status StoreListRows(storage::Transaction& db, const std::string& id, const v1::Filing& filing,
                           clock::Micros created) {
  std::map<std::string, int64_t> roles = {{"", 0}};
  for (const std::string& entity : filing.recipients()) roles[entity] |= 1;
  for (const std::string& entity : filing.providers()) roles[entity] |= 2;
  storage::Args args = {id,
                        int64_t{filing.state()},
                        int64_t{filing.disputed()},
                        created,
                        clock::FromProto(filing.draft_time()),
                        clock::FromProto(filing.execute_time()),
                        clock::FromProto(filing.file_time()),
                        filing.has_end_date() ? clock::StartOfDay(filing.end_date()) : kNoEnd,
                        filing.title(),
                        filing.bucp()};
  std::string rows;
  for (const auto& [entity, role] : roles) {
    rows += (rows.empty() ? "" : ", ") +
            absl::Substitute("($$$0, $$1, $$$1, $$2, $$3, $$4, $$5, $$6, $$7, $$8, $$9, $$10)",
                             args.size() + 1, args.size() + 2);
    args.emplace_back(entity);
    args.emplace_back(role);
  }
  return db.ExecuteDeferred(
      "INSERT INTO filing_list (entity, filing, roles, state, disputed, created, drafted, executed, "
      "filed, ends, title, bucp) VALUES " +
          rows + " ON CONFLICT (entity, filing) DO UPDATE SET state = excluded.state, filed = excluded.filed",
      args);
}

// Reads the filings of a page: their keys from one index, then their bodies.
absl::StatusOr<std::string> ReadPage(storage::Transaction& db, listing::Page page,
                                     std::vector<v1::Filing>& filings) {
  ASSIGN_OR_RETURN(const std::string from, listing::Source(db, "filing", &page));
  const std::string& order = page.order_column;
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT k." + order + ", k.filing, f.body FROM (SELECT " + order + ", filing FROM " + from +
                   " WHERE " + page.where + page.tail + ") k JOIN filings f ON f.id = k.filing ORDER BY k." +
                   order + page.direction + ", k.filing" + page.direction,
               page.args));
  std::string next = page.Finish(rows, 0, 1);
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(filings.emplace_back(), Parse(row, 2));
  }
  return next;
}

// Filings with their terms, from rows of both bodies.
absl::StatusOr<std::vector<FilingAndTerms>> ReadWithTerms(storage::Transaction& db, std::string_view sql,
                                                          const storage::Args& args) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(sql, args));
  std::vector<FilingAndTerms> found;
  found.reserve(rows.size());
  for (const storage::Row& row : rows) {
    FilingAndTerms& each = found.emplace_back();
    ASSIGN_OR_RETURN(each.filing, Parse(row, 0));
    ASSIGN_OR_RETURN(each.terms, Parse<v1::Terms>(row, 1));
  }
  return found;
}

}  // namespace

const std::string& ListKeyOf(const auth::Visibility& visibility) {
  static const std::string all, none = "-";
  if (visibility.all()) return all;
  return visibility.entity().empty() ? none : visibility.entity();
}

absl::Status InsertFiling(storage::Transaction& db, v1::Filing& filing, v1::Terms& terms, clock::Micros now) {
  filing.set_etag("1");
  terms.set_name(ids::TermsName(filing.name()));
  const std::string id = ids::kFilings.IdIn(filing.name());
  RETURN_IF_ERROR(
      db.ExecuteDeferred("INSERT INTO filings (id, bucp, title, state, version, created, body) "
                         "VALUES ($1, $2, $3, $4, 1, $5, $6)",
                         {id, filing.bucp().empty() ? filing.name() : filing.bucp(), filing.title(),
                          int64_t{filing.state()}, now, Blob{filing.SerializeAsString()}}));
  RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO filing_terms (filing, body) VALUES ($1, $2)",
                                     {id, Blob{terms.SerializeAsString()}}));
  RETURN_IF_ERROR(StoreListRows(db, id, filing, now));
  RETURN_IF_ERROR(CountFiling(db, filing));
  std::set<std::string> words;
  listing::AddWords(filing.title(), kMaxWords, words);
  for (const std::string& category : filing.data_categories()) listing::AddWords(category, kMaxWords, words);
  return listing::StoreWords(db, "filing", id, words);
}

absl::StatusOr<v1::Filing> FindFiling(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM filings WHERE id = $1", {ids::kFilings.IdIn(name)}));
  if (!row) return status::NotFoundOrHidden(name);
  return Parse(*row, 0);
}

absl::StatusOr<v1::Terms> FindTerms(storage::Transaction& db, const std::string& filing) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM filing_terms WHERE filing = $1",
                                               {ids::kFilings.IdIn(filing)}));
  if (!row) return status::NotFoundOrHidden(filing);
  return Parse<v1::Terms>(*row, 0);
}

absl::StatusOr<std::vector<v1::Terms>> ReadTermsOf(
    storage::Transaction& db, const google::protobuf::RepeatedPtrField<v1::Filing>& filings) {
  std::vector<v1::Terms> terms(static_cast<size_t>(filings.size()));
  if (filings.empty()) return terms;
  std::map<std::string, size_t> places;
  std::string numbers;
  storage::Args args;
  for (const v1::Filing& filing : filings) {
    const std::string id = ids::kFilings.IdIn(filing.name());
    places[id] = args.size();
    args.emplace_back(id);
    numbers += (args.size() == 1 ? "$" : ", $") + std::to_string(args.size());
  }
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT filing, body FROM filing_terms WHERE filing IN (" + numbers + ")", args));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(terms[places[row.Text(0)]], Parse<v1::Terms>(row, 1));
  }
  return terms;
}

absl::StatusOr<FilingAndTerms> FindFilingAndTerms(storage::Transaction& db, const std::string& name) {
  FilingAndTerms found;
  ASSIGN_OR_RETURN(found.filing, FindFiling(db, name));
  ASSIGN_OR_RETURN(found.terms, FindTerms(db, name));
  return found;
}

absl::StatusOr<std::vector<FilingAndTerms>> ReadFilingsAfter(storage::Transaction& db,
                                                             const std::string& name, int limit) {
  return ReadWithTerms(
      db,
      "SELECT f.body, t.body FROM filings f JOIN filing_terms t ON t.filing = f.id WHERE f.id > $1 "
      "ORDER BY f.id LIMIT $2",
      {ids::kFilings.IdIn(name), int64_t{limit}});
}

absl::StatusOr<std::vector<FilingAndTerms>> ReadVisibleAfter(storage::Transaction& db,
                                                             auth::Visibility visibility,
                                                             const std::string& name, int limit) {
  return ReadWithTerms(
      db,
      "SELECT f.body, t.body FROM filing_list l JOIN filings f ON f.id = l.filing JOIN filing_terms t ON "
      "t.filing = l.filing WHERE l.entity = $1 AND l.filing > $2 ORDER BY l.filing LIMIT $3",
      {ListKeyOf(visibility), ids::kFilings.IdIn(name), int64_t{limit}});
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
  RETURN_IF_ERROR(
      db.ExecuteDeferred("UPDATE filings SET state = $1, version = $2, body = $3 WHERE id = $4 AND "
                         "state = $5 AND version = $6",
                         {int64_t{filing.state()}, version + 1, Blob{filing.SerializeAsString()},
                          ids::kFilings.IdIn(filing.name()), int64_t{from}, version},
                         storage::FailIfNoRows(Error(Reason::ERROR_REASON_CONCURRENT_CHANGE,
                                                     filing.name() + " was changed at the same moment"))));
  RETURN_IF_ERROR(StoreListRows(db, ids::kFilings.IdIn(filing.name()), filing, 0));
  return CountFiling(db, filing, from);
}

absl::StatusOr<v1::ListFilingsResponse> ListFilings(storage::Transaction& db,
                                                    const v1::ListFilingsRequest& request,
                                                    auth::Visibility visibility) {
  const listing::Spec& list = FilingList(visibility.all());
  ASSIGN_OR_RETURN(listing::Page page,
                   visibility.all() ? listing::Plan(list, request, "", {})
                                    : listing::Plan(list, request, "entity = $1", {ListKeyOf(visibility)}));
  std::vector<v1::Filing> filings;
  v1::ListFilingsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_next_page_token(), ReadPage(db, std::move(page), filings));
  for (v1::Filing& filing : filings) *response.add_filings() = std::move(filing);
  return response;
}

absl::StatusOr<std::vector<v1::Filing>> ListPublic(storage::Transaction& db,
                                                   const v1::ListPublicFilingsRequest& request,
                                                   std::string& next_page_token) {
  ASSIGN_OR_RETURN(listing::Page page, listing::Plan(FilingList(true), request, "", {}));
  page.where += " AND filed > 0";
  page.filtered = true;
  std::vector<v1::Filing> filings;
  ASSIGN_OR_RETURN(next_page_token, ReadPage(db, std::move(page), filings));
  return filings;
}

absl::StatusOr<std::vector<v1::Filing>> ListUnfiled(storage::Transaction& db,
                                                    const v1::ListUnfiledRequest& request,
                                                    auth::Visibility visibility,
                                                    std::string& next_page_token) {
  ASSIGN_OR_RETURN(listing::Page page,
                   listing::Plan(UnfiledList(), request, "entity = $1 AND filed = 0 AND state <> 2",
                                 {ListKeyOf(visibility)}));
  std::vector<v1::Filing> filings;
  ASSIGN_OR_RETURN(next_page_token, ReadPage(db, std::move(page), filings));
  // The list rows of the first releases lack the time of filing. The filing has it.
  std::erase_if(filings, [](const v1::Filing& filing) { return filing.has_file_time(); });
  return filings;
}

absl::StatusOr<int64_t> CountVisible(storage::Transaction& db, auth::Visibility visibility) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT CAST(COALESCE(SUM(executed), 0) AS BIGINT) FROM "
                                               "filing_counts WHERE days = 32 AND entity = $1",
                                               {ListKeyOf(visibility)}));
  return row->Int(0);
}

absl::StatusOr<std::vector<std::string>> FindExpired(storage::Transaction& db, clock::Micros today,
                                                     int limit) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT filing FROM filing_list WHERE entity = '' AND ends < $1 AND state <> $2 "
                            "ORDER BY ends, filing LIMIT $3",
                            {today, int64_t{v1::FILING_STATE_ENDED}, int64_t{limit}}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) names.push_back(ids::kFilings.Name(row.Text(0)));
  return names;
}

}  // namespace idea::inventory
