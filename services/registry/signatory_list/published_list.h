#ifndef IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_PUBLISHED_LIST_H_
#define IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_PUBLISHED_LIST_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/registry/signatory_list/signatory_list.h"

// The official list of signatories as the guidebook publishes it: a Markdown page with a table of names and
// agencies. No I/O.
namespace idea::registry {

// Reads the page. Puts names into natural order, takes a secretary's row as that of the agency, and corrects
// the known defects of the page. A malformed row becomes a problem. Returns INVALID_FIELD on `markdown` if
// the page does not contain the table.
absl::StatusOr<SignatoryList> ReadPublishedList(std::string_view markdown);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_PUBLISHED_LIST_H_
