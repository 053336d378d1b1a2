#ifndef IDEA_SERVICES_REGISTRY_ACCESSION_STANDING_H_
#define IDEA_SERVICES_REGISTRY_ACCESSION_STANDING_H_

#include <string>
#include <vector>

#include "idea/registry/v1/accession.pb.h"

// Who is a signatory on a day, through whom and why (guidebook step 2, FAQ; agreement 13.2, 16.1, 17.1). No
// I/O.
namespace idea::registry {

// The day on which IDEA itself began: the guidebook's first version. A signature whose day no source gives
// counts from then on.
inline constexpr char kIdeaDay[] = "2021-06-24";

// An entity as it stands on the day.
struct Standpoint {
  std::string name;
  std::string display_name;
  bool own_statutory_authority = false;
  // First day on which it no longer exists; empty: exists.
  std::string end_day;
  // By what it signed; UNSPECIFIED: no accession in force.
  v1::Instrument instrument = v1::INSTRUMENT_UNSPECIFIED;
  std::string sign_day;
  // The last day from which on an accession counts no more; empty: none was withdrawn.
  std::string withdraw_day;
};

// An entity, what it reports to on the day, and so on upwards.
using Lineage = std::vector<Standpoint>;

// "signed the agreement of 2021".
std::string HowSigned(v1::Instrument instrument);

// The answer for one entity; the lineage is empty if the registry does not know it.
v1::SignatoryConfirmation Confirm(const std::string& entity, const Lineage& lineage, const std::string& day);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ACCESSION_STANDING_H_
