#ifndef IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_SERVICE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/review_date.pb.h"

namespace idea::inventory {

// Implements idea.inventory.v1.ReviewDateService.
class ReviewDateService {
 public:
  // Days are those of `zone`.
  ReviewDateService(std::string cdo_entity, absl::TimeZone zone)
      : cdo_entity_(std::move(cdo_entity)), zone_(zone) {}

  // Binds every method.
  void Bind(rpc::Router& router);

 private:
  absl::StatusOr<v1::SetReviewDateResponse> SetReviewDate(rpc::Call& call,
                                                          const v1::SetReviewDateRequest& request);
  absl::StatusOr<v1::RecordReviewResponse> RecordReview(rpc::Call& call,
                                                        const v1::RecordReviewRequest& request);
  absl::StatusOr<v1::ListReviewDatesResponse> ListReviewDates(rpc::Call& call,
                                                              const v1::ListReviewDatesRequest& request);

  // Changes the review date of an agreement in force and records the event. `change` returns the summary.
  template <class Change>
  absl::StatusOr<v1::ReviewDate> Update(rpc::Call& call, const std::string& name, std::string_view type,
                                        const Change& change);
  absl::Status CheckNotPast(const rpc::Call& call, const char* field, const google::type::Date& date) const;
  // Sets whether the review is due.
  v1::ReviewDate WithDue(v1::ReviewDate review, clock::Micros now) const;

  const std::string cdo_entity_;
  const absl::TimeZone zone_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_REVIEW_DATE_REVIEW_DATE_SERVICE_H_
