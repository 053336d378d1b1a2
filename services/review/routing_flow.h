#ifndef IDEA_SERVICES_REVIEW_ROUTING_FLOW_H_
#define IDEA_SERVICES_REVIEW_ROUTING_FLOW_H_

#include <array>

#include "absl/status/status.h"
#include "common/flow/flow.h"
#include "idea/review/v1/routing.pb.h"
#include "services/review/review_events.h"

// The lifecycle of a routing as a table (BUCP template, checklist rows 3 to 7): opinions of all departments,
// then signatures of the sponsors, then of the coordinators.
namespace idea::review {

using State = v1::RoutingState;

// The facts that the guards check.
struct RoutingFacts {
  // Whether the digest of the request is the routing's.
  bool same_digest = false;
  // Whether the caller's department has taken this step.
  bool already_done = false;
  // Whether the same person gave the department's other signature, and no setting allows that.
  bool same_person = false;
  // Whether every other step of the stage is done.
  bool last = false;
  // Whether the routing has a signature.
  bool has_signatures = false;
  // The capacity of a signature.
  v1::Capacity capacity = v1::CAPACITY_UNSPECIFIED;
  // The state in which a dispute held the routing.
  State held_from = State::ROUTING_STATE_UNSPECIFIED;
};

// DIGEST_MISMATCH, ALREADY_DONE or SAME_PERSON if the facts do not allow a step that its row allows.
absl::Status CheckStep(const RoutingFacts& facts, const std::string& digest);

namespace guard {
using flow::Guard;
using status::Reason;

inline constexpr Guard<RoutingFacts> kLastOpinion = {
    "last opinion?", [](const RoutingFacts& f) { return f.last; }, Reason::ERROR_REASON_STEP_NOT_ALLOWED,
    "opinions are missing"};
inline constexpr Guard<RoutingFacts> kLastSponsor = {
    "last sponsor?",
    [](const RoutingFacts& f) { return f.last && f.capacity != v1::CAPACITY_DATA_COORDINATOR; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "Executive Sponsors sign first"};
inline constexpr Guard<RoutingFacts> kSponsor = {
    "a sponsor?", [](const RoutingFacts& f) { return f.capacity != v1::CAPACITY_DATA_COORDINATOR; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "Executive Sponsors sign first"};
inline constexpr Guard<RoutingFacts> kNoSignature = {
    "no signature yet?", [](const RoutingFacts& f) { return !f.has_signatures; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "a sponsor has signed on these opinions; request changes instead"};
inline constexpr Guard<RoutingFacts> kLastCoordinator = {
    "last coordinator?",
    [](const RoutingFacts& f) { return f.last && f.capacity == v1::CAPACITY_DATA_COORDINATOR; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "Executive Sponsors have signed; Data Coordinators sign now"};
inline constexpr Guard<RoutingFacts> kCoordinator = {
    "a coordinator?", [](const RoutingFacts& f) { return f.capacity == v1::CAPACITY_DATA_COORDINATOR; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "Executive Sponsors have signed; Data Coordinators sign now"};

template <State kFrom>
inline constexpr Guard<RoutingFacts> kWas = {
    kFrom == State::ROUTING_STATE_OPINIONS       ? "held at opinions?"
    : kFrom == State::ROUTING_STATE_SPONSORS     ? "held at sponsors?"
    : kFrom == State::ROUTING_STATE_COORDINATORS ? "held at coordinators?"
    : kFrom == State::ROUTING_STATE_RETURNED     ? "held when returned?"
                                                 : "held when complete?",
    [](const RoutingFacts& f) { return f.held_from == kFrom; }, Reason::ERROR_REASON_STEP_NOT_ALLOWED,
    "the routing was not held"};
}  // namespace guard

inline constexpr auto kRoutingFlow = [] {
  using enum v1::RoutingState;
  using namespace flow;  // NOLINT(google-build-using-namespace): the parts of the cast
  constexpr auto kOpinions = ROUTING_STATE_OPINIONS;
  constexpr auto kSponsors = ROUTING_STATE_SPONSORS;
  constexpr auto kCoordinators = ROUTING_STATE_COORDINATORS;
  constexpr auto kComplete = ROUTING_STATE_COMPLETE;
  constexpr auto kHeld = ROUTING_STATE_HELD;
  constexpr auto kReturned = ROUTING_STATE_RETURNED;
  constexpr auto kClosed = ROUTING_STATE_CLOSED;
  using Row = Step<State, RoutingFacts>;
  return std::to_array<Row>({
      // guide            from           on                by      only if                   to event
      {"checklist 3-5", kOpinions, "RegisterOpinion", kParty, &guard::kLastOpinion, kSponsors,
       kOpinionsCompleted},
      {"checklist 3-5", kOpinions, "RegisterOpinion", kParty, nullptr, kOpinions, kOpinionRegistered},
      {"checklist 3-5", kOpinions, "CarryOver", kDrafting, &guard::kLastOpinion, kSponsors,
       kOpinionsCompleted},
      {"checklist 6", kSponsors, "SignBucp", kParty, &guard::kLastSponsor, kCoordinators, kSponsorsSigned},
      {"checklist 6", kSponsors, "SignBucp", kParty, &guard::kSponsor, kSponsors, kBucpSigned},
      {"checklist 7", kCoordinators, "SignBucp", kParty, &guard::kLastCoordinator, kComplete,
       kRoutingCompleted},
      {"checklist 7", kCoordinators, "SignBucp", kParty, &guard::kCoordinator, kCoordinators, kBucpSigned},

      {"checklist 3-5", kOpinions, "AmendOpinion", kParty, nullptr, kOpinions, kOpinionAmended},
      {"checklist 3-5", kSponsors, "AmendOpinion", kParty, &guard::kNoSignature, kSponsors, kOpinionAmended},
      {"template A", kOpinions, "ReconcileConcern", kParty, nullptr, kOpinions, kConcernReconciled},
      {"template A", kSponsors, "ReconcileConcern", kParty, nullptr, kSponsors, kConcernReconciled},
      {"template A", kCoordinators, "ReconcileConcern", kParty, nullptr, kCoordinators, kConcernReconciled},
      {"checklist 3-5", kOpinions, "RefuseCarryOver", kParty, nullptr, kOpinions, kCarryOverRefused},
      {"checklist 3-5", kSponsors, "RefuseCarryOver", kParty, &guard::kNoSignature, kOpinions,
       kCarryOverRefused},

      {"step 5", kOpinions, "RequestChanges", kParty, nullptr, kReturned, kChangesRequested},
      {"step 5", kSponsors, "RequestChanges", kParty, nullptr, kReturned, kChangesRequested},
      {"step 5", kCoordinators, "RequestChanges", kParty, nullptr, kReturned, kChangesRequested},

      {"step 5", kOpinions, "HoldRouting", kDrafting, nullptr, kHeld, kRoutingHeld},
      {"step 5", kSponsors, "HoldRouting", kDrafting, nullptr, kHeld, kRoutingHeld},
      {"step 5", kCoordinators, "HoldRouting", kDrafting, nullptr, kHeld, kRoutingHeld},
      {"step 5", kComplete, "HoldRouting", kDrafting, nullptr, kHeld, kRoutingHeld},
      {"step 5", kReturned, "HoldRouting", kDrafting, nullptr, kHeld, kRoutingHeld},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kOpinions>, kOpinions,
       kRoutingReleased},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kSponsors>, kSponsors,
       kRoutingReleased},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kCoordinators>, kCoordinators,
       kRoutingReleased},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kComplete>, kComplete,
       kRoutingReleased},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kReturned>, kReturned,
       kRoutingReleased},

      {"step 5", kOpinions, "CloseRouting", kDrafting, nullptr, kClosed, kRoutingClosed},
      {"step 5", kSponsors, "CloseRouting", kDrafting, nullptr, kClosed, kRoutingClosed},
      {"step 5", kCoordinators, "CloseRouting", kDrafting, nullptr, kClosed, kRoutingClosed},
      {"step 5", kComplete, "CloseRouting", kDrafting, nullptr, kClosed, kRoutingClosed},
      {"step 5", kReturned, "CloseRouting", kDrafting, nullptr, kClosed, kRoutingClosed},
      {"step 5", kHeld, "CloseRouting", kDrafting, nullptr, kClosed, kRoutingClosed},
  });
}();

inline constexpr std::array kRoutingStates = {
    State::ROUTING_STATE_OPINIONS, State::ROUTING_STATE_SPONSORS, State::ROUTING_STATE_COORDINATORS,
    State::ROUTING_STATE_COMPLETE, State::ROUTING_STATE_HELD,     State::ROUTING_STATE_RETURNED,
    State::ROUTING_STATE_CLOSED,
};
inline constexpr std::array kRoutingStarts = {State::ROUTING_STATE_OPINIONS};
inline constexpr std::array kRoutingFinals = {State::ROUTING_STATE_CLOSED};

static_assert(flow::NoRowIsShadowed(kRoutingFlow));
static_assert(flow::EveryStateIsReachable(kRoutingFlow, kRoutingStarts, kRoutingStates));
static_assert(flow::OnlyTheseStatesAreFinal(kRoutingFlow, kRoutingStates, kRoutingFinals));

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_FLOW_H_
