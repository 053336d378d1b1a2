#ifndef IDEA_SERVICES_REVIEW_PART_STORE_H_
#define IDEA_SERVICES_REVIEW_PART_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"

// Records for which entity a person acts on a BUCP.
namespace idea::review {

// A person on a BUCP.
struct Part {
  std::string bucp;
  std::string person;
};

// Records that the person acts for the entity. SAME_PERSON with the other entity if the person has acted for
// another one or has a claim for another one. With `act`, the person is about to act, and the claim lasts
// until ReleasePart: the report that the act took place may come at any time. Without it, the person acts in
// this transaction or has acted. Returns whether the person was not recorded for the entity before.
absl::StatusOr<bool> ClaimPart(storage::Transaction& db, const Part& part, const std::string& entity,
                               const std::string& act, clock::Micros now);

// Ends the claim for an act that was refused. Returns false if none exists.
absl::StatusOr<bool> ReleasePart(storage::Transaction& db, const Part& part, const std::string& act);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_PART_STORE_H_
