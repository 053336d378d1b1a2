#ifndef IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_GAPS_H_
#define IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_GAPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "idea/drafting/v1/drafting.pb.h"

// What a BUCP lacks: the rules of the template's fields (template_fields.h), applied.
namespace idea::drafting {

// Every gap in the content, in the template's order. `form` is the version of the template that the BUCP
// follows. `disputed` makes the disputed-only fields required.
std::vector<v1::Gap> FindGaps(const v1::Content& content, bool disputed, const v1::Template& form);

// The gaps that sending minds: those of the Business Case section, as far as the recipients complete it. What
// only the Data Providers can add (their contacts, who approves a release) is completed before the freeze; of
// each a person to write to is enough.
std::vector<v1::Gap> FindSendingGaps(const v1::Content& content, bool disputed, const v1::Template& form);

// Data Providers of which the content names people as text only: they are invited.
std::vector<std::string> ProvidersToInvite(const v1::Content& content);

// What is sent or frozen can still come into force: INVALID_FIELD with the end date's path if that day is
// before `today` or before the start date.
absl::Status CheckEndDate(const v1::Content& content, absl::CivilDay today);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_GAPS_H_
