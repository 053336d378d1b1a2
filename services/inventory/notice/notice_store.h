#ifndef IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_STORE_H_
#define IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/duty.pb.h"
#include "idea/inventory/v1/notice.pb.h"

// The tables of notices and duties. A notice is visible to its giver and its addressees.
namespace idea::inventory {

absl::Status InsertNotice(storage::Transaction& db, const v1::Notice& notice);

// NOT_FOUND if the notice does not exist or is not visible.
absl::StatusOr<v1::Notice> FindNotice(storage::Transaction& db, const std::string& name,
                                      auth::Visibility visibility);

// Saves a notice that had `version` when it was read. CONCURRENT_CHANGE if another call has changed it.
absl::Status SaveNotice(storage::Transaction& db, const v1::Notice& notice, int64_t version);
absl::StatusOr<int64_t> VersionOf(storage::Transaction& db, const std::string& name);

// One page of the visible notices, the newest first.
absl::StatusOr<v1::ListNoticesResponse> ListNotices(storage::Transaction& db,
                                                    const v1::ListNoticesRequest& request,
                                                    auth::Visibility visibility);

// Calls `on_notice` for every visible notice on a filing, the oldest first. Reads a few at a time.
absl::Status ForEachNotice(storage::Transaction& db, const std::string& filing, auth::Visibility visibility,
                           const std::function<void(v1::Notice)>& on_notice);

// `due` is the end of the last day, if the duty has one.
absl::Status InsertDuty(storage::Transaction& db, const v1::Duty& duty, std::optional<clock::Micros> due);

// NOT_FOUND if the duty does not exist.
absl::StatusOr<v1::Duty> FindDuty(storage::Transaction& db, const std::string& name);

// The duties that follow from a notice, by name.
absl::StatusOr<std::vector<v1::Duty>> ReadDuties(storage::Transaction& db, const std::string& notice);

// The open duties of an entity on a filing that follow from notices of these kinds, the oldest first.
absl::StatusOr<std::vector<v1::Duty>> FindOpenDuties(storage::Transaction& db, const std::string& filing,
                                                     const std::string& entity,
                                                     const std::vector<v1::NoticeKind>& kinds);

// The open duties of an entity on any filing that follow from notices of a kind given at `until` or before.
absl::StatusOr<std::vector<v1::Duty>> FindOpenDuties(storage::Transaction& db, const std::string& entity,
                                                     v1::NoticeKind kind, clock::Micros until);

// Saves a duty that was open. CONCURRENT_CHANGE if it is no longer open.
absl::Status SaveDone(storage::Transaction& db, const v1::Duty& duty);

// One page of the duties that follow from visible notices, the oldest first.
absl::StatusOr<v1::ListDutiesResponse> ListDuties(storage::Transaction& db,
                                                  const v1::ListDutiesRequest& request,
                                                  auth::Visibility visibility);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_STORE_H_
