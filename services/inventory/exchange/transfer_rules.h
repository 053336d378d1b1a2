#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_SCHEDULE_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_SCHEDULE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "common/exchange/exchange_index.h"
#include "idea/inventory/v1/transfer.pb.h"

// The period that an agreed frequency demands. The frequency is free text. Only the common phrases are
// understood, and others have no findings. Periods are those of the calendar: a monthly transfer may be sent
// on any day of its month.
namespace idea::inventory {

enum class Period { kUnknown, kOnce, kDay, kWeek, kTwoWeeks, kMonth, kQuarter, kHalfYear, kYear };

Period PeriodOf(drafting::v1::Recurrence recurrence, std::string_view frequency);

// TOO_FREQUENT or LATE for a transfer on `day` after the one on `previous`, or for the first since `start`.
std::vector<v1::TransferFinding> Reconcile(Period period, exchange::Day start,
                                           std::optional<exchange::Day> previous, exchange::Day day);

// The number of whole periods that have passed by `day` since the last transfer or the start.
int MissedPeriods(Period period, exchange::Day start, std::optional<exchange::Day> last, exchange::Day day);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_SCHEDULE_H_
