#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_FLOW_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_FLOW_H_

#include <array>

#include "common/flow/flow.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/drafting_events.h"

// The lifecycle of a BUCP as a table. One row is one transition. Nothing else changes a state.
namespace idea::drafting {

using v1::State;

// The facts that the guards check.
struct BucpFacts {
  // The Business Case section is complete enough for sending.
  bool sendable = false;
  // Every required field is complete.
  bool complete = false;
  // The freeze that a peer names, by its number and the digest of its revision, is the current one.
  bool same_freeze = false;
  // The dispute that a peer names is the one that holds the BUCP.
  bool same_dispute = false;
  // The state before the dispute held the BUCP.
  State held_from = State::STATE_UNSPECIFIED;
  // The BUCP is an amendment, and the agreement that it amends has ended.
  bool amends_nothing_in_force = false;
};

namespace guard {
using flow::Guard;
using status::Reason;

inline constexpr Guard<BucpFacts> kSendable = {
    "Business Case complete?", [](const BucpFacts& f) { return f.sendable; }, Reason::ERROR_REASON_INCOMPLETE,
    "the Business Case section is not complete"};
inline constexpr Guard<BucpFacts> kComplete = {
    "all required fields?", [](const BucpFacts& f) { return f.complete; }, Reason::ERROR_REASON_INCOMPLETE,
    "required fields are missing"};
inline constexpr Guard<BucpFacts> kSameFreeze = {
    "the current freeze?", [](const BucpFacts& f) { return f.same_freeze; },
    Reason::ERROR_REASON_FREEZE_MISMATCH, "another freeze of the BUCP is current"};
inline constexpr Guard<BucpFacts> kWasSent = {
    "held while editing?",
    [](const BucpFacts& f) { return f.same_dispute && f.held_from == State::STATE_SENT; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "another dispute holds the BUCP"};
inline constexpr Guard<BucpFacts> kWasInReview = {
    "held in review, disputed-only fields complete?",
    [](const BucpFacts& f) { return f.same_dispute && f.held_from == State::STATE_IN_REVIEW && f.complete; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "another dispute holds the BUCP"};
inline constexpr Guard<BucpFacts> kWasSigning = {
    "held while signing, disputed-only fields complete?",
    [](const BucpFacts& f) { return f.same_dispute && f.held_from == State::STATE_SIGNING && f.complete; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "another dispute holds the BUCP"};
inline constexpr Guard<BucpFacts> kSameDispute = {
    "by its dispute?", [](const BucpFacts& f) { return f.same_dispute; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "another dispute holds the BUCP"};
inline constexpr Guard<BucpFacts> kSignedTooLate = {
    "the current freeze, and what it amends has ended?",
    [](const BucpFacts& f) { return f.same_freeze && f.amends_nothing_in_force; },
    Reason::ERROR_REASON_FREEZE_MISMATCH, "another freeze of the BUCP is current"};
inline constexpr Guard<BucpFacts> kReleasedTooLate = {
    "by its dispute, and what it amends has ended?",
    [](const BucpFacts& f) { return f.same_dispute && f.amends_nothing_in_force; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "another dispute holds the BUCP"};
}  // namespace guard

inline constexpr auto kBucpFlow = [] {
  using enum v1::State;
  using namespace flow;  // NOLINT(google-build-using-namespace): the roles
  using Row = Step<State, BucpFacts>;
  return std::to_array<Row>({
      // guide      from             on                    by              only if               to, event
      {"3", STATE_DRAFT, "UpdateBucp", kRecipient, nullptr, STATE_DRAFT, kBucpUpdated},
      {"4", STATE_DRAFT, "SendBucp", kLeadRecipient | kSender, &guard::kSendable, STATE_SENT, kBucpSent},
      {"4", STATE_DRAFT, "ShareBucp", kRecipient, nullptr, STATE_DRAFT, kBucpShared},
      {"4", STATE_DRAFT, "SetBucpSender", kLeadRecipient, nullptr, STATE_DRAFT, kBucpSenderSet},
      {"3", STATE_DRAFT, "WithdrawBucp", kLeadRecipient, nullptr, STATE_WITHDRAWN, kBucpWithdrawn},

      {"5", STATE_SENT, "UpdateBucp", kParty, nullptr, STATE_SENT, kBucpUpdated},
      {"5", STATE_SENT, "ReturnBucp", kProvider, nullptr, STATE_DRAFT, kBucpReturned},
      {"5", STATE_SENT, "FreezeBucp", kParty, &guard::kComplete, STATE_IN_REVIEW, kBucpFrozen},
      {"5", STATE_SENT, "HoldBucp", kDispute, nullptr, STATE_DISPUTED, kBucpHeld},
      {"5", STATE_SENT, "WithdrawBucp", kLeadRecipient, nullptr, STATE_WITHDRAWN, kBucpWithdrawn},

      {"5", STATE_IN_REVIEW, "CompleteReviews", kReview, &guard::kSameFreeze, STATE_SIGNING, kBucpReviewed},
      {"5", STATE_IN_REVIEW, "UnfreezeBucp", kParty | kReview, &guard::kSameFreeze, STATE_SENT,
       kBucpUnfrozen},
      {"5", STATE_IN_REVIEW, "HoldBucp", kDispute, nullptr, STATE_DISPUTED, kBucpHeld},
      {"5", STATE_IN_REVIEW, "WithdrawBucp", kLeadRecipient, nullptr, STATE_WITHDRAWN, kBucpWithdrawn},

      {"8", STATE_SIGNING, "CompleteSignatures", kReview, &guard::kSignedTooLate, STATE_NOT_APPROVED,
       kBucpNotApproved},
      {"5", STATE_SIGNING, "CompleteSignatures", kReview, &guard::kSameFreeze, STATE_EXECUTED, kBucpExecuted},
      {"5", STATE_SIGNING, "UnfreezeBucp", kParty | kReview, &guard::kSameFreeze, STATE_SENT, kBucpUnfrozen},
      {"5", STATE_SIGNING, "HoldBucp", kDispute, nullptr, STATE_DISPUTED, kBucpHeld},
      {"5", STATE_SIGNING, "WithdrawBucp", kLeadRecipient, nullptr, STATE_WITHDRAWN, kBucpWithdrawn},

      {"8", STATE_DISPUTED, "ReleaseBucp", kDispute, &guard::kReleasedTooLate, STATE_NOT_APPROVED,
       kBucpNotApproved},
      {"5", STATE_DISPUTED, "WithdrawBucp", kLeadRecipient, nullptr, STATE_WITHDRAWN, kBucpWithdrawn},
      {"agreement 6.1", STATE_DISPUTED, "ReleaseBucp", kDispute, &guard::kWasSent, STATE_SENT, kBucpReleased},
      {"agreement 6.1", STATE_DISPUTED, "ReleaseBucp", kDispute, &guard::kWasInReview, STATE_IN_REVIEW,
       kBucpReleased},
      {"agreement 6.1", STATE_DISPUTED, "ReleaseBucp", kDispute, &guard::kWasSigning, STATE_SIGNING,
       kBucpReleased},
      {"agreement 6.1", STATE_DISPUTED, "ReleaseBucp", kDispute, &guard::kSameDispute, STATE_SENT,
       kBucpReopened},
      {"agreement 6.1", STATE_DISPUTED, "RejectBucp", kDispute, &guard::kSameDispute, STATE_NOT_APPROVED,
       kBucpRejected},

      {"6", STATE_EXECUTED, "RecordFiling", kInventory, nullptr, STATE_FILED, kBucpFiled},
      {"8", STATE_EXECUTED, "EndBucp", kInventory, nullptr, STATE_ENDED, kBucpEnded},
      {"8", STATE_EXECUTED, "SupersedeBucp", flow::kDrafting, nullptr, STATE_ENDED, kBucpSuperseded},
      {"8", STATE_FILED, "EndBucp", kInventory, nullptr, STATE_ENDED, kBucpEnded},
      {"8", STATE_FILED, "SupersedeBucp", flow::kDrafting, nullptr, STATE_ENDED, kBucpSuperseded},
      {"6", STATE_ENDED, "RecordFiling", kInventory, nullptr, STATE_ENDED, kBucpFiled},

      {"8", STATE_DRAFT, "CloseAmendment", flow::kDrafting, nullptr, STATE_NOT_APPROVED, kBucpNotApproved},
      {"8", STATE_SENT, "CloseAmendment", flow::kDrafting, nullptr, STATE_NOT_APPROVED, kBucpNotApproved},
      {"8", STATE_IN_REVIEW, "CloseAmendment", flow::kDrafting, nullptr, STATE_NOT_APPROVED,
       kBucpNotApproved},
      {"8", STATE_SIGNING, "CloseAmendment", flow::kDrafting, nullptr, STATE_NOT_APPROVED, kBucpNotApproved},
      {"8", STATE_EXECUTED, "CloseAmendment", flow::kDrafting, nullptr, STATE_NOT_APPROVED, kBucpNotApproved},
  });
}();

inline constexpr std::array kBucpStates = {
    State::STATE_DRAFT,        State::STATE_SENT,     State::STATE_IN_REVIEW, State::STATE_SIGNING,
    State::STATE_EXECUTED,     State::STATE_FILED,    State::STATE_ENDED,     State::STATE_WITHDRAWN,
    State::STATE_NOT_APPROVED, State::STATE_DISPUTED,
};
inline constexpr std::array kBucpStarts = {State::STATE_DRAFT};
inline constexpr std::array kBucpFinals = {State::STATE_ENDED, State::STATE_WITHDRAWN,
                                           State::STATE_NOT_APPROVED};

static_assert(flow::NoRowIsShadowed(kBucpFlow));
static_assert(flow::EveryStateIsReachable(kBucpFlow, kBucpStarts, kBucpStates));
static_assert(flow::OnlyTheseStatesAreFinal(kBucpFlow, kBucpStates, kBucpFinals));

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_FLOW_H_
