#include <sqlite3.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "google/protobuf/any.pb.h"
#include "tests/bench/raw_server.h"

// The least that a durable service with the same libraries can do, as a reference of scripts/bench.sh. It has
// the paths of etcd, so that the same client calls both: Range answers a constant of a given size from
// memory. Put inserts or replaces a row, adds a row to an audit table and answers after the commit.
namespace idea::bench {
namespace {

struct PendingPut {
  std::string key, value;
  grpc::ServerUnaryReactor* reactor;
};

// Puts that wait for a writer.
class PutQueue {
 public:
  void Add(PendingPut put) {
    {
      const std::lock_guard lock(mutex_);
      puts_.push_back(std::move(put));
    }
    added_.notify_one();
  }
  // Waits for puts and takes at most `most` of them. None: the queue is closed.
  std::vector<PendingPut> Pop(size_t most) {
    std::unique_lock lock(mutex_);
    added_.wait(lock, [&] { return closed_ || !puts_.empty(); });
    std::vector<PendingPut> taken;
    for (; taken.size() < most && !puts_.empty(); puts_.pop_front())
      taken.push_back(std::move(puts_.front()));
    return taken;
  }
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    added_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<PendingPut> puts_;
  bool closed_ = false;
};

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "reference_server: %s\n", why.c_str());
  std::exit(1);
}

// One thread commits all puts that wait, in one transaction that reaches the disk.
class SqliteWriter {
 public:
  SqliteWriter(const std::string& path, PutQueue& queue) : queue_(queue) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) Fail("cannot open " + path);
    Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE IF NOT EXISTS puts (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, key TEXT NOT NULL, size INTEGER NOT "
        "NULL)");
    put_ = Prepare("INSERT INTO puts VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    audit_ = Prepare("INSERT INTO audit (key, size) VALUES (?1, ?2)");
    thread_ = std::thread([this] { Write(); });
  }
  ~SqliteWriter() {
    queue_.Close();
    thread_.join();
    sqlite3_finalize(put_);
    sqlite3_finalize(audit_);
    sqlite3_close(db_);
  }
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

 private:
  void Run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) Fail(sqlite3_errmsg(db_));
  }
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) Fail(sqlite3_errmsg(db_));
    return statement;
  }
  void Step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) Fail(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }
  void Write() {
    for (auto puts = queue_.Pop(256); !puts.empty(); puts = queue_.Pop(256)) {
      Run("BEGIN IMMEDIATE");
      for (const PendingPut& put : puts) {
        for (sqlite3_stmt* statement : {put_, audit_})
          sqlite3_bind_text(statement, 1, put.key.data(), static_cast<int>(put.key.size()), SQLITE_STATIC);
        sqlite3_bind_blob(put_, 2, put.value.data(), static_cast<int>(put.value.size()), SQLITE_STATIC);
        sqlite3_bind_int64(audit_, 2, static_cast<sqlite3_int64>(put.value.size()));
        Step(put_);
        Step(audit_);
      }
      Run("COMMIT");
      for (const PendingPut& put : puts) put.reactor->Finish(grpc::Status::OK);
    }
  }

  PutQueue& queue_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* audit_ = nullptr;
  std::thread thread_;
};

// Eight connections, each of which commits one put in one round trip.
class PostgresWriter {
 public:
  PostgresWriter(const std::string& url, PutQueue& queue) : queue_(queue) {
    pqxx::connection connection(url);
    pqxx::work setup(connection);
    setup.exec("DROP TABLE IF EXISTS puts, audit");
    setup.exec("CREATE TABLE puts (key TEXT PRIMARY KEY, value BYTEA NOT NULL)");
    setup.exec("CREATE TABLE audit (number BIGSERIAL PRIMARY KEY, key TEXT NOT NULL, size BIGINT NOT NULL)");
    setup.commit();
    for (int i = 0; i < 8; ++i) threads_.emplace_back([this, url] { Write(url); });
  }
  ~PostgresWriter() {
    queue_.Close();
    for (std::thread& thread : threads_) thread.join();
  }
  PostgresWriter(const PostgresWriter&) = delete;
  PostgresWriter& operator=(const PostgresWriter&) = delete;

 private:
  void Write(const std::string& url) {
    pqxx::connection connection(url);
    connection.prepare(
        "put",
        "WITH put AS (INSERT INTO puts VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = "
        "excluded.value) INSERT INTO audit (key, size) VALUES ($1, $3)");
    for (auto puts = queue_.Pop(1); !puts.empty(); puts = queue_.Pop(1)) {
      const PendingPut& put = puts.front();
      pqxx::nontransaction session(connection);
      session.exec_prepared("put", put.key, pqxx::binarystring(put.value), put.value.size());
      put.reactor->Finish(grpc::Status::OK);
    }
  }

  PutQueue& queue_;
  std::vector<std::thread> threads_;
};

// etcd's PutRequest begins like an Any: a text and bytes.
RawMethod QueuePut(PutQueue& queue) {
  return [&queue](const grpc::ByteBuffer& in, grpc::ByteBuffer& out, grpc::ServerUnaryReactor& reactor) {
    std::string bytes;
    rpc::AppendBytes(in, bytes);
    google::protobuf::Any put;
    if (!put.ParseFromString(bytes)) return reactor.Finish({grpc::StatusCode::INVALID_ARGUMENT, "no put"});
    out = rpc::FromBytes("");
    queue.Add({std::move(*put.mutable_type_url()), std::move(*put.mutable_value()), &reactor});
  };
}

void Serve(const std::string& certificates, size_t size, const std::string& database) {
  constexpr std::string_view kSqlite = "sqlite:";
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  PutQueue queue;
  std::unique_ptr<SqliteWriter> sqlite;
  std::unique_ptr<PostgresWriter> postgres;
  if (database.starts_with(kSqlite)) {
    sqlite = std::make_unique<SqliteWriter>(database.substr(kSqlite.size()), queue);
  } else {
    postgres = std::make_unique<PostgresWriter>(database, queue);
  }
  const RawServer server(certificates, {{"/etcdserverpb.KV/Range", Constant(std::string(size, 'x'))},
                                        {"/etcdserverpb.KV/Put", QueuePut(queue)}});
  std::printf("%s\n", server.address().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
}

}  // namespace
}  // namespace idea::bench

// usage: reference_server <folder of a certificate> <bytes of an answer of Range> <sqlite:FILE |
// postgresql://...> Prints its address, and serves until SIGTERM.
int main(int argc, char** argv) {
  if (argc != 4) return 2;
  idea::bench::Serve(argv[1], std::strtoul(argv[2], nullptr, 10), argv[3]);
  return 0;
}
