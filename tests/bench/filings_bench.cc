#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/filing/statistics_store.h"
#include "tests/bench/bench.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

// Measures the lists of a large register on SQLite, next to the same reads in plain SQL through sqlite3 in
// the same run.
namespace idea::inventory {
namespace {

using bench::Measure;
using bench::Must;
using bench::Spent;

constexpr int kEntities = 150;
constexpr int kRounds = 200;
// Rounds of the plain SQL, which may have to read all rows.
constexpr int kPlainRounds = 5;
constexpr clock::Micros kBegin = 1'640'995'200 * clock::kSecond;
constexpr clock::Micros kDay = 24 * 3600 * clock::kSecond;

constexpr const char* kPrograms[] = {"CalFresh",  "Medi-Cal",     "foster care", "student aid",
                                     "licensing", "unemployment", "disability",  "early childhood",
                                     "housing",   "parole"};
constexpr const char* kUses[] = {"eligibility match", "enrolment study", "caseload forecast",
                                 "fraud detection",   "outcome report",  "equity dashboard"};
constexpr const char* kCategories[] = {"demographic", "program usage", "education", "health", "employment"};

std::string EntityNumber(int64_t n) { return "entities/department-" + std::to_string(n % kEntities); }

// A filing of the last four years, a few hundred per day; one in a hundred is unfiled, one in eight has
// ended.
v1::Filing FilingNumber(int n, int count) {
  v1::Filing filing;
  filing.set_name("filings/" + ids::NewUuid());
  filing.set_bucp("bucps/" + std::to_string(n));
  const std::string rare = n % 9973 == 0 ? "wildfire " : "";
  const std::string county = n % 3 == 1 ? " by county" : "";
  filing.set_title(rare + kPrograms[n % 10] + " " + kUses[n / 10 % 6] + county + " " + std::to_string(n));
  filing.add_recipients(EntityNumber(n));
  filing.add_providers(EntityNumber(n * 7LL + 3));
  if (n % 10 == 0) filing.add_providers(EntityNumber(n * 11LL + 5));
  filing.add_data_categories(n % 3 == 0 ? kCategories[0] : kCategories[1 + n % 4]);
  filing.set_disputed(n % 20 == 0);
  const clock::Micros executed = kBegin + n * (1460 * kDay / count);
  *filing.mutable_draft_time() = clock::ToProto(executed - (20 + n % 120) * kDay);
  *filing.mutable_execute_time() = clock::ToProto(executed);
  filing.set_state(n % 100 == 0 ? v1::FILING_STATE_UNFILED
                   : n % 8 == 0 ? v1::FILING_STATE_ENDED
                                : v1::FILING_STATE_FILED);
  if (n % 100 != 0) *filing.mutable_file_time() = clock::ToProto(executed + (1 + n % 9) * kDay);
  filing.set_digest(std::string(64, 'a'));
  return filing;
}

absl::Status Fill(storage::Database& database, int count) {
  for (int n = 0; n < count;) {
    const int end = std::min(n + 5000, count);
    const absl::Status filled = database.Write([&](storage::Transaction& db) -> absl::Status {
      for (int i = n; i < end; ++i) {
        v1::Filing filing = FilingNumber(i, count);
        v1::Terms terms;
        if (absl::Status added = InsertFiling(db, filing, terms, clock::FromProto(filing.execute_time()));
            !added.ok()) {
          return added;
        }
      }
      return absl::OkStatus();
    });
    if (!filled.ok()) return filled;
    n = end;
    if (n % 50'000 == 0) std::printf("filled %d\n", n);
  }
  return absl::OkStatus();
}

// A list, and the same in plain SQL. The entity '' means all. ?1 is the entity.
struct Case {
  const char* name;
  bool sees_all;
  const char* filter;
  const char* order_by;
  const char* condition;
  const char* order;
};

#define WITH_TEXT(text) "filing IN (SELECT filing FROM filing_texts WHERE words LIKE '% " text "%')"
constexpr Case kCases[] = {
    {"own, newest first", false, "", "", "1", "created DESC"},
    {"own, one state", false, "state = UNFILED", "", "state = 1", "created DESC"},
    {"own, by title", false, "", "title", "1", "title"},
    {"own, ended, by title", false, "state = ENDED", "title", "state = 3", "title"},
    {"own, rare text", false, "text : wildfire", "", WITH_TEXT("wildfire"), "created DESC"},
    {"own, common text", false, "text : demographic", "", WITH_TEXT("demographic"), "created DESC"},
    {"own, with a party", false, "party = entities/department-52", "",
     "filing IN (SELECT filing FROM filing_list WHERE entity = 'entities/department-52')", "created DESC"},
    {"all, newest first", true, "", "", "1", "created DESC"},
    {"all, last filed first", true, "state = FILED", "file_time desc", "state = 2", "filed DESC"},
    {"all, disputed, by title", true, "disputed = true", "title", "disputed = 1", "title"},
    {"all, executed in a month", true, "execute_time >= 2024-03-01 AND execute_time < 2024-04-01",
     "execute_time", "executed >= 1709251200000000 AND executed < 1711929600000000", "executed"},
    {"all, unfiled of a month", true,
     "state = UNFILED AND execute_time >= 2024-03-01 AND execute_time < 2024-04-01", "",
     "state = 1 AND executed >= 1709251200000000 AND executed < 1711929600000000", "created DESC"},
    {"all, of one title", true, "title = \"wildfire CalFresh eligibility match 0\"", "",
     "title = 'wildfire CalFresh eligibility match 0'", "created DESC"},
    {"all, of a party", true, "party = entities/department-7", "",
     "filing IN (SELECT filing FROM filing_list WHERE entity = 'entities/department-7')", "created DESC"},
    {"all, between two parties", true,
     "recipient = entities/department-7 AND provider = entities/department-52", "",
     "filing IN (SELECT filing FROM filing_list WHERE entity = 'entities/department-7' AND roles <> 2) AND "
     "filing IN (SELECT filing FROM filing_list WHERE entity = 'entities/department-52' AND roles <> 1)",
     "created DESC"},
    {"all, common text", true, "text : calfresh", "", WITH_TEXT("calfresh"), "created DESC"},
    {"all, common text of a party", true, "text : demogr AND party = entities/department-7", "",
     WITH_TEXT(
         "demogr") " AND filing IN (SELECT filing FROM filing_list WHERE entity = 'entities/department-7')",
     "created DESC"},
    {"all, rare text", true, "text : wildfire", "", WITH_TEXT("wildfire"), "created DESC"},
    {"all, text that is nowhere", true, "text : nowhere", "", WITH_TEXT("nowhere"), "created DESC"},
    {"all, words never together", true, "text : \"calfresh parole\"", "",
     WITH_TEXT("calfresh") " AND " WITH_TEXT("parole"), "created DESC"},
};

Spent Plain(sqlite3* db, const std::string& sql, bool sees_all) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    Must(absl::InternalError(sqlite3_errmsg(db)));
  }
  const Spent spent = Measure(kPlainRounds, [&](int i) {
    const std::string entity = sees_all ? "" : EntityNumber(i);
    sqlite3_bind_text(statement, 1, entity.c_str(), -1, SQLITE_TRANSIENT);
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    sqlite3_reset(statement);
  });
  sqlite3_finalize(statement);
  return spent;
}

auth::Visibility VisibilityOf(const std::string& entity) {
  return entity.empty() ? auth::Visibility::All() : auth::Visibility::Of(entity);
}

// Prints a line for the reads of `ask` by an entity, next to the plain SQL.
void Compare(storage::Database& database, sqlite3* plain, const char* name, bool sees_all,
             const std::string& sql,
             const std::function<absl::Status(storage::Transaction&, const std::string& entity)>& ask) {
  const Spent ours = Measure(kRounds, [&](int i) {
    const std::string entity = sees_all ? "" : EntityNumber(i);
    Must(database.Read([&](storage::Transaction& db) { return ask(db, entity); }));
  });
  const Spent theirs = Plain(plain, sql, sees_all);
  std::printf("%-32s %10.2f %10.2f %12.2f %12.2f %7.2fx\n", name, ours.median, ours.p99, theirs.median,
              theirs.p99, ours.median / theirs.median);
}

std::string PageSql(const std::string& condition, const std::string& order) {
  return "SELECT b.body FROM (SELECT filing FROM filing_list WHERE entity = ?1 AND " + condition +
         " ORDER BY " + order + " LIMIT 101) k JOIN filings b ON b.id = k.filing";
}

void CompareAll(storage::Database& database, sqlite3* plain) {
  for (const Case& row : kCases) {
    v1::ListFilingsRequest request;
    request.set_filter(row.filter);
    request.set_order_by(row.order_by);
    Compare(database, plain, row.name, row.sees_all, PageSql(row.condition, row.order),
            [&](storage::Transaction& db, const std::string& entity) {
              return ListFilings(db, request, VisibilityOf(entity)).status();
            });
  }
  std::string token;
  v1::ListPublicFilingsRequest for_all;
  Compare(
      database, plain, "public", true, PageSql("filed > 0", "created DESC"),
      [&](storage::Transaction& db, const std::string&) { return ListPublic(db, for_all, token).status(); });
  v1::ListPublicFilingsRequest searched;
  searched.set_filter("text : \"foster forecast\"");
  Compare(
      database, plain, "public, two words", true,
      PageSql("filed > 0 AND " WITH_TEXT("foster") " AND " WITH_TEXT("forecast"), "created DESC"),
      [&](storage::Transaction& db, const std::string&) { return ListPublic(db, searched, token).status(); });
  for (const bool all : {false, true}) {
    Compare(database, plain, all ? "unfiled" : "own, unfiled", all, PageSql("state = 1", "executed"),
            [&](storage::Transaction& db, const std::string& entity) {
              return ListUnfiled(db, {}, VisibilityOf(entity), token).status();
            });
  }
  const std::string count =
      "SELECT entity, COUNT(*), SUM(state = 3), SUM(state = 1), SUM(disputed), SUM(filed > 0), SUM((executed "
      "- "
      "drafted) / 86400000000) FROM filing_list WHERE executed >= 1672531200000000 AND executed < "
      "1735689600000000 ";
  for (const bool all : {false, true}) {
    Compare(database, plain, all ? "statistics of two years" : "own statistics of two years", all,
            count + (all ? "AND ?1 = '' GROUP BY entity" : "AND entity = ?1"),
            [&](storage::Transaction& db, const std::string& entity) {
              const auto of = all ? std::nullopt : std::optional(entity);
              return CountFilings(db, 1'672'531'200'000'000, 1'735'689'600'000'000, of).status();
            });
  }
}

int Run(int count, const char* folder) {
  // Prints each line at once.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  bench::Scratch scratch("inventory", k_inventory_schema, folder);
  if (scratch.is_new()) {
    Must(Fill(scratch.database(), count));
    if (folder != nullptr) return 0;
  }
  sqlite3* plain = nullptr;
  if (sqlite3_open_v2(scratch.file().c_str(), &plain, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    Must(absl::InternalError("cannot open the file"));
  }
  std::printf("the register with %d filings, milliseconds\n%-32s %10s %10s %12s %12s %8s\n", count, "list",
              "median", "p99", "sqlite3", "its p99", "ratio");
  CompareAll(scratch.database(), plain);
  sqlite3_close(plain);
  return 0;
}

}  // namespace
}  // namespace idea::inventory

// usage: filings_bench [<number of filings>] [<folder>]; with a folder, a run fills it and those after it
// measure.
int main(int argc, char** argv) {
  return idea::inventory::Run(argc > 1 ? std::atoi(argv[1]) : 1'000'000, argc > 2 ? argv[2] : nullptr);
}
