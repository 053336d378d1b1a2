#include "services/registry/accession_store.h"

#include <chrono>
#include <cstdio>

#include "common/ids/ids.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/registry/in_list.h"

namespace idea::registry {
namespace {

using status::Reason;

std::string Formatted(int year, unsigned month, unsigned day) {
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", year, month, day);
  return text;
}

google::type::Date DateOf(const std::string& day) {
  google::type::Date date;
  date.set_year(std::stoi(day.substr(0, 4)));
  date.set_month(std::stoi(day.substr(5, 2)));
  date.set_day(std::stoi(day.substr(8, 2)));
  return date;
}

v1::Accession AccessionOf(const storage::Row& row) {
  v1::Accession accession;
  accession.set_name(row.Text(0));
  accession.set_instrument(static_cast<v1::Instrument>(row.Int(1)));
  if (!row.Text(2).empty()) *accession.mutable_sign_date() = DateOf(row.Text(2));
  accession.set_evidence(row.Text(3));
  *accession.mutable_create_time() = clock::ToProto(row.Int(4));
  return accession;
}

}  // namespace

std::string DayOf(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return Formatted(date.year(), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string DayOf(clock::Micros at) {
  const std::chrono::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds(at)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(moment)};
  return Formatted(int{day.year()}, unsigned{day.month()}, unsigned{day.day()});
}

std::string AccessionName(const std::string& entity, v1::Instrument instrument, const std::string& day) {
  constexpr std::string_view kPrefix = "INSTRUMENT_";
  const std::string id = ids::Slug(v1::Instrument_Name(instrument).substr(kPrefix.size()));
  return entity + "/accessions/" + id + (day.empty() ? "" : "-" + day);
}

absl::Status InsertAccession(storage::Transaction& db, const std::string& entity,
                             const v1::Accession& accession, clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO accessions (name, entity, instrument, sign_date, evidence, created) VALUES ($1, $2, $3, "
      "$4, $5, $6)",
      {accession.name(), entity, int64_t{accession.instrument()}, DayOf(accession.sign_date()),
       accession.evidence(), now});
  if (absl::IsAlreadyExists(added.status())) {
    return status::Error(Reason::ERROR_REASON_ALREADY_EXISTS, "this accession is recorded already")
        .With("accession", accession.name());
  }
  return added.status();
}

absl::StatusOr<std::set<std::string>> AccessionNames(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query("SELECT name FROM accessions", {}));
  std::set<std::string> names;
  for (const storage::Row& row : rows) names.insert(row.Text(0));
  return names;
}

absl::StatusOr<v1::ListAccessionsResponse> ListAccessions(storage::Transaction& db,
                                                          const v1::ListAccessionsRequest& request) {
  const listing::Spec spec = {.fields = {},
                              .order_column = "sign_date",
                              .order_is_text = true,
                              .id_column = "name",
                              .descending = false};
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(spec, request, "entity = $1", {request.parent()}));
  ASSIGN_OR_RETURN(storage::Rows rows,
                   db.Query("SELECT name, instrument, sign_date, evidence, created FROM accessions WHERE " +
                                page.where + page.tail,
                            page.args));
  v1::ListAccessionsResponse response;
  response.set_next_page_token(page.Finish(rows, 2, 0));
  for (const storage::Row& row : rows) *response.add_accessions() = AccessionOf(row);
  return response;
}

absl::StatusOr<std::map<std::string, v1::Instrument>> SignedBy(storage::Transaction& db,
                                                               const std::vector<std::string>& entities,
                                                               const std::string& day) {
  std::map<std::string, v1::Instrument> signers;
  if (entities.empty()) return signers;
  storage::Args args = {day};
  args.insert(args.end(), entities.begin(), entities.end());
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT entity, instrument FROM accessions WHERE sign_date <= $1 AND entity IN " +
                                InList(2, entities.size()) + " ORDER BY entity, sign_date DESC, name",
                            args));
  for (const storage::Row& row : rows) signers.emplace(row.Text(0), static_cast<v1::Instrument>(row.Int(1)));
  return signers;
}

}  // namespace idea::registry
