#ifndef IDEA_SERVICES_INVENTORY_FILING_STATISTICS_STORE_H_
#define IDEA_SERVICES_INVENTORY_FILING_STATISTICS_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/register.pb.h"

// The register's statistics, counted as filings are written: a question about a million filings adds up the
// days and blocks of days of its period.
namespace idea::inventory {

// What the guidebook reports for an exchange under IDEA.
inline constexpr int kYardstickDays = 79;

// Counts a new filing, or the move of one from state `from`.
absl::Status CountFiling(storage::Transaction& db, const v1::Filing& filing,
                         std::optional<v1::FilingState> from = std::nullopt);

// What was executed from `from` until `until`, both beginnings of days, by entity; the entity '' is the
// total. Of one entity, if one is named.
absl::StatusOr<std::vector<v1::Statistics>> CountFilings(storage::Transaction& db, clock::Micros from,
                                                         clock::Micros until,
                                                         const std::optional<std::string>& entity);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_STATISTICS_STORE_H_
