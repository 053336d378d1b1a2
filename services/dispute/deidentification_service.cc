#include "services/dispute/deidentification_service.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/dispute/dispute_events.h"

namespace idea::dispute {
namespace {

using status::Error;
using enum v1::DeidentificationState;

// Agreement section 5.19.
constexpr int kDaysToObject = 5;
constexpr int kDaysToAgree = 10;

// Returns the review. NOT_FOUND if it does not exist or the caller may not see it.
absl::StatusOr<Review> FindVisible(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(auto review, FindReview(call.db(), name));
  const auth::Visibility visibility = VisibilityOf(call.caller());
  if (review && (visibility.CoversAny(review->resource.recipients()) ||
                 visibility.CoversAny(review->resource.providers()))) {
    return *std::move(review);
  }
  return Error(Reason::ERROR_REASON_NOT_FOUND,
               "the review does not exist, or the caller is not a party to it")
      .With("name", name);
}

// A step of the caller. The facts are those of the answers in `review`.
ReviewStepRequest StepRequestOf(const rpc::Call& call, const v1::Deidentification& review,
                                std::string_view on, decltype(ReviewStepRequest::change) change) {
  const std::string& entity = call.caller().entity;
  ReviewStepRequest step_request = {.on = on, .change = std::move(change)};
  if (absl::c_linear_search(review.providers(), entity)) step_request.by |= flow::kProvider;
  if (entity == review.submitted_by()) step_request.by |= deidentification::kSubmitter;
  int accepting = 0;
  for (const v1::DeidentificationAnswer& answer : review.answers()) {
    step_request.facts.objection |= answer.assessment() == v1::ASSESSMENT_OBJECTS;
    accepting += answer.assessment() == v1::ASSESSMENT_ACCEPTS ? 1 : 0;
  }
  step_request.facts.all_accept = accepting == review.providers_size();
  return step_request;
}

// Adds an answer, or replaces the entity's earlier one.
void Replace(const v1::DeidentificationAnswer& answer, v1::Deidentification& review) {
  for (v1::DeidentificationAnswer& other : *review.mutable_answers()) {
    if (other.entity() != answer.entity()) continue;
    other = answer;
    return;
  }
  *review.add_answers() = answer;
}

}  // namespace

void DeidentificationService::Bind(rpc::Router& router) {
  router.Bind(this, &DeidentificationService::GatherSubmission, &DeidentificationService::Submit);
  router.Bind(this, &DeidentificationService::GatherPart<v1::AnswerDeidentificationRequest>,
              &DeidentificationService::Answer);
  router.Bind(this, &DeidentificationService::GatherPart<v1::WithdrawDeidentificationRequest>,
              &DeidentificationService::Withdraw);
  router.Bind(this, &DeidentificationService::Get);
  router.Bind(this, &DeidentificationService::List);
}

absl::Status DeidentificationService::UpdateTimer(storage::Transaction& db,
                                                  const deidentification::Step& step, const Review& review,
                                                  clock::Micros now) const {
  if (step.to == step.from) return absl::OkStatus();
  const std::string& name = review.resource.name();
  if (step.to == DEIDENTIFICATION_STATE_SUBMITTED) {
    const WorkingDays::Deadline deadline =
        days_.After(clock::FromProto(review.resource.create_time()), kDaysToObject);
    return SetTimer(db, name, clock::FromProto(review.resource.review_due_time()),
                    "a Data Provider objects until then: " + deadline.why);
  }
  if (step.to == DEIDENTIFICATION_STATE_OBJECTED) {
    const WorkingDays::Deadline deadline = days_.After(now, kDaysToAgree);
    return SetTimer(db, name, deadline.due, "the dispute opens unless the parties agree: " + deadline.why);
  }
  return StopTimer(db, name);
}

absl::StatusOr<drafting::v1::Bucp> DeidentificationService::GatherSubmission(
    rpc::Call& call, const v1::SubmitDeidentificationRequest& request) {
  ASSIGN_OR_RETURN(drafting::v1::Bucp bucp,
                   FetchBucp(peers_, call.context(), request.bucp(), call.caller().entity));
  RETURN_IF_ERROR(ClaimPart(peers_, call, request.bucp(), request.request_id()));
  return bucp;
}

absl::Status DeidentificationService::GatherPartIn(rpc::Call& call, const std::string& name,
                                                   const std::string& act) {
  std::string bucp;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const auto review, FindReview(db, name));
    const bool acts = review && (absl::c_linear_search(review->resource.recipients(), call.caller().entity) ||
                                 absl::c_linear_search(review->resource.providers(), call.caller().entity));
    bucp = acts ? review->resource.bucp() : "";
    return absl::OkStatus();
  }));
  return bucp.empty() ? absl::OkStatus() : ClaimPart(peers_, call, bucp, act);
}

absl::StatusOr<v1::SubmitDeidentificationResponse> DeidentificationService::Submit(
    rpc::Call& call, const v1::SubmitDeidentificationRequest& request, const drafting::v1::Bucp& bucp) {
  if (!absl::c_linear_search(bucp.content().recipients(), call.caller().entity)) {
    const std::string by = flow::NamesOf(flow::kRecipient);
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "SubmitDeidentification is a step of: " + by)
        .With("by", by);
  }
  if (bucp.state() == drafting::v1::STATE_DRAFT || bucp.state() == drafting::v1::STATE_WITHDRAWN ||
      bucp.state() == drafting::v1::STATE_NOT_APPROVED) {
    const std::string state = flow::NameOf(bucp.state());
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED,
                 "SubmitDeidentification is not possible for a BUCP in state " + state)
        .With("state", state);
  }
  v1::Deidentification review;
  review.set_name(ids::kDeidentifications.Name(ids::NewUuid()));
  review.set_bucp(bucp.name());
  review.set_title(bucp.title());
  review.set_state(DEIDENTIFICATION_STATE_SUBMITTED);
  review.set_submitted_by(call.caller().entity);
  *review.mutable_recipients() = bucp.content().recipients();
  *review.mutable_providers() = bucp.content().providers();
  review.set_description(request.description());
  review.set_method(request.method());
  review.set_intended_use(request.intended_use());
  const WorkingDays::Deadline deadline = days_.After(call.now(), kDaysToObject);
  *review.mutable_review_due_time() = clock::ToProto(deadline.due);
  RETURN_IF_ERROR(InsertReview(call.db(), review, call.now()));
  RETURN_IF_ERROR(SetTimer(call.db(), review.name(), deadline.due,
                           "a Data Provider objects until then: " + deadline.why));
  RecordReviewEvent(call.recorder(), kDeidentificationSubmitted, review,
                    review.submitted_by() + " gives de-identified data to the Data Providers for review.");
  v1::SubmitDeidentificationResponse response;
  ASSIGN_OR_RETURN(Review stored, FindVisible(call, review.name()));
  *response.mutable_deidentification() = std::move(stored.resource);
  return response;
}

absl::StatusOr<v1::AnswerDeidentificationResponse> DeidentificationService::Answer(
    rpc::Call& call, const v1::AnswerDeidentificationRequest& request) {
  ASSIGN_OR_RETURN(Review review, FindVisible(call, request.name()));
  if (request.assessment() == v1::ASSESSMENT_OBJECTS && request.text().empty()) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "text: the objections").Field("text", "the objections");
  }
  v1::DeidentificationAnswer answer;
  answer.set_entity(call.caller().entity);
  answer.set_person(call.caller().person);
  if (const auto& for_whom = call.caller().on_behalf) *answer.mutable_on_behalf() = *for_whom;
  answer.set_assessment(request.assessment());
  answer.set_text(request.text());
  answer.set_late(call.now() >= clock::FromProto(review.resource.review_due_time()));
  *answer.mutable_answer_time() = clock::ToProto(call.now());
  Replace(answer, review.resource);
  const auto store = [&](const deidentification::Step& step,
                         Review& answered) -> absl::StatusOr<std::string> {
    if (step.to != DEIDENTIFICATION_STATE_OBJECTED) answered.objected = 0;
    if (step.to == DEIDENTIFICATION_STATE_OBJECTED && step.from != step.to) answered.objected = call.now();
    RETURN_IF_ERROR(PutAnswer(call.db(), request.name(), answer));
    const std::string says = answer.assessment() == v1::ASSESSMENT_OBJECTS ? " objects to" : " accepts";
    return answer.entity() + says + " the de-identified data" + (answer.late() ? ", late." : ".");
  };
  ASSIGN_OR_RETURN(const deidentification::Step step,
                   Transition(call.db(), call.recorder(),
                              StepRequestOf(call, review.resource, "AnswerDeidentification", store), review));
  RETURN_IF_ERROR(UpdateTimer(call.db(), step, review, call.now()));
  v1::AnswerDeidentificationResponse response;
  ASSIGN_OR_RETURN(review, FindVisible(call, request.name()));
  *response.mutable_deidentification() = std::move(review.resource);
  return response;
}

absl::StatusOr<v1::WithdrawDeidentificationResponse> DeidentificationService::Withdraw(
    rpc::Call& call, const v1::WithdrawDeidentificationRequest& request) {
  ASSIGN_OR_RETURN(Review review, FindVisible(call, request.name()));
  const auto withdraw = [&](const deidentification::Step&, Review& withdrawn) -> absl::StatusOr<std::string> {
    return withdrawn.resource.submitted_by() + " withdrew it: " + request.reason();
  };
  ASSIGN_OR_RETURN(
      const deidentification::Step step,
      Transition(call.db(), call.recorder(),
                 StepRequestOf(call, review.resource, "WithdrawDeidentification", withdraw), review));
  RETURN_IF_ERROR(UpdateTimer(call.db(), step, review, call.now()));
  v1::WithdrawDeidentificationResponse response;
  ASSIGN_OR_RETURN(review, FindVisible(call, request.name()));
  *response.mutable_deidentification() = std::move(review.resource);
  return response;
}

absl::StatusOr<v1::GetDeidentificationResponse> DeidentificationService::Get(
    rpc::Call& call, const v1::GetDeidentificationRequest& request) {
  ASSIGN_OR_RETURN(Review review, FindVisible(call, request.name()));
  v1::GetDeidentificationResponse response;
  *response.mutable_deidentification() = std::move(review.resource);
  return response;
}

absl::StatusOr<v1::ListDeidentificationsResponse> DeidentificationService::List(
    rpc::Call& call, const v1::ListDeidentificationsRequest& request) {
  return ListReviews(call.db(), request, VisibilityOf(call.caller()));
}

}  // namespace idea::dispute
