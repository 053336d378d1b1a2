#ifndef IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_GAPS_H_
#define IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_GAPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "idea/drafting/v1/drafting.pb.h"

// The gaps of a content, by the rules of the template's fields (field_rules.h).
namespace idea::drafting {

// Every gap in the content, in the order of the template. `bucp_template` is the version that the BUCP
// follows. `disputed` makes the disputed-only fields required.
std::vector<v1::Gap> FindGaps(const v1::Content& content, bool disputed, const v1::Template& bucp_template);

// The gaps that prevent sending: those of the Business Case section that the recipients complete. Parts
// that only the Data Providers can add (their contacts, who approves a release) are completed before the
// freeze. For each Data Provider one person to write to is enough.
std::vector<v1::Gap> FindSendingGaps(const v1::Content& content, bool disputed,
                                     const v1::Template& bucp_template);

// The Data Providers whose people the content names only as text. They are invited.
std::vector<std::string> ProvidersToInvite(const v1::Content& content);

// Returns INVALID_FIELD with the path of the end date if the agreement could never be in force: the end date
// is before `today` or before the start date.
absl::Status CheckEndDate(const v1::Content& content, absl::CivilDay today);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_GAPS_H_
