#include "common/storage/postgres_transaction.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <pqxx/pqxx>
#include <utility>

#include "common/status/status.h"
#include "common/storage/attempts.h"

namespace idea::storage {
namespace {

// The ids of built-in types: select oid, typname from pg_type.
enum Type : pqxx::oid { kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kNumeric = 1700 };

Value Number(const pqxx::field& field) {
  int64_t number = 0;
  const char* end = field.c_str() + field.size();
  const auto parsed = std::from_chars(field.c_str(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return number;
  return std::string(field.c_str(), field.size());
}

Value ReadColumn(const pqxx::field& field) {
  if (field.is_null()) return std::monostate();
  switch (field.type()) {
    case kBool:
      return int64_t{field.c_str()[0] == 't'};
    case kInt2:
    case kInt4:
    case kInt8:
    case kNumeric:  // the type of SUM over numbers
      return Number(field);
    case kBytea:
      return Blob{pqxx::binarystring(field).str()};
    default:
      return std::string(field.c_str(), field.size());
  }
}

Row ReadRow(const pqxx::row& row) {
  std::vector<Value> columns;
  columns.reserve(row.size());
  for (const pqxx::field field : row) columns.push_back(ReadColumn(field));
  return Row(std::move(columns));
}

// The server refuses an unprepared statement with a wrong number of arguments with 08P01, which poolers use
// for lost connections.
absl::Status CheckCount(std::string_view sql, const Args& args) {
  size_t parameters = 0;
  for (size_t at = sql.find('$'); at != std::string_view::npos; at = sql.find('$', at + 1)) {
    size_t number = 0;
    std::from_chars(sql.data() + at + 1, sql.data() + sql.size(), number);
    parameters = std::max(parameters, number);
  }
  if (parameters == args.size()) return absl::OkStatus();
  return absl::InternalError("a statement with " + std::to_string(parameters) + " parameters was given " +
                             std::to_string(args.size()) + " arguments");
}

}  // namespace

absl::Status PostgresTransaction::Watch(const std::function<absl::Status()>& work) {
  if (failure_.ok()) failure_ = work();
  return failure_;
}

absl::Status PostgresTransaction::ExecuteDeferred(std::string_view sql, const Args& args,
                                                  const RowCheck& check) {
  const RowCheck judge = [check](const absl::StatusOr<int64_t>& changed) { return Judge(changed, check); };
  return Watch([&] {
    if (args.empty()) return judge(Execute(sql, args));
    pqxx::result ignored;
    return connection_.pooled() ? SendAlone(sql, args, judge, ignored) : KeepBack(sql, args, judge);
  });
}

absl::Status PostgresTransaction::KeepBack(std::string_view sql, const Args& args, RowCheck check) {
  RETURN_IF_ERROR(CheckArgs(args));
  // Preparing it needs a separate message, and it may depend on the statements kept back.
  if (!connection_.Knows(sql)) RETURN_IF_ERROR(Flush());
  return connection_.Guard([&] { kept_.push_back({connection_.CommandOf(sql, args), std::move(check)}); });
}

absl::Status PostgresTransaction::SendAlone(std::string_view sql, const Args& args, RowCheck check,
                                            pqxx::result& answer) {
  RETURN_IF_ERROR(CheckArgs(args));
  RETURN_IF_ERROR(CheckCount(sql, args));
  RETURN_IF_ERROR(Flush());
  return Hear(
      {.command = {}, .check = std::move(check)}, [&] { return connection_.Run(session_, sql, args); },
      answer);
}

absl::Status PostgresTransaction::Flush() {
  pqxx::result ignored;
  return Send(ignored);
}

absl::Status PostgresTransaction::Send(pqxx::result& last) {
  std::vector<Kept> kept = std::exchange(kept_, {});
  if (kept.size() > 1) return SendTogether(kept, last);
  const Kept alone = kept.empty() ? Kept() : std::move(kept.front());
  const std::string commands = std::exchange(ahead_, "") + alone.command;
  if (commands.empty()) return absl::OkStatus();
  return Hear(
      alone, [&] { return session_.exec(commands); }, last);
}

// A text of several commands has one answer, from the last of them; commands in a pipeline have one each. A
// pipeline sends a query before them, after which it is too late to begin a transaction.
absl::Status PostgresTransaction::SendTogether(const std::vector<Kept>& kept, pqxx::result& last) {
  if (!ahead_.empty()) {
    RETURN_IF_ERROR(connection_.Guard([&] { session_.exec(std::exchange(ahead_, "")); }));
  }
  std::optional<pqxx::pipeline> pipeline;
  std::vector<pqxx::pipeline::query_id> ids;
  RETURN_IF_ERROR(connection_.Guard([&] {
    pipeline.emplace(session_);
    pipeline->retain(static_cast<int>(kept.size()));
    for (const Kept& one : kept) ids.push_back(pipeline->insert(one.command));
  }));
  for (size_t i = 0; i < kept.size(); ++i) {
    const absl::Status status = Hear(
        kept[i], [&] { return pipeline->retrieve(ids[i]); }, last);
    if (status.ok()) continue;
    connection_.Guard([&] { pipeline->flush(); }).IgnoreError();
    return status;
  }
  return absl::OkStatus();
}

absl::Status PostgresTransaction::Hear(const Kept& kept, const std::function<pqxx::result()>& ask,
                                       pqxx::result& answer) {
  absl::StatusOr<int64_t> changed = 0;
  const absl::Status heard = connection_.Guard([&] {
    answer = ask();
    changed = static_cast<int64_t>(answer.affected_rows());
  });
  if (!heard.ok()) changed = heard;
  return kept.check ? kept.check(changed) : changed.status();
}

absl::Status PostgresTransaction::RunPrepared(std::string_view sql, const Args& args, pqxx::result& answer) {
  if (connection_.pooled()) return SendAlone(sql, args, nullptr, answer);
  if (kept_.empty() && ahead_.empty()) {
    RETURN_IF_ERROR(CheckArgs(args));
    return connection_.Guard([&] { answer = connection_.Run(session_, sql, args); });
  }
  RETURN_IF_ERROR(KeepBack(sql, args, nullptr));
  return Send(answer);
}

// Schema changes have no arguments and cannot be prepared.
absl::Status PostgresTransaction::RunText(std::string_view sql, pqxx::result& answer) {
  RETURN_IF_ERROR(Flush());
  return connection_.Guard([&] { answer = session_.exec_params(std::string(sql)); });
}

absl::StatusOr<pqxx::result> PostgresTransaction::Run(std::string_view sql, const Args& args) {
  pqxx::result answer;
  RETURN_IF_ERROR(
      Watch([&] { return args.empty() ? RunText(sql, answer) : RunPrepared(sql, args, answer); }));
  return answer;
}

absl::StatusOr<Rows> PostgresTransaction::Query(std::string_view sql, const Args& args) {
  ASSIGN_OR_RETURN(const pqxx::result result, Run(sql, args));
  Rows rows;
  rows.reserve(result.size());
  for (const pqxx::row row : result) rows.push_back(ReadRow(row));
  return rows;
}

absl::StatusOr<int64_t> PostgresTransaction::Execute(std::string_view sql, const Args& args) {
  ASSIGN_OR_RETURN(const pqxx::result result, Run(sql, args));
  return static_cast<int64_t>(result.affected_rows());
}

// The file number of a table differs if the table was created or filled again. The first eight digits of the
// name of a segment are the timeline.
absl::StatusOr<Location> PostgresTransaction::FindLocation() {
  pqxx::result answer;
  Location found;
  RETURN_IF_ERROR(Watch([&]() -> absl::Status {
    RETURN_IF_ERROR(RunPrepared(
        "SELECT concat_ws('.', (SELECT system_identifier FROM pg_control_system()), (SELECT oid FROM "
        "pg_database WHERE datname = current_database()), "
        "pg_relation_filenode(to_regclass('schema_migrations'))), "
        "left(pg_walfile_name(pg_current_wal_lsn()), 8)",
        {}, answer));
    return connection_.Guard([&] {
      found = {answer[0][0].as<std::string>(), answer[0][1].as<std::string>()};
    });
  }));
  return found;
}

absl::Status PostgresTransaction::LiftTimeouts() {
  connection_.LiftTimeouts();
  RETURN_IF_ERROR(Execute("SET LOCAL statement_timeout = 0", {}).status());
  return Execute("SET LOCAL lock_timeout = 0", {}).status();
}

absl::Status PostgresTransaction::End(const absl::Status& body) {
  // The body has received it, and may have replaced it.
  if (!failure_.ok()) return body.ok() ? failure_ : body;
  if (!kept_.empty()) RETURN_IF_ERROR(Watch([&] { return Flush(); }));
  return body;
}

}  // namespace idea::storage
