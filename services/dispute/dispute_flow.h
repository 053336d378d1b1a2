#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_

#include <algorithm>
#include <array>
#include <string_view>

#include "common/flow/flow.h"
#include "idea/dispute/v1/dispute.pb.h"

// The dispute resolution process as tables: the guidebook's, and that of agreement section 6.1.
namespace idea::dispute {

// What the guards ask.
struct Facts {
  // Everybody whose standing counts is under the Governor's authority: by the guidebook all parties, by the
  // agreement the Data Providers.
  bool under_governor = false;
  // At least one Data Recipient and one Data Provider has given its statement, the one being submitted
  // included; and every one has.
  bool both_sides_stated = false;
  bool parties_stated = false;
  // Every mediating office has given its comments, the ones being submitted included.
  bool offices_stated = false;
  // Who decides now decides for sharing.
  bool approve = false;
  // Every party agrees to the settlement that is proposed, the agreement being given included.
  bool all_agree = false;
  // The Statewide CDO's office is not a party.
  bool cdo_is_neutral = false;
  // The Statewide CDO has recorded a mediation meeting, or says why none was held.
  bool mediated = false;
  // Every Undersecretary has decided, the decision being made included, and all alike: for, or against.
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

// Events of the tables are rpcs of DisputeService, except two. This one: drafting answers that the BUCP can
// no longer be held.
inline constexpr std::string_view kHoldRefused = "HoldRefused";
// And this one: the registry says now what the track depends on.
inline constexpr std::string_view kStandingsRecorded = "StandingsRecorded";
inline constexpr flow::Parts kConfirmer = kAgencyOfficer | kParty;

// Taking an objection back and a hold that comes too late stand in no guide: they are this suite's.
// clang-format off
inline constexpr auto kGuidebookFlow = std::to_array<Step>({
    // guide           from                    on                   by              only if            to                      then tell
    {"1 yes",          STATE_AWAITING_STANDING, kStandingsRecorded, flow::kDispute, &kAllUnder,        STATE_AGENCY_MEDIATION, "DisputeTrackChosen"},
    {"1 no",           STATE_AWAITING_STANDING, kStandingsRecorded, flow::kDispute, nullptr,           STATE_STATEMENTS,       "DisputeTrackChosen"},
    {"withdrawn",      STATE_AWAITING_STANDING, "WithdrawDispute",  kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"BUCP withdrawn", STATE_AWAITING_STANDING, "EndDispute",       kDrafting,      nullptr,           STATE_WITHDRAWN,        "DisputeEnded"},
    {"too late",       STATE_AWAITING_STANDING, kHoldRefused,       kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
    {"2",              STATE_AGENCY_MEDIATION, "RecordMeeting",     kAgencyOfficer, nullptr,           STATE_AGENCY_MEDIATION, "MeetingRecorded"},
    {"2",              STATE_AGENCY_MEDIATION, "SettleDispute",     kAgencyOfficer, nullptr,           STATE_AGENCY_MEDIATION, "SettlementProposed"},
    {"2 yes",          STATE_AGENCY_MEDIATION, "ConfirmSettlement", kConfirmer,     &kAllAgree,        STATE_RESOLVED,         "DisputeSettled"},
    {"2",              STATE_AGENCY_MEDIATION, "ConfirmSettlement", kConfirmer,     nullptr,           STATE_AGENCY_MEDIATION, "SettlementConfirmed"},
    {"2 no",           STATE_AGENCY_MEDIATION, "EscalateDispute",   kAgencyOfficer, nullptr,           STATE_STATEMENTS,       "DisputeEscalated"},
    {"3 all",          STATE_STATEMENTS,       "SubmitStatement",   kParty,         &kPartiesStated,   STATE_CDO_MEDIATION,    "StatementSubmitted"},
    {"3 one",          STATE_STATEMENTS,       "SubmitStatement",   kParty,         nullptr,           STATE_STATEMENTS,       "StatementSubmitted"},
    {"3",              STATE_STATEMENTS,       "AmendStatement",    kParty,         nullptr,           STATE_STATEMENTS,       "StatementAmended"},
    {"3 both",         STATE_STATEMENTS,       "EscalateDispute",   kCdo,           &kBothSidesStated, STATE_CDO_MEDIATION,    "DisputeEscalated"},
    {"4",              STATE_CDO_MEDIATION,    "RecordMeeting",     kCdo,           nullptr,           STATE_CDO_MEDIATION,    "MeetingRecorded"},
    {"4 yes",          STATE_CDO_MEDIATION,    "SettleDispute",     kCdo,           &kNeutral,         STATE_RESOLVED,         "DisputeSettled"},
    {"4",              STATE_CDO_MEDIATION,    "SettleDispute",     kCdo,           nullptr,           STATE_CDO_MEDIATION,    "SettlementProposed"},
    {"4 yes",          STATE_CDO_MEDIATION,    "ConfirmSettlement", kParty,         &kAllAgree,        STATE_RESOLVED,         "DisputeSettled"},
    {"4",              STATE_CDO_MEDIATION,    "ConfirmSettlement", kParty,         nullptr,           STATE_CDO_MEDIATION,    "SettlementConfirmed"},
    {"5 no",           STATE_CDO_MEDIATION,    "EscalateDispute",   kCdo,           &kMediated,        STATE_NOT_APPROVED,     "DisputeDecided"},
    {"5 yes",          STATE_CDO_MEDIATION,    "EscalateDispute",   kCdo,           &kAllUnder,        STATE_GOVERNOR_DECIDES, "DisputeEscalated"},
    {"5 end",          STATE_GOVERNOR_DECIDES, "DecideDispute",     kGovernor,      &kApproved,        STATE_APPROVED,         "DisputeDecided"},
    {"5 end",          STATE_GOVERNOR_DECIDES, "DecideDispute",     kGovernor,      nullptr,           STATE_NOT_APPROVED,     "DisputeDecided"},
    {"withdrawn",      STATE_AGENCY_MEDIATION, "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"withdrawn",      STATE_STATEMENTS,       "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"withdrawn",      STATE_CDO_MEDIATION,    "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"withdrawn",      STATE_GOVERNOR_DECIDES, "WithdrawDispute",   kOpener,        nullptr,           STATE_WITHDRAWN,        "DisputeWithdrawn"},
    {"BUCP withdrawn", STATE_AGENCY_MEDIATION, "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        "DisputeEnded"},
    {"BUCP withdrawn", STATE_STATEMENTS,       "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        "DisputeEnded"},
    {"BUCP withdrawn", STATE_CDO_MEDIATION,    "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        "DisputeEnded"},
    {"BUCP withdrawn", STATE_GOVERNOR_DECIDES, "EndDispute",        kDrafting,      nullptr,           STATE_WITHDRAWN,        "DisputeEnded"},
    {"too late",       STATE_AGENCY_MEDIATION, kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
    {"too late",       STATE_STATEMENTS,       kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
    {"too late",       STATE_CDO_MEDIATION,    kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
    {"too late",       STATE_GOVERNOR_DECIDES, kHoldRefused,        kDrafting,      nullptr,           STATE_VOID,             "DisputeVoided"},
});

inline constexpr auto kAgreementFlow = std::to_array<Step>({
    // guide                from                           on                   by               only if           to                             then tell
    {"agreement 6.1(1)",    STATE_AWAITING_STANDING,       kStandingsRecorded,  flow::kDispute,  &kProvidersUnder, STATE_AGENCY_MEDIATION,        "DisputeTrackChosen"},
    {"agreement 6.1(2)",    STATE_AWAITING_STANDING,       kStandingsRecorded,  flow::kDispute,  nullptr,          STATE_CDO_MEDIATION,           "DisputeTrackChosen"},
    {"withdrawn",           STATE_AWAITING_STANDING,       "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               "DisputeWithdrawn"},
    {"BUCP withdrawn",      STATE_AWAITING_STANDING,       "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               "DisputeEnded"},
    {"too late",            STATE_AWAITING_STANDING,       kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    "DisputeVoided"},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "RecordMeeting",     kAgencyOfficer,  nullptr,          STATE_AGENCY_MEDIATION,        "MeetingRecorded"},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "SettleDispute",     kAgencyOfficer,  nullptr,          STATE_AGENCY_MEDIATION,        "SettlementProposed"},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "ConfirmSettlement", kConfirmer,      &kAllAgree,       STATE_RESOLVED,                "DisputeSettled"},
    {"agreement 6.1(1)(a)", STATE_AGENCY_MEDIATION,        "ConfirmSettlement", kConfirmer,      nullptr,          STATE_AGENCY_MEDIATION,        "SettlementConfirmed"},
    {"agreement 6.1(1)(b)", STATE_AGENCY_MEDIATION,        "EscalateDispute",   kAgencyOfficer,  nullptr,          STATE_STATEMENTS,              "DisputeEscalated"},
    {"agreement 6.1(1)(b)", STATE_STATEMENTS,              "SubmitStatement",   kAgencyOfficer,  &kOfficesStated,  STATE_CDO_MEDIATION,           "StatementSubmitted"},
    {"agreement 6.1(1)(b)", STATE_STATEMENTS,              "SubmitStatement",   kAgencyOfficer,  nullptr,          STATE_STATEMENTS,              "StatementSubmitted"},
    {"agreement 6.1(1)(b)", STATE_STATEMENTS,              "AmendStatement",    kAgencyOfficer,  nullptr,          STATE_STATEMENTS,              "StatementAmended"},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "RecordMeeting",     kCdo,            nullptr,          STATE_CDO_MEDIATION,           "MeetingRecorded"},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "SettleDispute",     kCdo,            &kNeutral,        STATE_RESOLVED,                "DisputeSettled"},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "SettleDispute",     kCdo,            nullptr,          STATE_CDO_MEDIATION,           "SettlementProposed"},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "ConfirmSettlement", kParty,          &kAllAgree,       STATE_RESOLVED,                "DisputeSettled"},
    {"agreement 6.1",       STATE_CDO_MEDIATION,           "ConfirmSettlement", kParty,          nullptr,          STATE_CDO_MEDIATION,           "SettlementConfirmed"},
    {"agreement 6.1(2)",    STATE_CDO_MEDIATION,           "EscalateDispute",   kCdo,            &kMediated,       STATE_NOT_APPROVED,            "DisputeDecided"},
    {"agreement 6.1(1)(b)", STATE_CDO_MEDIATION,           "EscalateDispute",   kCdo,            &kProvidersUnder, STATE_UNDERSECRETARIES_DECIDE, "DisputeEscalated"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "DecideDispute",     kUndersecretary, &kAllFor,         STATE_APPROVED,                "DisputeDecided"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "DecideDispute",     kUndersecretary, &kAllAgainst,     STATE_NOT_APPROVED,            "DisputeDecided"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "DecideDispute",     kUndersecretary, nullptr,          STATE_UNDERSECRETARIES_DECIDE, "UndersecretaryDecided"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "RecordMeeting",     kCdo,            nullptr,          STATE_UNDERSECRETARIES_DECIDE, "MeetingRecorded"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "SettleDispute",     kCdo,            &kNeutral,        STATE_RESOLVED,                "DisputeSettled"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "SettleDispute",     kCdo,            nullptr,          STATE_UNDERSECRETARIES_DECIDE, "SettlementProposed"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "ConfirmSettlement", kParty,          &kAllAgree,       STATE_RESOLVED,                "DisputeSettled"},
    {"agreement 6.1(1)(b)", STATE_UNDERSECRETARIES_DECIDE, "ConfirmSettlement", kParty,          nullptr,          STATE_UNDERSECRETARIES_DECIDE, "SettlementConfirmed"},
    {"agreement 6.1(1)(c)", STATE_UNDERSECRETARIES_DECIDE, "EscalateDispute",   kCdo,            nullptr,          STATE_GOVERNOR_DECIDES,        "DisputeEscalated"},
    {"agreement 6.1(1)(c)", STATE_GOVERNOR_DECIDES,        "DecideDispute",     kGovernor,       &kApproved,       STATE_APPROVED,                "DisputeDecided"},
    {"agreement 6.1(1)(c)", STATE_GOVERNOR_DECIDES,        "DecideDispute",     kGovernor,       nullptr,          STATE_NOT_APPROVED,            "DisputeDecided"},
    {"withdrawn",           STATE_AGENCY_MEDIATION,        "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               "DisputeWithdrawn"},
    {"withdrawn",           STATE_STATEMENTS,              "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               "DisputeWithdrawn"},
    {"withdrawn",           STATE_CDO_MEDIATION,           "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               "DisputeWithdrawn"},
    {"withdrawn",           STATE_UNDERSECRETARIES_DECIDE, "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               "DisputeWithdrawn"},
    {"withdrawn",           STATE_GOVERNOR_DECIDES,        "WithdrawDispute",   kOpener,         nullptr,          STATE_WITHDRAWN,               "DisputeWithdrawn"},
    {"BUCP withdrawn",      STATE_AGENCY_MEDIATION,        "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               "DisputeEnded"},
    {"BUCP withdrawn",      STATE_STATEMENTS,              "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               "DisputeEnded"},
    {"BUCP withdrawn",      STATE_CDO_MEDIATION,           "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               "DisputeEnded"},
    {"BUCP withdrawn",      STATE_UNDERSECRETARIES_DECIDE, "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               "DisputeEnded"},
    {"BUCP withdrawn",      STATE_GOVERNOR_DECIDES,        "EndDispute",        kDrafting,       nullptr,          STATE_WITHDRAWN,               "DisputeEnded"},
    {"too late",            STATE_AGENCY_MEDIATION,        kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    "DisputeVoided"},
    {"too late",            STATE_STATEMENTS,              kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    "DisputeVoided"},
    {"too late",            STATE_CDO_MEDIATION,           kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    "DisputeVoided"},
    {"too late",            STATE_UNDERSECRETARIES_DECIDE, kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    "DisputeVoided"},
    {"too late",            STATE_GOVERNOR_DECIDES,        kHoldRefused,        kDrafting,       nullptr,          STATE_VOID,                    "DisputeVoided"},
});
// clang-format on

// Where a dispute begins once its track is known; before, it waits in STATE_AWAITING_STANDING. Under the
// Governor's authority the agencies mediate; else written statements (guidebook step 1) or, by the agreement,
// the CDO's mediation (6.1(2)).
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

// flow::Decide by the table of the process that the dispute was opened under.
inline absl::StatusOr<Step> Decide(v1::Process process, v1::State from, std::string_view on, flow::Parts by,
                                   const Facts& facts) {
  return process == v1::PROCESS_AGREEMENT ? flow::Decide(kAgreementFlow, from, on, by, facts)
                                          : flow::Decide(kGuidebookFlow, from, on, by, facts);
}

// Whether a dispute in this state still holds its BUCP.
constexpr bool IsOpen(v1::State state) {
  return std::find(kFinals.begin(), kFinals.end(), state) == kFinals.end();
}

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_FLOW_H_
