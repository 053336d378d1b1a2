#ifndef IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_STORE_H_
#define IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/review_date.pb.h"

// The table of review dates. A review date has the name of its filing: "filings/{filing}".
namespace idea::inventory {

struct StoredReviewDate {
  v1::ReviewDate review;
  // 0 if it was never stored.
  int64_t version = 0;
};
absl::StatusOr<StoredReviewDate> FindReviewDate(storage::Transaction& db, const std::string& name);

// Saves a review date over the version that was read. Its parties are then notified on its day.
// CONCURRENT_CHANGE if another call has changed it.
absl::Status SaveReviewDate(storage::Transaction& db, const StoredReviewDate& stored);

// One page of the review dates of visible agreements in force, the next due first.
absl::StatusOr<std::vector<v1::ReviewDate>> ListReviewDates(storage::Transaction& db,
                                                            const v1::ListReviewDatesRequest& request,
                                                            auth::Visibility visibility,
                                                            std::string& next_page_token);

// Up to `limit` agreements in force whose review date is the day that begins at `today` or before, and whose
// parties were not notified.
absl::StatusOr<std::vector<std::string>> FindDueReviews(storage::Transaction& db, clock::Micros today,
                                                        int limit);
// Records that the parties were notified. Returns false if they had been before, or if the date has changed.
absl::StatusOr<bool> MarkReviewNotified(storage::Transaction& db, const std::string& name,
                                        clock::Micros today);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_STORE_H_
