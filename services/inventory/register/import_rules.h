#ifndef IDEA_SERVICES_INVENTORY_REGISTER_EARLIER_FILING_H_
#define IDEA_SERVICES_INVENTORY_REGISTER_EARLIER_FILING_H_

#include <optional>
#include <set>
#include <string>

#include "common/clock/clock.h"
#include "idea/inventory/v1/bulk.pb.h"

// Checks and converts the agreements of the previous register. No I/O.
namespace idea::inventory {

// Why a row cannot be imported.
struct Refusal {
  std::string field, reason;
};

// The first fault of a row. `parties` are the entities that the registry has.
std::optional<Refusal> CheckRow(const v1::EarlierFiling& row, const std::set<std::string>& parties,
                                clock::Micros now);

// The filing of a row, without name, log entry and amended filing. ENDED if its last day has passed.
v1::Filing FilingOf(const v1::EarlierFiling& row, const std::string& source, clock::Micros now);
v1::Terms TermsOf(const v1::EarlierFiling& row);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REGISTER_EARLIER_FILING_H_
