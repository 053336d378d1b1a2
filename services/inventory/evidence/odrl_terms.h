#ifndef IDEA_SERVICES_INVENTORY_EVIDENCE_ODRL_TERMS_H_
#define IDEA_SERVICES_INVENTORY_EVIDENCE_ODRL_TERMS_H_

#include <string>

#include "idea/drafting/v1/content.pb.h"
#include "idea/inventory/v1/filing.pb.h"

// The terms of an agreement in the Open Digital Rights Language (W3C ODRL Information Model 2.2), for
// programs that evaluate policies.
namespace idea::inventory {

// An odrl:Agreement as JSON-LD: for each Data Provider a permission to use its elements, from the start date
// to the end date and for the purposes that were agreed on, with the duty to delete; a prohibition of what
// was excluded. What has no ODRL term stands in properties of this suite ("idea:"). The same agreement always
// gives the same text.
std::string ToOdrl(const v1::Filing& filing, const drafting::v1::Content& content);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EVIDENCE_ODRL_TERMS_H_
