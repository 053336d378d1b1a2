#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_STORE_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_STORE_H_

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/exchange_index.h"
#include "common/storage/database.h"

// Parties that are no longer signatories to IDEA (agreement 13.2), as the registry reports them, and the
// agreements whose parties were notified.
namespace idea::inventory {

// The subject of the event LapsesRecorded.
inline constexpr char kLapsesSubject[] = "lapses";

// All lapses, ordered by entity and day.
absl::StatusOr<std::vector<exchange::Lapse>> ReadLapses(storage::Transaction& db);

// The number of changes of the lapses.
absl::StatusOr<int64_t> ReadLapsesVersion(storage::Transaction& db);

// Replaces all lapses if they have not changed since `version`. Returns false if they have.
absl::StatusOr<bool> ReplaceLapses(storage::Transaction& db, int64_t version,
                                   const std::vector<exchange::Lapse>& lapses);

// A notification of the parties of an agreement in force about a lapse of one of them, its end or its
// correction.
struct LapseNotification {
  std::string filing;
  exchange::Lapse lapse;
  // The registry has withdrawn the lapse.
  bool withdrawn = false;
};

// Up to `limit` notifications that are due. A lapse that ended before `today` is due only for agreements
// whose parties were notified of its beginning.
absl::StatusOr<std::vector<LapseNotification>> FindLapseNotifications(storage::Transaction& db,
                                                                      exchange::Day today, int limit);

// Records that the parties were notified. Returns false if they had been before.
absl::StatusOr<bool> MarkNotified(storage::Transaction& db, const LapseNotification& notification);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_STORE_H_
