#include "services/inventory/review_date/review_date_service.h"

#include "common/clock/date.h"
#include "common/flow/flow.h"
#include "common/status/status.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_transition.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/review_date/review_date_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

constexpr int kMaxReviews = 50;

}  // namespace

void ReviewDateService::Bind(rpc::Router& router) {
  router.Bind(this, &ReviewDateService::SetReviewDate);
  router.Bind(this, &ReviewDateService::RecordReview);
  router.Bind(this, &ReviewDateService::ListReviewDates);
}

v1::ReviewDate ReviewDateService::WithDue(v1::ReviewDate review, clock::Micros now) const {
  review.set_due(review.has_review_date() && clock::DayOf(review.review_date()) <= clock::DayOf(now, zone_));
  return review;
}

absl::Status ReviewDateService::CheckNotPast(const rpc::Call& call, const char* field,
                                             const google::type::Date& date) const {
  if (clock::DayOf(date) >= clock::DayOf(call.now(), zone_)) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_INVALID_FIELD, std::string(field) + " is in the past")
      .Field(field, "today or a later day");
}

template <class Change>
absl::StatusOr<v1::ReviewDate> ReviewDateService::Update(rpc::Call& call, const std::string& name,
                                                         std::string_view type, const Change& change) {
  ASSIGN_OR_RETURN(const v1::Filing filing, FindVisible(call.db(), call.caller(), name));
  if (filing.state() == v1::FILING_STATE_ENDED) {
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the agreement has ended")
        .With("state", flow::NameOf(filing.state()));
  }
  ASSIGN_OR_RETURN(StoredReviewDate stored, FindReviewDate(call.db(), name));
  stored.review.set_filing(filing.name());
  stored.review.set_bucp(filing.bucp());
  stored.review.set_title(filing.title());
  const std::string summary = change(stored.review);
  RETURN_IF_ERROR(SaveReviewDate(call.db(), stored));
  RecordFilingEvent(call.recorder(), filing, cdo_entity_, type, "guidebook step 8", summary);
  return WithDue(std::move(stored.review), call.now());
}

absl::StatusOr<v1::SetReviewDateResponse> ReviewDateService::SetReviewDate(
    rpc::Call& call, const v1::SetReviewDateRequest& request) {
  if (request.has_review_date()) RETURN_IF_ERROR(CheckNotPast(call, "review_date", request.review_date()));
  v1::SetReviewDateResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_review(),
      Update(call, request.filing(), event::kReviewDateSet, [&](v1::ReviewDate& review) -> std::string {
        review.clear_review_date();
        if (!request.has_review_date()) return "no review is planned";
        *review.mutable_review_date() = request.review_date();
        return "to be reviewed on " + clock::DateText(request.review_date());
      }));
  return response;
}

absl::StatusOr<v1::RecordReviewResponse> ReviewDateService::RecordReview(
    rpc::Call& call, const v1::RecordReviewRequest& request) {
  if (request.has_next_review_date())
    RETURN_IF_ERROR(CheckNotPast(call, "next_review_date", request.next_review_date()));
  v1::RecordReviewResponse response;
  ASSIGN_OR_RETURN(*response.mutable_review(),
                   Update(call, request.filing(), event::kAgreementReviewed, [&](v1::ReviewDate& review) {
                     review.clear_review_date();
                     if (request.has_next_review_date())
                       *review.mutable_review_date() = request.next_review_date();
                     v1::AgreementReview& done = *review.add_reviews();
                     done.set_outcome(request.outcome());
                     done.set_note(request.note());
                     *done.mutable_time() = clock::ToProto(call.now());
                     done.set_entity(call.caller().entity);
                     done.set_person(call.caller().person);
                     done.set_person_name(call.caller().person_name);
                     if (const auto& for_whom = call.caller().on_behalf)
                       *done.mutable_on_behalf() = *for_whom;
                     auto& all = *review.mutable_reviews();
                     if (all.size() > kMaxReviews) all.DeleteSubrange(0, all.size() - kMaxReviews);
                     return call.caller().entity + " has reviewed it: " + flow::NameOf(request.outcome());
                   }));
  return response;
}

absl::StatusOr<v1::ListReviewDatesResponse> ReviewDateService::ListReviewDates(
    rpc::Call& call, const v1::ListReviewDatesRequest& request) {
  v1::ListReviewDatesResponse response;
  ASSIGN_OR_RETURN(const std::vector<v1::ReviewDate> reviews,
                   inventory::ListReviewDates(call.db(), request, VisibilityOf(call.caller()),
                                              *response.mutable_next_page_token()));
  for (const v1::ReviewDate& review : reviews) *response.add_reviews() = WithDue(review, call.now());
  return response;
}

}  // namespace idea::inventory
