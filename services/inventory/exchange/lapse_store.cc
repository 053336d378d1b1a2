#include "services/inventory/exchange/lapse_store.h"

#include "common/ids/resource_names.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

exchange::Lapse LapseOf(const storage::Row& row, int first) {
  return {row.Text(first), static_cast<exchange::Day>(row.Int(first + 1)),
          static_cast<exchange::Day>(row.Int(first + 2))};
}

absl::StatusOr<std::vector<LapseNotification>> ReadNotifications(storage::Transaction& db,
                                                                 std::string_view sql,
                                                                 const storage::Args& args, bool withdrawn) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(sql, args));
  std::vector<LapseNotification> notifications;
  for (const storage::Row& row : rows)
    notifications.push_back({ids::kFilings.Name(row.Text(0)), LapseOf(row, 1), withdrawn});
  return notifications;
}

}  // namespace

absl::StatusOr<std::vector<exchange::Lapse>> ReadLapses(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT entity, start_day, end_day FROM lapses ORDER BY entity, start_day", {}));
  std::vector<exchange::Lapse> lapses;
  lapses.reserve(rows.size());
  for (const storage::Row& row : rows) lapses.push_back(LapseOf(row, 0));
  return lapses;
}

absl::StatusOr<int64_t> ReadLapsesVersion(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT version FROM lapses_version WHERE id = 1", {}));
  return row ? row->Int(0) : 0;
}

absl::StatusOr<bool> ReplaceLapses(storage::Transaction& db, int64_t version,
                                   const std::vector<exchange::Lapse>& lapses) {
  ASSIGN_OR_RETURN(const int64_t raised,
                   db.Execute("INSERT INTO lapses_version (id, version) VALUES (1, $2) ON CONFLICT (id) DO "
                              "UPDATE SET version = excluded.version WHERE lapses_version.version = $1",
                              {version, version + 1}));
  if (raised == 0) return false;
  RETURN_IF_ERROR(db.ExecuteDeferred("DELETE FROM lapses", {}));
  for (const exchange::Lapse& lapse : lapses) {
    RETURN_IF_ERROR(db.ExecuteDeferred("INSERT INTO lapses (entity, start_day, end_day) VALUES ($1, $2, $3)",
                                       {lapse.entity, int64_t{lapse.start}, int64_t{lapse.end}}));
  }
  return true;
}

absl::StatusOr<std::vector<LapseNotification>> FindLapseNotifications(storage::Transaction& db,
                                                                      exchange::Day today, int limit) {
  ASSIGN_OR_RETURN(
      std::vector<LapseNotification> notifications,
      ReadNotifications(db,
                        "SELECT f.filing, l.entity, l.start_day, l.end_day FROM lapses l JOIN filing_list "
                        "f ON f.entity = l.entity LEFT JOIN told_lapses t ON t.filing = f.filing AND "
                        "t.entity = l.entity AND t.start_day = l.start_day WHERE f.state <> 3 AND "
                        "(t.end_day <> l.end_day OR (t.end_day IS NULL AND l.end_day > $1)) ORDER BY "
                        "f.filing, l.entity, l.start_day LIMIT $2",
                        {int64_t{today}, int64_t{limit}}, false));
  ASSIGN_OR_RETURN(
      const std::vector<LapseNotification> withdrawn,
      ReadNotifications(db,
                        "SELECT t.filing, t.entity, t.start_day, t.end_day FROM told_lapses t JOIN "
                        "filing_list f ON f.filing = t.filing AND f.entity = t.entity WHERE f.state <> 3 "
                        "AND NOT EXISTS (SELECT 1 FROM lapses l WHERE l.entity = t.entity AND "
                        "l.start_day = t.start_day) ORDER BY t.filing, t.entity, t.start_day LIMIT $1",
                        {int64_t{limit}}, true));
  notifications.insert(notifications.end(), withdrawn.begin(), withdrawn.end());
  return notifications;
}

absl::StatusOr<bool> MarkNotified(storage::Transaction& db, const LapseNotification& notification) {
  storage::Args args = {ids::kFilings.IdIn(notification.filing), notification.lapse.entity,
                        int64_t{notification.lapse.start}};
  std::string_view sql = "DELETE FROM told_lapses WHERE filing = $1 AND entity = $2 AND start_day = $3";
  if (!notification.withdrawn) {
    args.emplace_back(int64_t{notification.lapse.end});
    sql =
        "INSERT INTO told_lapses (filing, entity, start_day, end_day) VALUES ($1, $2, $3, $4) ON CONFLICT "
        "(filing, entity, start_day) DO UPDATE SET end_day = excluded.end_day WHERE told_lapses.end_day <> "
        "excluded.end_day";
  }
  ASSIGN_OR_RETURN(const int64_t changed, db.Execute(sql, args));
  return changed > 0;
}

}  // namespace idea::inventory
