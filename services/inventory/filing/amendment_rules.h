#ifndef IDEA_SERVICES_INVENTORY_FILING_AMENDMENT_RULES_H_
#define IDEA_SERVICES_INVENTORY_FILING_AMENDMENT_RULES_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "idea/inventory/v1/filing.pb.h"

// Whether an executed amendment replaces the agreement that it amends, according to the register (guidebook
// step 8): exactly one agreement of a family is in force. No I/O.
namespace idea::inventory {

// Whether the agreement is in force in the register and its last day had not passed at `at`.
bool IsInForceAt(const v1::Filing& filing, const google::protobuf::Timestamp& at, absl::TimeZone zone);

// Checks an amendment that is new to the register; `amended` is the filing of the BUCP that it amends.
// INVALID_FIELD on `amends` if that is the amendment itself or has parties that the amendment does not have.
// AMENDED_AGREEMENT_UNKNOWN if the register does not have it yet. AMENDED_AGREEMENT_ENDED if it was
// terminated, superseded or past its last day when the amendment was executed. An agreement whose last day
// passed after that was amended in time.
absl::Status CheckAmends(const v1::Filing& amendment, const std::optional<v1::Filing>& amended,
                         absl::TimeZone zone);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_AMENDMENT_RULES_H_
