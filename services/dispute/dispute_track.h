#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_

#include "absl/status/status.h"
#include "services/dispute/opening_facts.h"

// The track of a dispute, with its reasons. No I/O.
namespace idea::dispute {

// Explains the track that follows from the standings under a process, the offices that mediate and decide on
// it, and the entries that the registry does not have: a standing that counts, unless another one determines
// the track, and offices without a holder. An agency's Agency CDO mediates, or else its Agency Information
// Officer, or else those of the party.
v1::TrackExplanation Explain(v1::Process process, const OpeningFacts& facts, const Offices& offices);

// OFFICE_HOLDER_MISSING with the first entity whose office has no holder.
absl::Status CheckOffices(const v1::TrackExplanation& explanation);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_
