#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_SCHEDULE_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_SCHEDULE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "idea/inventory/v1/transfer.pb.h"
#include "services/inventory/exchange/exchange_index.h"

// What an agreed frequency asks for. The agreement's words are free text; only plain ones are understood, and
// what is not understood finds nothing. A period is one of the calendar: a monthly transfer may come on any
// day of its month.
namespace idea::inventory {

enum class Period { kUnknown, kOnce, kDay, kWeek, kTwoWeeks, kMonth, kQuarter, kHalfYear, kYear };

Period PeriodOf(drafting::v1::Recurrence recurrence, std::string_view frequency);

// TOO_FREQUENT or LATE, for a transfer on `day` after the one on `previous`, or the first since `start`.
std::vector<v1::TransferFinding> Reconcile(Period period, Day start, std::optional<Day> previous, Day day);

// Whole periods that have gone by, by `day`, since the last transfer or the start.
int MissedPeriods(Period period, Day start, std::optional<Day> last, Day day);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_TRANSFER_SCHEDULE_H_
