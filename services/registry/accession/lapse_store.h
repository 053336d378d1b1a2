#ifndef IDEA_SERVICES_REGISTRY_ACCESSION_LAPSE_STORE_H_
#define IDEA_SERVICES_REGISTRY_ACCESSION_LAPSE_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "idea/registry/v1/accession.pb.h"

// When entities that had been signatories were none (agreement section 13.2), from accessions, parentages and
// the ends of entities.
namespace idea::registry {

// Every lapse of every entity, by entity and day. Costs a query for each day on which a standing changed.
absl::StatusOr<std::vector<v1::Lapse>> FindLapses(storage::Transaction& db);

// A text that differs whenever the tables that FindLapses reads differ from what they were before.
absl::StatusOr<std::string> StandingsVersion(storage::Transaction& db);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ACCESSION_LAPSE_STORE_H_
