#include "services/dispute/deidentification_transition.h"

#include <set>

#include "common/status/status.h"

namespace idea::dispute {

void RecordReviewEvent(events::EventRecorder& recorder, std::string_view type,
                       const v1::Deidentification& review, const std::string& summary) {
  std::set<std::string> parties(review.recipients().begin(), review.recipients().end());
  parties.insert(review.providers().begin(), review.providers().end());
  recorder.Record({.type = type,
                   .subject = review.name(),
                   .bucp = review.bucp(),
                   .audience = {parties.begin(), parties.end()},
                   .citation = "agreement 5.19",
                   .summary = summary});
}

absl::StatusOr<deidentification::Step> Transition(storage::Transaction& db, events::EventRecorder& recorder,
                                                  const ReviewStepRequest& request, Review& review) {
  v1::Deidentification& resource = review.resource;
  ASSIGN_OR_RETURN(const deidentification::Step step, flow::Decide(deidentification::kFlow, resource.state(),
                                                                   request.on, request.by, request.facts));
  ASSIGN_OR_RETURN(const std::string summary, request.change(step, review));
  resource.set_state(step.to);
  RETURN_IF_ERROR(SaveReview(db, step.from, review, recorder.now()));
  resource.set_etag(std::to_string(std::stoll(resource.etag()) + 1));
  *resource.mutable_update_time() = clock::ToProto(recorder.now());
  RecordReviewEvent(recorder, step.tell, resource, summary);
  return step;
}

absl::Status ReopenObjection(storage::Transaction& db, events::EventRecorder& recorder,
                             const std::string& review) {
  ASSIGN_OR_RETURN(auto found, FindReview(db, review));
  if (!found || found->resource.state() != v1::DEIDENTIFICATION_STATE_DISPUTED) return absl::OkStatus();
  const auto reopen = [](const deidentification::Step&, Review& reopened) -> absl::StatusOr<std::string> {
    reopened.resource.clear_dispute();
    return "The BUCP could no longer be held; the objection stays in effect.";
  };
  RETURN_IF_ERROR(Transition(db, recorder,
                             {.on = deidentification::kHoldRefused, .by = flow::kDrafting, .change = reopen},
                             *found)
                      .status());
  return SetTimer(db, review, recorder.now(),
                  "the BUCP went on before the dispute could hold it: the dispute opens again");
}

}  // namespace idea::dispute
