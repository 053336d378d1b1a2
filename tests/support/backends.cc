#include "tests/support/backends.h"

#include <absl/strings/str_split.h>
#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>

#include "common/events/positions.h"
#include "common/status/status.h"
#include "tests/support/matchers.h"
#include "tests/support/query_plans.h"

// libpqxx 6.4 loses the last answer of a connection that was cut; it is its leak, not ours.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's name.
extern "C" const char* __lsan_default_suppressions() { return "leak:PQmakeEmptyPGresult\n"; }

namespace idea::testing {
namespace {

// If the setup of a test fails, end it.
void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

std::unique_ptr<storage::Database> MustOpen(const std::string& address) {
  auto database = storage::Open(address);
  Must(database.status());
  return *std::move(database);
}

// The server that ctest has assigned to this test.
std::string PostgresAddress() {
  const char* addresses = std::getenv("TEST_POSTGRES");
  const std::vector<std::string> servers =
      absl::StrSplit(addresses == nullptr ? "" : addresses, ' ', absl::SkipEmpty());
  const char* given = std::getenv("CTEST_RESOURCE_GROUP_0_POSTGRES");  // id:2,slots:1
  const size_t server = given == nullptr ? 0 : std::strtoul(given + std::strlen("id:"), nullptr, 10);
  return server < servers.size() ? servers[server] : "";
}

// One connection for all tests of this process, because connecting takes longer than most uses.
void RunOnPostgres(const std::string& sql) {
  static const std::unique_ptr<storage::Database> server = MustOpen(PostgresAddress());
  Must(server->Write(
      [&](storage::Transaction& transaction) { return transaction.Execute(sql, {}).status(); }));
}

std::string NewFolder() {
  std::string folder = (std::filesystem::temp_directory_path() / "idea-test-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return folder;
}

std::string NewSchema() {
  return "t" + std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
}

// A schema with a role of the same name whose sessions use it: unlike a parameter of the address, this also
// works through a pooler.
void CreateSchema(const std::string& name) {
  RunOnPostgres("DO $$ BEGIN CREATE SCHEMA " + name + "; CREATE ROLE " + name +
                " LOGIN SUPERUSER; ALTER ROLE " + name + " SET search_path = " + name + "; END $$");
}

void DropSchema(const std::string& name) {
  RunOnPostgres("DO $$ BEGIN DROP SCHEMA " + name + " CASCADE; DROP ROLE " + name + "; END $$");
}

// The address of the server with the role of the schema as user.
std::string AddressOfSchema(const std::string& schema) {
  const std::string server = PostgresAddress();
  const size_t user = server.find("//") + 2;
  const size_t at = server.find('@', user);
  return server.substr(0, user) + schema + "@" + server.substr(at == std::string::npos ? user : at + 1);
}

// A database with its location. A write returns when its events are readable, which takes milliseconds in a
// service.
class Placed : public storage::Database {
 public:
  explicit Placed(const std::string& backend) : place_(backend), database_(MustOpen(place_.address())) {}
  absl::Status Read(const storage::Body& body) override { return database_->Read(Recorded(body)); }
  absl::Status Write(const storage::Body& body, storage::Lane lane) override {
    RETURN_IF_ERROR(database_->Write(Recorded(body), lane));
    ASSIGN_OR_RETURN(const bool log, HasLog());
    return log ? events::PlaceEvents(*database_) : absl::OkStatus();
  }
  int Parallelism() const override { return database_->Parallelism(); }
  std::string ReadMark(const std::string& name) override { return database_->ReadMark(name); }
  absl::Status SaveMark(const std::string& name, const std::string& text) override {
    return database_->SaveMark(name, text);
  }
  const std::string& address() const { return place_.address(); }

  // Fails the test if a SELECT that ran since the last call would scan a large table. Each statement is
  // checked once in a process.
  void CheckPlans() {
    std::map<std::string, storage::Args> statements;
    {
      const std::lock_guard lock(mutex_);
      statements.swap(statements_);
    }
    static std::set<std::pair<std::string, std::string>> checked;
    for (const auto& statement : statements) {
      if (!checked.emplace(place_.address().substr(0, 6), statement.first).second) continue;
      std::vector<std::string> plan;
      const absl::Status planned = database_->Read([&](storage::Transaction& db) -> absl::Status {
        RETURN_IF_ERROR(PreferIndexes(db));
        ASSIGN_OR_RETURN(plan, PlanOf(db, {statement.first, statement.second}));
        return absl::OkStatus();
      });
      // A test may have removed a table since.
      if (planned.ok())
        EXPECT_THAT(FullScans(statement.first, plan), ::testing::IsEmpty()) << statement.first;
    }
  }

 private:
  storage::Body Recorded(const storage::Body& body) {
    return [this, &body](storage::Transaction& db) {
      StatementRecorder recorder(db);
      const absl::Status status = body(recorder);
      const std::lock_guard lock(mutex_);
      for (Statement& statement : recorder.statements)
        if (statement.sql.starts_with("SELECT"))
          statements_.emplace(std::move(statement.sql), std::move(statement.args));
      return status;
    };
  }
  absl::StatusOr<bool> HasLog() {
    if (has_log_) return true;
    bool found = false;
    RETURN_IF_ERROR(database_->Read([&](storage::Transaction& db) -> absl::Status {
      if (db.engine() == storage::Engine::kSqlite) return absl::OkStatus();
      ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT to_regclass('unplaced_events') IS NOT NULL", {}));
      found = row->Int(0) != 0;
      return absl::OkStatus();
    }));
    has_log_ = found;
    return found;
  }

  Place place_;
  std::unique_ptr<storage::Database> database_;
  std::atomic<bool> has_log_ = false;
  std::mutex mutex_;
  std::map<std::string, storage::Args> statements_;
};

}  // namespace

std::vector<std::string> Backends() { return {"sqlite", "postgres"}; }

std::string WhyNot(const std::string& backend) {
  if (backend != "postgres" || !PostgresAddress().empty()) return "";
  return "TEST_POSTGRES names no database (postgresql://...)";
}

Place::Place(const std::string& backend) {
  if (backend == "memory") {
    address_ = "sqlite::memory:";
    remove_ = [] {};
  } else if (backend == "sqlite") {
    const std::string folder = NewFolder();
    address_ = "sqlite:" + folder + "/test.db";
    remove_ = [folder] { std::filesystem::remove_all(folder); };
  } else {
    const std::string schema = NewSchema();
    CreateSchema(schema);
    address_ = AddressOfSchema(schema);
    remove_ = [schema] { DropSchema(schema); };
  }
}

Place::~Place() { remove_(); }

Places::Places(const std::string& backend, const std::vector<std::string>& services) {
  if (backend == "sqlite") {
    const std::string folder = NewFolder();
    address_ = "sqlite:" + folder + "/{service}.db";
    remove_ = [folder] { std::filesystem::remove_all(folder); };
    return;
  }
  const std::string prefix = NewSchema();
  for (const std::string& service : services) CreateSchema(prefix + service);
  address_ = AddressOfSchema(prefix + "{service}");
  remove_ = [prefix, services] {
    for (const std::string& service : services) DropSchema(prefix + service);
  };
}

Places::~Places() { remove_(); }

std::unique_ptr<storage::Database> Fresh(const std::string& backend) {
  return std::make_unique<Placed>(backend);
}

std::string OnBackend::address() const { return static_cast<const Placed&>(*database_).address(); }

void OnBackend::SetUp() {
  if (const std::string why = WhyNot(GetParam()); !why.empty()) GTEST_SKIP() << why;
  database_ = Fresh(GetParam());
}

// The newest table first, because it may refer to older ones.
constexpr char kEmptyAllTables[] = R"(
  DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT oid, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace
        AND relkind IN ('r', 'S') AND relname NOT IN ('schema_migrations', 'event_epochs')
        ORDER BY oid DESC LOOP
      IF one.relkind = 'r' THEN EXECUTE 'DELETE FROM ' || one.oid::regclass;
      ELSE PERFORM setval(one.oid, 1, false); END IF;
    END LOOP;
  END $$)";

void OnMigrated::SetUp() {
  if (GetParam() != "postgres" || !WhyNot(GetParam()).empty()) return OnBackend::SetUp();
  static const std::shared_ptr<storage::Database> kept = Fresh(GetParam());
  database_ = kept;
  Must(kept->Write(
      [](storage::Transaction& transaction) { return transaction.Execute(kEmptyAllTables, {}).status(); }));
}

void OnMigrated::TearDown() {
  if (database_ != nullptr && !HasFailure()) static_cast<Placed&>(*database_).CheckPlans();
}

std::string BackendName(const ::testing::TestParamInfo<std::string>& info) { return info.param; }

}  // namespace idea::testing
