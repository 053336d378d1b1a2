#include "common/storage/postgres_connection.h"

#include <charconv>
#include <pqxx/pqxx>
#include <vector>

#include "common/status/status.h"
#include "common/storage/attempts.h"

namespace idea::storage {
namespace {

constexpr size_t kStatementsKept = 256;

absl::Status StatusOf(const pqxx::sql_error& failure) {
  const std::string words = failure.what();
  const std::string& code = failure.sqlstate();
  // A key that is taken, or the name of a table or type that another one makes at the same moment.
  if (code == "23505" || code == "42P07" || code == "42710") return absl::AlreadyExistsError(words);
  if (code == "55P03") return Conflict(words);
  for (const char* outage : {"53", "57", "58"}) {
    if (code.starts_with(outage)) return Unavailable(words);
  }
  return absl::InternalError(code + " " + words);
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

// Parameters in the server's text form. A null pointer is NULL.
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

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& address) {
  try {
    std::unique_ptr<PostgresConnection> connection(new PostgresConnection(address));
    connection->MakeReady();
    return connection;
  } catch (const std::exception& failure) {
    return Unavailable(failure.what());
  }
}

void PostgresConnection::MakeReady() {
  // Otherwise it connects again in the middle of a transaction and goes on without one. Deprecated, for its
  // next release never does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  pqxx::nontransaction session(connection_);
  const pqxx::result found = session.exec(
      "SELECT to_regtype('blob') IS NULL, CASE WHEN current_setting('synchronous_commit') = 'off' "
      "THEN set_config('synchronous_commit', 'on', false) END");
  if (!found[0][0].as<bool>()) return;
  session.exec(
      "DO $$ BEGIN CREATE DOMAIN blob AS bytea; "
      "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
}

absl::Status PostgresConnection::Lost(std::string_view words) {
  lost_ = true;
  return Conflict(words);
}

absl::Status PostgresConnection::Guard(const std::function<void()>& work) {
  try {
    work();
    return absl::OkStatus();
  } catch (const pqxx::broken_connection& failure) {
    // Thrown also for a wrong number of parameters, which the server calls a violation of the protocol.
    return connection_.is_open() ? absl::InternalError(failure.what()) : Lost(failure.what());
  } catch (const pqxx::transaction_rollback& failure) {
    return Conflict(failure.what());
  } catch (const pqxx::sql_error& failure) {
    if (!connection_.is_open() || failure.sqlstate().starts_with("57P0")) return Lost(failure.what());
    return StatusOf(failure);
  } catch (const std::exception& failure) {
    if (!connection_.is_open()) return Lost(failure.what());
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

}  // namespace idea::storage
