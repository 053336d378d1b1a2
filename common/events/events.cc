#include "common/events/events.h"

#include <charconv>
#include <limits>

#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using storage::Blob, storage::Value;

absl::StatusOr<std::vector<Logged>> ToLogged(const storage::Rows& rows) {
  std::vector<Logged> out;
  for (const storage::Row& row : rows) {
    Logged& logged = out.emplace_back();
    logged.at = {row.Int(0), row.Int(1)};
    if (!logged.event.ParseFromString(row.Bytes(2)))
      return absl::DataLossError("an event in the log does not parse");
  }
  return out;
}

Value TextOrNull(const std::string* text) { return text == nullptr ? Value() : Value(*text); }

}  // namespace

std::string Position::ToToken() const { return std::to_string(txid) + "." + std::to_string(seq); }

std::optional<Position> Position::FromToken(std::string_view token) {
  Position at;
  const char* end = token.data() + token.size();
  const auto [dot, bad] = std::from_chars(token.data(), end, at.txid);
  if (bad != std::errc() || dot == end || *dot != '.') return std::nullopt;
  const auto [last, worse] = std::from_chars(dot + 1, end, at.seq);
  if (worse != std::errc() || last != end || at < Position{}) return std::nullopt;
  return at;
}

Scribe::Scribe(clock::Micros now, common::v1::Actor actor, std::string request_id, std::string traceparent)
    : now_(now),
      actor_(std::move(actor)),
      request_id_(std::move(request_id)),
      traceparent_(std::move(traceparent)) {}

void Scribe::Tell(const Happening& happening) {
  Event& event = told_.emplace_back();
  event.set_event_id(ids::NewUuid());
  event.set_type(std::string(happening.type));
  event.set_subject(happening.subject);
  event.set_bucp(happening.bucp);
  for (const std::string& entity : happening.audience) event.add_audience(entity);
  *event.mutable_time() = clock::ToProto(now_);
  *event.mutable_actor() = actor_;
  event.set_citation(std::string(happening.citation));
  event.set_summary(happening.summary);
  if (happening.data != nullptr) event.mutable_data()->PackFrom(*happening.data);
  event.set_request_id(request_id_);
  event.set_traceparent(traceparent_);
}

absl::Status Append(storage::Transaction& db, const std::vector<Event>& events, const Answer* answer) {
  ASSIGN_OR_RETURN(const int64_t txid, db.Id());
  for (const Event& event : events) {
    RETURN_IF_ERROR(db.Do(
        "INSERT INTO events (txid, event_id, type, subject, bucp, time, body, caller, request_id, "
        "request_digest, "
        "answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        {txid, event.event_id(), event.type(), event.subject(), event.bucp(), clock::FromProto(event.time()),
         Blob{event.SerializeAsString()}, TextOrNull(answer ? &answer->caller : nullptr),
         TextOrNull(answer ? &answer->request_id : nullptr),
         TextOrNull(answer ? &answer->request_digest : nullptr),
         answer ? Value(Blob{answer->answer}) : Value()},
        // The event's own id is fresh: what is taken is the request id.
        storage::IfTaken(absl::AbortedError("the request was answered meanwhile"))));
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

absl::StatusOr<std::vector<Logged>> ReadAfter(storage::Transaction& db, Position after, int limit) {
  ASSIGN_OR_RETURN(const int64_t horizon, db.Horizon());
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT txid, seq, body FROM events WHERE (txid, seq) > ($1, $2) AND txid < $3 "
                            "ORDER BY txid, seq LIMIT $4",
                            {after.txid, after.seq, horizon, int64_t{limit}}));
  return ToLogged(rows);
}

absl::StatusOr<std::vector<Logged>> ReadOf(storage::Transaction& db, const std::string& bucp, Position after,
                                           int limit) {
  ASSIGN_OR_RETURN(const int64_t horizon, db.Horizon());
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT txid, seq, body FROM events WHERE bucp = $1 AND (txid, seq) > ($2, $3) "
                            "AND txid < $4 ORDER BY txid, seq LIMIT $5",
                            {bucp, after.txid, after.seq, horizon, int64_t{limit}}));
  return ToLogged(rows);
}

absl::StatusOr<Position> End(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const int64_t horizon, db.Horizon());
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT txid, seq FROM events WHERE txid < $1 ORDER BY txid DESC, seq DESC LIMIT 1",
                  {horizon}));
  return row ? Position{row->Int(0), row->Int(1)} : Position();
}

std::string Frontier::ToToken() const {
  std::string token = after.ToToken();
  for (const int64_t seq : seen) token += "," + std::to_string(seq);
  return token;
}

std::optional<Frontier> Frontier::FromToken(std::string_view token) {
  size_t comma = token.find(',');
  const auto after = Position::FromToken(token.substr(0, comma));
  if (!after) return std::nullopt;
  Frontier frontier{*after, {}};
  while (comma != std::string_view::npos) {
    token.remove_prefix(comma + 1);
    comma = token.find(',');
    const std::string_view number = token.substr(0, comma);
    int64_t seq = 0;
    const auto [end, bad] = std::from_chars(number.data(), number.data() + number.size(), seq);
    if (bad != std::errc() || end != number.data() + number.size()) return std::nullopt;
    frontier.seen.insert(seq);
  }
  return frontier;
}

absl::StatusOr<std::vector<Mention>> ReadVisible(storage::Transaction& db, Frontier& frontier, int limit) {
  ASSIGN_OR_RETURN(const int64_t horizon, db.Horizon());
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT txid, seq, subject FROM events WHERE (txid, seq) > ($1, $2) "
                            "ORDER BY txid, seq LIMIT $3",
                            {frontier.after.txid, frontier.after.seq,
                             limit + static_cast<int64_t>(frontier.seen.size())}));
  std::vector<Mention> news;
  for (const storage::Row& row : rows) {
    const Position at{row.Int(0), row.Int(1)};
    if (frontier.seen.insert(at.seq).second) news.push_back({at, row.Text(2)});
    // Nothing can become visible before it any more.
    if (at.txid < horizon) frontier.after = at;
  }
  for (const storage::Row& row : rows) {
    if (Position{row.Int(0), row.Int(1)} <= frontier.after) frontier.seen.erase(row.Int(1));
  }
  return news;
}

absl::StatusOr<Frontier> VisibleNow(storage::Transaction& db) {
  Frontier frontier;
  ASSIGN_OR_RETURN(frontier.after, End(db));
  RETURN_IF_ERROR(ReadVisible(db, frontier, std::numeric_limits<int>::max()).status());
  return frontier;
}

absl::StatusOr<int64_t> CountVisible(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM events", {}));
  return row->Int(0);
}

void Signal::Raise() {
  const std::lock_guard lock(mutex_);
  ++count_;
  raised_.notify_all();
}

uint64_t Signal::Wait(uint64_t seen, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  raised_.wait_for(lock, timeout, [&] { return count_ != seen; });
  return count_;
}

uint64_t Signal::Count() {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace idea::events
