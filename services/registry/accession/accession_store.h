#ifndef IDEA_SERVICES_REGISTRY_ACCESSION_ACCESSION_STORE_H_
#define IDEA_SERVICES_REGISTRY_ACCESSION_ACCESSION_STORE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/registry/v1/accession.pb.h"
#include "services/registry/accession/standing.h"

// The table of accessions, and the question who is a signatory. Days are "YYYY-MM-DD", empty where not known.
namespace idea::registry {

// "entities/x/accessions/addendum-2022-05-01": one instrument of one day, so that nothing is recorded twice.
std::string AccessionName(const std::string& entity, v1::Instrument instrument, const std::string& day);

// Stores an accession. ERROR_REASON_ALREADY_EXISTS if its name is taken.
absl::Status InsertAccession(storage::Transaction& db, const std::string& entity,
                             const v1::Accession& accession, clock::Micros now);

// Name -> first day on which it no longer counts, of every accession.
absl::StatusOr<std::map<std::string, std::string>> AllAccessions(storage::Transaction& db);

// Ends every accession of the entity that is in force on the day; returns them.
absl::StatusOr<std::vector<v1::Accession>> Withdraw(storage::Transaction& db, const std::string& entity,
                                                    const std::string& day, const std::string& evidence);

// One page in the order of the days. Fails as listing::Plan does.
absl::StatusOr<v1::ListAccessionsResponse> ListAccessions(storage::Transaction& db,
                                                          const v1::ListAccessionsRequest& request);

// Of each of the entities that there are: itself and what it reports to on the day, in one query.
absl::StatusOr<std::map<std::string, Lineage>> Lineages(storage::Transaction& db,
                                                        const std::vector<std::string>& entities,
                                                        const std::string& day);
absl::StatusOr<std::map<std::string, Lineage>> AllLineages(storage::Transaction& db, const std::string& day);

// Every lapse of every entity, by entity and day. Costs a query for each day on which a standing changed.
absl::StatusOr<std::vector<v1::Lapse>> FindLapses(storage::Transaction& db);

// A text that differs whenever the tables that FindLapses reads differ from what they were before.
absl::StatusOr<std::string> StandingsVersion(storage::Transaction& db);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ACCESSION_ACCESSION_STORE_H_
