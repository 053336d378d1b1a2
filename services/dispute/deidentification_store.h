#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_STORE_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/dispute/v1/deidentification.pb.h"

// Stores reviews of de-identified data and their timers. Names are full resource names. The etag is the
// version of the row.
namespace idea::dispute {

// A stored review: the resource, and the time of the objection that is in effect (0 if there is none).
struct Review {
  v1::Deidentification resource;
  clock::Micros objected = 0;
};

absl::Status InsertReview(storage::Transaction& db, const v1::Deidentification& review, clock::Micros now);

// Returns the review with its answers and its timer, or nullopt.
absl::StatusOr<std::optional<Review>> FindReview(storage::Transaction& db, const std::string& name);

// Returns one page of the visible reviews, without answers. Fails as listing::Plan does.
absl::StatusOr<v1::ListDeidentificationsResponse> ListReviews(storage::Transaction& db,
                                                              const v1::ListDeidentificationsRequest& request,
                                                              const auth::Visibility& visibility);

// Saves state, dispute and objection time of `after`. CONCURRENT_CHANGE if the row is not in state `from` any
// more or has another etag.
absl::Status SaveReview(storage::Transaction& db, v1::DeidentificationState from, const Review& after,
                        clock::Micros now);

// Stores the answer of a Data Provider and replaces an earlier one.
absl::Status PutAnswer(storage::Transaction& db, const std::string& review,
                       const v1::DeidentificationAnswer& answer);

// --- timers: at most one for each review ---

// Sets the timer of a review and replaces an earlier one.
absl::Status SetTimer(storage::Transaction& db, const std::string& review, clock::Micros due,
                      const std::string& why);
// Removes the timer of a review, if one exists.
absl::Status StopTimer(storage::Transaction& db, const std::string& review);

// A timer that is due.
struct DueTimer {
  std::string review;
  clock::Micros next_try;
};
// Returns up to `limit` timers that are due and not claimed, the longest due first. Ignores a claim that ends
// more than a minute from now: the time of the replica that made it was set back.
absl::StatusOr<std::vector<DueTimer>> FindDueTimers(storage::Transaction& db, clock::Micros now, int limit);
// Claims a timer until that time. Returns false if another replica was faster.
absl::StatusOr<bool> ClaimTimer(storage::Transaction& db, const DueTimer& clock, clock::Micros until);
// Removes a claimed timer. Returns false if it was set again, removed or claimed by another replica.
absl::StatusOr<bool> StopClaimedTimer(storage::Transaction& db, const std::string& review,
                                      clock::Micros claim);
// Stores why a timer that is due could not fire. Returns whether the reason is new.
absl::StatusOr<bool> NoteProblem(storage::Transaction& db, const std::string& review,
                                 const std::string& problem);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_STORE_H_
