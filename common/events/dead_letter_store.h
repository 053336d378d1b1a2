#ifndef IDEA_COMMON_EVENTS_DEAD_LETTER_STORE_H_
#define IDEA_COMMON_EVENTS_DEAD_LETTER_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/operations/v1/operations.pb.h"

// What operators see and change of the events that relays have set aside: SQL over the table `handovers`.
namespace idea::events {

// One page. `request.parent` is the service whose database it is.
absl::StatusOr<operations::v1::ListDeadLettersResponse> ListDeadLetters(
    storage::Transaction& db, const operations::v1::ListDeadLettersRequest& request);

// NOT_FOUND if nothing is set aside under that name.
absl::StatusOr<operations::v1::DeadLetter> FindDeadLetter(storage::Transaction& db, const std::string& name);

// Makes the first event of the dead letter's line due at `now`, for the relay that has the cursor.
absl::Status RetryDeadLetter(storage::Transaction& db, const operations::v1::DeadLetter& letter,
                             clock::Micros now);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_DEAD_LETTER_STORE_H_
