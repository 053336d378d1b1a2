#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_

#include <algorithm>
#include <array>
#include <string_view>

#include "common/flow/flow.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "services/dispute/dispute_events.h"

// The dispute resolution process as tables: the guidebook's, and that of agreement section 6.1.
namespace idea::dispute {

// The facts that the guards check.
struct Facts {
  // Whether every party whose standing counts is under the Governor's authority: by the guidebook all
  // parties, by the agreement the Data Providers.
  bool under_governor = false;
  // Whether at least one Data Recipient and one Data Provider have submitted a statement, and whether all
  // have, including the one being submitted.
  bool both_sides_stated = false;
  bool parties_stated = false;
  // Whether every mediating office has submitted comments, including those being submitted.
  bool offices_stated = false;
  // Whether the decision being made is for sharing.
  bool approve = false;
  // Whether every party agrees to the proposed settlement, including the agreement being given.
  bool all_agree = false;
  // Whether the Statewide CDO's office is not a party.
  bool cdo_is_neutral = false;
  // Whether the Statewide CDO has recorded a mediation meeting or the reason for not holding one.
  bool mediated = false;
  // Whether all Undersecretaries have decided for, or all against, including the decision being made.
  bool all_for = false;
  bool all_against = false;
};

using Step = flow::Step<v1::State, Facts>;
using Guard = flow::Guard<Facts>;
using flow::kAgencyOfficer, flow::kCdo, flow::kDrafting, flow::kGovernor, flow::kOpener, flow::kParty,
    flow::kUndersecretary;
using status::Reason;
using enum v1::State;

inline constexpr Guard kAllUnder = {
    "all parties under the Governor", [](const Facts& f) { return f.under_governor; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "a party is outside the Governor's authority"};
inline constexpr Guard kProvidersUnder = {
    "all Data Providers under the Governor", [](const Facts& f) { return f.under_governor; },
    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "a Data Provider is outside the Governor's authority"};
inline constexpr Guard kPartiesStated = {
    "every party's statement in", [](const Facts& f) { return f.parties_stated; },
    Reason::ERROR_REASON_STATEMENTS_MISSING, "the statement of another party is awaited"};
inline constexpr Guard kBothSidesStated = {
    "both sides' statements in", [](const Facts& f) { return f.both_sides_stated; },
    Reason::ERROR_REASON_STATEMENTS_MISSING, "no party of one side has given its statement"};
inline constexpr Guard kOfficesStated = {
    "every office's comments in", [](const Facts& f) { return f.offices_stated; },
    Reason::ERROR_REASON_STATEMENTS_MISSING, "the comments of another office are awaited"};
inline constexpr Guard kAllAgree = {"every party agrees", [](const Facts& f) { return f.all_agree; },
                                    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "not every party agrees"};
inline constexpr Guard kNeutral = {"the CDO's office is not a party",
                                   [](const Facts& f) { return f.cdo_is_neutral; },
                                   Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the CDO's office is a party"};
inline constexpr Guard kMediated = {
    "a party outside, and a meeting or a reason for none",
    [](const Facts& f) { return !f.under_governor && f.mediated; }, Reason::ERROR_REASON_MEETING_MISSING,
    "the escalation ends the dispute as not approved: record the mediation meeting, or say in "
    "no_meeting_reason why none was held"};
inline constexpr Guard kApproved = {"decided for sharing", [](const Facts& f) { return f.approve; },
                                    Reason::ERROR_REASON_STEP_NOT_ALLOWED,
                                    "the Governor's Office decided against sharing"};
inline constexpr Guard kAllFor = {"every Undersecretary for sharing",
                                  [](const Facts& f) { return f.all_for; },
                                  Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the Undersecretaries differ"};
inline constexpr Guard kAllAgainst = {"every Undersecretary against sharing",
                                      [](const Facts& f) { return f.all_against; },
                                      Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the Undersecretaries differ"};

// Events of the tables are rpcs of DisputeService, except two. First: drafting answers that the BUCP can no
// longer be held.
inline constexpr std::string_view kHoldRefused = "HoldRefused";
// Second: the registry has the standings on which the track depends.
inline constexpr std::string_view kStandingsRecorded = "StandingsRecorded";
inline constexpr flow::Roles kConfirmer = kAgencyOfficer | kParty;

// The guides do not mention the withdrawal of an objection and a hold that comes too late.
// clang-format off
inline constexpr auto kGuidebookFlow = std::to_array<Step>({
    // guide           from                    on                   by              only if            to                      event
    {"1 yes",          STATE_AWAITING_STANDING, kStandingsRecorded, flow::kDispute, &kAllUnder,        STATE_AGENCY_MEDIATION, kDisputeTrackChosen},
    {"1 no",           STATE_AWAITING_STANDING, kStandingsRecorded, flow::kDispute, nullptr,           STATE_STATEMENTS,       kDisputeTrackChosen},
    {"withdrawn",      STATE_AWAITING_STANDING, "WithdrawDispute",  kOpener,        nullptr,           STATE_WITHDRAWN,        kDisputeWithdrawn},
    {"BUCP withdrawn", STATE_AWAITING_STANDING, "EndDispute",       kDrafting,      nullptr,           STATE_WITHDRAWN,        kDisputeEnded},
    {"too late",       STATE_AWAITING_STANDING, kHoldRefused,       kDrafting,      nullptr,           STATE_VOID,             kDisputeVoided},
    {"2",              STATE_AGENCY_MEDIATION, "RecordMeeting",     kAgencyOfficer, nullptr,           STATE_AGENCY_MEDIATION, kMeetingRecorded},
    {"2",              STATE_AGENCY_MEDIATION, "SettleDispute",     kAgencyOfficer, nullptr,           STATE_AGENCY_MEDIATION, kSettlementProposed},
    {"2 yes",          STATE_AGENCY_MEDIATION, "ConfirmSettlement", kConfirmer,     &kAllAgree,        STATE_RESOLVED,         kDisputeSettled},
    {"2",              STATE_AGENCY_MEDIATION, "ConfirmSettlement", kConfirmer,     nullptr,           STATE_AGENCY_MEDIATION, kSettlementConfirmed},
    {"2 no",           STATE_AGENCY_MEDIATION, "EscalateDispute",   kAgencyOfficer, nullptr,           STATE_STATEMENTS,       kDisputeEscalated},
    {"3 all",          STATE_STATEMENTS,       "SubmitStatement",   kParty,         &kPartiesStated,   STATE_CDO_MEDIATION,    kStatementSubmitted},
    {"3 one",          STATE_STATEMENTS,       "SubmitStatement",   kParty,         nullptr,           STATE_STATEMENTS,       kStatementSubmitted},
    {"3",              STATE_STATEMENTS,       "AmendStatement",    kParty,         nullptr,           STATE_STATEMENTS,       kStatementAmended},
    {"3 both",         STATE_STATEMENTS,       "EscalateDispute",   kCdo,           &kBothSidesStated, STATE_CDO_MEDIATION,    kDisputeEscalated},
    {"4",              STATE_CDO_MEDIATION,    "RecordMeeting",     kCdo,           nullptr,           STATE_CDO_MEDIATION,    kMeetingRecorded},
    {"4 yes",          STATE_CDO_MEDIATION,    "SettleDispute",     kCdo,           &kNeutral,         STATE_RESOLVED,         kDisputeSettled},
    {"4",              STATE_CDO_MEDIATION,    "SettleDispute",     kCdo,           nullptr,           STATE_CDO_MEDIATION,    kSettlementProposed},
    {"4 yes",          STATE_CDO_MEDIATION,    "ConfirmSettlement", kParty,         &kAllAgree,        STATE_RESOLVED,         kDisputeSettled},
    {"4",              STATE_CDO_MEDIATION,    "ConfirmSettlement", kParty,         nullptr,           STATE_CDO_MEDIATION,    kSettlementConfirmed},
    {"5 no",           STATE_CDO_MEDIATION,    "EscalateDispute",   kCdo,           &kMediated,        STATE_NOT_APPROVED,     kDisputeDecided},
    {"5 yes",          STATE_CDO_MEDIATION,    "EscalateDispute",   kCdo,           &kAllUnder,        STATE_GOVERNOR_DECIDES, kDisputeEscalated},
    {"5 end",          STATE_GOVERNOR_DECIDES, "DecideDispute",     kGovernor,      &kApproved,        STATE_APPROVED,         kDisputeDecided},
    {"5 end",          STATE_GOVERNOR_DECIDES, "DecideDispute",     kGovernor,      nullptr,           STATE_NOT_APPROVED,     kDisputeDecided},
    {"withdrawn",      STATE_AGENCY_MEDIATION, "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        kDisputeWithdrawn},
    {"withdrawn",      STATE_STATEMENTS,       "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        kDisputeWithdrawn},
    {"withdrawn",      STATE_CDO_MEDIATION,    "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        kDisputeWithdrawn},
    {"withdrawn",      STATE_GOVERNOR_DECIDES, "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        kDisputeWithdrawn},
    {"BUCP withdrawn", STATE_AGENCY_MEDIATION, "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        kDisputeEnded},
    {"BUCP withdrawn", STATE_STATEMENTS,       "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        kDisputeEnded},
    {"BUCP withdrawn", STATE_CDO_MEDIATION,    "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        kDisputeEnded},
    {"BUCP withdrawn", STATE_GOVERNOR_DECIDES, "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        kDisputeEnded},
    {"too late",       STATE_AGENCY_MEDIATION, kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             kDisputeVoided},
    {"too late",       STATE_STATEMENTS,       kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             kDisputeVoided},
    {"too late",       STATE_CDO_MEDIATION,    kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             kDisputeVoided},
    {"too late",       STATE_GOVERNOR_DECIDES, kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             kDisputeVoided},
});

inline constexpr auto kAgreementFlow = std::to_array<Step>({
    // guide                from                           on                   by               only if           to                             event
    {"agreement 6.1(1)",    STATE_AWAITING_STANDING,       kStandingsRecorded,  flow::kDispute,  &kProvidersUnder, STATE_AGENCY_MEDIATION,        kDisputeTrackChosen},
    {"agreement 6.1(2)",    STATE_AWAITING_STANDING,       kStandingsRecorded,  flow::kDispute,  nullptr,          STATE_CDO_MEDIATION,           kDisputeTrackChosen},
    {"withdrawn",           STATE_AWAITING_STANDING,       "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               kDisputeWithdrawn},
    {"BUCP withdrawn",      STATE_AWAITING_STANDING,       "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               kDisputeEnded},
    {"too late",            STATE_AWAITING_STANDING,       kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    kDisputeVoided},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "RecordMeeting",     kAgencyOfficer,  nullptr,          STATE_AGENCY_MEDIATION,        kMeetingRecorded},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "SettleDispute",     kAgencyOfficer,  nullptr,          STATE_AGENCY_MEDIATION,        kSettlementProposed},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "ConfirmSettlement", kConfirmer,      &kAllAgree,       STATE_RESOLVED,                kDisputeSettled},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "ConfirmSettlement", kConfirmer,      nullptr,          STATE_AGENCY_MEDIATION,        kSettlementConfirmed},
    {"agreement 6.1(1)(b)", STATE_AGENCY_MEDIATION,        "EscalateDispute",   kAgencyOfficer,  nullptr,          STATE_STATEMENTS,              kDisputeEscalated},
    {"agreement 6.1(1)(b)", STATE_STATEMENTS,              "SubmitStatement",   kAgencyOfficer,  &kOfficesStated,  STATE_CDO_MEDIATION,           kStatementSubmitted},
    {"agreement 6.1(1)(b)", STATE_STATEMENTS,              "SubmitStatement",   kAgencyOfficer,  nullptr,          STATE_STATEMENTS,              kStatementSubmitted},
    {"agreement 6.1(1)(b)", STATE_STATEMENTS,              "AmendStatement",    kAgencyOfficer,  nullptr,          STATE_STATEMENTS,              kStatementAmended},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "RecordMeeting",     kCdo,            nullptr,          STATE_CDO_MEDIATION,           kMeetingRecorded},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "SettleDispute",     kCdo,            &kNeutral,        STATE_RESOLVED,                kDisputeSettled},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "SettleDispute",     kCdo,            nullptr,          STATE_CDO_MEDIATION,           kSettlementProposed},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "ConfirmSettlement", kParty,          &kAllAgree,       STATE_RESOLVED,                kDisputeSettled},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "ConfirmSettlement", kParty,          nullptr,          STATE_CDO_MEDIATION,           kSettlementConfirmed},
    {"agreement 6.1(2)",    STATE_CDO_MEDIATION,           "EscalateDispute",   kCdo,            &kMediated,       STATE_NOT_APPROVED,            kDisputeDecided},
    {"agreement 6.1(1)(b)", STATE_CDO_MEDIATION,           "EscalateDispute",   kCdo,            &kProvidersUnder, STATE_UNDERSECRETARIES_DECIDE, kDisputeEscalated},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "DecideDispute",     kUndersecretary, &kAllFor,         STATE_APPROVED,                kDisputeDecided},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "DecideDispute",     kUndersecretary, &kAllAgainst,     STATE_NOT_APPROVED,            kDisputeDecided},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "DecideDispute",     kUndersecretary, nullptr,          STATE_UNDERSECRETARIES_DECIDE, kUndersecretaryDecided},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "RecordMeeting",     kCdo,            nullptr,          STATE_UNDERSECRETARIES_DECIDE, kMeetingRecorded},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "SettleDispute",     kCdo,            &kNeutral,        STATE_RESOLVED,                kDisputeSettled},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "SettleDispute",     kCdo,            nullptr,          STATE_UNDERSECRETARIES_DECIDE, kSettlementProposed},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "ConfirmSettlement", kParty,          &kAllAgree,       STATE_RESOLVED,                kDisputeSettled},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "ConfirmSettlement", kParty,          nullptr,          STATE_UNDERSECRETARIES_DECIDE, kSettlementConfirmed},
    {"agreement 6.1(1)(c)", STATE_UNDERSECRETARIES_DECIDE, "EscalateDispute",   kCdo,            nullptr,          STATE_GOVERNOR_DECIDES,        kDisputeEscalated},
    {"agreement 6.1(1)(c)", STATE_GOVERNOR_DECIDES,        "DecideDispute",     kGovernor,       &kApproved,       STATE_APPROVED,                kDisputeDecided},
    {"agreement 6.1(1)(c)", STATE_GOVERNOR_DECIDES,        "DecideDispute",     kGovernor,       nullptr,          STATE_NOT_APPROVED,            kDisputeDecided},
    {"withdrawn",           STATE_AGENCY_MEDIATION,        "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               kDisputeWithdrawn},
    {"withdrawn",           STATE_STATEMENTS,              "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               kDisputeWithdrawn},
    {"withdrawn",           STATE_CDO_MEDIATION,           "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               kDisputeWithdrawn},
    {"withdrawn",           STATE_UNDERSECRETARIES_DECIDE, "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               kDisputeWithdrawn},
    {"withdrawn",           STATE_GOVERNOR_DECIDES,        "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               kDisputeWithdrawn},
    {"BUCP withdrawn",      STATE_AGENCY_MEDIATION,        "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               kDisputeEnded},
    {"BUCP withdrawn",      STATE_STATEMENTS,              "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               kDisputeEnded},
    {"BUCP withdrawn",      STATE_CDO_MEDIATION,           "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               kDisputeEnded},
    {"BUCP withdrawn",      STATE_UNDERSECRETARIES_DECIDE, "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               kDisputeEnded},
    {"BUCP withdrawn",      STATE_GOVERNOR_DECIDES,        "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               kDisputeEnded},
    {"too late",            STATE_AGENCY_MEDIATION,        kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    kDisputeVoided},
    {"too late",            STATE_STATEMENTS,              kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    kDisputeVoided},
    {"too late",            STATE_CDO_MEDIATION,           kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    kDisputeVoided},
    {"too late",            STATE_UNDERSECRETARIES_DECIDE, kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    kDisputeVoided},
    {"too late",            STATE_GOVERNOR_DECIDES,        kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    kDisputeVoided},
});
// clang-format on

// The first state of a dispute whose track is known. Before that, it waits in STATE_AWAITING_STANDING. Under
// the Governor's authority the agencies mediate. Otherwise written statements follow (guidebook step 1), or,
// by the agreement, the CDO's mediation (6.1(2)).
constexpr v1::State FirstState(v1::Process process, bool under_governor) {
  if (under_governor) return STATE_AGENCY_MEDIATION;
  return process == v1::PROCESS_AGREEMENT ? STATE_CDO_MEDIATION : STATE_STATEMENTS;
}
inline constexpr std::array kGuidebookStarts = {STATE_AWAITING_STANDING,
                                                FirstState(v1::PROCESS_GUIDEBOOK, true),
                                                FirstState(v1::PROCESS_GUIDEBOOK, false)};
inline constexpr std::array kAgreementStarts = {STATE_AWAITING_STANDING,
                                                FirstState(v1::PROCESS_AGREEMENT, true),
                                                FirstState(v1::PROCESS_AGREEMENT, false)};

inline constexpr std::array kFinals = {STATE_RESOLVED, STATE_APPROVED, STATE_NOT_APPROVED, STATE_WITHDRAWN,
                                       STATE_VOID};
inline constexpr std::array kGuidebookStates = {STATE_AWAITING_STANDING, STATE_AGENCY_MEDIATION,
                                                STATE_STATEMENTS,        STATE_CDO_MEDIATION,
                                                STATE_GOVERNOR_DECIDES,  STATE_RESOLVED,
                                                STATE_APPROVED,          STATE_NOT_APPROVED,
                                                STATE_WITHDRAWN,         STATE_VOID};
inline constexpr std::array kAgreementStates = {STATE_AWAITING_STANDING,
                                                STATE_AGENCY_MEDIATION,
                                                STATE_STATEMENTS,
                                                STATE_CDO_MEDIATION,
                                                STATE_UNDERSECRETARIES_DECIDE,
                                                STATE_GOVERNOR_DECIDES,
                                                STATE_RESOLVED,
                                                STATE_APPROVED,
                                                STATE_NOT_APPROVED,
                                                STATE_WITHDRAWN,
                                                STATE_VOID};

static_assert(flow::NoRowIsShadowed(kGuidebookFlow));
static_assert(flow::EveryStateIsReachable(kGuidebookFlow, kGuidebookStarts, kGuidebookStates));
static_assert(flow::OnlyTheseStatesAreFinal(kGuidebookFlow, kGuidebookStates, kFinals));
static_assert(flow::NoRowIsShadowed(kAgreementFlow));
static_assert(flow::EveryStateIsReachable(kAgreementFlow, kAgreementStarts, kAgreementStates));
static_assert(flow::OnlyTheseStatesAreFinal(kAgreementFlow, kAgreementStates, kFinals));

// flow::Decide with the table of the process under which the dispute was opened.
inline absl::StatusOr<Step> Decide(v1::Process process, v1::State from, std::string_view on, flow::Roles by,
                                   const Facts& facts) {
  return process == v1::PROCESS_AGREEMENT ? flow::Decide(kAgreementFlow, from, on, by, facts)
                                          : flow::Decide(kGuidebookFlow, from, on, by, facts);
}

// Whether the state is not final.
constexpr bool IsOpen(v1::State state) {
  return std::find(kFinals.begin(), kFinals.end(), state) == kFinals.end();
}

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_
