#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_PARTS_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_PARTS_H_

#include <string>
#include <vector>

#include "common/auth/auth.h"
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

// The parts of a caller. An agency's officer is an Agency CDO or Agency Information Officer of a party or of
// a party's agency.
flow::Parts PartsOf(const auth::Caller& caller, const v1::Dispute& dispute);

// The Statewide CDO's office and the Governor's Office see every dispute.
bool SeesAll(const auth::Caller& caller);

// Parties, their mediating agencies, the Statewide CDO and the Governor's Office see a dispute.
bool Sees(const auth::Caller& caller, const v1::Dispute& dispute);

// Parties and mediating agencies, each once.
std::vector<std::string> ViewersOf(const v1::Dispute& dispute);

// Who is told of a change: the viewers and the CDO's office, and the Governor's Office once the dispute has
// reached it.
std::vector<std::string> AudienceOf(const v1::Dispute& dispute, const Offices& offices, v1::State from);

// The facts of a dispute with the statements that it carries.
Facts FactsOf(const v1::Dispute& dispute);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_PARTS_H_
