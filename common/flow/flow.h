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
// new state. The checks at the end are for static_assert: a table with a dead end, or with an arrow that
// nobody can take, does not compile.
//
//   constexpr Guard<Facts> kComplete = {"Business Case complete", [](const Facts& f) { return f.gaps == 0; },
//                                       Reason::ERROR_REASON_INCOMPLETE, "fill in the Business Case first"};
//   constexpr auto kFlow = std::to_array<Step<State, Facts>>({
//       // guide  from         on          by          only if     to          event
//       {"4",     STATE_DRAFT, "SendBucp", kRecipient, &kComplete, STATE_SENT, "BucpSent"},
//   });
//   static_assert(NoRowIsShadowed(kFlow));
//
// A decision of the flowchart is two rows: the guarded row first, then the row for "no" without a guard.
// Facts is a plain struct of values, including times: a table does no I/O.
namespace idea::flow {

// The roles of a caller in a case, as bits, computed when the facts are gathered.
using Roles = uint32_t;
inline constexpr Roles kRecipient = 1;
inline constexpr Roles kProvider = 2;
inline constexpr Roles kParty = 3;          // either of the two
inline constexpr Roles kLeadRecipient = 4;  // the first Data Recipient
inline constexpr Roles kAgencyOfficer =
    8;  // Agency CDO, or Agency Information Officer where the agency has no CDO
inline constexpr Roles kCdo = 16;
inline constexpr Roles kGovernor = 32;
inline constexpr Roles kOpener = 64;  // the entity that opened the dispute
inline constexpr Roles kDrafting = 128;
inline constexpr Roles kReview = 256;
inline constexpr Roles kDispute = 512;
inline constexpr Roles kInventory = 1024;
inline constexpr Roles kUndersecretary = 2048;
inline constexpr Roles kSender = 4096;  // the Data Recipient that may send in place of the first one

// Readable: "Data Recipient or Data Provider".
std::string NamesOf(Roles roles);

// A question about the facts, unique within the table, and the refusal if the answer is "no".
template <class Facts>
struct Guard {
  std::string_view question;
  bool (*holds)(const Facts&);
  status::Reason reason;
  std::string_view otherwise;  // the message of the refusal
};

// The guard of an arrow; null if it has none. Guards are identified by their questions, because GCC with
// sanitizers cannot compare addresses at compile time.
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

// One arrow of the flowchart.
template <class State, class Facts>
struct Step {
  std::string_view guide;  // guidebook step or agreement section: "4", "agreement 6.1"
  State from;
  std::string_view on;    // name of the rpc: "SendBucp"
  Roles by;               // roles that may take it, any of them
  OnlyIf<Facts> only_if;  // null: always
  State to;
  std::string_view tell;  // type of the event: "BucpSent"
};

// Accepts one state, {A, B} or an array.
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

// The common prefix of the value names of an enum, with its underscore: "ROUTING_STATE_".
std::string PrefixOf(const google::protobuf::EnumDescriptor& type);

// The name of a value without that prefix; its number if it has no name.
std::string NameOf(const google::protobuf::EnumDescriptor& type, int number);

// "IN_REVIEW" for STATE_IN_REVIEW.
template <class State>
std::string NameOf(State state) {
  return NameOf(*google::protobuf::GetEnumDescriptor<State>(), static_cast<int>(state));
}

namespace internal {

absl::Status NotAllowed(const std::string& state, std::string_view on,
                        const std::vector<std::string_view>& allowed);
absl::Status NotYours(std::string_view on, Roles by);

// A row without its template parameters.
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
  Roles taken = 0;
  for (size_t i = 0; i < row; ++i) {
    const auto& early = flow[i];
    const bool always_first = early.only_if.Always() || early.only_if.question() == late.only_if.question();
    if (early.from == late.from && early.on == late.on && always_first) taken |= early.by;
  }
  return (late.by & ~taken) == 0;
}

}  // namespace internal

// The arrow that a caller takes from a state by calling `on`: the first row that belongs to the caller and
// whose guard holds. Returns STEP_NOT_ALLOWED (metadata `state`, and `allowed`: the methods that this caller
// can call there) if no row leaves `from` by `on`, NOT_YOUR_STEP (metadata `by`) if the rows belong to
// others, and otherwise the refusal of the first guard that does not hold.
template <class State, class Facts, size_t N>
absl::StatusOr<Step<State, Facts>> Decide(const std::array<Step<State, Facts>, N>& flow,
                                          std::type_identity_t<State> from, std::string_view on, Roles by,
                                          const std::type_identity_t<Facts>& facts) {
  Roles owners = 0;
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
    // Rows of others do not help.
    const bool is_theirs = row.from == from && (row.by & by) != 0;
    if (is_theirs && std::find(allowed.begin(), allowed.end(), row.on) == allowed.end())
      allowed.push_back(row.on);
  }
  return internal::NotAllowed(NameOf(from), on, allowed);
}

// Whether a guard decides about one of the arrows that leave `from` by `on`.
template <class State, class Facts, size_t N>
constexpr bool IsGuarded(const std::array<Step<State, Facts>, N>& flow, std::type_identity_t<State> from,
                         std::string_view on) {
  return std::any_of(flow.begin(), flow.end(), [&](const auto& row) {
    return row.from == from && row.on == on && !row.only_if.Always();
  });
}

// Whether every row can be taken: each belongs to somebody, and no earlier row with the same start and call,
// and the same or no guard, takes all its callers.
template <class State, class Facts, size_t N>
constexpr bool NoRowIsShadowed(const std::array<Step<State, Facts>, N>& flow) {
  for (size_t i = 0; i < N; ++i) {
    if (internal::IsShadowed(flow, i)) return false;
  }
  return true;
}

// Whether each of `states` can be reached from the starts.
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

// The table as stateDiagram-v2 of Mermaid, one arrow per line: "DRAFT --> SENT: SendBucp [Business Case
// complete] (guidebook 4)".
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
