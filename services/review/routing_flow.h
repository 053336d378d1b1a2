#ifndef IDEA_SERVICES_REVIEW_ROUTING_FLOW_H_
#define IDEA_SERVICES_REVIEW_ROUTING_FLOW_H_

#include <array>

#include "absl/status/status.h"
#include "common/flow/flow.h"
#include "idea/review/v1/routing.pb.h"

// The way of a frozen revision through its opinions and signatures as a table (BUCP template, checklist rows
// 3 to 7): opinions of all departments, then sponsors, then coordinators.
namespace idea::review {

using State = v1::RoutingState;

// What the guards ask about.
struct RoutingFacts {
  // The digest that the caller names is the routing's.
  bool same_digest = false;
  // The caller's department has done this step already.
  bool already_done = false;
  // The same person took the department's other signature, and no setting allows that.
  bool same_person = false;
  // With this step nothing of its stage is left to do.
  bool last = false;
  // Somebody has signed.
  bool has_signatures = false;
  // For a signature: in which capacity.
  v1::Capacity capacity = v1::CAPACITY_UNSPECIFIED;
  // Where the routing was when a dispute held it.
  State held_from = State::ROUTING_STATE_UNSPECIFIED;
};

// Why a step that its row would allow is refused all the same: another revision, done already, the same
// person twice.
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
      // guide            from           on                by      only if                   to then tell
      {"checklist 3-5", kOpinions, "RegisterOpinion", kParty, &guard::kLastOpinion, kSponsors,
       "OpinionsCompleted"},
      {"checklist 3-5", kOpinions, "RegisterOpinion", kParty, nullptr, kOpinions, "OpinionRegistered"},
      {"checklist 3-5", kOpinions, "CarryOver", kDrafting, &guard::kLastOpinion, kSponsors,
       "OpinionsCompleted"},
      {"checklist 6", kSponsors, "SignBucp", kParty, &guard::kLastSponsor, kCoordinators, "SponsorsSigned"},
      {"checklist 6", kSponsors, "SignBucp", kParty, &guard::kSponsor, kSponsors, "BucpSigned"},
      {"checklist 7", kCoordinators, "SignBucp", kParty, &guard::kLastCoordinator, kComplete,
       "RoutingCompleted"},
      {"checklist 7", kCoordinators, "SignBucp", kParty, &guard::kCoordinator, kCoordinators, "BucpSigned"},

      {"checklist 3-5", kOpinions, "AmendOpinion", kParty, nullptr, kOpinions, "OpinionAmended"},
      {"checklist 3-5", kSponsors, "AmendOpinion", kParty, &guard::kNoSignature, kSponsors, "OpinionAmended"},
      {"template A", kOpinions, "ReconcileConcern", kParty, nullptr, kOpinions, "ConcernReconciled"},
      {"template A", kSponsors, "ReconcileConcern", kParty, nullptr, kSponsors, "ConcernReconciled"},
      {"template A", kCoordinators, "ReconcileConcern", kParty, nullptr, kCoordinators, "ConcernReconciled"},
      {"checklist 3-5", kOpinions, "RefuseCarryOver", kParty, nullptr, kOpinions, "CarryOverRefused"},
      {"checklist 3-5", kSponsors, "RefuseCarryOver", kParty, &guard::kNoSignature, kOpinions,
       "CarryOverRefused"},

      {"step 5", kOpinions, "RequestChanges", kParty, nullptr, kReturned, "ChangesRequested"},
      {"step 5", kSponsors, "RequestChanges", kParty, nullptr, kReturned, "ChangesRequested"},
      {"step 5", kCoordinators, "RequestChanges", kParty, nullptr, kReturned, "ChangesRequested"},

      {"step 5", kOpinions, "HoldRouting", kDrafting, nullptr, kHeld, "RoutingHeld"},
      {"step 5", kSponsors, "HoldRouting", kDrafting, nullptr, kHeld, "RoutingHeld"},
      {"step 5", kCoordinators, "HoldRouting", kDrafting, nullptr, kHeld, "RoutingHeld"},
      {"step 5", kComplete, "HoldRouting", kDrafting, nullptr, kHeld, "RoutingHeld"},
      {"step 5", kReturned, "HoldRouting", kDrafting, nullptr, kHeld, "RoutingHeld"},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kOpinions>, kOpinions,
       "RoutingReleased"},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kSponsors>, kSponsors,
       "RoutingReleased"},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kCoordinators>, kCoordinators,
       "RoutingReleased"},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kComplete>, kComplete,
       "RoutingReleased"},
      {"agreement 6.1", kHeld, "ReleaseRouting", kDrafting, &guard::kWas<kReturned>, kReturned,
       "RoutingReleased"},

      {"step 5", kOpinions, "CloseRouting", kDrafting, nullptr, kClosed, "RoutingClosed"},
      {"step 5", kSponsors, "CloseRouting", kDrafting, nullptr, kClosed, "RoutingClosed"},
      {"step 5", kCoordinators, "CloseRouting", kDrafting, nullptr, kClosed, "RoutingClosed"},
      {"step 5", kComplete, "CloseRouting", kDrafting, nullptr, kClosed, "RoutingClosed"},
      {"step 5", kReturned, "CloseRouting", kDrafting, nullptr, kClosed, "RoutingClosed"},
      {"step 5", kHeld, "CloseRouting", kDrafting, nullptr, kClosed, "RoutingClosed"},
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
