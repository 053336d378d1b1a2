#include "services/notification/inbox_store.h"

#include <algorithm>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/listing/filter.h"
#include "common/status/status.h"

namespace idea::notification {
namespace {

constexpr size_t kLongestEventId = 100;

// PostgreSQL keeps no NUL in a text.
bool IsText(const std::string& text) { return text.find('\0') == std::string::npos; }

const listing::Spec& FilterFields() {
  static const listing::Spec spec = {.fields = {{"type", "type", listing::Kind::kText},
                                                {"bucp", "bucp", listing::Kind::kText},
                                                {"subject", "subject", listing::Kind::kText}},
                                     .order_column = "seq",
                                     .order_is_text = false,
                                     .id_column = "event_id",
                                     .descending = false};
  return spec;
}

absl::StatusOr<std::vector<events::Logged>> ToLogged(const storage::Rows& rows) {
  std::vector<events::Logged> items;
  for (const storage::Row& row : rows) {
    events::Logged& item = items.emplace_back();
    item.at = {row.Int(0), row.Int(1)};
    if (!item.event.ParseFromString(row.Bytes(2))) {
      return absl::DataLossError("an event in the inbox does not parse");
    }
  }
  return items;
}

}  // namespace

bool IsDeliverable(const events::Event& event) {
  const auto is_entity = [](const std::string& name) { return ids::MatchesPattern(name, "entities/*"); };
  return !event.event_id().empty() && event.event_id().size() <= kLongestEventId &&
         IsText(event.event_id()) && IsText(event.type()) && IsText(event.subject()) &&
         (event.bucp().empty() || ids::MatchesPattern(event.bucp(), "bucps/*")) &&
         std::all_of(event.audience().begin(), event.audience().end(), is_entity);
}

absl::StatusOr<int> Deliver(storage::Transaction& db, const events::Event& event) {
  ASSIGN_OR_RETURN(const int64_t txid, db.Id());
  events::Event shown = event;
  shown.clear_data();
  const std::string body = shown.SerializeAsString();
  int64_t fresh = 0;
  for (const std::string& entity : event.audience()) {
    ASSIGN_OR_RETURN(
        const int64_t added,
        db.Execute("INSERT INTO inbox (txid, entity, event_id, bucp, type, subject, time, body) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (entity, event_id) DO NOTHING",
                   {txid, entity, event.event_id(), event.bucp(), event.type(), event.subject(),
                    clock::FromProto(event.time()), storage::Blob{body}}));
    fresh += added;
  }
  return static_cast<int>(fresh);
}

absl::StatusOr<std::vector<events::Logged>> ReadInbox(storage::Transaction& db, const std::string& entity,
                                                      events::Position after, int limit,
                                                      std::string_view filter) {
  ASSIGN_OR_RETURN(const int64_t horizon, db.Horizon());
  listing::Page page;
  page.args = {entity, after.txid, after.seq, horizon, int64_t{limit}};
  ASSIGN_OR_RETURN(const auto conditions, listing::ReadFilter(FilterFields(), filter, &page));
  for (const listing::Condition& condition : conditions) listing::AddCondition(condition, &page);
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT txid, seq, body FROM inbox WHERE entity = $1 AND (txid, seq) > ($2, $3) "
                            "AND txid < $4" +
                                page.where + " ORDER BY txid, seq LIMIT $5",
                            page.args));
  return ToLogged(rows);
}

absl::StatusOr<std::vector<events::Logged>> ReadTimeline(storage::Transaction& db, const std::string& entity,
                                                         const std::string& bucp, int limit) {
  ASSIGN_OR_RETURN(const int64_t horizon, db.Horizon());
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT txid, seq, body FROM inbox WHERE entity = $1 AND bucp = $2 AND txid < $3 "
                            "ORDER BY time DESC, seq DESC LIMIT $4",
                            {entity, bucp, horizon, int64_t{limit}}));
  ASSIGN_OR_RETURN(std::vector<events::Logged> items, ToLogged(rows));
  std::reverse(items.begin(), items.end());
  return items;
}

}  // namespace idea::notification
