#include "common/events/dead_letter_store.h"

#include <utility>

#include "common/events/handover_store.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "common/status/trailer_limit.h"

namespace idea::events {
namespace {

using operations::v1::DeadLetter;

// The maximum length of an error, in bytes.
constexpr size_t kMaxErrorText = 500;

constexpr char kColumns[] =
    "position, target, line, state, failures, reason, text, time, next_try, event_id, type, subject, bucp";

// The events that are set aside, joined with the log.
std::string Letters(storage::Engine engine) {
  const std::string log = engine == storage::Engine::kSqlite
                              ? "LEFT JOIN events e ON e.seq = h.position"
                              : "LEFT JOIN event_positions p ON p.position = h.position "
                                "LEFT JOIN events e ON e.seq = p.seq";
  return "(SELECT h.position AS position, h.target AS target, h.line AS line, h.state AS state, "
         "h.failures AS failures, h.reason AS reason, h.text AS text, h.time AS time, "
         "h.next_try AS next_try, COALESCE(e.event_id, '') AS event_id, COALESCE(e.type, '') AS type, "
         "COALESCE(e.subject, '') AS subject, COALESCE(e.bucp, '') AS bucp FROM handovers h " +
         log + " WHERE h.state <> " + std::to_string(kFinished) + ") letters";
}

// `service`: "services/{service}".
DeadLetter LetterOf(const std::string& service, const storage::Row& row) {
  DeadLetter letter;
  letter.set_name(ids::kDeadLetters.Name(service, row.Text(1) + "." + row.Text(9)));
  letter.set_target(row.Text(1));
  letter.set_event_id(row.Text(9));
  letter.set_event_type(row.Text(10));
  letter.set_subject(row.Text(11));
  letter.set_bucp(row.Text(12));
  letter.set_state(row.Int(3) == kFailed ? DeadLetter::STATE_FAILED : DeadLetter::STATE_WAITING);
  *letter.mutable_create_time() = clock::ToProto(row.Int(7));
  letter.set_attempts(static_cast<int32_t>(row.Int(4)));
  letter.set_reason(row.Text(5));
  letter.set_error(status::ToUtf8(row.Text(6).substr(0, kMaxErrorText)));
  if (row.Int(8) > 0) *letter.mutable_next_try_time() = clock::ToProto(row.Int(8));
  return letter;
}

}  // namespace

absl::StatusOr<operations::v1::ListDeadLettersResponse> ListDeadLetters(
    storage::Transaction& db, const operations::v1::ListDeadLettersRequest& request) {
  static const listing::Spec spec = {{}, "position", false, "target", false};
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(spec, request, "($1 = '' OR bucp = $1)", {request.bucp()}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(std::string("SELECT ") + kColumns + " FROM " +
                                                    Letters(db.engine()) + " WHERE " + page.where + page.tail,
                                                page.args));
  operations::v1::ListDeadLettersResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) *response.add_dead_letters() = LetterOf(request.parent(), row);
  return response;
}

absl::StatusOr<DeadLetter> FindDeadLetter(storage::Transaction& db, const std::string& name) {
  const std::string id = ids::kDeadLetters.IdIn(name);
  const size_t dot = id.find('.');
  if (dot != std::string::npos) {
    ASSIGN_OR_RETURN(const auto row,
                     db.QueryOne(std::string("SELECT ") + kColumns + " FROM " + Letters(db.engine()) +
                                     " WHERE target = $1 AND event_id = $2",
                                 {id.substr(0, dot), id.substr(dot + 1)}));
    if (row) return LetterOf(ids::Parent(name), *row);
  }
  return status::Error(status::Reason::ERROR_REASON_NOT_FOUND,
                       "the dead letter does not exist; it may have been delivered")
      .With("name", name);
}

absl::Status RetryDeadLetter(storage::Transaction& db, const DeadLetter& letter, clock::Micros now) {
  return RetryAside(db, letter.target(), letter.bucp().empty() ? letter.subject() : letter.bucp(), now)
      .status();
}

}  // namespace idea::events
