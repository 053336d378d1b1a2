#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_

#include <algorithm>
#include <array>
#include <string_view>

#include "common/flow/flow.h"
#include "idea/dispute/v1/dispute.pb.h"

// The guidebook's dispute resolution process as a table.
namespace idea::dispute {

// What the guards ask.
struct Facts {
  // Every party is under the Governor's authority.
  bool all_under_governor = false;
  // At least one Data Recipient and one Data Provider has given its statement, the one being submitted
  // included.
  bool recipient_stated = false;
  bool provider_stated = false;
  // The Governor's Office decides for sharing.
  bool approve = false;
};

using Step = flow::Step<v1::State, Facts>;
using Guard = flow::Guard<Facts>;
using flow::kAgencyOfficer, flow::kCdo, flow::kDrafting, flow::kGovernor, flow::kOpener, flow::kParty;
using status::Reason;
using enum v1::State;

inline constexpr Guard kUnderGovernor = {
    "all parties under the Governor", [](const Facts& f) { return f.all_under_governor; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "a party is outside the Governor's authority"};
inline constexpr Guard kBothSidesStated = {
    "both sides' statements in", [](const Facts& f) { return f.recipient_stated && f.provider_stated; },
    Reason::ERROR_REASON_STATEMENTS_MISSING, "the statement of the other side is awaited"};
inline constexpr Guard kApproved = {"decided for sharing", [](const Facts& f) { return f.approve; },
                                    Reason::ERROR_REASON_STEP_NOT_ALLOWED,
                                    "the Governor's Office decided against sharing"};

// Events of the table are rpcs of DisputeService, but for this one: drafting answers that the BUCP can no
// longer be held.
inline constexpr std::string_view kHoldRefused = "HoldRefused";

// Step 1: where a dispute begins. Yes: agencies mediate; no: written statements.
constexpr v1::State FirstState(bool all_under_governor) {
  return all_under_governor ? STATE_AGENCY_MEDIATION : STATE_STATEMENTS;
}
inline constexpr std::array kStarts = {FirstState(true), FirstState(false)};

// Taking an objection back and a hold that comes too late stand in no guide: they are this suite's.
// clang-format off
inline constexpr auto kFlow = std::to_array<Step>({
    // guide      from                    on                 by              only if            to                      then tell
    {"2 yes",     STATE_AGENCY_MEDIATION, "SettleDispute",   kAgencyOfficer, nullptr,           STATE_RESOLVED,         "DisputeSettled"},
    {"2 no",      STATE_AGENCY_MEDIATION, "EscalateDispute", kAgencyOfficer, nullptr,           STATE_STATEMENTS,       "DisputeEscalated"},
    {"3 both",    STATE_STATEMENTS,       "SubmitStatement", kParty,         &kBothSidesStated, STATE_CDO_MEDIATION,    "StatementSubmitted"},
    {"3 one",     STATE_STATEMENTS,       "SubmitStatement", kParty,         nullptr,           STATE_STATEMENTS,       "StatementSubmitted"},
    {"4 yes",     STATE_CDO_MEDIATION,    "SettleDispute",   kCdo,           nullptr,           STATE_RESOLVED,         "DisputeSettled"},
    {"5 yes",     STATE_CDO_MEDIATION,    "EscalateDispute", kCdo,           &kUnderGovernor,   STATE_GOVERNOR_DECIDES, "DisputeEscalated"},
    {"5 no",      STATE_CDO_MEDIATION,    "EscalateDispute", kCdo,           nullptr,           STATE_NOT_APPROVED,     "DisputeDecided"},
    {"5 end",     STATE_GOVERNOR_DECIDES, "DecideDispute",   kGovernor,      &kApproved,        STATE_APPROVED,         "DisputeDecided"},
    {"5 end",     STATE_GOVERNOR_DECIDES, "DecideDispute",   kGovernor,      nullptr,           STATE_NOT_APPROVED,     "DisputeDecided"},
    {"withdrawn", STATE_AGENCY_MEDIATION, "WithdrawDispute", kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"withdrawn", STATE_STATEMENTS,       "WithdrawDispute", kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"withdrawn", STATE_CDO_MEDIATION,    "WithdrawDispute", kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"withdrawn", STATE_GOVERNOR_DECIDES, "WithdrawDispute", kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"too late",  STATE_AGENCY_MEDIATION, kHoldRefused,      kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
    {"too late",  STATE_STATEMENTS,       kHoldRefused,      kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
    {"too late",  STATE_CDO_MEDIATION,    kHoldRefused,      kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
    {"too late",  STATE_GOVERNOR_DECIDES, kHoldRefused,      kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
});
// clang-format on

inline constexpr std::array kStates = {STATE_AGENCY_MEDIATION, STATE_STATEMENTS, STATE_CDO_MEDIATION,
                                       STATE_GOVERNOR_DECIDES, STATE_RESOLVED,   STATE_APPROVED,
                                       STATE_NOT_APPROVED,     STATE_WITHDRAWN,  STATE_VOID};
inline constexpr std::array kFinals = {STATE_RESOLVED, STATE_APPROVED, STATE_NOT_APPROVED, STATE_WITHDRAWN,
                                       STATE_VOID};

static_assert(flow::NoRowIsShadowed(kFlow));
static_assert(flow::EveryStateIsReachable(kFlow, kStarts, kStates));
static_assert(flow::OnlyTheseStatesAreFinal(kFlow, kStates, kFinals));

// Whether a dispute in this state still holds its BUCP.
constexpr bool IsOpen(v1::State state) {
  return std::find(kFinals.begin(), kFinals.end(), state) == kFinals.end();
}

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_
