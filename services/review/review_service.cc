#include "services/review/review_service.h"

#include <optional>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/review/part_store.h"
#include "services/review/routing_access.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"
#include "services/review/routing_transition.h"
#include "services/review/task_store.h"

namespace idea::review {
namespace {

using status::Error;
using status::Reason;

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
    opinion.set_name(ids::kOpinions.Name(routing.name(), ids::NewUuid()));
    for (v1::Concern& concern : *opinion.mutable_concerns()) concern.set_opinion(opinion.name());
    step->set_done(true);
    step->set_record(opinion.name());
    step->set_carried_from(opinion.carried_from());
    step->set_version(opinion.version());
    AddOpenConcerns(opinion, routing);
    carried.push_back(std::move(opinion));
  }
  return absl::OkStatus();
}

// FREEZE_MISMATCH for a freeze that is over. Freezes without a number are told apart by their digests alone.
absl::Status CheckIsNext(int32_t freeze_number, const v1::Routing& last) {
  const bool is_over =
      freeze_number < last.freeze_number() || (freeze_number == last.freeze_number() && freeze_number != 0);
  if (!is_over) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_FREEZE_MISMATCH, "the freeze is over: " + last.name() + " came after it")
      .With("freeze_number", std::to_string(last.freeze_number()));
}

constexpr char kBeforeTheDispute[] = "changes were requested before the dispute held the BUCP";

// A command of drafting on the routing of one freeze; `change` sets what it remembers of a hold.
template <class Response, class Request, class Change>
absl::StatusOr<Response> Command(rpc::Call& call, std::string_view on, const Request& request,
                                 const Change& change) {
  ASSIGN_OR_RETURN(std::optional<v1::Routing> routing,
                   FindOpenRouting(call.db(), request.bucp(), request.freeze_number(), request.digest()));
  if (!routing) return Error(Reason::ERROR_REASON_NOT_FOUND, "the freeze has no open routing");
  RoutingFacts facts;
  facts.held_from = routing->held_from();
  change(*routing);
  ASSIGN_OR_RETURN(const auto step, Advance(call, *routing, on, facts));
  const std::string where = (on == "ReleaseRouting" ? "released, back to " : "") + Words(step.to);
  RecordEvent(call, *routing, step.tell, routing->name(), "guidebook step 5",
              where + (request.reason().empty() ? "" : ": " + request.reason()));
  Response response;
  *response.mutable_routing() = *std::move(routing);
  return response;
}

void ForgetHold(v1::Routing& routing) {
  routing.clear_held_from();
  routing.clear_dispute();
}

// Drafting refused, while it held the BUCP, what had come to pass meanwhile, or has lost it: say it again.
// `signing`: it had heard of the opinions before.
void SayAgain(rpc::Call& call, const v1::Routing& routing, bool signing,
              const char* why_returned = kBeforeTheDispute) {
  if (routing.state() == v1::ROUTING_STATE_RETURNED) {
    RecordEvent(call, routing, "ChangesRequested", routing.name(), "guidebook step 5", "back to both parties",
                why_returned);
    return;
  }
  if (routing.state() != v1::ROUTING_STATE_OPINIONS && !signing)
    TellStage(call, routing, "OpinionsCompleted");
  if (routing.state() == v1::ROUTING_STATE_COMPLETE) TellStage(call, routing, "RoutingCompleted");
}

// Drafting freezes again what it froze before its database was restored: what came to pass since then stands.
absl::Status GoOn(rpc::Call& call, v1::Routing& routing) {
  if (routing.state() == v1::ROUTING_STATE_HELD) {
    RoutingFacts facts;
    facts.held_from = routing.held_from();
    ForgetHold(routing);
    ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "ReleaseRouting", facts));
    RecordEvent(call, routing, step.tell, routing.name(), "guidebook step 5",
                "released, back to " + Words(step.to));
  }
  SayAgain(call, routing, /*signing=*/false, "changes were requested on this freeze before");
  return absl::OkStatus();
}

// The freezes from that number on were lost when drafting's database was restored: nothing of them stands.
absl::Status CloseLost(rpc::Call& call, const std::string& bucp, int32_t freeze_number) {
  ASSIGN_OR_RETURN(std::vector<v1::Routing> lost, FindRoutingsFrom(call.db(), bucp, freeze_number));
  for (v1::Routing& routing : lost) {
    if (routing.state() == v1::ROUTING_STATE_CLOSED) continue;
    ForgetHold(routing);
    ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "CloseRouting", {}));
    RecordEvent(call, routing, step.tell, routing.name(), "guidebook step 5",
                "its freeze was lost when a database was restored");
  }
  return ReleaseFreezeNumbersFrom(call.db(), bucp, freeze_number);
}

}  // namespace

void ReviewService::Bind(rpc::Router& router) {
  using S = ReviewService;
  router.Bind(this, &S::GatherForOpening, &S::OpenRouting);
  router.Bind(this, &S::CloseRouting);
  router.Bind(this, &S::HoldRouting);
  router.Bind(this, &S::ReleaseRouting);
  router.Bind(this, &S::ClaimPart);
  router.Bind(this, &S::ReleasePart);
  router.Bind(this, &S::GetRouting);
  router.Bind(this, &S::ListRoutings);
  router.Bind(this, &S::ExplainRouting);
  router.Bind(this, &S::GetChecklist);
  router.Bind(this, &S::RegisterOpinion);
  router.Bind(this, &S::ReconcileConcern);
  router.Bind(this, &S::RefuseCarryOver);
  router.Bind(this, &S::ListOpinions);
  router.Bind(this, &S::AmendOpinion);
  router.Bind(this, &S::ListOpinionVersions);
  router.Bind(this, &S::GatherForSigning, &S::SignBucp);
  router.Bind(this, &S::ListSignatures);
  router.Bind(this, &S::RequestChanges);
  router.Bind(this, &S::GatherForTasks, &S::ListTasks);
  router.BindWatch(this, &S::WatchTasks);
  router.Bind(this, &S::GatherForReassigning, &S::ReassignTask);
}

absl::StatusOr<ReviewService::FrozenFacts> ReviewService::GatherForOpening(
    rpc::Call& call, const v1::OpenRoutingRequest& request) {
  drafting::v1::GetRevisionRequest ask_revision;
  ask_revision.set_name(request.revision());
  drafting::v1::GetRevisionResponse revision;
  RETURN_IF_ERROR(peers_.Send(call.context(), ask_revision, &revision));
  if (revision.revision().digest() != request.digest()) {
    return Error(Reason::ERROR_REASON_DIGEST_MISMATCH, "the digest is not that of " + request.revision())
        .With("digest", revision.revision().digest());
  }
  drafting::v1::GetBucpRequest ask_bucp;
  ask_bucp.set_name(request.bucp());
  drafting::v1::GetBucpResponse bucp;
  RETURN_IF_ERROR(peers_.Send(call.context(), ask_bucp, &bucp));
  FrozenFacts facts;
  facts.revision = FactsOf(revision.revision().content(), settings_.technology_opinion);
  *facts.revision.mutable_create_time() = bucp.bucp().create_time();
  *facts.revision.mutable_send_time() = bucp.bucp().send_time();
  facts.current = bucp.bucp().freeze_number() == request.freeze_number() &&
                  bucp.bucp().frozen_digest() == request.digest();
  return facts;
}

absl::StatusOr<v1::OpenRoutingResponse> ReviewService::OpenRouting(rpc::Call& call,
                                                                   const v1::OpenRoutingRequest& request,
                                                                   const FrozenFacts& facts) {
  v1::OpenRoutingResponse response;
  ASSIGN_OR_RETURN(std::optional<v1::Routing> open,
                   FindOpenRouting(call.db(), request.bucp(), request.freeze_number(), request.digest()));
  if (open) {
    RecordEvent(call, *open, "RoutingOpened", open->name(), "guidebook step 5",
                "the freeze is routed already");
    RETURN_IF_ERROR(GoOn(call, *open));
    *response.mutable_routing() = *std::move(open);
    return response;
  }
  ASSIGN_OR_RETURN(std::optional<v1::Routing> before, FindLastRouting(call.db(), request.bucp()));
  if (const absl::Status next = before ? CheckIsNext(request.freeze_number(), *before) : absl::OkStatus();
      !next.ok()) {
    if (!facts.current) return next;
    RETURN_IF_ERROR(CloseLost(call, request.bucp(), request.freeze_number()));
    before.reset();
  }
  v1::Routing& routing = *response.mutable_routing();
  routing.set_name(ids::kRoutings.Name(ids::NewUuid()));
  routing.set_bucp(request.bucp());
  routing.set_title(request.title());
  routing.set_revision(request.revision());
  routing.set_digest(request.digest());
  routing.set_freeze_number(request.freeze_number());
  *routing.mutable_recipients() = request.recipients();
  *routing.mutable_providers() = request.providers();
  routing.set_state(v1::ROUTING_STATE_OPINIONS);
  *routing.mutable_facts() = facts.revision;
  AddSteps(routing);
  *routing.mutable_create_time() = clock::ToProto(call.now());
  *routing.mutable_update_time() = clock::ToProto(call.now());
  std::vector<v1::Opinion> carried;
  if (before) RETURN_IF_ERROR(CarryOver(call, *before, routing, carried));
  RETURN_IF_ERROR(InsertRouting(call.db(), routing));
  for (const v1::Opinion& opinion : carried) RETURN_IF_ERROR(InsertOpinion(call.db(), opinion));
  RecordEvent(call, routing, "RoutingOpened", routing.name(), "guidebook step 5",
              "opinions and signatures of every department are asked for");
  for (const v1::Opinion& opinion : carried) {
    RecordEvent(call, routing, "OpinionCarriedOver", opinion.name(), "BUCP template, checklist rows 3-5",
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
  return Command<v1::CloseRoutingResponse>(call, "CloseRouting", request, &ForgetHold);
}

absl::StatusOr<v1::HoldRoutingResponse> ReviewService::HoldRouting(rpc::Call& call,
                                                                   const v1::HoldRoutingRequest& request) {
  return Command<v1::HoldRoutingResponse>(call, "HoldRouting", request, [&](v1::Routing& routing) {
    routing.set_held_from(routing.state());
    routing.set_dispute(request.dispute());
  });
}

absl::StatusOr<v1::ReleaseRoutingResponse> ReviewService::ReleaseRouting(
    rpc::Call& call, const v1::ReleaseRoutingRequest& request) {
  // Drafting repeats a release that it has lost: only what it refused before then is said again.
  ASSIGN_OR_RETURN(const std::optional<v1::Routing> open,
                   FindOpenRouting(call.db(), request.bucp(), request.freeze_number(), request.digest()));
  if (open && open->state() != v1::ROUTING_STATE_HELD) {
    v1::ReleaseRoutingResponse response;
    *response.mutable_routing() = *open;
    RecordEvent(call, *open, "RoutingReleased", open->name(), "guidebook step 5", "released already");
    SayAgain(call, *open, request.signing());
    return response;
  }
  ASSIGN_OR_RETURN(auto response,
                   Command<v1::ReleaseRoutingResponse>(call, "ReleaseRouting", request, &ForgetHold));
  SayAgain(call, response.routing(), request.signing());
  return response;
}

absl::StatusOr<v1::RequestChangesResponse> ReviewService::RequestChanges(
    rpc::Call& call, const v1::RequestChangesRequest& request) {
  v1::RequestChangesResponse response;
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.name()));
  RETURN_IF_ERROR(CheckStep({.same_digest = request.digest() == routing.digest()}, routing.digest()));
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "RequestChanges", {}));
  RecordEvent(call, routing, step.tell, routing.name(), "guidebook step 5", "back to both parties",
              request.reason());
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<v1::ClaimPartResponse> ReviewService::ClaimPart(rpc::Call& call,
                                                               const v1::ClaimPartRequest& request) {
  ASSIGN_OR_RETURN(const bool binds, review::ClaimPart(call.db(), {request.bucp(), request.person()},
                                                       request.entity(), request.act(), call.now()));
  // The BUCP's timeline shows it once, and not for each act and each attempt.
  call.Record({.type = "PartClaimed",
               .subject = request.bucp(),
               .bucp = binds ? request.bucp() : "",
               .summary = request.person() + " acts for " + request.entity() + "."});
  v1::ClaimPartResponse response;
  response.set_entity(request.entity());
  return response;
}

absl::StatusOr<v1::ReleasePartResponse> ReviewService::ReleasePart(rpc::Call& call,
                                                                   const v1::ReleasePartRequest& request) {
  ASSIGN_OR_RETURN(const bool released,
                   review::ReleasePart(call.db(), {request.bucp(), request.person()}, request.act()));
  call.Record({.type = "PartReleased",
               .subject = request.bucp(),
               .bucp = released ? request.bucp() : "",
               .summary = "An act of " + request.person() + " was refused."});
  v1::ReleasePartResponse response;
  response.set_released(released);
  return response;
}

}  // namespace idea::review
