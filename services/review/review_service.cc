#include "services/review/review_service.h"

#include <optional>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/review/part_store.h"
#include "services/review/review_events.h"
#include "services/review/routing_access.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"
#include "services/review/routing_transition.h"
#include "services/review/task_store.h"

namespace idea::review {
namespace {

using status::Error;
using status::Reason;

// Carries over the opinions of the routing before, for each discipline of which no field has changed.
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

// FREEZE_MISMATCH for a freeze that is over. Freezes without a number differ by their digests only.
absl::Status CheckIsNext(int32_t freeze_number, const v1::Routing& last) {
  const bool is_over =
      freeze_number < last.freeze_number() || (freeze_number == last.freeze_number() && freeze_number != 0);
  if (!is_over) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_FREEZE_MISMATCH, "the freeze is over: " + last.name() + " came after it")
      .With("freeze_number", std::to_string(last.freeze_number()));
}

constexpr char kBeforeTheDispute[] = "changes were requested before the dispute held the BUCP";

// Executes a command of drafting on the routing of one freeze. `change` sets or clears the hold.
template <class Response, class Request, class Change>
absl::StatusOr<Response> Command(rpc::Call& call, std::string_view on, const std::string& summary,
                                 const Request& request, const Change& change) {
  ASSIGN_OR_RETURN(std::optional<v1::Routing> routing,
                   FindOpenRouting(call.db(), request.bucp(), request.freeze_number(), request.digest()));
  if (!routing) return Error(Reason::ERROR_REASON_NOT_FOUND, "the freeze has no open routing");
  RoutingFacts facts;
  facts.held_from = routing->held_from();
  change(*routing);
  RETURN_IF_ERROR(Transition(call, on, facts,
                             {.subject = routing->name(),
                              .citation = "guidebook step 5",
                              .summary = summary + (request.reason().empty() ? "" : ": " + request.reason())},
                             *routing));
  Response response;
  *response.mutable_routing() = *std::move(routing);
  return response;
}

std::string ReleasedTo(v1::RoutingState state) { return "released, back to " + DisplayName(state); }

void ClearHold(v1::Routing& routing) {
  routing.clear_held_from();
  routing.clear_dispute();
}

// Records the events of the routing's state again, because drafting refused them while a dispute held the
// BUCP or has lost them. `signing`: drafting knows that the opinions are complete.
void RepeatEvents(rpc::Call& call, const v1::Routing& routing, bool signing,
                  const char* why_returned = kBeforeTheDispute) {
  if (routing.state() == v1::ROUTING_STATE_RETURNED) {
    RecordEvent(call, routing, kChangesRequested, routing.name(), "guidebook step 5", "back to both parties",
                why_returned);
    return;
  }
  if (routing.state() != v1::ROUTING_STATE_OPINIONS && !signing)
    RecordStage(call, routing, kOpinionsCompleted);
  if (routing.state() == v1::ROUTING_STATE_COMPLETE) RecordStage(call, routing, kRoutingCompleted);
}

// Continues a routing after drafting's database was restored and drafting froze the same revision again. All
// opinions and signatures stay.
absl::Status ResumeRouting(rpc::Call& call, v1::Routing& routing) {
  if (routing.state() == v1::ROUTING_STATE_HELD) {
    RoutingFacts facts;
    facts.held_from = routing.held_from();
    ClearHold(routing);
    RETURN_IF_ERROR(Transition(
        call, "ReleaseRouting", facts,
        {.subject = routing.name(), .citation = "guidebook step 5", .summary = ReleasedTo(facts.held_from)},
        routing));
  }
  RepeatEvents(call, routing, /*signing=*/false, "changes were requested on this freeze before");
  return absl::OkStatus();
}

// Closes the routings of the freezes from that number on, which were lost when drafting's database was
// restored.
absl::Status CloseLostRoutings(rpc::Call& call, const std::string& bucp, int32_t freeze_number) {
  ASSIGN_OR_RETURN(std::vector<v1::Routing> lost, FindRoutingsFrom(call.db(), bucp, freeze_number));
  for (v1::Routing& routing : lost) {
    if (routing.state() == v1::ROUTING_STATE_CLOSED) continue;
    ClearHold(routing);
    RETURN_IF_ERROR(Transition(call, "CloseRouting", {},
                               {.subject = routing.name(),
                                .citation = "guidebook step 5",
                                .summary = "its freeze was lost when a database was restored"},
                               routing));
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
    RecordEvent(call, *open, kRoutingOpened, open->name(), "guidebook step 5",
                "the freeze was routed before");
    RETURN_IF_ERROR(ResumeRouting(call, *open));
    *response.mutable_routing() = *std::move(open);
    return response;
  }
  ASSIGN_OR_RETURN(std::optional<v1::Routing> before, FindLastRouting(call.db(), request.bucp()));
  if (const absl::Status next = before ? CheckIsNext(request.freeze_number(), *before) : absl::OkStatus();
      !next.ok()) {
    if (!facts.current) return next;
    RETURN_IF_ERROR(CloseLostRoutings(call, request.bucp(), request.freeze_number()));
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
  RecordEvent(call, routing, kRoutingOpened, routing.name(), "guidebook step 5",
              "opinions and signatures of every department are needed");
  for (const v1::Opinion& opinion : carried) {
    RecordEvent(call, routing, kOpinionCarriedOver, opinion.name(), "BUCP template, checklist rows 3-5",
                DisplayName(opinion.discipline()) + " opinion of " + opinion.entity() +
                    " is carried over: no field that it looks at has changed");
  }
  if (!IsLast(routing, v1::ROUTING_STATE_OPINIONS, nullptr)) {
    RETURN_IF_ERROR(SyncTasks(call.db(), routing, call.now()));
    return response;
  }
  RETURN_IF_ERROR(Transition(call, "CarryOver", {.last = true}, {}, routing));
  return response;
}

absl::StatusOr<v1::CloseRoutingResponse> ReviewService::CloseRouting(rpc::Call& call,
                                                                     const v1::CloseRoutingRequest& request) {
  return Command<v1::CloseRoutingResponse>(call, "CloseRouting", "closed", request, &ClearHold);
}

absl::StatusOr<v1::HoldRoutingResponse> ReviewService::HoldRouting(rpc::Call& call,
                                                                   const v1::HoldRoutingRequest& request) {
  return Command<v1::HoldRoutingResponse>(call, "HoldRouting", "held", request, [&](v1::Routing& routing) {
    routing.set_held_from(routing.state());
    routing.set_dispute(request.dispute());
  });
}

absl::StatusOr<v1::ReleaseRoutingResponse> ReviewService::ReleaseRouting(
    rpc::Call& call, const v1::ReleaseRoutingRequest& request) {
  // Drafting repeats a release that it has lost. Only the events that it refused before are recorded again.
  ASSIGN_OR_RETURN(const std::optional<v1::Routing> open,
                   FindOpenRouting(call.db(), request.bucp(), request.freeze_number(), request.digest()));
  if (open && open->state() != v1::ROUTING_STATE_HELD) {
    v1::ReleaseRoutingResponse response;
    *response.mutable_routing() = *open;
    RecordEvent(call, *open, kRoutingReleased, open->name(), "guidebook step 5", "released before");
    RepeatEvents(call, *open, request.signing());
    return response;
  }
  ASSIGN_OR_RETURN(auto response, Command<v1::ReleaseRoutingResponse>(
                                      call, "ReleaseRouting",
                                      ReleasedTo(open ? open->held_from() : v1::ROUTING_STATE_UNSPECIFIED),
                                      request, &ClearHold));
  RepeatEvents(call, response.routing(), request.signing());
  return response;
}

absl::StatusOr<v1::RequestChangesResponse> ReviewService::RequestChanges(
    rpc::Call& call, const v1::RequestChangesRequest& request) {
  v1::RequestChangesResponse response;
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.name()));
  RETURN_IF_ERROR(CheckStep({.same_digest = request.digest() == routing.digest()}, routing.digest()));
  RETURN_IF_ERROR(Transition(call, "RequestChanges", {},
                             {.subject = routing.name(),
                              .citation = "guidebook step 5",
                              .summary = "back to both parties",
                              .reason = request.reason()},
                             routing));
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<v1::ClaimPartResponse> ReviewService::ClaimPart(rpc::Call& call,
                                                               const v1::ClaimPartRequest& request) {
  ASSIGN_OR_RETURN(const bool binds, review::ClaimPart(call.db(), {request.bucp(), request.person()},
                                                       request.entity(), request.act(), call.now()));
  // Only the first claim is in the BUCP's timeline.
  call.Record({.type = kPartClaimed,
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
  call.Record({.type = kPartReleased,
               .subject = request.bucp(),
               .bucp = released ? request.bucp() : "",
               .summary = "An act of " + request.person() + " was refused."});
  v1::ReleasePartResponse response;
  response.set_released(released);
  return response;
}

}  // namespace idea::review
