#ifndef IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_PUBLISHED_LIST_H_
#define IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_PUBLISHED_LIST_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/registry/signatory_list/signatory_list.h"

// The official list of signatories as the guidebook publishes it: a Markdown page with a table of names and
// agencies. No I/O.
namespace idea::registry {

// Reads the page. Names come in natural order, a secretary's row is the agency's, and the defects of the page
// that are known are corrected. A row that is wrong in itself becomes a problem. INVALID_FIELD on `markdown`
// if there is no such table.
absl::StatusOr<SignatoryList> ReadPublishedList(std::string_view markdown);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_PUBLISHED_LIST_H_
