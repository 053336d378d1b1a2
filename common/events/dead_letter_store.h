#ifndef IDEA_COMMON_EVENTS_DEAD_LETTER_STORE_H_
#define IDEA_COMMON_EVENTS_DEAD_LETTER_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/operations/v1/operations.pb.h"

// Dead letters, the events that relays have set aside: SQL over the table `handovers`.
namespace idea::events {

// Returns one page. `request.parent` is the service that owns the database.
absl::StatusOr<operations::v1::ListDeadLettersResponse> ListDeadLetters(
    storage::Transaction& db, const operations::v1::ListDeadLettersRequest& request);

// NOT_FOUND if no event is set aside under that name.
absl::StatusOr<operations::v1::DeadLetter> FindDeadLetter(storage::Transaction& db, const std::string& name);

// Makes the first event of the line of the dead letter due at `now`, for the relay that has the cursor.
absl::Status RetryDeadLetter(storage::Transaction& db, const operations::v1::DeadLetter& letter,
                             clock::Micros now);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_DEAD_LETTER_STORE_H_
