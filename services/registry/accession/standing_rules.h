#ifndef IDEA_SERVICES_REGISTRY_ACCESSION_STANDING_H_
#define IDEA_SERVICES_REGISTRY_ACCESSION_STANDING_H_

#include <string>
#include <vector>

#include "idea/registry/v1/accession.pb.h"

// Whether an entity is a signatory on a day, through whom and why (guidebook step 2, FAQ;
// agreement 13.2, 16.1, 17.1). No I/O.
namespace idea::registry {

// The day on which IDEA began, that of the guidebook's first version. A signature without a known day counts
// from this day on.
inline constexpr char kIdeaDay[] = "2021-06-24";

// The facts about an entity on a day.
struct EntitySnapshot {
  std::string name;
  std::string display_name;
  bool own_statutory_authority = false;
  // The first day on which it no longer exists. Empty if it exists.
  std::string end_day;
  // The instrument of its accession. UNSPECIFIED if no accession is in force.
  v1::Instrument instrument = v1::INSTRUMENT_UNSPECIFIED;
  std::string sign_day;
  // The latest day on which an accession was withdrawn. Empty if none was.
  std::string withdraw_day;
};

// An entity, the agency to which it reports on the day, the agency of that agency, and so on.
using Lineage = std::vector<EntitySnapshot>;

// "signed the agreement of 2021".
std::string HowSigned(v1::Instrument instrument);

// The confirmation for one entity. The lineage is empty if the registry does not know the entity.
v1::SignatoryConfirmation Confirm(const std::string& entity, const Lineage& lineage, const std::string& day);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ACCESSION_STANDING_H_
