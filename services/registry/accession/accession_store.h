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
#include "services/registry/accession/standing_rules.h"

// The table of accessions, and what the database knows about standings and lapses. Days are "YYYY-MM-DD", or
// empty if they are not known.
namespace idea::registry {

// "entities/x/accessions/addendum-2022-05-01". The name consists of the instrument and the day, so that an
// accession cannot be recorded twice.
std::string AccessionName(const std::string& entity, v1::Instrument instrument, const std::string& day);

// Stores an accession. Returns ERROR_REASON_ALREADY_EXISTS if its name is taken.
absl::Status InsertAccession(storage::Transaction& db, const std::string& entity,
                             const v1::Accession& accession, clock::Micros now);

// The accessions of an entity, or of all if it is empty, by name.
absl::StatusOr<std::vector<v1::Accession>> ReadAccessions(storage::Transaction& db,
                                                          const std::string& entity);

// All accessions: name -> first day on which the accession no longer counts.
absl::StatusOr<std::map<std::string, std::string>> AllAccessions(storage::Transaction& db);

// Ends every accession of the entity that is in force on the day. Returns these accessions.
absl::StatusOr<std::vector<v1::Accession>> Withdraw(storage::Transaction& db, const std::string& entity,
                                                    const std::string& day, const std::string& evidence);

// Returns one page, ordered by day. Fails as listing::Plan does.
absl::StatusOr<v1::ListAccessionsResponse> ListAccessions(storage::Transaction& db,
                                                          const v1::ListAccessionsRequest& request);

// The lineage on the day of each of `entities` that exists, in one query.
absl::StatusOr<std::map<std::string, Lineage>> Lineages(storage::Transaction& db,
                                                        const std::vector<std::string>& entities,
                                                        const std::string& day);
absl::StatusOr<std::map<std::string, Lineage>> AllLineages(storage::Transaction& db, const std::string& day);

// The lapses of all entities, by entity and day (agreement section 13.2), from accessions, parentages and the
// ends of entities. Takes a query for each day on which a standing changed.
absl::StatusOr<std::vector<v1::Lapse>> FindLapses(storage::Transaction& db);

// A text that differs after every change of the tables that FindLapses reads.
absl::StatusOr<std::string> StandingsVersion(storage::Transaction& db);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ACCESSION_ACCESSION_STORE_H_
