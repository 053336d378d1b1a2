#include "services/review/review_service.h"

#include <algorithm>
#include <set>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/review/routing_flow.h"
#include "services/review/routing_store.h"

namespace idea::review {
namespace {

using common::v1::ContactRole;
using status::Error;
using status::Reason;

// Every department once, recipients first.
std::vector<std::string> DepartmentsOf(const v1::Routing& routing) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const auto* side : {&routing.recipients(), &routing.providers()}) {
    for (const std::string& entity : *side) {
      if (seen.insert(entity).second) out.push_back(entity);
    }
  }
  return out;
}

// What each department has to give, in order. A department that is on both sides gives it once.
struct Ask {
  v1::StepKind kind;
  v1::Discipline discipline;
  v1::Capacity capacity;
  const char* citation;
};

constexpr Ask kAsks[] = {
    {v1::STEP_KIND_OPINION, v1::DISCIPLINE_LEGAL, v1::CAPACITY_UNSPECIFIED, "BUCP template, checklist row 3"},
    {v1::STEP_KIND_OPINION, v1::DISCIPLINE_PRIVACY, v1::CAPACITY_UNSPECIFIED,
     "BUCP template, checklist row 4"},
    {v1::STEP_KIND_OPINION, v1::DISCIPLINE_SECURITY, v1::CAPACITY_UNSPECIFIED,
     "BUCP template, checklist row 5"},
    {v1::STEP_KIND_SIGNATURE, v1::DISCIPLINE_UNSPECIFIED, v1::CAPACITY_EXECUTIVE_SPONSOR,
     "BUCP template, checklist row 6"},
    {v1::STEP_KIND_SIGNATURE, v1::DISCIPLINE_UNSPECIFIED, v1::CAPACITY_DATA_COORDINATOR,
     "BUCP template, checklist row 7"},
};

void AddSteps(v1::Routing& routing) {
  for (const Ask& ask : kAsks) {
    for (const std::string& entity : DepartmentsOf(routing)) {
      v1::RoutingStep& step = *routing.add_steps();
      step.set_kind(ask.kind);
      step.set_entity(entity);
      step.set_discipline(ask.discipline);
      step.set_capacity(ask.capacity);
      step.set_citation(ask.citation);
    }
  }
}

flow::Parts PartsOf(const auth::Caller& caller, const v1::Routing& routing) {
  if (caller.service == "drafting") return flow::kDrafting;
  const std::vector<std::string> departments = DepartmentsOf(routing);
  const bool party = std::find(departments.begin(), departments.end(), caller.entity) != departments.end();
  return party ? flow::kParty : 0;
}

// Parties, the Statewide CDO's office and peer services see a routing.
absl::StatusOr<v1::Routing> FindVisible(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindRouting(call.db(), name));
  const auth::Caller& caller = call.caller();
  if (PartsOf(caller, routing) != 0 || !caller.service.empty() ||
      caller.kind == common::v1::CALLER_KIND_CDO) {
    return routing;
  }
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no " + name + ", or you are no party to it");
}

// The step of the caller's department that matches; null if the routing asks for none.
v1::RoutingStep* FindStep(v1::Routing& routing, const std::string& entity, v1::Discipline discipline,
                          v1::Capacity capacity) {
  for (v1::RoutingStep& step : *routing.mutable_steps()) {
    if (step.entity() == entity && step.discipline() == discipline && step.capacity() == capacity)
      return &step;
  }
  return nullptr;
}

// Whether `step` is the only one of its stage that is not done.
bool IsLast(const v1::Routing& routing, const v1::RoutingStep& step) {
  return std::none_of(routing.steps().begin(), routing.steps().end(), [&](const v1::RoutingStep& other) {
    return &other != &step && !other.done() && other.kind() == step.kind() &&
           other.capacity() == step.capacity();
  });
}

absl::Status CheckRole(const auth::Caller& caller, ContactRole role) {
  if (caller.Has(role)) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_ROLE_REQUIRED, "this step is another representative's")
      .With("roles", common::v1::ContactRole_Name(role));
}

// Takes one step of the flow and stores it; a held routing says which way out.
absl::StatusOr<flow::Step<State, RoutingFacts>> Advance(rpc::Call& call, v1::Routing& routing,
                                                        std::string_view on, const RoutingFacts& facts) {
  const State from = routing.state();
  auto step = flow::Decide(kRoutingFlow, from, on, PartsOf(call.caller(), routing), facts);
  if (!step.ok()) {
    const bool held = from == v1::ROUTING_STATE_HELD &&
                      status::ReasonOf(step.status()) == Reason::ERROR_REASON_STEP_NOT_ALLOWED;
    if (held) return Error(Reason::ERROR_REASON_BUCP_ON_HOLD, "a dispute holds " + routing.bucp());
    return step.status();
  }
  routing.set_state(step->to);
  *routing.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(SaveRouting(call.db(), from, routing));
  return step;
}

void Tell(rpc::Call& call, const v1::Routing& routing, std::string_view type, const std::string& subject,
          std::string_view citation, std::string summary) {
  v1::RoutingMoved moved;
  moved.set_bucp(routing.bucp());
  moved.set_routing(routing.name());
  moved.set_digest(routing.digest());
  call.Tell({.type = type,
             .subject = subject,
             .bucp = routing.bucp(),
             .audience = DepartmentsOf(routing),
             .citation = citation,
             .summary = std::move(summary),
             .data = &moved});
}

// What a whole stage being done means for drafting.
void TellStage(rpc::Call& call, const v1::Routing& routing, std::string_view type) {
  if (type == "OpinionsCompleted") {
    Tell(call, routing, type, routing.name(), "BUCP template, checklist rows 3-5",
         "every opinion is registered");
  } else if (type == "SponsorsSigned") {
    Tell(call, routing, type, routing.name(), "BUCP template, checklist row 6",
         "every Executive Sponsor has signed");
  } else if (type == "RoutingCompleted") {
    Tell(call, routing, type, routing.name(), "BUCP template, checklist row 7", "every signature is there");
  }
}

// "LEGAL" -> "legal", "EXECUTIVE_SPONSOR" -> "executive sponsor".
template <class Enum>
std::string Words(Enum value) {
  std::string words = flow::NameOf(value);
  for (char& c : words) c = static_cast<char>(c == '_' ? ' ' : std::tolower(static_cast<unsigned char>(c)));
  return words;
}

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
    if (step.to != v1::ROUTING_STATE_OPINIONS) TellStage(call, *routing, "OpinionsCompleted");
    if (step.to == v1::ROUTING_STATE_COMPLETE) TellStage(call, *routing, "RoutingCompleted");
  }
  Response response;
  *response.mutable_routing() = *std::move(routing);
  return response;
}

}  // namespace

absl::StatusOr<v1::OpenRoutingResponse> ReviewService::OpenRouting(rpc::Call& call,
                                                                   const v1::OpenRoutingRequest& request) {
  v1::OpenRoutingResponse response;
  ASSIGN_OR_RETURN(const std::optional<v1::Routing> open,
                   FindOpenRouting(call.db(), request.bucp(), request.digest()));
  if (open) {
    Tell(call, *open, "RoutingOpened", open->name(), "guidebook step 5", "the revision is routed already");
    *response.mutable_routing() = *open;
    return response;
  }
  v1::Routing routing;
  routing.set_name("routings/" + ids::NewUuid());
  routing.set_bucp(request.bucp());
  routing.set_title(request.title());
  routing.set_revision(request.revision());
  routing.set_digest(request.digest());
  *routing.mutable_recipients() = request.recipients();
  *routing.mutable_providers() = request.providers();
  routing.set_state(v1::ROUTING_STATE_OPINIONS);
  AddSteps(routing);
  *routing.mutable_create_time() = clock::ToProto(call.now());
  *routing.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertRouting(call.db(), routing));
  Tell(call, routing, "RoutingOpened", routing.name(), "guidebook step 5",
       "opinions and signatures of every department are asked for");
  *response.mutable_routing() = std::move(routing);
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
  constexpr ContactRole kRoles[] = {common::v1::CONTACT_ROLE_UNSPECIFIED, common::v1::CONTACT_ROLE_LEGAL,
                                    common::v1::CONTACT_ROLE_PRIVACY, common::v1::CONTACT_ROLE_SECURITY};
  RETURN_IF_ERROR(CheckRole(caller, kRoles[request.discipline()]));
  v1::RoutingStep* mine = FindStep(routing, caller.entity, request.discipline(), v1::CAPACITY_UNSPECIFIED);
  if (mine == nullptr)
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "opinions are the parties'").With("by", "party");
  RoutingFacts facts;
  facts.same_digest = request.digest() == routing.digest();
  facts.already_done = mine->done();
  facts.last = IsLast(routing, *mine);

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

  RETURN_IF_ERROR(CheckStep(facts));
  mine->set_done(true);
  mine->set_record(opinion.name());
  const std::string citation = mine->citation();
  ASSIGN_OR_RETURN(const auto step, Advance(call, routing, "RegisterOpinion", facts));
  RETURN_IF_ERROR(InsertOpinion(call.db(), opinion));
  Tell(call, routing, "OpinionRegistered", opinion.name(), citation,
       Words(opinion.discipline()) + " opinion registered: " + Words(opinion.position()));
  TellStage(call, routing, step.tell);
  *response.mutable_routing() = std::move(routing);
  return response;
}

absl::StatusOr<v1::SignBucpResponse> ReviewService::SignBucp(rpc::Call& call,
                                                             const v1::SignBucpRequest& request) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.routing()));
  const auth::Caller& caller = call.caller();
  const bool sponsor = request.capacity() == v1::CAPACITY_EXECUTIVE_SPONSOR;
  RETURN_IF_ERROR(CheckRole(caller, sponsor ? common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR
                                            : common::v1::CONTACT_ROLE_DATA_COORDINATOR));
  v1::RoutingStep* mine = FindStep(routing, caller.entity, v1::DISCIPLINE_UNSPECIFIED, request.capacity());
  if (mine == nullptr)
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "signatures are the parties'").With("by", "party");
  ASSIGN_OR_RETURN(const bool signed_before,
                   SignedByPerson(call.db(), routing.name(), caller.entity, caller.person));
  RoutingFacts facts;
  facts.same_digest = request.digest() == routing.digest();
  facts.already_done = mine->done();
  facts.same_person = signed_before && !one_person_may_sign_twice_;
  facts.last = IsLast(routing, *mine);
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

absl::StatusOr<v1::GetRoutingResponse> ReviewService::GetRouting(rpc::Call& call,
                                                                 const v1::GetRoutingRequest& request) {
  v1::GetRoutingResponse response;
  ASSIGN_OR_RETURN(*response.mutable_routing(), FindVisible(call, request.name()));
  return response;
}

absl::StatusOr<v1::ListRoutingsResponse> ReviewService::ListRoutings(rpc::Call& call,
                                                                     const v1::ListRoutingsRequest& request) {
  const auth::Caller& caller = call.caller();
  const bool all = !caller.service.empty() || caller.kind == common::v1::CALLER_KIND_CDO;
  return review::ListRoutings(call.db(), request, all ? "" : caller.entity);
}

absl::StatusOr<v1::ListOpinionsResponse> ReviewService::ListOpinions(rpc::Call& call,
                                                                     const v1::ListOpinionsRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, request.parent()).status());
  return review::ListOpinions(call.db(), request);
}

absl::StatusOr<v1::ListSignaturesResponse> ReviewService::ListSignatures(
    rpc::Call& call, const v1::ListSignaturesRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, request.parent()).status());
  return review::ListSignatures(call.db(), request);
}

}  // namespace idea::review
