#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_ACCESS_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_ACCESS_H_

#include <string>
#include <vector>

#include "common/auth/auth.h"
#include "common/auth/visibility.h"
#include "common/flow/flow.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "services/dispute/dispute_flow.h"

// Who plays which part in a dispute, and who sees it. No I/O.
namespace idea::dispute {

// The offices that decide.
struct Offices {
  // "entities/{id}" of the Statewide CDO's office and of the Governor's Office.
  std::string cdo;
  std::string governor;
};

// Whether an entity is among these.
bool IsOneOf(const std::string& entity, const google::protobuf::RepeatedPtrField<std::string>& entities);

// The recipients and then the providers of a dispute or of a BUCP's content, each once.
template <class Sides>
std::vector<std::string> PartiesOf(const Sides& sides) {
  std::vector<std::string> parties(sides.recipients().begin(), sides.recipients().end());
  for (const std::string& provider : sides.providers()) {
    if (!IsOneOf(provider, sides.recipients())) parties.push_back(provider);
  }
  return parties;
}

// Whether the office mediates before the Statewide CDO does: an Agency CDO or Agency Information Officer.
bool Mediates(const v1::Office& office);

// The entity whose statement or comments a step of the dispute waits for first: a side that has said nothing
// comes before one that has. Empty if nothing is awaited.
std::string AwaitedStatement(const v1::Dispute& dispute);

// The parts of a caller: of a party by its entity, of an office that the dispute's explanation names by
// entity and role. An office that is itself a party has both parts.
flow::Parts PartsOf(const auth::Caller& caller, const v1::Dispute& dispute);

// The roles in which a caller takes a step that belongs to `by`: those of the offices that it names. Empty
// for a step of the parties, which any role of the method does.
std::vector<common::v1::ContactRole> RolesIn(const auth::Caller& caller, const v1::Dispute& dispute,
                                             flow::Parts by);

// The disputes and reviews that the caller may see: all for the Statewide CDO's office, otherwise those that
// list the caller's entity as a viewer. Refers to `caller`.
auth::Visibility VisibilityOf(const auth::Caller& caller);

// Whether the caller may see the dispute: the parties, the offices that mediate and decide, the Statewide CDO
// and drafting may, and the Governor's Office if the track leads to it.
bool IsVisible(const v1::Dispute& dispute, const auth::Caller& caller);

// Who sees a dispute besides the Statewide CDO's office, each once.
std::vector<std::string> ViewersOf(const v1::Dispute& dispute, const Offices& offices);

// Who is told of a change: parties, mediating offices and the CDO's office, and the Governor's Office once
// the dispute has reached it.
std::vector<std::string> AudienceOf(const v1::Dispute& dispute, const Offices& offices, v1::State from);

// The facts of a dispute with the statements and decisions that it carries.
Facts FactsOf(const v1::Dispute& dispute);

// Who is to act now and how, as Dispute.waits_for: never empty for an open dispute. Each line begins with the
// entity.
void ShowWaits(v1::Dispute& dispute);

// Whether it waits, by ShowWaits, for an act of the entity.
bool WaitsFor(const v1::Dispute& dispute, const std::string& entity);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_ACCESS_H_
