#include "services/notification/inbox/inbox_store.h"

#include <algorithm>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/listing/filter.h"
#include "common/status/status.h"
#include "idea/drafting/v1/bucp.pb.h"

namespace idea::notification {
namespace {

constexpr size_t kMaxEventIdLength = 100;

// PostgreSQL does not accept NUL in a text.
bool IsText(const std::string& text) { return text.find('\0') == std::string::npos; }

const listing::Spec& FilterFields() {
  static const listing::Spec spec = {
      .fields = {{"type", "type", listing::Kind::kText},
                 {"bucp", "bucp", listing::Kind::kText},
                 {"subject", "subject", listing::Kind::kText},
                 {"state", "state", listing::Kind::kEnum, drafting::v1::State_descriptor()}},
      .order_column = "seq",
      .order_is_text = false,
      .id_column = "event_id",
      .descending = false};
  return spec;
}

// The state of a BUCP that its event announces; UNSPECIFIED if the event does not move it.
drafting::v1::State NewStateOf(const events::Event& event) {
  if (drafting::v1::BucpMoved moved; event.data().UnpackTo(&moved)) return moved.to();
  if (event.data().Is<drafting::v1::FrozenRevision>()) return drafting::v1::STATE_IN_REVIEW;
  if (event.data().Is<drafting::v1::ExecutedAgreement>()) return drafting::v1::STATE_EXECUTED;
  return drafting::v1::STATE_UNSPECIFIED;
}

// The state of the BUCP after the event, as far as it is known.
absl::StatusOr<int64_t> UpdateState(storage::Transaction& db, const events::Event& event) {
  if (event.bucp().empty()) return 0;
  const int64_t state = NewStateOf(event);
  if (state != 0) {
    RETURN_IF_ERROR(db.ExecuteDeferred(
        "INSERT INTO bucp_states (bucp, state) VALUES ($1, $2) ON CONFLICT (bucp) DO UPDATE SET state = "
        "excluded.state",
        {event.bucp(), state}));
    return state;
  }
  ASSIGN_OR_RETURN(const auto known,
                   db.QueryOne("SELECT state FROM bucp_states WHERE bucp = $1", {event.bucp()}));
  return known ? known->Int(0) : 0;
}

absl::StatusOr<std::vector<events::LoggedEvent>> ToLoggedEvents(const storage::Rows& rows) {
  std::vector<events::LoggedEvent> items;
  for (const storage::Row& row : rows) {
    events::LoggedEvent& item = items.emplace_back();
    item.position = row.Int(0);
    if (!item.event.ParseFromString(row.Bytes(1))) {
      return absl::DataLossError("an event in the inbox does not parse");
    }
  }
  return items;
}

}  // namespace

bool IsDeliverable(const events::Event& event) {
  const auto is_entity = [](const std::string& name) { return ids::MatchesPattern(name, "entities/*"); };
  return !event.event_id().empty() && event.event_id().size() <= kMaxEventIdLength &&
         IsText(event.event_id()) && IsText(event.type()) && IsText(event.subject()) &&
         (event.bucp().empty() || ids::MatchesPattern(event.bucp(), "bucps/*")) &&
         std::all_of(event.audience().begin(), event.audience().end(), is_entity);
}

absl::StatusOr<int> Deliver(storage::Transaction& db, const events::Event& event, const std::string& source) {
  clock::Micros time = clock::FromProto(event.time());
  if (!event.bucp().empty() && !source.empty()) {
    ASSIGN_OR_RETURN(
        const auto latest,
        db.QueryOne(
            "INSERT INTO bucp_times (bucp, source, time) VALUES ($1, $2, $3) ON CONFLICT (bucp, source) "
            "DO UPDATE SET time = CASE WHEN excluded.time > bucp_times.time THEN excluded.time ELSE "
            "bucp_times.time END RETURNING time",
            {event.bucp(), source, time}));
    time = latest->Int(0);
  }
  ASSIGN_OR_RETURN(const int64_t state, UpdateState(db, event));
  events::Event shown = event;
  shown.clear_data();
  const std::string body = shown.SerializeAsString();
  // On PostgreSQL the column has a default, for replicas of an earlier release.
  const bool sqlite = db.engine() == storage::Engine::kSqlite;
  const std::string sql = std::string("INSERT INTO inbox (") + (sqlite ? "txid, " : "") +
                          "entity, event_id, bucp, type, subject, time, body, state) VALUES (" +
                          (sqlite ? "0, " : "") +
                          "$1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (entity, event_id) DO NOTHING";
  int64_t fresh = 0;
  for (const std::string& entity : event.audience()) {
    ASSIGN_OR_RETURN(const int64_t added,
                     db.Execute(sql, {entity, event.event_id(), event.bucp(), event.type(), event.subject(),
                                      time, storage::Blob{body}, state}));
    fresh += added;
  }
  return static_cast<int>(fresh);
}

absl::StatusOr<std::map<std::string, std::string>> ReadSources(storage::Transaction& db) {
  std::map<std::string, std::string> sources;
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT source, cursor FROM inbox_sources WHERE source <> $1", {std::string()}));
  for (const storage::Row& row : rows) sources[row.Text(0)] = row.Text(1);
  return sources;
}

absl::Status SaveSource(storage::Transaction& db, const std::string& source, const std::string& cursor) {
  return db.ExecuteDeferred(
      "INSERT INTO inbox_sources (source, cursor) VALUES ($1, $2) "
      "ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor",
      {source, cursor});
}

absl::StatusOr<events::Epochs> ReadInboxEpochs(storage::Transaction& db) {
  // An epoch without a delivery has lost nothing.
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT e.id, COALESCE(i.head, n.head), e.replays, n.head FROM event_epochs e CROSS JOIN "
               "(SELECT COALESCE(MAX(seq), 0) AS head FROM inbox) n LEFT JOIN inbox_epochs i ON "
               "i.id = e.id WHERE e.number > $1 ORDER BY e.number",
               {int64_t{0}}));
  if (rows.empty()) return absl::DataLossError("the event log does not have an epoch");
  return events::Epochs(rows);
}

absl::Status EnsureInboxEpoch(storage::Transaction& db) {
  RETURN_IF_ERROR(events::EnsureEpoch(db));
  return db.ExecuteDeferred(
      "INSERT INTO inbox_epochs (id, head) SELECT id, (SELECT COALESCE(MAX(seq), 0) FROM inbox) FROM "
      "event_epochs "
      "WHERE number > $1 AND id NOT IN (SELECT id FROM inbox_epochs)",
      {int64_t{0}});
}

events::NumberedList Inboxes() { return {"inbox", &ReadInboxEpochs, &EnsureInboxEpoch}; }

absl::StatusOr<std::vector<events::LoggedEvent>> ReadInbox(storage::Transaction& db,
                                                           const std::string& entity, int64_t position,
                                                           int limit, std::string_view filter) {
  listing::Page page;
  page.args = {entity, position, int64_t{limit}};
  ASSIGN_OR_RETURN(const auto conditions, listing::ReadFilter(FilterFields(), filter, &page));
  for (const listing::Condition& condition : conditions) listing::AddCondition(condition, &page);
  // With a single entity, PostgreSQL may use the index of seq alone and read the items of all entities after
  // the position.
  const std::string one = db.engine() == storage::Engine::kSqlite ? "= $1" : "IN ($1, $1)";
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT seq, body FROM inbox WHERE entity " + one + " AND seq > $2" + page.where +
                                " ORDER BY entity, seq LIMIT $3",
                            page.args));
  return ToLoggedEvents(rows);
}

absl::StatusOr<InboxPage> SearchInbox(storage::Transaction& db, const std::string& entity, int64_t position,
                                      int limit, std::string_view filter, int64_t last) {
  listing::Page query;
  query.args = {entity, position, int64_t{limit}, last};
  ASSIGN_OR_RETURN(const auto conditions, listing::ReadFilter(FilterFields(), filter, &query));
  for (const listing::Condition& condition : conditions) listing::AddCondition(condition, &query);
  const std::string one = db.engine() == storage::Engine::kSqlite ? "= $1" : "IN ($1, $1)";
  InboxPage page;
  const auto read = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const storage::Rows rows, db.Query("SELECT seq, body FROM inbox WHERE entity " + one +
                                                            " AND seq > $2 AND seq <= $4" + query.where +
                                                            " ORDER BY entity, seq LIMIT $3",
                                                        query.args));
    ASSIGN_OR_RETURN(page.items, ToLoggedEvents(rows));
    return absl::OkStatus();
  };
  if (filter.empty()) {
    RETURN_IF_ERROR(read());
    page.searched = page.items.empty() ? position : page.items.back().position;
    page.more = static_cast<int>(page.items.size()) == limit;
    return page;
  }
  ASSIGN_OR_RETURN(const storage::Rows searched,
                   db.Query("SELECT seq FROM inbox WHERE entity " + one +
                                " AND seq > $2 AND seq <= $3 ORDER BY entity, seq LIMIT $4",
                            {entity, position, last, kMaxSearched}));
  page.searched = searched.empty() ? position : searched.back().Int(0);
  page.more = static_cast<int64_t>(searched.size()) == kMaxSearched;
  if (searched.empty()) return page;
  query.args[3] = page.searched;
  RETURN_IF_ERROR(read());
  if (static_cast<int>(page.items.size()) == limit) {
    page.more = page.more || page.items.back().position < page.searched;
    page.searched = page.items.back().position;
  }
  return page;
}

absl::Status CheckFilter(std::string_view filter) {
  listing::Page query;
  return listing::ReadFilter(FilterFields(), filter, &query).status();
}

absl::StatusOr<int64_t> PositionBefore(storage::Transaction& db, const std::string& entity,
                                       clock::Micros time) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT COALESCE((SELECT MIN(seq) - 1 FROM inbox WHERE entity = $1 AND time >= "
                  "$2), (SELECT MAX(seq) FROM inbox), 0)",
                  {entity, time}));
  return row->Int(0);
}

absl::StatusOr<std::vector<std::string>> ReadRecipients(storage::Transaction& db, int64_t position,
                                                        int64_t last) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT DISTINCT entity FROM inbox WHERE seq > $1 AND seq <= $2", {position, last}));
  std::vector<std::string> entities;
  for (const storage::Row& row : rows) entities.push_back(row.Text(0));
  return entities;
}

absl::StatusOr<std::vector<events::LoggedEvent>> ReadTimeline(storage::Transaction& db,
                                                              const std::string& entity,
                                                              const std::string& bucp, int limit) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT seq, body FROM inbox WHERE entity = $1 AND bucp = $2 "
                            "ORDER BY time DESC, seq DESC LIMIT $3",
                            {entity, bucp, int64_t{limit}}));
  ASSIGN_OR_RETURN(std::vector<events::LoggedEvent> items, ToLoggedEvents(rows));
  std::reverse(items.begin(), items.end());
  return items;
}

}  // namespace idea::notification
