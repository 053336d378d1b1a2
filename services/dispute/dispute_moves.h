#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_MOVES_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_MOVES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/events/events.h"
#include "common/storage/database.h"
#include "services/dispute/dispute_flow.h"
#include "services/dispute/dispute_parts.h"

// How every change of a dispute is stored and told.
namespace idea::dispute {

// Tells that a dispute was opened or moved; everybody in AudienceOf hears of it and drafting acts on it.
void TellMoved(events::Scribe& scribe, const Offices& offices, std::string_view type,
               std::string_view citation, v1::State from, const v1::Dispute& dispute,
               const std::string& summary);

// Takes a decided step: stores and tells it. `dispute` comes as it was read, but with the texts that the step
// adds, and leaves as it is stored now. ERROR_REASON_CONCURRENT_CHANGE if it has been changed since it was
// read.
absl::Status Take(const Step& step, storage::Transaction& db, events::Scribe& scribe, const Offices& offices,
                  const std::string& summary, v1::Dispute& dispute);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_MOVES_H_
