#include "common/events/events.h"

#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using storage::Blob, storage::Engine, storage::Value;

absl::StatusOr<std::vector<LoggedEvent>> ToLogged(const storage::Rows& rows) {
  std::vector<LoggedEvent> out;
  for (const storage::Row& row : rows) {
    LoggedEvent& logged = out.emplace_back();
    logged.position = row.Int(0);
    if (!logged.event.ParseFromString(row.Bytes(1)))
      return absl::DataLossError("an event in the log does not parse");
  }
  return out;
}

// Position and `column` of the events after $1 in order, of the BUCP $2 if `of_bucp`. On PostgreSQL the limit
// is part of the text, and the column is looked up per event, so that the planner uses the index whatever it
// assumes about the size of the log.
std::string PageSql(Engine engine, std::string_view column, bool of_bucp, int limit) {
  const std::string page = " ORDER BY 1 LIMIT " + std::to_string(limit);
  if (engine == Engine::kSqlite) {
    return "SELECT seq, " + std::string(column) + " FROM events WHERE seq > $1" +
           (of_bucp ? " AND bucp = $2" : "") + page;
  }
  return "SELECT position, (SELECT " + std::string(column) +
         " FROM events WHERE events.seq = placed.seq) "
         "FROM event_positions placed WHERE position > $1" +
         (of_bucp ? " AND bucp = $2 AND bucp <> ''" : "") + page;
}

Value TextOrNull(const std::string* text) { return text == nullptr ? Value() : Value(*text); }

}  // namespace

EventRecorder::EventRecorder(clock::Micros now, common::v1::Actor actor, std::string request_id,
                             std::string traceparent)
    : now_(now),
      actor_(std::move(actor)),
      request_id_(std::move(request_id)),
      traceparent_(std::move(traceparent)) {}

EventRecorder EventRecorder::ForService(std::string service, clock::Micros now, std::string request_id,
                                        std::string traceparent) {
  common::v1::Actor actor;
  actor.set_service(std::move(service));
  return {now, std::move(actor), std::move(request_id), std::move(traceparent)};
}

void EventRecorder::ActFor(const std::optional<common::v1::OnBehalf>& on_behalf) {
  actor_.clear_on_behalf();
  if (on_behalf) *actor_.mutable_on_behalf() = *on_behalf;
}

void EventRecorder::Record(const EventDraft& draft) {
  Event& event = events_.emplace_back();
  event.set_event_id(ids::NewUuid());
  event.set_type(std::string(draft.type));
  event.set_subject(draft.subject);
  event.set_bucp(draft.bucp);
  for (const std::string& entity : draft.audience) event.add_audience(entity);
  *event.mutable_time() = clock::ToProto(now_);
  *event.mutable_actor() = actor_;
  event.set_citation(std::string(draft.citation));
  event.set_summary(draft.summary);
  if (draft.data != nullptr) event.mutable_data()->PackFrom(*draft.data);
  event.set_request_id(request_id_);
  event.set_traceparent(traceparent_);
}

absl::Status Append(storage::Transaction& db, const std::vector<Event>& events, const Answer* answer) {
  // On PostgreSQL the column has a default, for readers of an earlier release.
  const bool sqlite = db.engine() == Engine::kSqlite;
  const std::string sql =
      std::string("INSERT INTO events (") + (sqlite ? "txid, " : "") +
      "event_id, type, subject, bucp, time, body, caller, request_id, request_digest, answer) "
      "VALUES (" +
      (sqlite ? "0, " : "") + "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
  for (const Event& event : events) {
    RETURN_IF_ERROR(db.ExecuteDeferred(
        sql,
        {event.event_id(), event.type(), event.subject(), event.bucp(), clock::FromProto(event.time()),
         Blob{event.SerializeAsString()}, TextOrNull(answer ? &answer->caller : nullptr),
         TextOrNull(answer ? &answer->request_id : nullptr),
         TextOrNull(answer ? &answer->request_digest : nullptr),
         answer ? Value(Blob{answer->answer}) : Value()},
        // The id of the event is new, so the violated key is the request id.
        storage::FailIfExists(absl::AbortedError("the request was answered in the meantime"))));
    answer = nullptr;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Answer>> FindAnswer(storage::Transaction& db, std::string_view caller,
                                                 std::string_view request_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT request_digest, answer FROM events WHERE caller = $1 AND request_id = $2",
                  {std::string(caller), std::string(request_id)}));
  if (!row) return std::optional<Answer>();
  return std::optional<Answer>({std::string(caller), std::string(request_id), row->Text(0), row->Bytes(1)});
}

absl::StatusOr<std::vector<LoggedEvent>> ReadAfter(storage::Transaction& db, int64_t position, int limit) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query(PageSql(db.engine(), "body", false, limit), {position}));
  return ToLogged(rows);
}

absl::StatusOr<std::vector<LoggedEvent>> ReadOf(storage::Transaction& db, const std::string& bucp,
                                                int64_t position, int limit) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query(PageSql(db.engine(), "body", true, limit), {position, bucp}));
  return ToLogged(rows);
}

absl::StatusOr<std::vector<EventRef>> ReadSubjectsAfter(storage::Transaction& db, int64_t position,
                                                        int limit) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query(PageSql(db.engine(), "subject", false, limit), {position}));
  std::vector<EventRef> mentions;
  for (const storage::Row& row : rows) mentions.push_back({row.Int(0), row.Text(1)});
  return mentions;
}

absl::StatusOr<std::vector<std::string>> ReadUnplacedSubjects(storage::Transaction& db) {
  std::vector<std::string> subjects;
  if (db.engine() == Engine::kSqlite) return subjects;
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT subject FROM unplaced_events JOIN events USING (seq) WHERE seq > $1", {int64_t{0}}));
  for (const storage::Row& row : rows) subjects.push_back(row.Text(0));
  return subjects;
}

}  // namespace idea::events
