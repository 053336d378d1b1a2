#include "services/inventory/notice/notice_store.h"

#include <limits>
#include <set>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

const listing::Spec& NoticeList() {
  static const listing::Spec spec = {
      .fields = {{"kind", "kind", Kind::kEnum, v1::NoticeKind_descriptor()},
                 {"filing", "filing", Kind::kText},
                 {"bucp", "bucp", Kind::kText},
                 {"state", "state", Kind::kEnum, v1::NoticeState_descriptor()},
                 {"giver", "giver", Kind::kText},
                 {"party", "id IN (SELECT notice FROM notice_parties WHERE entity = ?)", Kind::kTest},
                 {"give_time", "created", Kind::kTime}},
      .order_column = "created",
      .order_is_text = false,
      .id_column = "id",
      .descending = true};
  return spec;
}

const listing::Spec& DutyList() {
  static const listing::Spec spec = {.fields = {{"state", "state", Kind::kEnum, v1::DutyState_descriptor()},
                                                {"entity", "entity", Kind::kText},
                                                {"notice", "notice", Kind::kText},
                                                {"filing", "filing", Kind::kText},
                                                {"kind", "kind", Kind::kEnum, v1::NoticeKind_descriptor()},
                                                {"due_time", "due", Kind::kTime}},
                                     .order_column = "created",
                                     .order_is_text = false,
                                     .id_column = "name",
                                     .descending = false};
  return spec;
}

template <class Message>
absl::StatusOr<Message> Parse(const storage::Row& row, int column) {
  Message message;
  if (message.ParseFromString(row.Bytes(column))) return message;
  return absl::DataLossError("a " + Message::descriptor()->name() + " does not parse");
}

absl::StatusOr<std::vector<v1::Duty>> ParseAll(const storage::Rows& rows) {
  std::vector<v1::Duty> duties;
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(duties.emplace_back(), Parse<v1::Duty>(row, 0));
  }
  return duties;
}

absl::Status Changed(const std::string& name) {
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, name + " was changed at the same moment");
}

}  // namespace

absl::Status InsertNotice(storage::Transaction& db, const v1::Notice& notice) {
  const std::string id = ids::kNotices.IdIn(notice.name());
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO notices (id, filing, bucp, kind, giver, state, version, created, "
      "body) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)",
      {id, notice.filing(), notice.bucp(), int64_t{notice.kind()}, notice.giver(), int64_t{notice.state()},
       clock::FromProto(notice.give_time()), Blob{notice.SerializeAsString()}}));
  std::set<std::string> parties = {notice.giver()};
  for (const v1::NoticeRecipient& recipient : notice.recipients()) parties.insert(recipient.entity());
  for (const std::string& entity : parties) {
    RETURN_IF_ERROR(
        db.ExecuteDeferred("INSERT INTO notice_parties (entity, notice) VALUES ($1, $2)", {entity, id}));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Notice> FindNotice(storage::Transaction& db, const std::string& name,
                                      auth::Visibility visibility) {
  const std::string id = ids::kNotices.IdIn(name);
  ASSIGN_OR_RETURN(const auto row,
                   visibility.all()
                       ? db.QueryOne("SELECT body FROM notices WHERE id = $1", {id})
                       : db.QueryOne("SELECT body FROM notices WHERE id = $1 AND EXISTS (SELECT 1 FROM "
                                     "notice_parties WHERE entity = $2 AND notice = $1)",
                                     {id, visibility.entity()}));
  if (!row) return status::NotFoundOrHidden(name);
  return Parse<v1::Notice>(*row, 0);
}

absl::StatusOr<int64_t> VersionOf(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT version FROM notices WHERE id = $1", {ids::kNotices.IdIn(name)}));
  if (!row) return status::NotFoundOrHidden(name);
  return row->Int(0);
}

absl::Status SaveNotice(storage::Transaction& db, const v1::Notice& notice, int64_t version) {
  return db.ExecuteDeferred(
      "UPDATE notices SET state = $1, version = $2, body = $3 WHERE id = $4 AND version = $5",
      {int64_t{notice.state()}, version + 1, Blob{notice.SerializeAsString()},
       ids::kNotices.IdIn(notice.name()), version},
      storage::FailIfNoRows(Changed(notice.name())));
}

absl::StatusOr<v1::ListNoticesResponse> ListNotices(storage::Transaction& db,
                                                    const v1::ListNoticesRequest& request,
                                                    auth::Visibility visibility) {
  const bool all = visibility.all();
  ASSIGN_OR_RETURN(
      const listing::Page page,
      listing::Plan(NoticeList(), request,
                    all ? "1 = 1" : "id IN (SELECT notice FROM notice_parties WHERE entity = $1)",
                    all ? storage::Args{} : storage::Args{visibility.entity()}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT created, id, body FROM notices WHERE " + page.where + page.tail, page.args));
  v1::ListNoticesResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(*response.add_notices(), Parse<v1::Notice>(row, 2));
  }
  return response;
}

absl::Status ForEachNotice(storage::Transaction& db, const std::string& filing, auth::Visibility visibility,
                           const std::function<void(v1::Notice)>& on_notice) {
  // A notice may have 60 KB.
  constexpr size_t kBatch = 20;
  int64_t created = std::numeric_limits<int64_t>::min();
  std::string id;
  for (size_t read = kBatch; read == kBatch;) {
    ASSIGN_OR_RETURN(
        const storage::Rows rows,
        db.Query("SELECT created, id, body FROM notices WHERE filing = $1 AND (created, id) > ($3, $4) AND "
                 "($2 = 1 OR EXISTS (SELECT 1 FROM notice_parties WHERE entity = $5 AND notice = id)) "
                 "ORDER BY created, id LIMIT " +
                     std::to_string(kBatch),
                 {filing, int64_t{visibility.all()}, created, id,
                  visibility.all() ? std::string() : visibility.entity()}));
    read = rows.size();
    for (const storage::Row& row : rows) {
      ASSIGN_OR_RETURN(v1::Notice notice, Parse<v1::Notice>(row, 2));
      on_notice(std::move(notice));
      created = row.Int(0);
      id = row.Text(1);
    }
  }
  return absl::OkStatus();
}

absl::Status InsertDuty(storage::Transaction& db, const v1::Duty& duty, std::optional<clock::Micros> due) {
  return db.ExecuteDeferred(
      "INSERT INTO duties (name, notice, filing, kind, entity, state, created, due, body) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {duty.name(), ids::Parent(duty.name()), duty.filing(), int64_t{duty.kind()}, duty.entity(),
       int64_t{duty.state()}, clock::FromProto(duty.create_time()),
       due ? storage::Value(*due) : storage::Value(), Blob{duty.SerializeAsString()}});
}

absl::StatusOr<v1::Duty> FindDuty(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM duties WHERE name = $1", {name}));
  if (!row) return status::NotFoundOrHidden(name);
  return Parse<v1::Duty>(*row, 0);
}

absl::StatusOr<std::vector<v1::Duty>> ReadDuties(storage::Transaction& db, const std::string& notice) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT body FROM duties WHERE notice = $1 ORDER BY name", {notice}));
  return ParseAll(rows);
}

absl::StatusOr<std::vector<v1::Duty>> FindOpenDuties(storage::Transaction& db, const std::string& filing,
                                                     const std::string& entity,
                                                     const std::vector<v1::NoticeKind>& kinds) {
  if (kinds.empty()) return std::vector<v1::Duty>();
  storage::Args args = {filing, entity, int64_t{v1::DUTY_STATE_OPEN}};
  std::string numbers;
  for (const v1::NoticeKind kind : kinds) {
    args.emplace_back(int64_t{kind});
    numbers += (numbers.empty() ? "$" : ", $") + std::to_string(args.size());
  }
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT body FROM duties WHERE filing = $1 AND entity = $2 AND state = $3 AND "
                            "kind IN (" +
                                numbers + ") ORDER BY created, name",
                            args));
  return ParseAll(rows);
}

absl::StatusOr<std::vector<v1::Duty>> FindOpenDuties(storage::Transaction& db, const std::string& entity,
                                                     v1::NoticeKind kind, clock::Micros until) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT body FROM duties WHERE entity = $1 AND state = $2 AND kind = $3 AND "
                            "created <= $4 ORDER BY created, name",
                            {entity, int64_t{v1::DUTY_STATE_OPEN}, int64_t{kind}, until}));
  return ParseAll(rows);
}

absl::Status SaveDone(storage::Transaction& db, const v1::Duty& duty) {
  return db.ExecuteDeferred(
      "UPDATE duties SET state = $1, body = $2 WHERE name = $3 AND state = $4",
      {int64_t{duty.state()}, Blob{duty.SerializeAsString()}, duty.name(), int64_t{v1::DUTY_STATE_OPEN}},
      storage::FailIfNoRows(Changed(duty.name())));
}

absl::StatusOr<v1::ListDutiesResponse> ListDuties(storage::Transaction& db,
                                                  const v1::ListDutiesRequest& request,
                                                  auth::Visibility visibility) {
  const bool all = visibility.all();
  const char* of_entity = "notice IN (SELECT 'notices/' || notice FROM notice_parties WHERE entity = $1)";
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(DutyList(), request, all ? "1 = 1" : of_entity,
                                 all ? storage::Args{} : storage::Args{visibility.entity()}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT created, name, body FROM duties WHERE " + page.where + page.tail, page.args));
  v1::ListDutiesResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(*response.add_duties(), Parse<v1::Duty>(row, 2));
  }
  return response;
}

}  // namespace idea::inventory
