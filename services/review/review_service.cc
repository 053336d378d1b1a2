#include "services/review/review_service.h"

#include <algorithm>
#include <optional>

#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/review/routing_moves.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"
#include "services/review/task_store.h"

namespace idea::review {
namespace {

using common::v1::ContactRole;
using status::Error;
using status::Reason;

// The step of the caller's department that matches; null if the routing asks for none.
v1::RoutingStep* FindStep(v1::Routing& routing, const std::string& entity, v1::Discipline discipline,
                          v1::Capacity capacity) {
  for (v1::RoutingStep& step : *routing.mutable_steps()) {
    if (step.entity() == entity && step.discipline() == discipline && step.capacity() == capacity)
      return &step;
  }
  return nullptr;
}

// Whether nothing of the stage is left to do, but for `step`.
bool IsLast(const v1::Routing& routing, v1::RoutingState stage, const v1::RoutingStep* step) {
  return std::none_of(routing.steps().begin(), routing.steps().end(), [&](const v1::RoutingStep& other) {
    return &other != step && !other.done() && StageOf(other) == stage;
  });
}

absl::Status CheckRole(const auth::Caller& caller, ContactRole role) {
  if (caller.Has(role)) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_ROLE_REQUIRED, "this step is another representative's")
      .With("roles", common::v1::ContactRole_Name(role));
}

// Concerns are raised by the opinion that they come with.
absl::Status AddConcerns(const v1::RegisterOpinionRequest& request, v1::Opinion& opinion) {
  for (const v1::Concern& given : request.concerns()) {
    const bool reconciled = given.state() == v1::CONCERN_STATE_RECONCILED;
    v1::Concern& concern = *opinion.add_concerns();
    concern = given;
    concern.set_number(opinion.concerns_size());
    concern.set_person(opinion.person());
    concern.set_person_name(opinion.person_name());
    *concern.mutable_time() = opinion.create_time();
    concern.set_opinion(opinion.name());
    concern.set_entity(opinion.entity());
    concern.set_discipline(opinion.discipline());
    if (reconciled != concern.resolution().empty()) continue;
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "a concern is open, or reconciled somehow")
        .Field("concerns[" + std::to_string(opinion.concerns_size() - 1) + "].resolution",
               reconciled ? "how it was reconciled" : "empty while it is open");
  }
  return absl::OkStatus();
}

void AddOpenConcerns(const v1::Opinion& opinion, v1::Routing& routing) {
  for (const v1::Concern& concern : opinion.concerns()) {
    if (concern.state() == v1::CONCERN_STATE_OPEN) *routing.add_open_concerns() = concern;
  }
}

// Takes back what the next steps were shown: of one concern, or of the whole opinion (0).
void DropOpenConcerns(v1::Routing& routing, const std::string& opinion, int32_t number) {
  auto& open = *routing.mutable_open_concerns();
  open.erase(std::remove_if(open.begin(), open.end(),
                            [&](const v1::Concern& concern) {
                              return concern.opinion() == opinion &&
                                     (number == 0 || concern.number() == number);
                            }),
             open.end());
}

// The opinion of the caller's department; that of another is not theirs to speak about.
absl::StatusOr<v1::Opinion> FindOwnOpinion(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(v1::Opinion opinion, FindOpinion(call.db(), name));
  if (opinion.entity() == call.caller().entity) return opinion;
  return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "the opinion is another department's")
      .With("by", opinion.entity());
}

// What the departments said of the revision before stands for this one, discipline by discipline, where
// nothing that the discipline looks at has changed.
absl::Status CarryOver(rpc::Call& call, const v1::Routing& before, v1::Routing& routing,
                       std::vector<v1::Opinion>& carried) {
  ASSIGN_OR_RETURN(std::vector<v1::Opinion> opinions, ReadOpinions(call.db(), before.name()));
  for (v1::Opinion& opinion : opinions) {
    v1::RoutingStep* step =
        FindStep(routing, opinion.entity(), opinion.discipline(), v1::CAPACITY_UNSPECIFIED);
    if (step == nullptr || opinion.refused()) continue;
    if (!SameFields(opinion.discipline(), before.facts(), routing.facts())) continue;
    if (opinion.carried_from().empty()) opinion.set_carried_from(opinion.name());
    opinion.set_name(routing.name() + "/opinions/" + ids::NewUuid());
    for (v1::Concern& concern : *opinion.mutable_concerns()) concern.set_opinion(opinion.name());
    step->set_done(true);
    step->set_record(opinion.name());
    step->set_carried_from(opinion.carried_from());
    AddOpenConcerns(opinion, routing);
    carried.push_back(std::move(opinion));
  }
  return absl::OkStatus();
}

// The person's own signature holds the revision, the department and the capacity together.
absl::Status CheckJws(const v1::Routing& routing, const v1::Signature& signature, const std::string& jws,
                      const std::string& public_key) {
  if (public_key.empty()) {
    return Error(Reason::ERROR_REASON_PUBLIC_KEY_MISSING, "the registry has no public key of the signer");
  }
  v1::SignatureClaim claim;
  claim.set_revision(routing.revision());
  claim.set_digest(signature.digest());
  claim.set_entity(signature.entity());
  claim.set_capacity(signature.capacity());
  return auth::CheckDetachedJws(jws, digest::CanonicalJson(claim), public_key);
}

constexpr char kBeforeTheDispute[] = "changes were requested before the dispute held the BUCP";

// A command of drafting on the routing of one revision.
template <class Response, class Request>
absl::StatusOr<Response> Command(rpc::Call& call, std::string_view on, const Request& request) {
  ASSIGN_OR_RETURN(std::optional<v1::Routing> routing,
                   FindOpenRouting(call.db(), request.bucp(), request.digest()));
  if (!routing) return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no open routing of this revision");
  const State from = routing->state();
  RoutingFacts facts;
  facts.held_from = routing->held_from();
  if (on == "HoldRouting") {
    routing->set_held_from(from);
  } else {
    routing->clear_held_from();
  }
  ASSIGN_OR_RETURN(const auto step, Advance(call, *routing, on, facts));
  Tell(call, *routing, step.tell, routing->name(), "guidebook step 5",
       Words(step.to) + (request.reason().empty() ? "" : ": " + request.reason()));
  if (on == "ReleaseRouting") {
    // Drafting refused, while it held the BUCP, what had come to pass meanwhile: say it again. What it knows
    // it refuses, and that is that.
    const bool returned = step.to == v1::ROUTING_STATE_RETURNED;
    if (step.to != v1::ROUTING_STATE_OPINIONS && !returned) TellStage(call, *routing, "OpinionsCompleted");
    if (step.to == v1::ROUTING_STATE_COMPLETE) TellStage(call, *routing, "RoutingCompleted");
    if (returned) {
      Tell(call, *routing, "ChangesRequested", routing->name(), "guidebook step 5", "back to both parties",
           kBeforeTheDispute);
    }
  }
  Response response;
  *response.mutable_routing() = *std::move(routing);
  return response;
}

}  // namespace

void ReviewService::Bind(rpc::Router& router) {
  using S = ReviewService;
  router.Bind(this, &S::GatherForOpening, &S::OpenRouting);
  router.Bind(this, &S::CloseRouting);
  router.Bind(this, &S::HoldRouting);
  router.Bind(this, &S::ReleaseRouting);
  router.Bind(this, &S::GetRouting);
  router.Bind(this, &S::ListRoutings);
  router.Bind(this, &S::ExplainRouting);
  router.Bind(this, &S::GetChecklist);
  router.Bind(this, &S::RegisterOpinion);
  router.Bind(this, &S::ReconcileConcern);
  router.Bind(this, &S::RefuseCarryOver);
  router.Bind(this, &S::ListOpinions);
  router.Bind(this, &S::GatherForSigning, &S::SignBucp);
  router.Bind(this, &S::ListSignatures);
  router.Bind(this, &S::RequestChanges);
  router.Bind(this, &S::GatherForTasks, &S::ListTasks);
  router.BindWatch(this, &S::WatchTasks);
  router.Bind(this, &S::GatherForReassigning, &S::ReassignTask);
}

absl::StatusOr<v1::RevisionFacts> ReviewService::GatherForOpening(rpc::Call& call,
                                                                  const v1::OpenRoutingRequest& request) {
  drafting::v1::GetRevisionRequest ask_revision;
  ask_revision.set_name(request.revision());
  drafting::v1::GetRevisionResponse revision;
  RETURN_IF_ERROR(ask_("drafting", call.context(), ask_revision, &revision));
  if (revision.revision().digest() != request.digest()) {
    return Error(Reason::ERROR_REASON_DIGEST_MISMATCH, "the digest is not that of " + request.revision());
  }
  drafting::v1::GetBucpRequest ask_bucp;
  ask_bucp.set_name(request.bucp());
  drafting::v1::GetBucpResponse bucp;
  RETURN_IF_ERROR(ask_("drafting", call.context(), ask_bucp, &bucp));
  v1::RevisionFacts facts = FactsOf(revision.revision().content(), settings_.technology_opinion);
  *facts.mutable_create_time() = bucp.bucp().create_time();
  *facts.mutable_send_time() = bucp.bucp().send_time();
  return facts;
}

absl::StatusOr<v1::OpenRoutingResponse> ReviewService::OpenRouting(rpc::Call& call,
                                                                   const v1::OpenRoutingRequest& request,
                                                                   const v1::RevisionFacts& facts) {
  v1::OpenRoutingResponse response;
  ASSIGN_OR_RETURN(const std::optional<v1::Routing> open,
                   FindOpenRouting(call.db(), request.bucp(), request.digest()));
  if (open) {
    Tell(call, *open, "RoutingOpened", open->name(), "guidebook step 5", "the revision is routed already");
    *response.mutable_routing() = *open;
    return response;
  }
  v1::Routing& routing = *response.mutable_routing();
  routing.set_name("routings/" + ids::NewUuid());
  routing.set_bucp(request.bucp());
  routing.set_title(request.title());
  routing.set_revision(request.revision());
  routing.set_digest(request.digest());
  *routing.mutable_recipients() = request.recipients();
  *routing.mutable_providers() = request.providers();
  routing.set_state(v1::ROUTING_STATE_OPINIONS);
  *routing.mutable_facts() = facts;
  AddSteps(routing);
  *routing.mutable_create_time() = clock::ToProto(call.now());
  *routing.mutable_update_time() = clock::ToProto(call.now());
  ASSIGN_OR_RETURN(const std::optional<v1::Routing> before, FindLastRouting(call.db(), request.bucp()));
  std::vector<v1::Opinion> carried;
  if (before) RETURN_IF_ERROR(CarryOver(call, *before, routing, carried));
  RETURN_IF_ERROR(InsertRouting(call.db(), routing));
  for (const v1::Opinion& opinion : carried) RETURN_IF_ERROR(InsertOpinion(call.db(), opinion));
  Tell(call, routing, "RoutingOpened", routing.name(), "guidebook step 5",
       "opinions and signatures of every department are asked for");
  for (const v1::Opinion& opinion : carried) {
    Tell(call, routing, "OpinionCarriedOver", opinion.name(), "BUCP template, checklist rows 3-5",
         Words(opinion.discipline()) + " opinion of " + opinion.entity() +
             " stands: nothing that it looks at has changed");
  }
  if (!IsLast(routing, v1::ROUTING_STATE_OPINIONS, nullptr)) {
    RETURN_IF_ERROR(FollowSteps(call.db(), routing, call.now()));
    return response;
  }
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "CarryOver", {.last = true}));
  TellStage(call, routing, step.tell);
  return response;
}

absl::StatusOr<v1::CloseRoutingResponse> ReviewService::CloseRouting(rpc::Call& call,
                                                                     const v1::CloseRoutingRequest& request) {
  return Command<v1::CloseRoutingResponse>(call, "CloseRouting", request);
}

absl::StatusOr<v1::HoldRoutingResponse> ReviewService::HoldRouting(rpc::Call& call,
                                                                   const v1::HoldRoutingRequest& request) {
  return Command<v1::HoldRoutingResponse>(call, "HoldRouting", request);
}

absl::StatusOr<v1::ReleaseRoutingResponse> ReviewService::ReleaseRouting(
    rpc::Call& call, const v1::ReleaseRoutingRequest& request) {
  return Command<v1::ReleaseRoutingResponse>(call, "ReleaseRouting", request);
}

absl::StatusOr<v1::RegisterOpinionResponse> ReviewService::RegisterOpinion(
    rpc::Call& call, const v1::RegisterOpinionRequest& request) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.routing()));
  const auth::Caller& caller = call.caller();
  RETURN_IF_ERROR(CheckRole(caller, RoleOf(request.discipline())));
  v1::RoutingStep* mine = FindStep(routing, caller.entity, request.discipline(), v1::CAPACITY_UNSPECIFIED);
  if (mine == nullptr) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "the routing asks this department for no such opinion")
        .With("by", "party");
  }
  if (request.position() == v1::POSITION_NOT_APPLICABLE && !IsSeveralDepartments(routing)) {
    return Error(Reason::ERROR_REASON_REVIEW_APPLICABLE,
                 "a review is not applicable only in a BUCP of several departments");
  }
  RoutingFacts facts;
  facts.same_digest = request.digest() == routing.digest();
  facts.already_done = mine->done();
  facts.last = IsLast(routing, StageOf(*mine), mine);

  v1::RegisterOpinionResponse response;
  v1::Opinion& opinion = *response.mutable_opinion();
  opinion.set_name(routing.name() + "/opinions/" + ids::NewUuid());
  opinion.set_entity(caller.entity);
  opinion.set_discipline(request.discipline());
  opinion.set_position(request.position());
  opinion.set_text(request.text());
  opinion.set_digest(request.digest());
  opinion.set_person(caller.person);
  opinion.set_person_name(caller.person_name);
  opinion.set_person_title(caller.person_title);
  *opinion.mutable_create_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(AddConcerns(request, opinion));

  RETURN_IF_ERROR(CheckStep(facts));
  mine->set_done(true);
  mine->set_record(opinion.name());
  AddOpenConcerns(opinion, routing);
  const std::string citation = mine->citation();
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "RegisterOpinion", facts));
  RETURN_IF_ERROR(InsertOpinion(call.db(), opinion));
  Tell(call, routing, "OpinionRegistered", opinion.name(), citation,
       Words(opinion.discipline()) + " opinion registered: " + Words(opinion.position()));
  TellStage(call, routing, step.tell);
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
  if (request.number() > opinion.concerns_size() || opinion.refused()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND, "the opinion has no such concern");
  }
  v1::Concern& concern = *opinion.mutable_concerns(request.number() - 1);
  if (concern.state() == v1::CONCERN_STATE_RECONCILED)
    return Error(Reason::ERROR_REASON_ALREADY_DONE, "the concern is reconciled");
  concern.set_state(v1::CONCERN_STATE_RECONCILED);
  concern.set_resolution(request.resolution());
  concern.set_person(call.caller().person);
  concern.set_person_name(call.caller().person_name);
  *concern.mutable_time() = clock::ToProto(call.now());
  DropOpenConcerns(routing, opinion.name(), concern.number());
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "ReconcileConcern", {}));
  RETURN_IF_ERROR(AnnotateOpinion(call.db(), opinion));
  Tell(call, routing, step.tell, opinion.name(), "BUCP template, Appendix A",
       Words(opinion.discipline()) + " " + Words(concern.kind()) + " reconciled", request.resolution());
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
  mine->clear_carried_from();
  opinion.set_refused(true);
  DropOpenConcerns(routing, opinion.name(), 0);
  RoutingFacts facts;
  facts.has_signatures = std::any_of(routing.steps().begin(), routing.steps().end(), [](const auto& step) {
    return step.kind() == v1::STEP_KIND_SIGNATURE && step.done();
  });
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "RefuseCarryOver", facts));
  RETURN_IF_ERROR(AnnotateOpinion(call.db(), opinion));
  Tell(call, routing, step.tell, opinion.name(), "BUCP template, checklist rows 3-5",
       Words(opinion.discipline()) + " opinion is to be given anew", request.reason());
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<v1::RequestChangesResponse> ReviewService::RequestChanges(
    rpc::Call& call, const v1::RequestChangesRequest& request) {
  v1::RequestChangesResponse response;
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.name()));
  RETURN_IF_ERROR(CheckStep({.same_digest = request.digest() == routing.digest()}));
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "RequestChanges", {}));
  Tell(call, routing, step.tell, routing.name(), "guidebook step 5", "back to both parties",
       request.reason());
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<std::string> ReviewService::GatherForSigning(rpc::Call& call,
                                                            const v1::SignBucpRequest& request) {
  if (request.jws().empty()) return "";
  ASSIGN_OR_RETURN(const auto signer, Resolve(call, call.caller().person));
  return signer.public_key();
}

absl::StatusOr<v1::SignBucpResponse> ReviewService::SignBucp(rpc::Call& call,
                                                             const v1::SignBucpRequest& request,
                                                             const std::string& public_key) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.routing()));
  const auth::Caller& caller = call.caller();
  RETURN_IF_ERROR(CheckRole(caller, RoleOf(request.capacity())));
  v1::RoutingStep* mine = FindStep(routing, caller.entity, v1::DISCIPLINE_UNSPECIFIED, request.capacity());
  if (mine == nullptr) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "the routing asks this department for no such signature")
        .With("by", "party");
  }
  ASSIGN_OR_RETURN(const bool signed_before,
                   SignedByPerson(call.db(), routing.name(), caller.entity, caller.person));
  RoutingFacts facts;
  facts.same_digest = request.digest() == routing.digest();
  facts.already_done = mine->done();
  facts.same_person = signed_before && !settings_.one_person_may_sign_twice;
  facts.last = IsLast(routing, StageOf(*mine), mine);
  facts.capacity = request.capacity();

  v1::SignBucpResponse response;
  v1::Signature& signature = *response.mutable_signature();
  signature.set_name(routing.name() + "/signatures/" + ids::NewUuid());
  signature.set_entity(caller.entity);
  signature.set_capacity(request.capacity());
  signature.set_digest(request.digest());
  signature.set_person(caller.person);
  signature.set_person_name(caller.person_name);
  signature.set_person_title(caller.person_title);
  *signature.mutable_sign_time() = clock::ToProto(call.now());

  RETURN_IF_ERROR(CheckStep(facts));
  if (!request.jws().empty()) {
    RETURN_IF_ERROR(CheckJws(routing, signature, request.jws(), public_key));
    signature.set_jws(request.jws());
    signature.set_public_key(public_key);
  }
  mine->set_done(true);
  mine->set_record(signature.name());
  const std::string citation = mine->citation();
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "SignBucp", facts));
  RETURN_IF_ERROR(InsertSignature(call.db(), signature));
  Tell(call, routing, "BucpSigned", signature.name(), citation, "signed as " + Words(signature.capacity()));
  TellStage(call, routing, step.tell);
  *response.mutable_routing() = std::move(routing);
  return response;
}

}  // namespace idea::review
