#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_ACCESS_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_ACCESS_H_

#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "common/auth/auth.h"
#include "common/auth/visibility.h"
#include "common/flow/flow.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "services/dispute/dispute_flow.h"

// The roles of entities in a dispute, and which disputes they see. No I/O.
namespace idea::dispute {

// The offices that decide.
struct Offices {
  // "entities/{id}" of the Statewide CDO's office and of the Governor's Office.
  std::string cdo;
  std::string governor;
};

// The recipients and then the providers of a dispute or of a BUCP's content, without duplicates.
template <class Sides>
std::vector<std::string> PartiesOf(const Sides& sides) {
  std::vector<std::string> parties(sides.recipients().begin(), sides.recipients().end());
  for (const std::string& provider : sides.providers()) {
    if (!absl::c_linear_search(sides.recipients(), provider)) parties.push_back(provider);
  }
  return parties;
}

// Whether the office mediates before the Statewide CDO: an Agency CDO or Agency Information Officer.
bool IsMediator(const v1::Office& office);

// The entity whose statement or comments the dispute awaits first: a side without a statement comes before a
// side with one. Empty if no statement is awaited.
std::string AwaitedStatement(const v1::Dispute& dispute);

// The roles of the caller in the flow of the dispute: a party by its entity, an office that the dispute's
// explanation names by entity and contact role. An office that is a party has both roles.
flow::Roles RolesOf(const auth::Caller& caller, const v1::Dispute& dispute);

// The contact roles in which the caller takes a step of `by`: those of its offices. Empty for a step of the
// parties, for which each role that the method accepts suffices.
std::vector<common::v1::ContactRole> ContactRolesIn(const auth::Caller& caller, const v1::Dispute& dispute,
                                                    flow::Roles by);

// The disputes and reviews that the caller may see: all for the Statewide CDO's office, otherwise those that
// list the caller's entity as a viewer. Refers to `caller`.
auth::Visibility VisibilityOf(const auth::Caller& caller);

// Whether the caller may see the dispute: the parties, the offices that mediate and decide, the Statewide CDO
// and drafting may, and the Governor's Office if the track leads to it.
bool IsVisible(const v1::Dispute& dispute, const auth::Caller& caller);

// The entities that see a dispute besides the Statewide CDO's office, without duplicates.
std::vector<std::string> ViewersOf(const v1::Dispute& dispute, const Offices& offices);

// The entities that receive an event: parties, mediating offices and the CDO's office, and the Governor's
// Office if the dispute has reached it.
std::vector<std::string> AudienceOf(const v1::Dispute& dispute, const Offices& offices, v1::State from);

// The facts of a dispute with its statements and decisions.
Facts FactsOf(const v1::Dispute& dispute);

// Sets Dispute.waits_for: who must act now and how. Not empty for an open dispute. Each line begins with the
// entity.
void UpdateWaitsFor(v1::Dispute& dispute);

// Whether waits_for names the entity.
bool WaitsFor(const v1::Dispute& dispute, const std::string& entity);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_ACCESS_H_
