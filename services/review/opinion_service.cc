#include <algorithm>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/limit.h"
#include "common/status/status.h"
#include "common/validation/validation.h"
#include "services/review/review_events.h"
#include "services/review/review_service.h"
#include "services/review/routing_access.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"
#include "services/review/routing_transition.h"

// The methods of ReviewService on opinions and their concerns.
namespace idea::review {
namespace {

using status::Error;
using status::Reason;

// The maximum number of concerns of an opinion.
constexpr int kMaxConcerns = 100;

// REVIEW_APPLICABLE for a position that the routing does not allow.
absl::Status CheckPosition(v1::Position position, const v1::Routing& routing) {
  if (position != v1::POSITION_NOT_APPLICABLE || HasSeveralDepartments(routing)) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_REVIEW_APPLICABLE,
               "a review is not applicable only in a BUCP of several departments");
}

// INVALID_FIELD unless each concern is open, or reconciled with its resolution.
absl::Status CheckConcerns(const google::protobuf::RepeatedPtrField<v1::Concern>& concerns) {
  for (int i = 0; i < concerns.size(); ++i) {
    const bool reconciled = concerns[i].state() == v1::CONCERN_STATE_RECONCILED;
    if (reconciled != concerns[i].resolution().empty()) continue;
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "a concern is open, or reconciled with a resolution")
        .Field("concerns[" + std::to_string(i) + "].resolution",
               reconciled ? "how it was reconciled" : "empty while it is open");
  }
  return absl::OkStatus();
}

// INVALID_FIELD naming the largest field of an opinion that takes more than listing::kMaxOpinionBytes.
absl::Status CheckOpinionSize(const v1::Opinion& opinion) {
  if (opinion.ByteSizeLong() <= listing::kMaxOpinionBytes) return absl::OkStatus();
  const std::string path = validation::PathOfLargest(*opinion.GetDescriptor(), opinion.SerializeAsString());
  const std::string expected = "less: an opinion with its concerns takes at most " +
                               std::to_string(listing::kMaxOpinionBytes) + " bytes";
  return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": " + expected).Field(path, expected);
}

// Attributes the concern to the caller, now.
void Attribute(const rpc::Call& call, v1::Concern& concern) {
  const auth::Caller& caller = call.caller();
  concern.set_person(caller.person);
  concern.set_person_name(caller.person_name);
  concern.clear_on_behalf();
  if (caller.on_behalf) *concern.mutable_on_behalf() = *caller.on_behalf;
  *concern.mutable_time() = clock::ToProto(call.now());
}

// Writes `given`, which the caller raises or changes now, to `concern`.
void WriteConcern(const rpc::Call& call, const v1::Opinion& opinion, const v1::Concern& given, int number,
                  v1::Concern& concern) {
  concern = given;
  concern.set_number(number);
  Attribute(call, concern);
  concern.set_opinion(opinion.name());
  concern.set_entity(opinion.entity());
  concern.set_discipline(opinion.discipline());
}

bool IsSameConcern(const v1::Concern& a, const v1::Concern& b) {
  return a.kind() == b.kind() && a.text() == b.text() && a.state() == b.state() &&
         a.resolution() == b.resolution();
}

// Changes the concerns with a number and adds the others. NOT_FOUND for a number that does not exist.
absl::Status AmendConcerns(const rpc::Call& call, const v1::AmendOpinionRequest& request,
                           v1::Opinion& opinion) {
  RETURN_IF_ERROR(CheckConcerns(request.concerns()));
  for (const v1::Concern& given : request.concerns()) {
    if (given.number() > opinion.concerns_size()) {
      return Error(Reason::ERROR_REASON_NOT_FOUND,
                   "the opinion does not have a concern " + std::to_string(given.number()));
    }
    if (given.number() == 0) {
      v1::Concern& added = *opinion.add_concerns();
      WriteConcern(call, opinion, given, opinion.concerns_size(), added);
    } else if (v1::Concern& concern = *opinion.mutable_concerns(given.number() - 1);
               !IsSameConcern(given, concern)) {
      WriteConcern(call, opinion, given, given.number(), concern);
    }
  }
  if (opinion.concerns_size() <= kMaxConcerns) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_INVALID_FIELD, "an opinion has too many concerns")
      .Field("concerns", "at most " + std::to_string(kMaxConcerns) + " with those that it has");
}

bool IsSigned(const v1::Routing& routing) {
  return std::any_of(routing.steps().begin(), routing.steps().end(), [](const v1::RoutingStep& step) {
    return step.kind() == v1::STEP_KIND_SIGNATURE && step.done();
  });
}

// Removes one concern of the opinion, or all of them (0), from the open concerns of the routing.
void DropOpenConcerns(v1::Routing& routing, const std::string& opinion, int32_t number) {
  auto& open = *routing.mutable_open_concerns();
  open.erase(std::remove_if(open.begin(), open.end(),
                            [&](const v1::Concern& concern) {
                              return concern.opinion() == opinion &&
                                     (number == 0 || concern.number() == number);
                            }),
             open.end());
}

// Returns the opinion. NOT_YOUR_STEP if it is another department's.
absl::StatusOr<v1::Opinion> FindOwnOpinion(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(v1::Opinion opinion, FindOpinion(call.db(), name));
  if (opinion.entity() == call.caller().entity) return opinion;
  return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "the opinion is another department's")
      .With("by", opinion.entity());
}

}  // namespace

absl::StatusOr<v1::RegisterOpinionResponse> ReviewService::RegisterOpinion(
    rpc::Call& call, const v1::RegisterOpinionRequest& request) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.routing()));
  const auth::Caller& caller = call.caller();
  RETURN_IF_ERROR(CheckRole(caller, RoleOf(request.discipline())));
  call.ActIn({RoleOf(request.discipline())});
  v1::RoutingStep* mine = FindStep(routing, caller.entity, request.discipline(), v1::CAPACITY_UNSPECIFIED);
  if (mine == nullptr) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP,
                 "the routing does not ask this department for this opinion")
        .With("by", "party");
  }
  RETURN_IF_ERROR(CheckPosition(request.position(), routing));
  RETURN_IF_ERROR(CheckConcerns(request.concerns()));
  RoutingFacts facts;
  facts.same_digest = request.digest() == routing.digest();
  facts.already_done = mine->done();
  facts.last = IsLast(routing, StageOf(*mine), mine);

  v1::RegisterOpinionResponse response;
  v1::Opinion& opinion = *response.mutable_opinion();
  opinion.set_name(ids::kOpinions.Name(routing.name(), ids::NewUuid()));
  opinion.set_entity(caller.entity);
  opinion.set_discipline(request.discipline());
  opinion.set_position(request.position());
  opinion.set_text(request.text());
  opinion.set_digest(request.digest());
  opinion.set_person(caller.person);
  opinion.set_person_name(caller.person_name);
  opinion.set_person_title(caller.person_title);
  opinion.set_freeze_number(routing.freeze_number());
  opinion.set_version(1);
  if (caller.on_behalf) *opinion.mutable_on_behalf() = *caller.on_behalf;
  *opinion.mutable_create_time() = clock::ToProto(call.now());
  for (const v1::Concern& given : request.concerns()) {
    v1::Concern& concern = *opinion.add_concerns();
    WriteConcern(call, opinion, given, opinion.concerns_size(), concern);
  }
  RETURN_IF_ERROR(CheckOpinionSize(opinion));

  RETURN_IF_ERROR(CheckStep(facts, routing.digest()));
  mine->set_done(true);
  mine->set_record(opinion.name());
  mine->set_version(opinion.version());
  AddOpenConcerns(opinion, routing);
  RETURN_IF_ERROR(Transition(call, "RegisterOpinion", facts,
                             {.subject = opinion.name(),
                              .citation = mine->citation(),
                              .summary = DisplayName(opinion.discipline()) +
                                         " opinion registered: " + DisplayName(opinion.position()),
                              .type = kOpinionRegistered},
                             routing));
  RETURN_IF_ERROR(InsertOpinion(call.db(), opinion));
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<v1::AmendOpinionResponse> ReviewService::AmendOpinion(rpc::Call& call,
                                                                     const v1::AmendOpinionRequest& request) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, ids::Parent(request.name())));
  ASSIGN_OR_RETURN(v1::Opinion before, FindOwnOpinion(call, request.name()));
  const auth::Caller& caller = call.caller();
  RETURN_IF_ERROR(CheckRole(caller, RoleOf(before.discipline())));
  call.ActIn({RoleOf(before.discipline())});
  if (before.person() != caller.person) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "the opinion is another person's")
        .With("by", before.person());
  }
  v1::RoutingStep* mine = FindStep(routing, caller.entity, before.discipline(), v1::CAPACITY_UNSPECIFIED);
  if (mine == nullptr || mine->record() != before.name()) {
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the opinion was refused: register another one")
        .With("state", flow::NameOf(routing.state()));
  }
  // A release without amendments did not set the version.
  before.set_version(std::max(before.version(), 1));
  RETURN_IF_ERROR(listing::CheckLimit(listing::kVersionsOfOpinion, before.version()));
  RETURN_IF_ERROR(CheckPosition(request.position(), routing));
  RETURN_IF_ERROR(CheckStep({.same_digest = request.digest() == routing.digest()}, routing.digest()));

  v1::AmendOpinionResponse response;
  v1::Opinion& opinion = *response.mutable_opinion();
  opinion = before;
  opinion.clear_on_behalf();
  if (caller.on_behalf) *opinion.mutable_on_behalf() = *caller.on_behalf;
  opinion.set_position(request.position());
  opinion.set_text(request.text());
  opinion.set_digest(request.digest());
  opinion.set_freeze_number(routing.freeze_number());
  opinion.clear_carried_from();
  RETURN_IF_ERROR(AmendConcerns(call, request, opinion));
  RETURN_IF_ERROR(CheckOpinionSize(opinion));
  const bool changed = opinion.SerializeAsString() != before.SerializeAsString();
  opinion.set_version(before.version() + 1);
  opinion.set_person_name(caller.person_name);
  opinion.set_person_title(caller.person_title);
  *opinion.mutable_amend_time() = clock::ToProto(call.now());

  mine->set_version(opinion.version());
  mine->clear_carried_from();
  DropOpenConcerns(routing, opinion.name(), 0);
  AddOpenConcerns(opinion, routing);
  RETURN_IF_ERROR(Transition(
      call, "AmendOpinion", {.has_signatures = IsSigned(routing)},
      {.subject = opinion.name(),
       .citation = mine->citation(),
       .summary = DisplayName(opinion.discipline()) + " opinion amended: " + DisplayName(before.position()) +
                  ", now " + DisplayName(opinion.position())},
      routing));
  if (!changed) return Error(Reason::ERROR_REASON_ALREADY_DONE, "the opinion already has this content");
  RETURN_IF_ERROR(InsertOpinionVersion(call.db(), before));
  RETURN_IF_ERROR(SaveOpinion(call.db(), opinion));
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<v1::ReconcileConcernResponse> ReviewService::ReconcileConcern(
    rpc::Call& call, const v1::ReconcileConcernRequest& request) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, ids::Parent(request.name())));
  v1::ReconcileConcernResponse response;
  ASSIGN_OR_RETURN(*response.mutable_opinion(), FindOwnOpinion(call, request.name()));
  v1::Opinion& opinion = *response.mutable_opinion();
  RETURN_IF_ERROR(CheckRole(call.caller(), RoleOf(opinion.discipline())));
  call.ActIn({RoleOf(opinion.discipline())});
  if (request.number() > opinion.concerns_size() || opinion.refused()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND, "the opinion does not have this concern");
  }
  v1::Concern& concern = *opinion.mutable_concerns(request.number() - 1);
  if (concern.state() == v1::CONCERN_STATE_RECONCILED)
    return Error(Reason::ERROR_REASON_ALREADY_DONE, "the concern is reconciled");
  concern.set_state(v1::CONCERN_STATE_RECONCILED);
  concern.set_resolution(request.resolution());
  Attribute(call, concern);
  DropOpenConcerns(routing, opinion.name(), concern.number());
  RETURN_IF_ERROR(Transition(
      call, "ReconcileConcern", {},
      {.subject = opinion.name(),
       .citation = "BUCP template, Appendix A",
       .summary = DisplayName(opinion.discipline()) + " " + DisplayName(concern.kind()) + " reconciled",
       .reason = request.resolution()},
      routing));
  RETURN_IF_ERROR(SaveOpinion(call.db(), opinion));
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<v1::RefuseCarryOverResponse> ReviewService::RefuseCarryOver(
    rpc::Call& call, const v1::RefuseCarryOverRequest& request) {
  v1::RefuseCarryOverResponse response;
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, ids::Parent(request.name())));
  ASSIGN_OR_RETURN(v1::Opinion opinion, FindOwnOpinion(call, request.name()));
  const auth::Caller& caller = call.caller();
  if (!caller.Has(common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR) &&
      !caller.Has(common::v1::CONTACT_ROLE_DATA_COORDINATOR)) {
    RETURN_IF_ERROR(CheckRole(caller, RoleOf(opinion.discipline())));
  }
  v1::RoutingStep* mine = FindStep(routing, caller.entity, opinion.discipline(), v1::CAPACITY_UNSPECIFIED);
  if (mine == nullptr || mine->carried_from().empty() || mine->record() != opinion.name()) {
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the opinion was not carried over")
        .With("state", flow::NameOf(routing.state()));
  }
  mine->set_done(false);
  mine->clear_record();
  mine->clear_version();
  mine->clear_carried_from();
  opinion.set_refused(true);
  DropOpenConcerns(routing, opinion.name(), 0);
  RoutingFacts facts;
  facts.has_signatures = IsSigned(routing);
  RETURN_IF_ERROR(Transition(call, "RefuseCarryOver", facts,
                             {.subject = opinion.name(),
                              .citation = "BUCP template, checklist rows 3-5",
                              .summary = DisplayName(opinion.discipline()) + " opinion must be given again",
                              .reason = request.reason()},
                             routing));
  RETURN_IF_ERROR(SaveOpinion(call.db(), opinion));
  *response.mutable_routing() = std::move(routing);
  return response;
}

}  // namespace idea::review
