#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_

#include "absl/status/status.h"
#include "services/dispute/opening_facts.h"

// Which way a dispute goes, and why. No I/O.
namespace idea::dispute {

// The track that the standings pick under a process, the offices that mediate and decide on it, and what the
// registry does not say: the standing of a party that counts, unless another one decides; an office without a
// holder. An agency's Agency CDO mediates, else its Agency Information Officer, else the party's own.
v1::TrackExplanation Explain(v1::Process process, const OpeningFacts& facts, const Offices& offices);

// Whether every office has a holder: else ERROR_REASON_OFFICE_HOLDER_MISSING with the first entity that has
// none.
absl::Status CheckOffices(const v1::TrackExplanation& explanation);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_TRACK_H_
