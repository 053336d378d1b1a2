#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_MOVES_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_MOVES_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/events/events.h"
#include "common/storage/database.h"
#include "services/dispute/dispute_flow.h"
#include "services/dispute/dispute_parts.h"

// How every change of a dispute is stored and told.
namespace idea::dispute {

// Who does something; both empty: the exchange itself.
struct Actor {
  std::string entity = {};
  std::string person = {};
  // For whom the person acts; nullopt: for themselves.
  std::optional<common::v1::OnBehalf> on_behalf = {};
};

// What stands in the history of a step besides its arrow.
struct Words {
  // One sentence for everybody who is told.
  std::string summary;
  // What was recommended, agreed or decided, and why.
  std::string text = {};
  v1::Decision decision = v1::DECISION_UNSPECIFIED;
};

// Stores a new dispute and tells of it; everybody in AudienceOf hears of it and drafting acts on it. ABORTED
// if another one on the same BUCP was opened at the same moment.
absl::Status Open(storage::Transaction& db, events::Scribe& scribe, const Offices& offices,
                  const Actor& actor, v1::Dispute& dispute);

// Takes a decided step: stores it, adds it to the history and tells it. `dispute` comes as it was read, but
// with the texts that the step adds, and leaves as it is stored now. ERROR_REASON_CONCURRENT_CHANGE if it has
// been changed since it was read.
absl::Status Take(const Step& step, const Actor& actor, const Words& words, storage::Transaction& db,
                  events::Scribe& scribe, const Offices& offices, v1::Dispute& dispute);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_MOVES_H_
