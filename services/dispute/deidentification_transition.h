#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/events/events.h"
#include "services/dispute/deidentification_flow.h"
#include "services/dispute/deidentification_store.h"

// How every change of a review of de-identified data is stored and told.
namespace idea::dispute {

// Tells the parties of a review.
void TellReview(events::EventRecorder& recorder, std::string_view type, const v1::Deidentification& review,
                const std::string& summary);

// Takes a decided step: stores and tells it. `review` comes as it was read, but with what the step adds, and
// leaves as it is stored now. ERROR_REASON_CONCURRENT_CHANGE if it has been changed since it was read.
absl::Status TakeReview(const deidentification::Step& step, const std::string& summary,
                        storage::Transaction& db, events::EventRecorder& recorder, Review& review);

// Drafting could not hold the BUCP for the dispute that the review's clock opened: the objection stands, and
// the clock looks again at once. Nothing if the review has gone on.
absl::Status OpenAgain(storage::Transaction& db, events::EventRecorder& recorder, const std::string& review);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_TRANSITION_H_
