#ifndef IDEA_COMMON_FLOW_FLOW_H_
#define IDEA_COMMON_FLOW_FLOW_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "google/protobuf/generated_enum_reflection.h"

// A lifecycle as a table: one row is one arrow of the guidebook's flowchart. Decide() is the only way to a
// new state; the checks at the end are for static_assert, so that a table with a dead end or with an arrow
// that nobody can take does not compile.
//
//   constexpr Guard<Facts> kComplete = {"Business Case complete", [](const Facts& f) { return f.gaps == 0; },
//                                       Reason::ERROR_REASON_INCOMPLETE, "fill in the Business Case first"};
//   constexpr auto kFlow = std::to_array<Step<State, Facts>>({
//       // guide  from         on          by          only if     to          then tell
//       {"4",     STATE_DRAFT, "SendBucp", kRecipient, &kComplete, STATE_SENT, "BucpSent"},
//   });
//   static_assert(NoRowIsShadowed(kFlow));
//
// A diamond is two rows: the guarded one first, the "no" branch without a guard behind it. Facts is a plain
// struct of values, time included: a table does no I/O.
namespace idea::flow {

// Parts that a caller plays in a case, as bits; worked out when the facts are gathered.
using Parts = uint32_t;
inline constexpr Parts kRecipient = 1;
inline constexpr Parts kProvider = 2;
inline constexpr Parts kParty = 3;          // either of the two
inline constexpr Parts kLeadRecipient = 4;  // the first Data Recipient
inline constexpr Parts kAgencyOfficer = 8;  // Agency CDO, or Agency Information Officer where there is none
inline constexpr Parts kCdo = 16;
inline constexpr Parts kGovernor = 32;
inline constexpr Parts kOpener = 64;  // the entity that opened the dispute
inline constexpr Parts kDrafting = 128;
inline constexpr Parts kReview = 256;
inline constexpr Parts kDispute = 512;
inline constexpr Parts kInventory = 1024;
inline constexpr Parts kUndersecretary = 2048;
inline constexpr Parts kSender = 4096;  // the Data Recipient that the first one lets send

// For people: "Data Recipient or Data Provider".
std::string NamesOf(Parts parts);

// A question about the facts that no other guard of the table asks, and the refusal if the answer is no.
template <class Facts>
struct Guard {
  std::string_view question;
  bool (*holds)(const Facts&);
  status::Reason reason;
  std::string_view otherwise;  // the message of the refusal
};

// The guard of an arrow: null, or the address of one. Guards are told apart by their questions: while it
// compiles with sanitizers, GCC compares no addresses.
template <class Facts>
class OnlyIf {
 public:
  constexpr OnlyIf(std::nullptr_t) {}                                                         // NOLINT
  constexpr OnlyIf(const Guard<Facts>* guard) : guard_(guard), question_(guard->question) {}  // NOLINT
  constexpr bool Always() const { return question_.empty(); }
  constexpr std::string_view question() const { return question_; }
  constexpr const Guard<Facts>* operator->() const { return guard_; }

 private:
  const Guard<Facts>* guard_ = nullptr;
  std::string_view question_;
};

// One arrow.
template <class State, class Facts>
struct Step {
  std::string_view guide;  // guidebook step or agreement section: "4", "agreement 6.1"
  State from;
  std::string_view on;    // name of the rpc: "SendBucp"
  Parts by;               // who may take it: any of these
  OnlyIf<Facts> only_if;  // null: always
  State to;
  std::string_view tell;  // type of the event: "BucpSent"
};

// States given as one state, as {A, B} or as an array.
template <class State>
class States {
 public:
  constexpr States(State one) : states_{one}, count_(1) {}             // NOLINT
  constexpr States(std::initializer_list<State> list) { Copy(list); }  // NOLINT
  template <size_t N>
  constexpr States(const std::array<State, N>& list) {  // NOLINT
    Copy(list);
  }
  constexpr bool Contains(State state) const { return std::find(begin(), end(), state) != end(); }
  constexpr const State* begin() const { return states_.data(); }
  constexpr const State* end() const { return states_.data() + count_; }

 private:
  template <class List>
  constexpr void Copy(const List& list) {
    for (State state : list) states_.at(count_++) = state;
  }
  std::array<State, 64> states_{};
  size_t count_ = 0;
};
template <class State>
using StatesArg = const std::type_identity_t<States<State>>&;

// The prefix that all value names of an enum share, with its underscore: "ROUTING_STATE_".
std::string PrefixOf(const google::protobuf::EnumDescriptor& type);

// A value's name without that prefix; its number if it has no name.
std::string NameOf(const google::protobuf::EnumDescriptor& type, int number);

// "IN_REVIEW" of STATE_IN_REVIEW.
template <class State>
std::string NameOf(State state) {
  return NameOf(*google::protobuf::GetEnumDescriptor<State>(), static_cast<int>(state));
}

namespace internal {

absl::Status NotAllowed(const std::string& state, std::string_view on,
                        const std::vector<std::string_view>& allowed);
absl::Status NotYours(std::string_view on, Parts by);

// A row without its types.
struct Arrow {
  std::string from, to;
  std::string_view on, question, guide;
};
std::string Draw(const std::vector<std::string>& starts, const std::vector<Arrow>& arrows,
                 const std::vector<std::string>& finals);

template <class State, class Facts, size_t N>
constexpr bool IsFinal(const std::array<Step<State, Facts>, N>& flow, State state) {
  return std::none_of(flow.begin(), flow.end(),
                      [&](const auto& row) { return row.from == state && row.to != state; });
}

template <class State, class Facts, size_t N>
constexpr bool IsShadowed(const std::array<Step<State, Facts>, N>& flow, size_t row) {
  const auto& late = flow[row];
  Parts taken = 0;
  for (size_t i = 0; i < row; ++i) {
    const auto& early = flow[i];
    const bool always_first = early.only_if.Always() || early.only_if.question() == late.only_if.question();
    if (early.from == late.from && early.on == late.on && always_first) taken |= early.by;
  }
  return (late.by & ~taken) == 0;
}

}  // namespace internal

// The arrow that a caller takes from a state by calling `on`: the first row that is theirs and whose guard
// holds. Returns STEP_NOT_ALLOWED (metadata state, and allowed: what this caller can call there) if no row
// leaves `from` by `on`, NOT_YOUR_STEP (metadata by) if the rows belong to others, and otherwise the refusal
// of the first guard that does not hold.
template <class State, class Facts, size_t N>
absl::StatusOr<Step<State, Facts>> Decide(const std::array<Step<State, Facts>, N>& flow,
                                          std::type_identity_t<State> from, std::string_view on, Parts by,
                                          const std::type_identity_t<Facts>& facts) {
  Parts owners = 0;
  const Guard<Facts>* refusal = nullptr;
  for (const auto& row : flow) {
    if (row.from != from || row.on != on) continue;
    owners |= row.by;
    if ((row.by & by) == 0) continue;
    if (row.only_if.Always() || row.only_if->holds(facts)) return row;
    if (refusal == nullptr) refusal = row.only_if.operator->();
  }
  if (refusal != nullptr) return status::Error(refusal->reason, refusal->otherwise);
  if (owners != 0) return internal::NotYours(on, owners);
  std::vector<std::string_view> allowed;
  for (const auto& row : flow) {
    // What belongs to others is no help.
    const bool is_theirs = row.from == from && (row.by & by) != 0;
    if (is_theirs && std::find(allowed.begin(), allowed.end(), row.on) == allowed.end())
      allowed.push_back(row.on);
  }
  return internal::NotAllowed(NameOf(from), on, allowed);
}

// Whether every row can be taken by somebody: none belongs to nobody, and none stands behind rows with the
// same start and call, no guard or the same one, that take all its callers first.
template <class State, class Facts, size_t N>
constexpr bool NoRowIsShadowed(const std::array<Step<State, Facts>, N>& flow) {
  for (size_t i = 0; i < N; ++i) {
    if (internal::IsShadowed(flow, i)) return false;
  }
  return true;
}

// Whether arrows lead from the starts to every one of `states`.
template <class State, class Facts, size_t N>
constexpr bool EveryStateIsReachable(const std::array<Step<State, Facts>, N>& flow, StatesArg<State> starts,
                                     StatesArg<State> states) {
  std::array<bool, N> taken{};
  const auto reached = [&](State state) {
    if (starts.Contains(state)) return true;
    for (size_t i = 0; i < N; ++i) {
      if (taken[i] && flow[i].to == state) return true;
    }
    return false;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < N; ++i) {
      if (taken[i] || !reached(flow[i].from)) continue;
      taken[i] = changed = true;
    }
  }
  return std::all_of(states.begin(), states.end(), reached);
}

// Whether exactly `finals` of `states` are final: no arrow leads from them to another state.
template <class State, class Facts, size_t N>
constexpr bool OnlyTheseStatesAreFinal(const std::array<Step<State, Facts>, N>& flow, StatesArg<State> states,
                                       StatesArg<State> finals) {
  return std::all_of(states.begin(), states.end(),
                     [&](State state) { return internal::IsFinal(flow, state) == finals.Contains(state); });
}

// The table as Mermaid's stateDiagram-v2, an arrow a line: "DRAFT --> SENT: SendBucp [Business Case complete]
// (guidebook 4)".
template <class State, class Facts, size_t N>
std::string ToMermaid(const std::array<Step<State, Facts>, N>& flow, StatesArg<State> starts) {
  std::vector<std::string> begins, finals;
  std::vector<internal::Arrow> arrows;
  for (State start : starts) begins.push_back(NameOf(start));
  for (const auto& row : flow) {
    arrows.push_back({NameOf(row.from), NameOf(row.to), row.on, row.only_if.question(), row.guide});
    if (internal::IsFinal(flow, row.to)) finals.push_back(NameOf(row.to));
  }
  return internal::Draw(begins, arrows, finals);
}

}  // namespace idea::flow

#endif  // IDEA_COMMON_FLOW_FLOW_H_
