#include "common/storage/postgres_connection.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <pqxx/pqxx>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/attempts.h"

namespace idea::storage {
namespace {

constexpr size_t kStatementsKept = 256;
// The statement timeout of the server expires first and keeps the connection.
constexpr std::chrono::milliseconds kAnswerMargin{1000};

constexpr std::string_view kReadOnly = "25006";
constexpr std::string_view kInsufficientPrivilege = "42501";

// Failures after which the connection cannot be used: the server ended the session, cannot write any more (it
// was demoted or made read-only), or considers our prepared statements outdated. Without an SQLSTATE, the
// connection itself failed.
bool EndsConnection(std::string_view sqlstate) {
  constexpr std::array<std::string_view, 3> kStates = {kReadOnly, "0A000", "25P03"};
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P0") ||
         std::find(kStates.begin(), kStates.end(), sqlstate) != kStates.end();
}

absl::Status StatusOf(const pqxx::sql_error& failure) {
  const std::string words = failure.what();
  const std::string& code = failure.sqlstate();
  // A violated unique key, or the name of a table or type that another transaction creates at the same
  // moment.
  if (code == "23505" || code == "42P07" || code == "42710") return absl::AlreadyExistsError(words);
  // A lock that was not available within the timeout: 55P03.
  if (code == "55P03") return Unavailable(words);
  for (const char* outage : {"53", "57", "58"}) {
    if (code.starts_with(outage)) return Unavailable(words);
  }
  return absl::InternalError(code + " " + words);
}

// The time limits of the session: name and value in milliseconds.
std::array<std::pair<std::string, std::string>, 3> LimitsOf(const Timeouts& timeouts) {
  return {{{"statement_timeout", std::to_string(timeouts.statement.count())},
           {"lock_timeout", std::to_string(timeouts.lock.count())},
           {"idle_in_transaction_session_timeout", std::to_string(timeouts.idle_in_transaction.count())}}};
}

std::string Hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex = "\\x";
  hex.reserve(2 + 2 * bytes.size());
  for (const char byte : bytes) {
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return hex;
}

// Parameters in the text format of the server. A null pointer is NULL.
class Texts {
 public:
  explicit Texts(const Args& args) {
    own_.reserve(args.size());
    for (const Value& value : args) Add(value);
  }
  const std::vector<const char*>& pointers() const { return pointers_; }

 private:
  void Add(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return pointers_.push_back(text->c_str());
    if (const auto* number = std::get_if<int64_t>(&value)) return Keep(std::to_string(*number));
    if (const auto* blob = std::get_if<Blob>(&value)) return Keep(Hex(blob->bytes));
    pointers_.push_back(nullptr);
  }
  void Keep(std::string text) { pointers_.push_back(own_.emplace_back(std::move(text)).c_str()); }

  std::vector<std::string> own_;
  std::vector<const char*> pointers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& address,
                                                                             const Timeouts& timeouts,
                                                                             SocketWatch& watch) {
  if (watch.ended()) return Unavailable("the process is stopping");
  std::unique_ptr<PostgresConnection> connection;
  const absl::Status status = status::Catch([&]() -> absl::Status {
    connection.reset(new PostgresConnection(address, timeouts, watch));
    return connection->Guard([&] { connection->MakeReady(); });
  });
  if (status.ok()) return connection;
  const std::string cause = CauseOf(status);
  return Unavailable(cause.empty() ? std::string(status.message()) : cause);
}

PostgresConnection::PostgresConnection(const std::string& address, const Timeouts& timeouts,
                                       SocketWatch& watch)
    : timeouts_(timeouts), connection_(address), notices_(connection_) {
  socket_.emplace(watch, connection_.sock());
  RestoreTimeouts();
}

void PostgresConnection::RestoreTimeouts() {
  answer_limit_ = timeouts_.statement + kAnswerMargin;
  if (timeouts_.statement == std::chrono::milliseconds::zero()) LiftTimeouts();
}

bool PostgresConnection::NoticeLog::operator()(const char text[]) noexcept {
  std::string_view line(text);
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  // Notices such as "relation ... already exists" are ignored; warnings are logged.
  const bool warning = line.starts_with("WARNING");
  status::Catch([&] {
    log::Line(warning ? log::Level::kWarn : log::Level::kDebug, "postgresql").With("text", line);
    return absl::OkStatus();
  }).IgnoreError();
  return false;
}

void PostgresConnection::MakeReady() {
  // Otherwise it would reconnect in the middle of a transaction and continue without one. Deprecated, because
  // the next release never does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  pqxx::nontransaction session(connection_);
  std::string settings;
  for (const auto& [name, value] : LimitsOf(timeouts_))
    settings += ", set_config('" + name + "', '" + value + "', false)";
  // The session belongs to this connection only if its process is the one that the connection was opened
  // with.
  const pqxx::result found = session.exec(
      "SELECT to_regtype('blob') IS NULL, pooled, asynchronous, CASE WHEN NOT pooled THEN (SELECT "
      "concat(CASE WHEN asynchronous THEN set_config('synchronous_commit', 'on', false) END" +
      settings + ")) END FROM (SELECT pg_backend_pid() <> " + std::to_string(connection_.backendpid()) +
      " AS pooled, current_setting('synchronous_commit') = 'off' AS asynchronous) AS found");
  pooled_ = found[0][1].as<bool>();
  if (pooled_) NotePooler(found[0][2].as<bool>());
  if (!found[0][0].as<bool>()) return;
  session.exec(
      "DO $$ BEGIN CREATE DOMAIN blob AS bytea; "
      "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
}

void PostgresConnection::NotePooler(bool asynchronous) {
  for (const auto& [name, value] : LimitsOf(timeouts_))
    local_settings_ += "SET LOCAL " + name + " = " + value + ";";
  if (asynchronous) local_settings_ += "SET LOCAL synchronous_commit = on;";
  static std::once_flag logged;
  std::call_once(logged, [] {
    log::Line(log::Level::kInfo,
              "PostgreSQL is reached through a pooler: statements are not prepared, and each transaction "
              "sets its time limits");
  });
}

absl::Status PostgresConnection::Lost(std::string_view words) {
  lost_ = true;
  return unanswered() ? Unavailable("no answer in time: " + std::string(words)) : Conflict(words);
}

absl::Status PostgresConnection::Guard(const std::function<void()>& work) {
  socket_->Begin(answer_limit_);
  struct Answered {
    ~Answered() { socket.End(); }
    SocketWatch::Socket& socket;
  } answered{*socket_};
  try {
    work();
    return absl::OkStatus();
  } catch (const pqxx::broken_connection& failure) {
    // Also a protocol violation on an open connection, which cannot be trusted any more.
    return Lost(failure.what());
  } catch (const pqxx::transaction_rollback& failure) {
    return connection_.is_open() ? Conflict(failure.what()) : Lost(failure.what());
  } catch (const pqxx::insufficient_privilege& failure) {
    // A right of the role was revoked. The library gives it no SQLSTATE.
    return Unavailable(std::string(kInsufficientPrivilege) + " " + failure.what());
  } catch (const pqxx::sql_error& failure) {
    const bool refused_write = reading_ && failure.sqlstate() == kReadOnly;
    if (!connection_.is_open() || (EndsConnection(failure.sqlstate()) && !refused_write))
      return Lost(failure.what());
    return StatusOf(failure);
  } catch (const std::exception& failure) {
    if (!connection_.is_open()) return Lost(failure.what());
    // The library stopped during an exchange with the server.
    lost_ = true;
    return absl::InternalError(failure.what());
  }
}

absl::Status PostgresConnection::Commit(pqxx::transaction_base& session, const std::string& last) {
  const absl::Status status = Guard([&] { session.exec(last + "COMMIT"); });
  return lost() ? Unavailable(std::string(status.message())) : status;
}

void PostgresConnection::Rollback(pqxx::transaction_base& session) {
  if (!Guard([&] { session.exec("ROLLBACK"); }).ok()) lost_ = true;
}

const std::string& PostgresConnection::Prepare(std::string_view sql) {
  std::string text(sql);
  if (auto found = names_.find(text); found != names_.end()) return found->second;
  if (names_.size() >= kStatementsKept) {
    for (const auto& [statement, name] : names_) connection_.unprepare(name);
    names_.clear();
  }
  const std::string name = "s" + std::to_string(names_.size());
  connection_.prepare(name, text);
  try {
    connection_.prepare_now(name);
  } catch (...) {
    connection_.unprepare(name);
    throw;
  }
  return names_.emplace(std::move(text), name).first->second;
}

pqxx::result PostgresConnection::Run(pqxx::transaction_base& session, std::string_view sql,
                                     const Args& args) {
  const Texts texts(args);
  if (pooled_) {
    return session.exec_params(std::string(sql), pqxx::prepare::make_dynamic_params(texts.pointers()));
  }
  return session.exec_prepared(Prepare(sql), pqxx::prepare::make_dynamic_params(texts.pointers()));
}

std::string PostgresConnection::CommandOf(std::string_view sql, const Args& args) {
  std::string command = "EXECUTE " + Prepare(sql);
  for (size_t i = 0; i < args.size(); ++i) command += (i == 0 ? " (" : ", ") + Literal(args[i]);
  return args.empty() ? command : command + ")";
}

std::string PostgresConnection::Literal(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return connection_.quote(*text);
  if (const auto* number = std::get_if<int64_t>(&value)) return "'" + std::to_string(*number) + "'";
  if (const auto* blob = std::get_if<Blob>(&value)) {
    return connection_.quote_raw(reinterpret_cast<const unsigned char*>(blob->bytes.data()),
                                 blob->bytes.size());
  }
  return "NULL";
}

bool DropIfLost(Pool<PostgresConnection>& connections, Pool<PostgresConnection>::Lease& lease) {
  if (!lease->lost()) return false;
  if (lease->unanswered()) {
    connections.Drop(lease, Unavailable("the server does not answer"));
  } else {
    connections.Drop(lease);
  }
  return true;
}

}  // namespace idea::storage
