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

// The tables of reviews of de-identified data and of their clocks. Names are whole resource names; the etag
// is the row's version.
namespace idea::dispute {

// A review as it is stored: the resource, and since when an objection stands (0: none does).
struct Review {
  v1::Deidentification resource;
  clock::Micros objected = 0;
};

absl::Status InsertReview(storage::Transaction& db, const v1::Deidentification& review, clock::Micros now);

// The review with its answers and its clock; nullopt if there is none.
absl::StatusOr<std::optional<Review>> FindReview(storage::Transaction& db, const std::string& name);

// Returns one page of the visible reviews, without answers. Fails as listing::Plan does.
absl::StatusOr<v1::ListDeidentificationsResponse> ListReviews(storage::Transaction& db,
                                                              const v1::ListDeidentificationsRequest& request,
                                                              const auth::Visibility& visibility);

// Moves a review on: stores state, dispute and the objection's time of `after`.
// ERROR_REASON_CONCURRENT_CHANGE unless the row still is in state `from` and has the etag.
absl::Status MoveReview(storage::Transaction& db, v1::DeidentificationState from, const Review& after,
                        clock::Micros now);

// Stores the answer of a Data Provider, in place of an earlier one.
absl::Status PutAnswer(storage::Transaction& db, const std::string& review,
                       const v1::DeidentificationAnswer& answer);

// --- clocks: at most one a review ---

// Winds the clock of a review, in place of an earlier one.
absl::Status SetClock(storage::Transaction& db, const std::string& review, clock::Micros due,
                      const std::string& why);
// Stops it, if there is one.
absl::Status StopClock(storage::Transaction& db, const std::string& review);

// A clock whose time has come.
struct DueTimer {
  std::string review;
  clock::Micros next_try;
};
// Up to `limit` clocks that are due and that nobody has claimed, the one waiting longest first. A claim of
// more than a minute is none: the clock that made it was set back.
absl::StatusOr<std::vector<DueTimer>> FindDue(storage::Transaction& db, clock::Micros now, int limit);
// Makes a clock the caller's until then. False: somebody else was faster.
absl::StatusOr<bool> ClaimClock(storage::Transaction& db, const DueTimer& clock, clock::Micros until);
// Stops a claimed clock. False: it was wound anew, stopped, or claimed by somebody else since.
absl::StatusOr<bool> StopClaimed(storage::Transaction& db, const std::string& review, clock::Micros claim);
// Notes why a due clock could not fire. Says whether that is new.
absl::StatusOr<bool> NoteProblem(storage::Transaction& db, const std::string& review,
                                 const std::string& problem);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_STORE_H_
