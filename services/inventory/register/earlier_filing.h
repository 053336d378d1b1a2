#ifndef IDEA_SERVICES_INVENTORY_REGISTER_EARLIER_FILING_H_
#define IDEA_SERVICES_INVENTORY_REGISTER_EARLIER_FILING_H_

#include <optional>
#include <set>
#include <string>

#include "common/clock/clock.h"
#include "idea/inventory/v1/bulk.pb.h"

// A filing of the register before this one, as it is taken over.
namespace idea::inventory {

// Why a row cannot be taken over.
struct Refusal {
  std::string field, reason;
};

// What is wrong with a row as it stands; `parties` are the entities that the registry knows, `now` is today.
std::optional<Refusal> CheckRow(const v1::EarlierFiling& row, const std::set<std::string>& parties,
                                clock::Micros now);

// The filing of a row, without name, log entry and what it amends. What is over is ENDED.
v1::Filing FilingOf(const v1::EarlierFiling& row, const std::string& source, clock::Micros now);
v1::Terms TermsOf(const v1::EarlierFiling& row);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REGISTER_EARLIER_FILING_H_
