#ifndef IDEA_SERVICES_REVIEW_ROUTING_TRANSITION_H_
#define IDEA_SERVICES_REVIEW_ROUTING_TRANSITION_H_

#include <cctype>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/review/routing_flow.h"

// What every change of a routing has in common: find, decide, save, tell.
namespace idea::review {

// The step of a department that matches; null if the routing asks for none.
v1::RoutingStep* FindStep(v1::Routing& routing, const std::string& entity, v1::Discipline discipline,
                          v1::Capacity capacity);

// Whether nothing of the stage is left to do, but for `step`.
bool IsLast(const v1::Routing& routing, v1::RoutingState stage, const v1::RoutingStep* step);

// Shows what the opinion leaves open to every later step, as far as it fits (listing::kMaxOpenConcernsBytes).
void AddOpenConcerns(const v1::Opinion& opinion, v1::Routing& routing);

// Takes one step of the flow and stores it with its tasks; a held routing says which way out. SAME_PERSON if
// the person has acted for another entity on this BUCP.
absl::StatusOr<flow::Step<State, RoutingFacts>> Advance(rpc::Call& call, v1::Routing& routing,
                                                        std::string_view on, const RoutingFacts& facts);

// Tells everyone whom the routing asks.
void RecordEvent(rpc::Call& call, const v1::Routing& routing, std::string_view type,
                 const std::string& subject, std::string_view citation, std::string summary,
                 const std::string& reason = "");

// What a whole stage being done means for drafting; nothing for other types.
void TellStage(rpc::Call& call, const v1::Routing& routing, std::string_view type);

// "LEGAL" -> "legal", "EXECUTIVE_SPONSOR" -> "executive sponsor".
template <class Enum>
std::string Words(Enum value) {
  std::string words = flow::NameOf(value);
  for (char& c : words) c = static_cast<char>(c == '_' ? ' ' : std::tolower(static_cast<unsigned char>(c)));
  return words;
}

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_TRANSITION_H_
