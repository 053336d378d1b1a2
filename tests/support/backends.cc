#include "tests/support/backends.h"

#include <absl/strings/str_split.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <stdexcept>

#include "common/status/status.h"
#include "tests/support/eventually.h"

// libpqxx 6.4 loses the last answer of a connection that was cut; it is its leak, not ours.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's name.
extern "C" const char* __lsan_default_suppressions() { return "leak:PQmakeEmptyPGresult\n"; }

namespace idea::testing {
namespace {

// Setting up a test has no better answer to a failure than to end it.
void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

std::unique_ptr<storage::Database> MustOpen(const std::string& address) {
  auto database = storage::Open(address);
  Must(database.status());
  return *std::move(database);
}

// Of several servers, that which ctest has given to this test.
std::string PostgresAddress() {
  const char* addresses = std::getenv("TEST_POSTGRES");
  const std::vector<std::string> servers =
      absl::StrSplit(addresses == nullptr ? "" : addresses, ' ', absl::SkipEmpty());
  const char* given = std::getenv("CTEST_RESOURCE_GROUP_0_POSTGRES");  // id:2,slots:1
  const size_t server = given == nullptr ? 0 : std::strtoul(given + std::strlen("id:"), nullptr, 10);
  return server < servers.size() ? servers[server] : "";
}

// By one connection for all tests of this process, for a connection takes longer than most of what it is for.
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

std::string AddressOfSchema(const std::string& schema) {
  const std::string server = PostgresAddress();
  return server + (server.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" + schema;
}

// A database with the place it is in. A write returns when what it wrote may be read from an event log:
// on PostgreSQL the transactions of other tests on the server hold that back, those of this test only
// where it holds one open itself.
class Placed : public storage::Database {
 public:
  explicit Placed(const std::string& backend) : place_(backend), database_(MustOpen(place_.address())) {}
  absl::Status Read(const storage::Body& body) override { return database_->Read(body); }
  absl::Status Write(const storage::Body& body, storage::Lane lane) override {
    int64_t id = 0;
    ++open_;
    absl::Status status = database_->Write(
        [&](storage::Transaction& transaction) -> absl::Status {
          RETURN_IF_ERROR(body(transaction));
          ASSIGN_OR_RETURN(id, transaction.Id());
          return absl::OkStatus();
        },
        lane);
    for (int64_t newest = newest_; newest < id && !newest_.compare_exchange_weak(newest, id);) {
    }
    if (--open_ == 0 && status.ok()) RETURN_IF_ERROR(AwaitHorizonBehind(newest_));
    return status;
  }
  int Parallelism() const override { return database_->Parallelism(); }

 private:
  absl::Status AwaitHorizonBehind(int64_t id) {
    absl::Status asked;
    const bool behind = Eventually([&] {
      int64_t horizon = 0;
      asked = database_->Read([&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(horizon, transaction.Horizon());
        return absl::OkStatus();
      });
      return !asked.ok() || horizon > id || open_ > 0;
    });
    if (!behind) return absl::DeadlineExceededError("a transaction on the server has been open for a minute");
    return asked;
  }

  Place place_;
  std::unique_ptr<storage::Database> database_;
  std::atomic<int> open_ = 0;
  std::atomic<int64_t> newest_ = 0;
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
    RunOnPostgres("CREATE SCHEMA " + schema);
    address_ = AddressOfSchema(schema);
    remove_ = [schema] { RunOnPostgres("DROP SCHEMA " + schema + " CASCADE"); };
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
  for (const std::string& service : services) RunOnPostgres("CREATE SCHEMA " + prefix + service);
  address_ = AddressOfSchema(prefix + "{service}");
  remove_ = [prefix, services] {
    for (const std::string& service : services) RunOnPostgres("DROP SCHEMA " + prefix + service + " CASCADE");
  };
}

Places::~Places() { remove_(); }

std::unique_ptr<storage::Database> Fresh(const std::string& backend) {
  return std::make_unique<Placed>(backend);
}

void OnBackend::SetUp() {
  if (const std::string why = WhyNot(GetParam()); !why.empty()) GTEST_SKIP() << why;
  database_ = Fresh(GetParam());
}

// The youngest table first: it may refer to older ones.
constexpr char kEmptyAllTables[] = R"(
  DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT oid, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace
        AND relkind IN ('r', 'S') AND relname <> 'schema_migrations' ORDER BY oid DESC LOOP
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

std::string BackendName(const ::testing::TestParamInfo<std::string>& info) { return info.param; }

}  // namespace idea::testing
