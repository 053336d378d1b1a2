#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <vector>

#include "common/ids/ids.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/merkle.h"
#include "tests/bench/bench.h"
#include "tests/services/inventory/filing_harness.h"
#include "tests/support/log_key_file.h"

// Measures the time of a filing from its arrival to its receipt at 1,000 filings per second, and the maximum
// rate, next to one-row commits through the library of the database. Every receipt is verified. The slowest
// filings on PostgreSQL wait for the next file of the write-ahead log, which a new cluster has to create:
// about one in 1,300.
namespace idea::inventory {
namespace {

using bench::Must;
using std::chrono::steady_clock;

constexpr int kRate = 1000;
constexpr int kPaced = 5 * kRate;
constexpr int kHurried = 5000;
constexpr std::chrono::seconds kReference{2};

// A replica of the register on its own database.
class Register {
 public:
  explicit Register(const std::string& address)
      : database_(*storage::Open(address)),
        key_(*transparency::LogKey::Load(key_file_.path(), "idea.bench/log")),
        harness_(env_, key_, *database_) {}

  // Records the first `count` agreements.
  void Record(int count) {
    std::atomic<int> next = 0;
    InParallel([&] {
      for (int i = next++; i < count; i = next++) Must(harness_.Record(Bucp(i)));
    });
  }

  // Files `count` agreements from `first` on. Returns the time of each from its arrival to its receipt in
  // milliseconds. `rate`: arrivals per second; 0: one whenever a worker is free.
  std::vector<double> File(int first, int count, int rate) {
    std::vector<double> times(static_cast<size_t>(count));
    std::atomic<int> next = 0;
    const auto began = steady_clock::now();
    InParallel([&] {
      for (int i = next++; i < count; i = next++) {
        const auto arrival = rate == 0 ? steady_clock::now()
                                       : began + std::chrono::nanoseconds(std::chrono::seconds(1)) * i / rate;
        std::this_thread::sleep_until(arrival);
        auto filing = harness_.File(Bucp(first + i), ids::NewUuid());
        const auto spent = steady_clock::now() - arrival;
        Must(filing.status());
        times[static_cast<size_t>(i)] = std::chrono::duration<double, std::milli>(spent).count();
        const std::lock_guard lock(mutex_);
        receipts_.push_back(std::move(*filing->mutable_receipt()->mutable_leaf()));
      }
    });
    return times;
  }

  // Verifies that each receipt proves its leaf in the tree of its checkpoint, and that no two belong to one
  // leaf.
  void VerifyReceipts() const {
    std::vector<int64_t> places;
    for (const v1::LogLeaf& leaf : receipts_) {
      const auto checkpoint = transparency::OpenCheckpoint(leaf.checkpoint(), key_.verifier());
      Must(checkpoint.status());
      const std::vector<std::string> proof(leaf.inclusion_proof().begin(), leaf.inclusion_proof().end());
      if (!transparency::ProvesInclusion(transparency::LeafHash(leaf.entry()), leaf.leaf_index(),
                                         checkpoint->size, proof, checkpoint->root)) {
        Must(absl::DataLossError("a receipt proves nothing"));
      }
      places.push_back(leaf.leaf_index());
    }
    std::sort(places.begin(), places.end());
    for (size_t i = 0; i < places.size(); ++i) {
      if (places[i] != static_cast<int64_t>(i)) Must(absl::DataLossError("two receipts have the same leaf"));
    }
  }

 private:
  static std::string Bucp(int n) { return "bucps/" + std::to_string(n); }

  // The number of workers of a server for this database.
  void InParallel(const std::function<void()>& work) {
    std::vector<std::future<void>> workers;
    for (int i = 0; i < database_->Parallelism(); ++i) {
      workers.push_back(std::async(std::launch::async, work));
    }
  }

  const testing::LogKeyFile key_file_;
  const testing::TestEnv env_;
  std::unique_ptr<storage::Database> database_;
  const transparency::LogKey key_;
  FilingHarness harness_;
  std::mutex mutex_;
  std::vector<v1::LogLeaf> receipts_;
};

// The number of times per second that `commit` can be done.
template <class Commit>
double PerSecond(Commit commit) {
  const auto began = steady_clock::now();
  int done = 0;
  for (; steady_clock::now() - began < kReference; ++done) commit(done);
  return done / std::chrono::duration<double>(steady_clock::now() - began).count();
}

double SqliteCommits(const std::string& path) {
  sqlite3* db = nullptr;
  const auto run = [&](const std::string& sql) {
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
    Must(absl::InternalError(sqlite3_errmsg(db)));
  };
  if (sqlite3_open((path + ".reference").c_str(), &db) != SQLITE_OK) Must(absl::InternalError("no file"));
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER)");
  const double rate = PerSecond([&](int n) { run("INSERT INTO t VALUES (" + std::to_string(n) + ")"); });
  sqlite3_close(db);
  return rate;
}

double PostgresCommits(const std::string& address) {
  pqxx::connection connection(address);
  pqxx::nontransaction session(connection);
  session.exec("CREATE TABLE reference (n BIGINT)");
  return PerSecond([&](int n) { session.exec("INSERT INTO reference VALUES (" + std::to_string(n) + ")"); });
}

// The meaning of a commit there.
std::string PostgresSettings(const std::string& address) {
  pqxx::connection connection(address);
  pqxx::nontransaction session(connection);
  std::string settings;
  for (const char* name : {"fsync", "synchronous_commit", "full_page_writes", "shared_buffers"}) {
    settings += std::string("  ") + name + " = " + session.exec(std::string("SHOW ") + name)[0][0].c_str();
  }
  return settings;
}

constexpr char kSqlite[] = "sqlite:";

bool IsSqlite(const std::string& address) { return address.starts_with(kSqlite); }

double Commits(const std::string& address) {
  return IsSqlite(address) ? SqliteCommits(address.substr(std::string(kSqlite).size()))
                           : PostgresCommits(address);
}

void Run(const std::string& address) {
  Register inventory(address);
  inventory.Record(kPaced + kHurried);
  const double reference = Commits(address);
  std::vector<double> times = inventory.File(0, kPaced, kRate);
  std::sort(times.begin(), times.end());
  const auto began = steady_clock::now();
  inventory.File(kPaced, kHurried, 0);
  const double most = kHurried / std::chrono::duration<double>(steady_clock::now() - began).count();
  inventory.VerifyReceipts();
  const std::string engine = address.substr(0, address.find(':'));
  std::printf("%-12s %10d %10.1f %10.1f %10.1f %12.0f %14.0f\n", engine.c_str(), kRate,
              times[times.size() / 2], times[times.size() * 99 / 100], times.back(), most, reference);
  if (!IsSqlite(address)) std::printf("%s\n", PostgresSettings(address).c_str());
}

}  // namespace
}  // namespace idea::inventory

// Each argument is the address of an empty database.
int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::printf("Filings to a provable receipt, milliseconds\n%-12s %10s %10s %10s %10s %12s %14s\n", "",
              "arrive/s", "median", "p99", "longest", "most/s", "raw commits/s");
  for (int i = 1; i < argc; ++i) idea::inventory::Run(argv[i]);
  return 0;
}
