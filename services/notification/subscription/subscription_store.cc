#include "services/notification/subscription/subscription_store.h"

#include <sstream>

#include "common/ids/ids.h"
#include "common/listing/limit.h"
#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::notification {
namespace {

using status::Error;
using status::Reason;

constexpr listing::Limit kSubscriptionsOfEntity = {"subscriptions of an entity", kMaxSubscriptionsOfEntity};
constexpr listing::Limit kReplaysOfSubscription = {"replays of a subscription that have not ended",
                                                   kMaxReplaysOfSubscription};
constexpr char kColumns[] =
    "s.name, s.entity, s.version, s.display_name, s.filter, s.channel, s.paused, s.secret, "
    "s.previous_secret, s.previous_until, s.created, s.updated, p.position, p.due, p.failures, "
    "p.hold_until, p.last_success, p.last_failure";

std::string Select(const std::string& where) {
  return std::string("SELECT ") + kColumns +
         " FROM subscriptions s JOIN subscription_progress p ON p.subscription = s.name WHERE " + where;
}

// The receiver alone, as a column.
storage::Blob ChannelOf(const v1::Subscription& subscription) {
  v1::Subscription channel;
  if (subscription.has_webhook()) *channel.mutable_webhook() = subscription.webhook();
  if (subscription.has_mail()) *channel.mutable_mail() = subscription.mail();
  return {channel.SerializeAsString()};
}

void SetTime(clock::Micros time, google::protobuf::Timestamp* to) { *to = clock::ToProto(time); }

StoredSubscription SubscriptionOf(const storage::Row& row) {
  StoredSubscription stored;
  v1::Subscription& subscription = stored.subscription;
  subscription.ParseFromString(row.Bytes(5));
  subscription.set_name(row.Text(0));
  subscription.set_entity(row.Text(1));
  subscription.set_etag(std::to_string(row.Int(2)));
  subscription.set_display_name(row.Text(3));
  subscription.set_filter(row.Text(4));
  subscription.set_state(row.Int(6) == 0 ? v1::SUBSCRIPTION_STATE_ACTIVE : v1::SUBSCRIPTION_STATE_PAUSED);
  stored.secrets = {row.Text(7), row.Text(8), row.Int(9)};
  if (row.Int(9) > 0) SetTime(row.Int(9), subscription.mutable_previous_secret_expire_time());
  SetTime(row.Int(10), subscription.mutable_create_time());
  SetTime(row.Int(11), subscription.mutable_update_time());
  stored.position = row.Int(12);
  stored.due = row.Int(13);
  subscription.set_consecutive_failures(static_cast<int32_t>(row.Int(14)));
  stored.hold_until = row.Int(15);
  if (row.Int(15) > 0) SetTime(row.Int(15), subscription.mutable_hold_time());
  if (row.Int(16) > 0) SetTime(row.Int(16), subscription.mutable_last_success_time());
  if (row.Int(17) > 0) SetTime(row.Int(17), subscription.mutable_last_failure_time());
  return stored;
}

std::string InList(const std::vector<int64_t>& numbers) {
  std::string list;
  for (const int64_t number : numbers) list += (list.empty() ? "" : ", ") + std::to_string(number);
  return list;
}

void AddFound(const storage::Rows& rows, std::vector<FoundSubscription>* found) {
  for (const storage::Row& row : rows) found->push_back({row.Text(0), row.Int(1) > 0});
}

absl::Status ChangedSince() {
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "the subscription was changed at the same moment");
}

}  // namespace

int64_t ShardOf(const std::string& name) {
  return std::stoll(ids::Sha256Hex(name).substr(0, 8), nullptr, 16) % kShards;
}

absl::Status InsertSubscription(storage::Transaction& db, const v1::Subscription& subscription,
                                const Secrets& secrets, int64_t position, clock::Micros now) {
  RETURN_IF_ERROR(listing::CheckLimit(db, kSubscriptionsOfEntity, "subscriptions WHERE entity = $1",
                                      {subscription.entity()}));
  const std::string& name = subscription.name();
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO subscriptions (name, entity, shard, version, display_name, filter, channel, "
      "is_mail, paused, secret, previous_secret, previous_until, created, updated) VALUES ($1, $2, $3, 1, "
      "$4, "
      "$5, $6, $9, 0, $7, '', 0, $8, $8)",
      {name, subscription.entity(), ShardOf(name), subscription.display_name(), subscription.filter(),
       ChannelOf(subscription), secrets.current, now, int64_t{subscription.has_mail()}}));
  return db.ExecuteDeferred(
      "INSERT INTO subscription_progress (subscription, shard, position, due, failures, hold_until, "
      "last_success, last_failure) VALUES ($1, $2, $3, 0, 0, 0, 0, 0)",
      {name, ShardOf(name), position});
}

absl::StatusOr<StoredSubscription> FindSubscription(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(Select("s.name = $1"), {name}));
  if (!row) return status::NotFoundOrHidden(name);
  return SubscriptionOf(*row);
}

absl::StatusOr<v1::ListSubscriptionsResponse> ListSubscriptions(storage::Transaction& db,
                                                                const v1::ListSubscriptionsRequest& request) {
  const listing::Spec spec = {.fields = {},
                              .order_column = "s.created",
                              .order_is_text = false,
                              .id_column = "s.name",
                              .descending = false};
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(spec, request, "s.entity = $1", {request.parent()}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(Select(page.where + page.tail), page.args));
  v1::ListSubscriptionsResponse response;
  response.set_next_page_token(page.Finish(rows, 10, 0));
  for (const storage::Row& row : rows) *response.add_subscriptions() = SubscriptionOf(row).subscription;
  return response;
}

absl::Status UpdateSubscription(storage::Transaction& db, const v1::Subscription& subscription,
                                const Secrets& secrets, clock::Micros now) {
  const bool paused = subscription.state() == v1::SUBSCRIPTION_STATE_PAUSED;
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute(
          "UPDATE subscriptions SET version = version + 1, display_name = $1, filter = $2, channel = "
          "$3, paused = $4, secret = $5, previous_secret = $6, previous_until = $7, updated = $8, "
          "is_mail = $11 WHERE name = $9 AND version = $10",
          {subscription.display_name(), subscription.filter(), ChannelOf(subscription), int64_t{paused},
           secrets.current, secrets.previous, secrets.previous_until, now, subscription.name(),
           int64_t{std::stoll(subscription.etag())}, int64_t{subscription.has_mail()}}));
  return changed == 0 ? ChangedSince() : absl::OkStatus();
}

absl::Status DeleteSubscription(storage::Transaction& db, const v1::Subscription& subscription) {
  ASSIGN_OR_RETURN(const int64_t deleted,
                   db.Execute("DELETE FROM subscriptions WHERE name = $1 AND version = $2",
                              {subscription.name(), int64_t{std::stoll(subscription.etag())}}));
  if (deleted == 0) return ChangedSince();
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "DELETE FROM delivery_attempts WHERE delivery IN (SELECT name FROM deliveries WHERE subscription = $1)",
      {subscription.name()}));
  for (const char* table :
       {"deliveries", "subscription_replays", "subscription_recipients", "subscription_progress"}) {
    RETURN_IF_ERROR(db.ExecuteDeferred(std::string("DELETE FROM ") + table + " WHERE subscription = $1",
                                       {subscription.name()}));
  }
  return absl::OkStatus();
}

absl::Status SaveRecipients(storage::Transaction& db, const std::string& name,
                            const std::vector<std::string>& addresses) {
  if (addresses.empty())
    return db.ExecuteDeferred("DELETE FROM subscription_recipients WHERE subscription = $1", {name});
  std::string lines;
  for (const std::string& address : addresses) lines += (lines.empty() ? "" : "\n") + address;
  return db.ExecuteDeferred(
      "INSERT INTO subscription_recipients (subscription, addresses) VALUES ($1, $2) ON CONFLICT "
      "(subscription) "
      "DO UPDATE SET addresses = excluded.addresses",
      {name, lines});
}

absl::StatusOr<std::vector<std::string>> ReadRecipientsOf(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT addresses FROM subscription_recipients WHERE subscription = $1", {name}));
  std::vector<std::string> addresses;
  std::istringstream lines(row ? row->Text(0) : "");
  for (std::string line; std::getline(lines, line);) addresses.push_back(line);
  return addresses;
}

absl::StatusOr<std::vector<v1::Subscription>> FindMails(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(Select("s.is_mail = 1"), {}));
  std::vector<v1::Subscription> subscriptions;
  for (const storage::Row& row : rows) subscriptions.push_back(SubscriptionOf(row).subscription);
  return subscriptions;
}

absl::Status WakeSubscription(storage::Transaction& db, const std::string& name, bool resume) {
  return db.ExecuteDeferred(std::string("UPDATE subscription_progress SET due = 0") +
                                (resume ? ", failures = 0, hold_until = 0" : "") + " WHERE subscription = $1",
                            {name});
}

absl::Status SavePosition(storage::Transaction& db, const std::string& name, int64_t position) {
  return db.ExecuteDeferred("UPDATE subscription_progress SET position = $1 WHERE subscription = $2",
                            {position, name});
}

absl::Status SaveDue(storage::Transaction& db, const std::string& name, clock::Micros due) {
  return db.ExecuteDeferred("UPDATE subscription_progress SET due = $1 WHERE subscription = $2", {due, name});
}

absl::Status SaveHealth(storage::Transaction& db, const std::string& name, int64_t failures,
                        clock::Micros hold_until, clock::Micros now) {
  return db.ExecuteDeferred(std::string("UPDATE subscription_progress SET failures = $1, hold_until = $2, ") +
                                (failures == 0 ? "last_success" : "last_failure") +
                                " = $3 WHERE subscription = $4",
                            {failures, hold_until, now, name});
}

absl::StatusOr<std::vector<FoundSubscription>> FindDue(storage::Transaction& db,
                                                       const std::vector<int64_t>& shards, clock::Micros now,
                                                       int limit) {
  std::vector<FoundSubscription> found;
  if (shards.empty()) return found;
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT subscription, failures FROM subscription_progress WHERE shard IN (" +
                                InList(shards) + ") AND due <= $1 ORDER BY due LIMIT $2",
                            {now, int64_t{limit}}));
  AddFound(rows, &found);
  return found;
}

absl::StatusOr<std::vector<FoundSubscription>> FindOfEntities(storage::Transaction& db,
                                                              const std::vector<std::string>& entities,
                                                              const std::vector<int64_t>& shards) {
  std::vector<FoundSubscription> found;
  if (shards.empty()) return found;
  for (const std::string& entity : entities) {
    ASSIGN_OR_RETURN(
        const storage::Rows rows,
        db.Query("SELECT s.name, p.failures FROM subscriptions s JOIN subscription_progress p ON "
                 "p.subscription = s.name WHERE s.entity = $1 AND s.paused = 0 AND s.shard IN (" +
                     InList(shards) + ")",
                 {entity}));
    AddFound(rows, &found);
  }
  return found;
}

absl::StatusOr<std::vector<FoundSubscription>> FindLate(storage::Transaction& db,
                                                        const std::vector<int64_t>& shards) {
  std::vector<FoundSubscription> found;
  if (shards.empty()) return found;
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query(
          "SELECT p.subscription, p.failures FROM subscription_progress p JOIN subscriptions s ON s.name = "
          "p.subscription WHERE p.shard IN (" +
              InList(shards) +
              ") AND s.paused = 0 AND EXISTS (SELECT 1 FROM inbox i WHERE i.entity = s.entity AND i.seq > "
              "p.position)",
          {}));
  AddFound(rows, &found);
  return found;
}

absl::Status InsertReplay(storage::Transaction& db, const std::string& subscription, const Replay& replay) {
  RETURN_IF_ERROR(listing::CheckLimit(db, kReplaysOfSubscription,
                                      "subscription_replays WHERE subscription = $1", {subscription}));
  return db.ExecuteDeferred(
      "INSERT INTO subscription_replays (id, subscription, position, last, since, until) VALUES ($1, $2, $3, "
      "$4, $5, $6)",
      {replay.id, subscription, replay.position, replay.last, replay.since, replay.until});
}

absl::StatusOr<Replay> FirstReplay(storage::Transaction& db, const std::string& subscription) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT id, position, last, since, until FROM subscription_replays WHERE "
                               "subscription = $1 ORDER BY id LIMIT 1",
                               {subscription}));
  if (!row) return Replay();
  return Replay{row->Text(0), row->Int(1), row->Int(2), row->Int(3), row->Int(4)};
}

absl::Status SaveReplay(storage::Transaction& db, const Replay& replay) {
  if (replay.position >= replay.last)
    return db.ExecuteDeferred("DELETE FROM subscription_replays WHERE id = $1", {replay.id});
  return db.ExecuteDeferred("UPDATE subscription_replays SET position = $1 WHERE id = $2",
                            {replay.position, replay.id});
}

}  // namespace idea::notification
