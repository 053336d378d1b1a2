#ifndef IDEA_SERVICES_DRAFTING_COMPLETENESS_H_
#define IDEA_SERVICES_DRAFTING_COMPLETENESS_H_

#include <vector>

#include "idea/drafting/v1/drafting.pb.h"

// Which of the template's 20 fields are required, when, and who completes them (BUCP template V3; guidebook
// step 3).
namespace idea::drafting {

// Every gap in the content, in the template's order. `disputed` makes the three disputed-only fields
// required.
std::vector<v1::Gap> FindGaps(const v1::Content& content, bool disputed);

// The gaps that sending minds: those of the Business Case section.
std::vector<v1::Gap> BusinessCaseGaps(const std::vector<v1::Gap>& gaps);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_COMPLETENESS_H_
