#ifndef IDEA_SERVICES_CLI_REGISTER_PAGE_H_
#define IDEA_SERVICES_CLI_REGISTER_PAGE_H_

#include <map>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "services/cli/log_verification.h"

// The register as a page for everybody.
namespace idea::cli {

// Writes the public view of the register as one page of HTML that needs nothing else: a table with a search
// field, readable without scripts, on a telephone and on paper. `names` are the departments' names by
// resource name; the page is as of `now`, with days in `zone`. Returns how many filings are on it.
absl::StatusOr<int64_t> PublishFilings(const Asker& inventory,
                                       const std::map<std::string, std::string>& names, clock::Micros now,
                                       absl::TimeZone zone, std::ostream& out, const Progress& progress);

// The names of all entities of the registry.
absl::StatusOr<std::map<std::string, std::string>> EntityNames(const Asker& registry);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_REGISTER_PAGE_H_
