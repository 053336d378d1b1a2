#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/events/events.h"
#include "services/dispute/deidentification_flow.h"
#include "services/dispute/deidentification_store.h"

// Saves and records every step of a review of de-identified data.
namespace idea::dispute {

// Records an event for the parties of a review.
void RecordReviewEvent(events::EventRecorder& recorder, std::string_view type,
                       const v1::Deidentification& review, const std::string& summary);

// Takes a step that the flow has decided: saves the review and records the event. `review` has the etag that
// was read and the changes of the step; on return it is as stored. CONCURRENT_CHANGE if it was changed since
// it was read.
absl::Status Transition(const deidentification::Step& step, const std::string& summary,
                        storage::Transaction& db, events::EventRecorder& recorder, Review& review);

// Returns a review to OBJECTED and sets its timer to now, because drafting could not hold the BUCP for the
// dispute that the timer opened. Does nothing if the review is not DISPUTED any more.
absl::Status ReopenObjection(storage::Transaction& db, events::EventRecorder& recorder,
                             const std::string& review);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_
