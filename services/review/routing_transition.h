#ifndef IDEA_SERVICES_REVIEW_ROUTING_TRANSITION_H_
#define IDEA_SERVICES_REVIEW_ROUTING_TRANSITION_H_

#include <cctype>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/review/routing_flow.h"

// The steps of a routing: decides, saves and records every change of its state.
namespace idea::review {

// Returns the matching step of a department. Null if the routing does not ask for one.
v1::RoutingStep* FindStep(v1::Routing& routing, const std::string& entity, v1::Discipline discipline,
                          v1::Capacity capacity);

// Whether every step of the stage except `step` is done.
bool IsLast(const v1::Routing& routing, v1::RoutingState stage, const v1::RoutingStep* step);

// Adds the open concerns of the opinion to those of the routing, up to listing::kMaxOpenConcernsBytes.
void AddOpenConcerns(const v1::Opinion& opinion, v1::Routing& routing);

// The text of the event of a step.
struct StepText {
  std::string subject;
  std::string_view citation;
  std::string summary;
  std::string reason = {};
  // The type of the event. Defaults to that of the row.
  std::string_view type = {};
};

// Takes the step of the flow for the caller: saves the routing with its tasks and records the event, and
// another one if the step completes a stage. A step without text records only the latter. BUCP_ON_HOLD with
// the dispute if a dispute holds the routing; SAME_PERSON if the person has acted for another entity on this
// BUCP.
absl::Status Transition(rpc::Call& call, std::string_view on, const RoutingFacts& facts, const StepText& text,
                        v1::Routing& routing);

// Records an event for everyone whom the routing asks.
void RecordEvent(rpc::Call& call, const v1::Routing& routing, std::string_view type,
                 const std::string& subject, std::string_view citation, std::string summary,
                 const std::string& reason = "");

// Records the event of a stage that is complete. Does nothing for events of other types.
void RecordStage(rpc::Call& call, const v1::Routing& routing, std::string_view type);

// "LEGAL" -> "legal", "EXECUTIVE_SPONSOR" -> "executive sponsor".
template <class Enum>
std::string DisplayName(Enum value) {
  std::string name = flow::NameOf(value);
  for (char& c : name) c = static_cast<char>(c == '_' ? ' ' : std::tolower(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_TRANSITION_H_
