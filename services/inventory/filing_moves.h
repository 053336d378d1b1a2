#ifndef IDEA_SERVICES_INVENTORY_FILING_MOVES_H_
#define IDEA_SERVICES_INVENTORY_FILING_MOVES_H_

#include <string>
#include <string_view>

#include "common/clock/clock.h"
#include "common/events/events.h"
#include "idea/inventory/v1/inventory.pb.h"

// What goes with every change of a filing.
namespace idea::inventory {

// What the log keeps of a filing as it stands after the change.
v1::LogEntry EntryOf(const v1::Filing& filing, v1::LogEntryKind kind, clock::Micros now);

// Tells the parties and the Statewide CDO's office.
void TellMoved(events::Scribe& scribe, const v1::Filing& filing, const std::string& cdo_entity,
               std::string_view type, std::string_view citation, std::string summary);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_MOVES_H_
