#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/dispute/dispute_access.h"

// The track of a dispute, with its reasons. No I/O.
namespace idea::dispute {

// The BUCP from drafting, and its parties and the persons of their offices from the registry.
struct OpeningFacts {
  drafting::v1::Bucp bucp;
  // By name. A party that the registry does not have has only its name.
  std::map<std::string, registry::v1::Entity> parties;
  // The persons who act today for the parties, their agencies and the deciding offices, by entity.
  std::map<std::string, std::vector<registry::v1::Contact>> contacts;
  // Today's delegations between them, by entity.
  std::map<std::string, std::vector<registry::v1::Delegation>> delegations;
};

// The agency to which a party reports, or the party itself.
std::string AgencyOf(const registry::v1::Entity& party);

// Explains the track that follows from the standings under a process, the offices that mediate and decide on
// it, and the entries that the registry does not have: a standing that counts, unless another one determines
// the track, and offices without a holder. An agency's Agency CDO mediates, or else its Agency Information
// Officer, or else those of the party.
v1::TrackExplanation Explain(v1::Process process, const OpeningFacts& facts, const Offices& offices);

// OFFICE_HOLDER_MISSING with the first entity whose office has no holder.
absl::Status CheckOffices(const v1::TrackExplanation& explanation);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_
