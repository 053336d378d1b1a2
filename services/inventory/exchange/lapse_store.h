#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_STORE_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_STORE_H_

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "services/inventory/exchange/exchange_index.h"

// Parties that are no longer signatories to IDEA (agreement 13.2), as the registry says, and which agreements
// have been told of it.
namespace idea::inventory {

// The subject of the event that says that the lapses have changed.
inline constexpr char kLapsesSubject[] = "lapses";

// Every lapse, by entity and day.
absl::StatusOr<std::vector<Lapse>> ReadLapses(storage::Transaction& db);

// Counts the changes of the lapses.
absl::StatusOr<int64_t> ReadLapsesVersion(storage::Transaction& db);

// Stores these lapses and no others, if nothing has changed since `version`. False if something has.
absl::StatusOr<bool> ReplaceLapses(storage::Transaction& db, int64_t version,
                                   const std::vector<Lapse>& lapses);

// News for the parties of an agreement in force: a lapse of one of them, or that it is over or was none.
struct LapseNews {
  std::string filing;
  Lapse lapse;
  // It was taken back: there was no such lapse.
  bool none = false;
};

// Up to `limit` news that nobody was told yet; a lapse that was over before `today` is news only to those who
// were told of its beginning.
absl::StatusOr<std::vector<LapseNews>> FindLapseNews(storage::Transaction& db, Day today, int limit);

// Notes that the parties were told. False if they had been.
absl::StatusOr<bool> MarkLapseTold(storage::Transaction& db, const LapseNews& news);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_LAPSE_STORE_H_
