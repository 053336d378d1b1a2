#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_FLOW_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_FLOW_H_

#include <array>
#include <string_view>

#include "common/flow/flow.h"
#include "idea/inventory/v1/filing.pb.h"
#include "services/inventory/inventory_events.h"

// The states of a filing and their transitions (guidebook steps 6 to 8). Filing is tracking only: an unfiled
// agreement is in force too. An agreement that ended unfiled is filed once after its end.
namespace idea::inventory {

using State = v1::FilingState;

// The facts that the guards check.
struct FilingFacts {
  // The filer's digest is that of the executed revision and of every signature.
  bool same_digest = false;
  // The last day of the agreement has passed.
  bool over = false;
};

namespace guard {
inline constexpr flow::Guard<FilingFacts> kSameDigest = {
    "the executed revision?", [](const FilingFacts& f) { return f.same_digest; },
    status::Reason::ERROR_REASON_DIGEST_MISMATCH,
    "the digest is not that of the executed revision and its signatures"};
inline constexpr flow::Guard<FilingFacts> kOver = {
    "is the last day over?", [](const FilingFacts& f) { return f.over; },
    status::Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the agreement has not come to its last day"};
}  // namespace guard

// TerminateFiling by the Data Recipient, which no longer needs the data.
inline constexpr std::string_view kCloseout = "TerminateFiling as no longer needed";

inline constexpr auto kFilingFlow = [] {
  using namespace flow;   // NOLINT(google-build-using-namespace): the roles
  using namespace event;  // NOLINT(google-build-using-namespace): the events
  constexpr auto kUnfiled = State::FILING_STATE_UNFILED;
  constexpr auto kFiled = State::FILING_STATE_FILED;
  constexpr auto kEnded = State::FILING_STATE_ENDED;
  using Row = Step<State, FilingFacts>;
  return std::to_array<Row>({
      // guide   from      on              by              only if              to      then record
      {"guidebook step 6", kUnfiled, "FileBucp", kRecipient, &guard::kSameDigest, kFiled, kBucpFiled},
      {"agreement 5.1, 5.17", kEnded, "FileBucp", kRecipient, &guard::kSameDigest, kEnded, kBucpFiled},
      {"agreement 5.14, 7.4", kUnfiled, "TerminateFiling", kProvider, nullptr, kEnded, kAgreementTerminated},
      {"agreement 5.14, 7.4", kFiled, "TerminateFiling", kProvider, nullptr, kEnded, kAgreementTerminated},
      {"agreement 8.8", kUnfiled, kCloseout, kLeadRecipient, nullptr, kEnded, kAgreementTerminated},
      {"agreement 8.8", kFiled, kCloseout, kLeadRecipient, nullptr, kEnded, kAgreementTerminated},
      {"BUCP field 14", kUnfiled, "its last day ends", flow::kInventory, &guard::kOver, kEnded,
       kAgreementExpired},
      {"BUCP field 14", kFiled, "its last day ends", flow::kInventory, &guard::kOver, kEnded,
       kAgreementExpired},
      {"guidebook step 8", kUnfiled, "RecordExecution", kDrafting, nullptr, kEnded, kFilingSuperseded},
      {"guidebook step 8", kFiled, "RecordExecution", kDrafting, nullptr, kEnded, kFilingSuperseded},
      {"guidebook step 8", kFiled, "ImportFilings", kCdo, nullptr, kEnded, kFilingSuperseded},
  });
}();

inline constexpr std::array kFilingStates = {State::FILING_STATE_UNFILED, State::FILING_STATE_FILED,
                                             State::FILING_STATE_ENDED};
inline constexpr std::array kFilingStarts = {State::FILING_STATE_UNFILED};
inline constexpr std::array kFilingFinals = {State::FILING_STATE_ENDED};

static_assert(flow::NoRowIsShadowed(kFilingFlow));
static_assert(flow::EveryStateIsReachable(kFilingFlow, kFilingStarts, kFilingStates));
static_assert(flow::OnlyTheseStatesAreFinal(kFilingFlow, kFilingStates, kFilingFinals));

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_FLOW_H_
