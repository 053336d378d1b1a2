#ifndef IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_STORE_H_
#define IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/review_date.pb.h"

// When agreements are looked at again. A name is that of the filing: "filings/{id}".
namespace idea::inventory {

struct StoredReviewDate {
  v1::ReviewDate review;
  // 0: never stored.
  int64_t version = 0;
};
absl::StatusOr<StoredReviewDate> FindReviewDate(storage::Transaction& db, const std::string& name);

// Stores it in place of the version that was found, to be told of when its day has come. CONCURRENT_CHANGE if
// another one was faster.
absl::Status SaveReviewDate(storage::Transaction& db, const StoredReviewDate& stored);

// Of agreements in force that `entity` is a party to (empty: all), the next due first.
absl::StatusOr<std::vector<v1::ReviewDate>> ListReviewDates(storage::Transaction& db,
                                                            const v1::ListReviewDatesRequest& request,
                                                            const std::string& entity,
                                                            std::string& next_page_token);

// Agreements in force whose review date has come by the day that begins with `today`, and of which nobody was
// told.
absl::StatusOr<std::vector<std::string>> FindDueReviews(storage::Transaction& db, clock::Micros today,
                                                        int most);
// False if it was told already, or has another date by now.
absl::StatusOr<bool> MarkTold(storage::Transaction& db, const std::string& name, clock::Micros today);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_STORE_H_
