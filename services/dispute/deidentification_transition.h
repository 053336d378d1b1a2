#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/events/events.h"
#include "services/dispute/deidentification_flow.h"
#include "services/dispute/deidentification_store.h"

// Decides, saves and records every step of a review of de-identified data.
namespace idea::dispute {

// Records an event for the parties of a review.
void RecordReviewEvent(events::EventRecorder& recorder, std::string_view type,
                       const v1::Deidentification& review, const std::string& summary);

// One step of the flow, as requested.
struct ReviewStepRequest {
  std::string_view on;
  // The roles of the caller.
  flow::Roles by = 0;
  deidentification::Facts facts = {};
  // Makes the changes of the step that the flow allows, and returns the summary for the event.
  std::function<absl::StatusOr<std::string>(const deidentification::Step&, Review&)> change;
};

// Takes the step or returns why it is not possible: decides, makes the changes, saves the review and records
// the event. `review` has the etag that was read; on return it is as stored. CONCURRENT_CHANGE if it was
// changed since it was read.
absl::StatusOr<deidentification::Step> Transition(storage::Transaction& db, events::EventRecorder& recorder,
                                                  const ReviewStepRequest& request, Review& review);

// Returns a review to OBJECTED and sets its timer to now, because drafting could not hold the BUCP for the
// dispute that the timer opened. Does nothing if the review is not DISPUTED any more.
absl::Status ReopenObjection(storage::Transaction& db, events::EventRecorder& recorder,
                             const std::string& review);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_
