#ifndef IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_STORE_H_
#define IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/duty.pb.h"
#include "idea/inventory/v1/notice.pb.h"

// Notices and duties in the database.
namespace idea::inventory {

absl::Status InsertNotice(storage::Transaction& db, const v1::Notice& notice);

// The notice, if `entity` gave or got it, or is empty. NOT_FOUND otherwise.
absl::StatusOr<v1::Notice> FindNotice(storage::Transaction& db, const std::string& name,
                                      const std::string& entity);

// Stores a notice whose version was `version` when it was read. CONCURRENT_CHANGE if it was changed
// meanwhile.
absl::Status SaveNotice(storage::Transaction& db, const v1::Notice& notice, int64_t version);
absl::StatusOr<int64_t> VersionOf(storage::Transaction& db, const std::string& name);

// One page of what `entity` gave or got, or of all if it is empty; newest first.
absl::StatusOr<v1::ListNoticesResponse> ListNotices(storage::Transaction& db,
                                                    const v1::ListNoticesRequest& request,
                                                    const std::string& entity);

// Gives every notice on a filing that `entity` gave or got, or all if it is empty; the oldest first. Reads a
// few at a time.
absl::Status ForEachNotice(storage::Transaction& db, const std::string& filing, const std::string& entity,
                           const std::function<void(v1::Notice)>& take);

// `due`: the end of the last day, if there is one.
absl::Status InsertDuty(storage::Transaction& db, const v1::Duty& duty, std::optional<clock::Micros> due);

// The duty; NOT_FOUND if there is none.
absl::StatusOr<v1::Duty> FindDuty(storage::Transaction& db, const std::string& name);

// The open duties of an entity on a filing that follow from notices of these kinds; the oldest first.
absl::StatusOr<std::vector<v1::Duty>> FindOpenDuties(storage::Transaction& db, const std::string& filing,
                                                     const std::string& entity,
                                                     const std::vector<v1::NoticeKind>& kinds);

// The open duties of an entity, on any filing, that follow from notices of a kind given until then.
absl::StatusOr<std::vector<v1::Duty>> FindOpenDuties(storage::Transaction& db, const std::string& entity,
                                                     v1::NoticeKind kind, clock::Micros until);

// Stores a duty that was open. CONCURRENT_CHANGE if it is not.
absl::Status SaveDone(storage::Transaction& db, const v1::Duty& duty);

// One page of the duties of notices that `entity` gave or got, or of all if it is empty; the oldest first.
absl::StatusOr<v1::ListDutiesResponse> ListDuties(storage::Transaction& db,
                                                  const v1::ListDutiesRequest& request,
                                                  const std::string& entity);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_STORE_H_
