#include "services/notification/delivery/delivery_store.h"

#include <algorithm>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/notification/notification_events.h"

namespace idea::notification {
namespace {

using status::Error;
using status::Reason;

constexpr int kMaxAttemptsShown = 100;
constexpr char kColumns[] =
    "seq, name, subscription, entity, kind, event_id, type, subject, bucp, state, next_try, attempts, "
    "created, "
    "ended";

v1::Delivery DeliveryOf(const storage::Row& row) {
  v1::Delivery delivery;
  delivery.set_name(row.Text(1));
  delivery.set_subscription(row.Text(2));
  delivery.set_kind(static_cast<v1::DeliveryKind>(row.Int(4)));
  delivery.set_event_id(row.Text(5));
  delivery.set_type(row.Text(6));
  delivery.set_subject(row.Text(7));
  delivery.set_bucp(row.Text(8));
  delivery.set_state(static_cast<v1::DeliveryState>(row.Int(9)));
  if (delivery.state() == v1::DELIVERY_STATE_PENDING)
    *delivery.mutable_next_try_time() = clock::ToProto(row.Int(10));
  delivery.set_attempt_count(static_cast<int32_t>(row.Int(11)));
  *delivery.mutable_create_time() = clock::ToProto(row.Int(12));
  if (row.Int(13) > 0) *delivery.mutable_end_time() = clock::ToProto(row.Int(13));
  return delivery;
}

std::vector<PendingDelivery> PendingOf(const storage::Rows& rows) {
  std::vector<PendingDelivery> pending;
  for (const storage::Row& row : rows) {
    pending.push_back({row.Text(0), static_cast<v1::DeliveryKind>(row.Int(1)), row.Text(2), row.Text(3),
                       row.Int(4), row.Int(5), row.Int(6), row.Int(7)});
  }
  return pending;
}

const listing::Spec& Listed() {
  using listing::Kind;
  static const listing::Spec spec = {
      .fields = {{"state", "state", Kind::kEnum, v1::DeliveryState_descriptor()},
                 {"kind", "kind", Kind::kEnum, v1::DeliveryKind_descriptor()},
                 {"type", "type", Kind::kText},
                 {"bucp", "bucp", Kind::kText},
                 {"event_id", "event_id", Kind::kText},
                 {"create_time", "created", Kind::kTime}},
      .order_column = "seq",
      .order_is_text = false,
      .id_column = "name",
      .descending = true};
  return spec;
}

const listing::Spec& ListedDead() {
  using listing::Kind;
  static const listing::Spec spec = {.fields = {{"subscription", "subscription", Kind::kText},
                                                {"type", "type", Kind::kText},
                                                {"bucp", "bucp", Kind::kText}},
                                     .order_column = "seq",
                                     .order_is_text = false,
                                     .id_column = "name",
                                     .descending = true};
  return spec;
}

template <class Response, class Request>
absl::StatusOr<Response> ListPage(storage::Transaction& db, const listing::Spec& spec, const Request& request,
                                  const std::string& where) {
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(spec, request, where, {request.parent()}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(std::string("SELECT ") + kColumns +
                                                    " FROM deliveries WHERE " + page.where + page.tail,
                                                page.args));
  Response response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) *response.add_deliveries() = DeliveryOf(row);
  return response;
}

}  // namespace

absl::StatusOr<std::string> InsertDelivery(storage::Transaction& db, const v1::Subscription& subscription,
                                           v1::DeliveryKind kind, const events::Event& event,
                                           clock::Micros now) {
  const std::string name = ids::kDeliveries.Name(ids::NewUuid());
  // A test does not wait for events.
  const std::string& line = kind == v1::DELIVERY_KIND_TEST ? name
                            : event.bucp().empty()         ? event.subject()
                                                           : event.bucp();
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO deliveries (name, subscription, entity, kind, event_id, type, subject, bucp, line, state, "
      "tries, attempts, next_try, created, ended) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0, 0, $10, "
      "$10, 0)",
      {name, subscription.name(), subscription.entity(), int64_t{kind}, event.event_id(), event.type(),
       event.subject(), event.bucp(), line, now}));
  return name;
}

absl::StatusOr<v1::Delivery> FindDelivery(storage::Transaction& db, const std::string& name,
                                          std::string* entity) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne(std::string("SELECT ") + kColumns + " FROM deliveries WHERE name = $1", {name}));
  if (!row) return status::NotFoundOrHidden(name);
  *entity = row->Text(3);
  return DeliveryOf(*row);
}

absl::Status ReadAttempts(storage::Transaction& db, v1::Delivery* delivery) {
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT time, millis, status, answer, error, next_try FROM delivery_attempts WHERE "
               "delivery = $1 ORDER BY number DESC LIMIT $2",
               {delivery->name(), int64_t{kMaxAttemptsShown}}));
  std::reverse(rows.begin(), rows.end());
  for (const storage::Row& row : rows) {
    v1::DeliveryAttempt& attempt = *delivery->add_attempts();
    *attempt.mutable_time() = clock::ToProto(row.Int(0));
    attempt.set_duration_ms(static_cast<int32_t>(row.Int(1)));
    attempt.set_status_code(static_cast<int32_t>(row.Int(2)));
    attempt.set_answer(row.Text(3));
    attempt.set_error(row.Text(4));
    if (row.Int(5) > 0) *attempt.mutable_next_try_time() = clock::ToProto(row.Int(5));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(storage::Transaction& db,
                                                          const v1::ListDeliveriesRequest& request) {
  return ListPage<v1::ListDeliveriesResponse>(db, Listed(), request, "subscription = $1");
}

absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(storage::Transaction& db,
                                                            const v1::ListDeadLettersRequest& request) {
  return ListPage<v1::ListDeadLettersResponse>(db, ListedDead(), request, "entity = $1 AND state = 3");
}

absl::Status RestartDelivery(storage::Transaction& db, const std::string& name, clock::Micros now) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute("UPDATE deliveries SET state = 1, tries = 0, next_try = $1, ended = 0 WHERE name = "
                 "$2 AND state <> 1",
                 {now, name}));
  if (changed > 0) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the delivery is still on its way")
      .With("state", v1::DeliveryState_Name(v1::DELIVERY_STATE_PENDING))
      .With("allowed", "GetDelivery");
}

absl::StatusOr<std::vector<PendingDelivery>> ReadHeads(storage::Transaction& db,
                                                       const std::string& subscription, int limit) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT d.name, d.kind, d.line, d.event_id, d.tries, d.attempts, d.next_try, d.created FROM "
               "(SELECT line, "
               "MIN(seq) AS seq FROM deliveries WHERE subscription = $1 AND state = 1 GROUP BY line) h JOIN "
               "deliveries d ON d.seq = h.seq ORDER BY d.next_try, d.seq LIMIT $2",
               {subscription, int64_t{limit}}));
  return PendingOf(rows);
}

absl::StatusOr<std::vector<PendingDelivery>> ReadPending(storage::Transaction& db,
                                                         const std::string& subscription, int limit) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT name, kind, line, event_id, tries, attempts, next_try, created FROM deliveries "
               "WHERE subscription = $1 AND state = 1 AND kind <> $2 ORDER BY seq LIMIT $3",
               {subscription, int64_t{v1::DELIVERY_KIND_TEST}, int64_t{limit}}));
  return PendingOf(rows);
}

absl::StatusOr<int64_t> CountPending(storage::Transaction& db, const std::string& subscription,
                                     int64_t limit) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE subscription = $1 AND state "
                  "= 1 LIMIT $2) d",
                  {subscription, limit}));
  return row->Int(0);
}

absl::StatusOr<events::Event> ReadEvent(storage::Transaction& db, const std::string& entity,
                                        const PendingDelivery& delivery) {
  events::Event event;
  if (delivery.kind == v1::DELIVERY_KIND_TEST) {
    event.set_event_id(delivery.event_id);
    event.set_type(kSubscriptionTested);
    event.set_subject(delivery.name);
    event.add_audience(entity);
    event.set_summary("This is a sample event. It shows that the receiver is reached.");
    *event.mutable_time() = clock::ToProto(delivery.next_try);
    return event;
  }
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM inbox WHERE entity = $1 AND event_id = $2",
                                               {entity, delivery.event_id}));
  if (!row || !event.ParseFromString(row->Bytes(0)))
    return absl::DataLossError("the event of " + delivery.name + " is not in the inbox");
  return event;
}

absl::StatusOr<bool> SaveOutcome(storage::Transaction& db, const Outcome& outcome) {
  const bool pending = outcome.state == v1::DELIVERY_STATE_PENDING;
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute(
          "UPDATE deliveries SET state = $1, tries = tries + 1, attempts = attempts + 1, next_try = $2, "
          "ended = $3 WHERE name = $4 AND state = 1 AND attempts = $5",
          {int64_t{outcome.state}, outcome.next_try,
           pending ? int64_t{0} : outcome.time + outcome.millis * 1000, outcome.delivery, outcome.attempts}));
  if (changed == 0) return false;
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO delivery_attempts (delivery, number, time, millis, status, answer, error, next_try) "
      "VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8)",
      {outcome.delivery, outcome.attempts + 1, outcome.time, outcome.millis, outcome.status, outcome.answer,
       outcome.error, pending ? outcome.next_try : int64_t{0}}));
  return true;
}

absl::StatusOr<int64_t> RemoveEnded(storage::Transaction& db, clock::Micros before, int limit) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT name FROM deliveries WHERE state <> 1 AND ended < $1 ORDER BY ended LIMIT $2",
               {before, int64_t{limit}}));
  for (const storage::Row& row : rows) {
    RETURN_IF_ERROR(db.ExecuteDeferred("DELETE FROM delivery_attempts WHERE delivery = $1", {row.Text(0)}));
    RETURN_IF_ERROR(db.ExecuteDeferred("DELETE FROM deliveries WHERE name = $1", {row.Text(0)}));
  }
  return static_cast<int64_t>(rows.size());
}

}  // namespace idea::notification
