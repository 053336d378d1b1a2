#ifndef IDEA_SERVICES_INVENTORY_FILING_STATISTICS_STORE_H_
#define IDEA_SERVICES_INVENTORY_FILING_STATISTICS_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/register.pb.h"

// The statistics of the register, updated when filings are written. A query sums up the days and blocks of 32
// days of its period.
namespace idea::inventory {

// The time that the guidebook reports for an exchange under IDEA.
inline constexpr int kYardstickDays = 79;

// Counts a new filing, or a filing that has changed from state `from`.
absl::Status CountFiling(storage::Transaction& db, const v1::Filing& filing,
                         std::optional<v1::FilingState> from = std::nullopt);

// The agreements that were executed from `from` until before `until`, both beginnings of days in UTC, by
// entity. The entity '' is the total. Only `entity` if it is set.
absl::StatusOr<std::vector<v1::Statistics>> CountFilings(storage::Transaction& db, clock::Micros from,
                                                         clock::Micros until,
                                                         const std::optional<std::string>& entity);

// The number of filings by state. States without filings are missing.
absl::StatusOr<std::map<v1::FilingState, int64_t>> CountByState(storage::Transaction& db);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_STATISTICS_STORE_H_
