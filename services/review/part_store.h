#ifndef IDEA_SERVICES_REVIEW_PART_STORE_H_
#define IDEA_SERVICES_REVIEW_PART_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"

// For which entity a person acts on a BUCP.
namespace idea::review {

// Records that the person acts for the entity; nothing if that is recorded. SAME_PERSON with the entity for
// which the person acted before, if it is another one.
absl::Status ClaimPart(storage::Transaction& db, const std::string& bucp, const std::string& person,
                       const std::string& entity, clock::Micros now);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_PART_STORE_H_
