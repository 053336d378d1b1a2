#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "services/drafting/bucp/bucp_store.h"
#include "tests/bench/bench.h"

extern const idea::config::EmbeddedFile k_drafting_schema[];

// Measures ListBucps on SQLite, next to the same page in plain SQL through sqlite3 in the same run.
namespace idea::drafting {
namespace {

using bench::Measure;
using bench::Must;
using bench::Spent;

constexpr int kEntities = 150;
constexpr int kRounds = 200;
// Rounds of the plain SQL, which may have to read all rows.
constexpr int kPlainRounds = 30;
constexpr clock::Micros kBegin = 1'800'000'000 * clock::kSecond;

std::string EntityNumber(int n) { return "entities/department-" + std::to_string(n % kEntities); }

// A typical BUCP: some kilobytes, two parties, sometimes three.
v1::Bucp BucpNumber(int n) {
  v1::Bucp bucp;
  bucp.set_name("bucps/" + ids::NewUuid());
  bucp.set_title("Match " + std::to_string(n) + " of enrolment");
  bucp.set_state(n % 50 == 0 ? v1::STATE_NOT_APPROVED : static_cast<v1::State>(1 + n % 6));
  bucp.set_disputed(n % 20 == 0);
  *bucp.mutable_create_time() = clock::ToProto(kBegin + n * clock::kSecond);
  *bucp.mutable_update_time() = clock::ToProto(kBegin + (n * 7919LL % 1'000'003) * clock::kSecond);
  bucp.mutable_content()->add_recipients(EntityNumber(n));
  bucp.mutable_content()->add_providers(EntityNumber(n * 7 + 3));
  if (n % 10 == 0) bucp.mutable_content()->add_providers(EntityNumber(n * 11 + 5));
  auto& business = *bucp.mutable_content()->mutable_business_case();
  // Two words that many BUCPs have but none has both of, and typical words.
  std::string purpose = n % 997 == 0 ? "wildfire " : n % 3 == 1 ? "quarterly " : "";
  for (int i = 1; i <= 50; ++i) purpose += "word" + std::to_string(n * i % (i * 40)) + " ";
  business.mutable_use_case_description()->set_purpose(purpose);
  business.mutable_data_categories()->add_categories(n % 3 == 0 ? "demographic" : "program usage");
  bucp.mutable_content()->mutable_technical()->mutable_data_users()->set_description(std::string(2000, 'x'));
  return bucp;
}

absl::Status Fill(storage::Database& database, int count) {
  for (int n = 0; n < count;) {
    const int end = std::min(n + 1000, count);
    const absl::Status filled = database.Write([&](storage::Transaction& db) -> absl::Status {
      for (int i = n; i < end; ++i) {
        v1::Bucp bucp = BucpNumber(i);
        if (absl::Status added = InsertBucp(db, bucp); !added.ok()) return added;
      }
      return absl::OkStatus();
    });
    if (!filled.ok()) return filled;
    n = end;
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

#define WITH_TEXT(text) "bucp IN (SELECT bucp FROM bucp_texts WHERE words LIKE '% " text "%')"
constexpr Case kCases[] = {
    {"own, newest first", false, "", "", "1", "created DESC"},
    {"own, one state", false, "state = NOT_APPROVED", "", "state = 9", "created DESC"},
    {"own, as provider", false, "role = PROVIDER", "", "roles IN (2, 3)", "created DESC"},
    {"own, last changed first", false, "", "update_time desc", "1", "updated DESC"},
    {"own, by title", false, "", "title", "1", "title"},
    {"own, disputed, by title", false, "disputed = true", "title", "disputed = 1", "title"},
    {"own, rare text", false, "text : wildfire", "", WITH_TEXT("wildfire"), "created DESC"},
    {"own, common text", false, "text : demographic", "", WITH_TEXT("demographic"), "created DESC"},
    {"own, since a day", false, "create_time >= 2027-01-16", "", "created >= 1800057600000000",
     "created DESC"},
    {"all, newest first", true, "", "", "1", "created DESC"},
    {"all, one state", true, "state = NOT_APPROVED", "", "state = 9", "created DESC"},
    {"all, one state, by title", true, "state = SENT", "title", "state = 2", "title"},
    {"all, of a party", true, "party = entities/department-7", "",
     "bucp IN (SELECT bucp FROM bucp_list WHERE entity = 'entities/department-7')", "created DESC"},
    {"all, provided by a party", true, "provider = entities/department-7", "update_time desc",
     "bucp IN (SELECT bucp FROM bucp_list WHERE entity = 'entities/department-7' AND roles <> 1)",
     "updated DESC"},
    {"all, between two parties", true,
     "recipient = entities/department-7 AND provider = entities/department-52", "",
     "bucp IN (SELECT bucp FROM bucp_list WHERE entity = 'entities/department-7' AND roles <> 2) AND "
     "bucp IN (SELECT bucp FROM bucp_list WHERE entity = 'entities/department-52' AND roles <> 1)",
     "created DESC"},
    {"all, disputed", true, "disputed = true", "", "disputed = 1", "created DESC"},
    {"all, disputed, last changed", true, "disputed = true", "update_time desc", "disputed = 1",
     "updated DESC"},
    {"all, common text", true, "text : demographic", "", WITH_TEXT("demographic"), "created DESC"},
    {"all, common text of a party", true, "text : demogr AND party = entities/department-7", "",
     WITH_TEXT("demogr") " AND bucp IN (SELECT bucp FROM bucp_list WHERE entity = 'entities/department-7')",
     "created DESC"},
    {"all, rare text", true, "text : wildfire", "", WITH_TEXT("wildfire"), "created DESC"},
    {"all, rare text, by title", true, "text : wildf", "title", WITH_TEXT("wildf"), "title"},
    {"all, text that is nowhere", true, "text : nowhere", "", WITH_TEXT("nowhere"), "created DESC"},
    {"all, words never together", true, "text : \"demographic quarterly\"", "",
     WITH_TEXT("demographic") " AND " WITH_TEXT("quarterly"), "created DESC"},
};

Spent Ours(storage::Database& database, const Case& row) {
  return Measure(kRounds, [&](int i) {
    v1::ListBucpsRequest request;
    request.set_filter(row.filter);
    request.set_order_by(row.order_by);
    Must(database.Read([&](storage::Transaction& db) {
      const std::string entity = EntityNumber(i);
      return ListBucps(db, request, row.sees_all ? auth::Visibility::All() : auth::Visibility::Of(entity))
          .status();
    }));
  });
}

Spent Plain(sqlite3* db, const Case& row) {
  const std::string sql =
      std::string("SELECT b.body FROM (SELECT bucp FROM bucp_list WHERE entity = ?1 AND ") + row.condition +
      " ORDER BY " + row.order + " LIMIT 101) k JOIN bucps b ON b.id = k.bucp";
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    Must(absl::InternalError(sqlite3_errmsg(db)));
  }
  const Spent spent = Measure(kPlainRounds, [&](int i) {
    const std::string entity = row.sees_all ? "" : EntityNumber(i);
    sqlite3_bind_text(statement, 1, entity.c_str(), -1, SQLITE_TRANSIENT);
    std::string bytes;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      bytes.append(static_cast<const char*>(sqlite3_column_blob(statement, 0)),
                   static_cast<size_t>(sqlite3_column_bytes(statement, 0)));
    }
    sqlite3_reset(statement);
  });
  sqlite3_finalize(statement);
  return spent;
}

int Run(int count) {
  // Prints each line at once.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  bench::Scratch scratch("drafting", k_drafting_schema);
  Must(Fill(scratch.database(), count));
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(scratch.file().c_str(), &db, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    Must(absl::InternalError("cannot open the file"));
  }
  std::printf("ListBucps over %d BUCPs, milliseconds\n%-30s %10s %10s %12s %12s %8s\n", count, "list",
              "median", "p99", "sqlite3", "its p99", "ratio");
  for (const Case& row : kCases) {
    const Spent ours = Ours(scratch.database(), row), plain = Plain(db, row);
    std::printf("%-30s %10.2f %10.2f %12.2f %12.2f %7.1fx\n", row.name, ours.median, ours.p99, plain.median,
                plain.p99, ours.median / plain.median);
  }
  sqlite3_close(db);
  return 0;
}

}  // namespace
}  // namespace idea::drafting

int main(int argc, char** argv) { return idea::drafting::Run(argc > 1 ? std::atoi(argv[1]) : 100'000); }
