#ifndef IDEA_SERVICES_REGISTRY_ACCESSION_STORE_H_
#define IDEA_SERVICES_REGISTRY_ACCESSION_STORE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/registry.pb.h"

// The table of accessions: that and how an entity signed. Rows are only ever added.
namespace idea::registry {

// "2026-03-02"; empty for a date that is not set.
std::string DayOf(const google::type::Date& date);

// The day of a moment, by UTC.
std::string DayOf(clock::Micros at);

// "entities/{entity}/accessions/addendum-2022-05-01": one for each instrument and day (empty: no source gives
// it), so that nothing is recorded twice.
std::string AccessionName(const std::string& entity, v1::Instrument instrument, const std::string& day);

// Stores a new accession. ERROR_REASON_ALREADY_EXISTS if its name is taken.
absl::Status InsertAccession(storage::Transaction& db, const std::string& entity,
                             const v1::Accession& accession, clock::Micros now);

// Names of all accessions.
absl::StatusOr<std::set<std::string>> AccessionNames(storage::Transaction& db);

// One page. Fails as listing::Plan does.
absl::StatusOr<v1::ListAccessionsResponse> ListAccessions(storage::Transaction& db,
                                                          const v1::ListAccessionsRequest& request);

// Those of `entities` that signed on or before `day` (YYYY-MM-DD) or on a day that no source gives, with the
// instrument; one query.
absl::StatusOr<std::map<std::string, v1::Instrument>> SignedBy(storage::Transaction& db,
                                                               const std::vector<std::string>& entities,
                                                               const std::string& day);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ACCESSION_STORE_H_
