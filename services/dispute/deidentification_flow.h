#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_FLOW_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_FLOW_H_

#include <array>
#include <string_view>

#include "common/flow/flow.h"
#include "idea/dispute/v1/deidentification.pb.h"
#include "services/dispute/dispute_events.h"

// The review of de-identified data (agreement section 5.19) as a table.
namespace idea::dispute::deidentification {

// The facts that the guards check.
struct Facts {
  // Whether the last answer of a Data Provider, including the one being given, is an objection.
  bool objection = false;
  // Whether the last answer of every Data Provider accepts, including the one being given.
  bool all_accept = false;
};

using Step = flow::Step<v1::DeidentificationState, Facts>;
using Guard = flow::Guard<Facts>;
using status::Reason;
using enum v1::DeidentificationState;

inline constexpr Guard kObjects = {"an objection stands", [](const Facts& f) { return f.objection; },
                                   Reason::ERROR_REASON_STEP_NOT_ALLOWED, "no Data Provider objects"};
inline constexpr Guard kAccepted = {"every Data Provider accepts",
                                    [](const Facts& f) { return f.all_accept; },
                                    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "not every Data Provider accepts"};

// Events of the table are rpcs of DisputeService, except these: the time is up; the BUCP was withdrawn or not
// approved; drafting could not hold the BUCP for the dispute that the timer opened.
inline constexpr std::string_view kClockRan = "ClockRan";
inline constexpr std::string_view kBucpEnded = "BucpEnded";
inline constexpr std::string_view kHoldRefused = "HoldRefused";
inline constexpr flow::Roles kItself = flow::kDispute;
inline constexpr flow::Roles kSubmitter = flow::kOpener;

// The agreement does not mention silence, withdrawing a proposal, or a BUCP that is withdrawn or not
// approved.
// clang-format off
inline constexpr auto kFlow = std::to_array<Step>({
    // guide                              from                               on                          by               only if     to                                 event
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_SUBMITTED,  "AnswerDeidentification",   flow::kProvider, &kObjects,  DEIDENTIFICATION_STATE_OBJECTED,   kDeidentificationObjected},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_SUBMITTED,  "AnswerDeidentification",   flow::kProvider, &kAccepted, DEIDENTIFICATION_STATE_AGREED,     kDeidentificationAgreed},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_SUBMITTED,  "AnswerDeidentification",   flow::kProvider, nullptr,    DEIDENTIFICATION_STATE_SUBMITTED,  kDeidentificationAnswered},
    {"agreement 5.19, five working days", DEIDENTIFICATION_STATE_SUBMITTED,  kClockRan,                  kItself,         nullptr,    DEIDENTIFICATION_STATE_UNANSWERED, kDeidentificationUnanswered},
    {"late",                              DEIDENTIFICATION_STATE_UNANSWERED, "AnswerDeidentification",   flow::kProvider, &kObjects,  DEIDENTIFICATION_STATE_OBJECTED,   kDeidentificationObjected},
    {"late",                              DEIDENTIFICATION_STATE_UNANSWERED, "AnswerDeidentification",   flow::kProvider, &kAccepted, DEIDENTIFICATION_STATE_AGREED,     kDeidentificationAgreed},
    {"late",                              DEIDENTIFICATION_STATE_UNANSWERED, "AnswerDeidentification",   flow::kProvider, nullptr,    DEIDENTIFICATION_STATE_UNANSWERED, kDeidentificationAnswered},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_OBJECTED,   "AnswerDeidentification",   flow::kProvider, &kObjects,  DEIDENTIFICATION_STATE_OBJECTED,   kDeidentificationAnswered},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_OBJECTED,   "AnswerDeidentification",   flow::kProvider, &kAccepted, DEIDENTIFICATION_STATE_AGREED,     kDeidentificationAgreed},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_OBJECTED,   "AnswerDeidentification",   flow::kProvider, nullptr,    DEIDENTIFICATION_STATE_SUBMITTED,  kDeidentificationAnswered},
    {"agreement 5.19, ten working days",  DEIDENTIFICATION_STATE_OBJECTED,   kClockRan,                  kItself,         nullptr,    DEIDENTIFICATION_STATE_DISPUTED,   kDeidentificationDisputed},
    {"nothing left",                      DEIDENTIFICATION_STATE_OBJECTED,   kBucpEnded,                 kItself,         nullptr,    DEIDENTIFICATION_STATE_CLOSED,     kDeidentificationClosed},
    {"too late to hold",                  DEIDENTIFICATION_STATE_DISPUTED,   kHoldRefused,               flow::kDrafting, nullptr,    DEIDENTIFICATION_STATE_OBJECTED,   kDeidentificationObjected},
    {"taken back",                        DEIDENTIFICATION_STATE_SUBMITTED,  "WithdrawDeidentification", kSubmitter,      nullptr,    DEIDENTIFICATION_STATE_WITHDRAWN,  kDeidentificationWithdrawn},
    {"taken back",                        DEIDENTIFICATION_STATE_UNANSWERED, "WithdrawDeidentification", kSubmitter,      nullptr,    DEIDENTIFICATION_STATE_WITHDRAWN,  kDeidentificationWithdrawn},
    {"taken back",                        DEIDENTIFICATION_STATE_OBJECTED,   "WithdrawDeidentification", kSubmitter,      nullptr,    DEIDENTIFICATION_STATE_WITHDRAWN,  kDeidentificationWithdrawn},
});
// clang-format on

inline constexpr std::array kStates = {DEIDENTIFICATION_STATE_SUBMITTED, DEIDENTIFICATION_STATE_UNANSWERED,
                                       DEIDENTIFICATION_STATE_OBJECTED,  DEIDENTIFICATION_STATE_AGREED,
                                       DEIDENTIFICATION_STATE_DISPUTED,  DEIDENTIFICATION_STATE_WITHDRAWN,
                                       DEIDENTIFICATION_STATE_CLOSED};
inline constexpr std::array kFinals = {DEIDENTIFICATION_STATE_AGREED, DEIDENTIFICATION_STATE_WITHDRAWN,
                                       DEIDENTIFICATION_STATE_CLOSED};

static_assert(flow::NoRowIsShadowed(kFlow));
static_assert(flow::EveryStateIsReachable(kFlow, DEIDENTIFICATION_STATE_SUBMITTED, kStates));
static_assert(flow::OnlyTheseStatesAreFinal(kFlow, kStates, kFinals));

}  // namespace idea::dispute::deidentification

#endif  // IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_FLOW_H_
