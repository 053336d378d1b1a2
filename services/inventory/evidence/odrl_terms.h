#ifndef IDEA_SERVICES_INVENTORY_EVIDENCE_ODRL_TERMS_H_
#define IDEA_SERVICES_INVENTORY_EVIDENCE_ODRL_TERMS_H_

#include <string>

#include "idea/drafting/v1/content.pb.h"
#include "idea/inventory/v1/filing.pb.h"

// The terms of an agreement in the Open Digital Rights Language (W3C ODRL Information Model 2.2), for
// programs that evaluate policies.
namespace idea::inventory {

// An odrl:Agreement as JSON-LD. It has a permission for each Data Provider to use its elements, from the
// start date to the end date and for the agreed purposes, with the duty to delete, and a prohibition of the
// excluded uses. Facts without an ODRL term are properties of this suite ("idea:"). Equal agreements give
// equal texts.
std::string ToOdrl(const v1::Filing& filing, const drafting::v1::Content& content);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EVIDENCE_ODRL_TERMS_H_
