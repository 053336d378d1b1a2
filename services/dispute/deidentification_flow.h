#ifndef IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_FLOW_H_
#define IDEA_SERVICES_DISPUTE_DEIDENTIFICATION_FLOW_H_

#include <array>
#include <string_view>

#include "common/flow/flow.h"
#include "idea/dispute/v1/deidentification.pb.h"

// The review of de-identified data (agreement section 5.19) as a table.
namespace idea::dispute::deidentification {

// What the guards ask.
struct Facts {
  // The last answer of a Data Provider is an objection, the one being given included.
  bool objection = false;
  // The last answer of every Data Provider is that it accepts, likewise.
  bool all_accept = false;
};

using Step = flow::Step<v1::DeidentificationState, Facts>;
using Guard = flow::Guard<Facts>;
using status::Reason;
using enum v1::DeidentificationState;

inline constexpr Guard kObjects = {"an objection stands", [](const Facts& f) { return f.objection; },
                                   Reason::ERROR_REASON_STEP_NOT_ALLOWED, "nobody objects"};
inline constexpr Guard kAccepted = {"every Data Provider accepts",
                                    [](const Facts& f) { return f.all_accept; },
                                    Reason::ERROR_REASON_STEP_NOT_ALLOWED, "not every Data Provider accepts"};

// Events of the table are rpcs of DisputeService, but for these: the clock ran out; the BUCP came to nothing
// meanwhile; drafting could not hold the BUCP for the dispute that the clock opened.
inline constexpr std::string_view kClockRan = "ClockRan";
inline constexpr std::string_view kBucpEnded = "BucpEnded";
inline constexpr std::string_view kHoldRefused = "HoldRefused";
inline constexpr flow::Parts kItself = flow::kDispute;
inline constexpr flow::Parts kSubmitter = flow::kOpener;

// The agreement says nothing of silence, of taking a proposal back or of a BUCP that comes to nothing.
// clang-format off
inline constexpr auto kFlow = std::to_array<Step>({
    // guide                              from                               on                          by               only if     to                                 then tell
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_SUBMITTED,  "AnswerDeidentification",   flow::kProvider, &kObjects,  DEIDENTIFICATION_STATE_OBJECTED,   "DeidentificationObjected"},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_SUBMITTED,  "AnswerDeidentification",   flow::kProvider, &kAccepted, DEIDENTIFICATION_STATE_AGREED,     "DeidentificationAgreed"},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_SUBMITTED,  "AnswerDeidentification",   flow::kProvider, nullptr,    DEIDENTIFICATION_STATE_SUBMITTED,  "DeidentificationAnswered"},
    {"agreement 5.19, five working days", DEIDENTIFICATION_STATE_SUBMITTED,  kClockRan,                  kItself,         nullptr,    DEIDENTIFICATION_STATE_UNANSWERED, "DeidentificationUnanswered"},
    {"late",                              DEIDENTIFICATION_STATE_UNANSWERED, "AnswerDeidentification",   flow::kProvider, &kObjects,  DEIDENTIFICATION_STATE_OBJECTED,   "DeidentificationObjected"},
    {"late",                              DEIDENTIFICATION_STATE_UNANSWERED, "AnswerDeidentification",   flow::kProvider, &kAccepted, DEIDENTIFICATION_STATE_AGREED,     "DeidentificationAgreed"},
    {"late",                              DEIDENTIFICATION_STATE_UNANSWERED, "AnswerDeidentification",   flow::kProvider, nullptr,    DEIDENTIFICATION_STATE_UNANSWERED, "DeidentificationAnswered"},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_OBJECTED,   "AnswerDeidentification",   flow::kProvider, &kObjects,  DEIDENTIFICATION_STATE_OBJECTED,   "DeidentificationAnswered"},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_OBJECTED,   "AnswerDeidentification",   flow::kProvider, &kAccepted, DEIDENTIFICATION_STATE_AGREED,     "DeidentificationAgreed"},
    {"agreement 5.19",                    DEIDENTIFICATION_STATE_OBJECTED,   "AnswerDeidentification",   flow::kProvider, nullptr,    DEIDENTIFICATION_STATE_SUBMITTED,  "DeidentificationAnswered"},
    {"agreement 5.19, ten working days",  DEIDENTIFICATION_STATE_OBJECTED,   kClockRan,                  kItself,         nullptr,    DEIDENTIFICATION_STATE_DISPUTED,   "DeidentificationDisputed"},
    {"nothing left",                      DEIDENTIFICATION_STATE_OBJECTED,   kBucpEnded,                 kItself,         nullptr,    DEIDENTIFICATION_STATE_CLOSED,     "DeidentificationClosed"},
    {"too late to hold",                  DEIDENTIFICATION_STATE_DISPUTED,   kHoldRefused,               flow::kDrafting, nullptr,    DEIDENTIFICATION_STATE_OBJECTED,   "DeidentificationObjected"},
    {"taken back",                        DEIDENTIFICATION_STATE_SUBMITTED,  "WithdrawDeidentification", kSubmitter,      nullptr,    DEIDENTIFICATION_STATE_WITHDRAWN,  "DeidentificationWithdrawn"},
    {"taken back",                        DEIDENTIFICATION_STATE_UNANSWERED, "WithdrawDeidentification", kSubmitter,      nullptr,    DEIDENTIFICATION_STATE_WITHDRAWN,  "DeidentificationWithdrawn"},
    {"taken back",                        DEIDENTIFICATION_STATE_OBJECTED,   "WithdrawDeidentification", kSubmitter,      nullptr,    DEIDENTIFICATION_STATE_WITHDRAWN,  "DeidentificationWithdrawn"},
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
