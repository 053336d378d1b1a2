#ifndef IDEA_SERVICES_CLI_REGISTER_REGISTER_PAGE_H_
#define IDEA_SERVICES_CLI_REGISTER_REGISTER_PAGE_H_

#include <map>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "services/cli/call/call_function.h"

// The public page of the register.
namespace idea::cli {

// Writes the public view of the register as one self-contained HTML page: a table with a search field that is
// readable without scripts, on a phone and on paper. `names` are the departments' names by resource name. The
// page is as of `now`, with days in `zone`. Returns the number of filings.
absl::StatusOr<int64_t> PublishFilings(const CallFunction& inventory,
                                       const std::map<std::string, std::string>& names, clock::Micros now,
                                       absl::TimeZone zone, std::ostream& out, const Progress& progress);

// The names of all entities of the registry.
absl::StatusOr<std::map<std::string, std::string>> EntityNames(const CallFunction& registry);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_REGISTER_REGISTER_PAGE_H_
