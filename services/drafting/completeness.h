#ifndef IDEA_SERVICES_DRAFTING_COMPLETENESS_H_
#define IDEA_SERVICES_DRAFTING_COMPLETENESS_H_

#include <vector>

#include "idea/drafting/v1/drafting.pb.h"

// What a BUCP lacks: the rules of the template's fields (template_fields.h), applied.
namespace idea::drafting {

// Every gap in the content, in the template's order. `form` is the version of the template that the BUCP
// follows. `disputed` makes the disputed-only fields required.
std::vector<v1::Gap> FindGaps(const v1::Content& content, bool disputed, const v1::Template& form);

// The gaps that sending minds: those of the Business Case section.
std::vector<v1::Gap> BusinessCaseGaps(const std::vector<v1::Gap>& gaps);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_COMPLETENESS_H_
