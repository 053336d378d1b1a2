#ifndef IDEA_SERVICES_DISPUTE_DISPUTE_STORE_H_
#define IDEA_SERVICES_DISPUTE_DISPUTE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "idea/dispute/v1/dispute.pb.h"

// Stores disputes, their statements, meetings and steps. Names are full resource names. The etag is the
// version of the row.
namespace idea::dispute {

// Inserts a new dispute and the entities that see it. ABORTED if another one on the same BUCP was opened at
// the same moment. Running again finds it.
absl::Status InsertDispute(storage::Transaction& db, const v1::Dispute& dispute,
                           const std::vector<std::string>& viewers, clock::Micros now);

// Returns the dispute with its explanation, statements, meetings and history, in their order, or nullopt.
absl::StatusOr<std::optional<v1::Dispute>> FindDispute(storage::Transaction& db, const std::string& name);

// Returns the name of the open dispute on a BUCP, or "".
absl::StatusOr<std::string> FindOpenDispute(storage::Transaction& db, const std::string& bucp);

// Returns the name of the first dispute of the category on a BUCP that was decided for sharing, or "".
absl::StatusOr<std::string> FindDecision(storage::Transaction& db, const std::string& bucp,
                                         v1::Category category);

// Returns the name of the first dispute on a review of de-identified data that is not void, or "": one that
// was opened for the review, or manually on the same subject since then.
absl::StatusOr<std::string> FindDisputeOn(storage::Transaction& db, const std::string& deidentification,
                                          const std::string& bucp, clock::Micros since);

// Returns one page of the visible disputes; with request.waits_for, which the caller checks, only open ones.
// Open disputes have what UpdateWaitsFor needs. The rest of what FindDispute adds is not set. Fails as
// listing::Plan does.
absl::StatusOr<v1::ListDisputesResponse> ListDisputes(storage::Transaction& db,
                                                      const v1::ListDisputesRequest& request,
                                                      const auth::Visibility& visibility);

// Saves state, recommendation, outcome, costs, settlement and level_time of `after`. CONCURRENT_CHANGE if the
// row is not in state `from` any more or has another etag.
absl::Status SaveDispute(storage::Transaction& db, v1::State from, const v1::Dispute& after,
                         clock::Micros now);

// Returns the names of the open disputes without a track, oldest first.
absl::StatusOr<std::vector<std::string>> FindAwaitingStanding(storage::Transaction& db);

// The number of open disputes in a state, and when the first of them came to it.
struct StateCount {
  v1::State state;
  int64_t disputes;
  clock::Micros oldest;
};
// A row for each state in which open disputes are.
absl::StatusOr<std::vector<StateCount>> CountOpenByState(storage::Transaction& db);

// Saves track, agencies and explanation of a dispute, and adds entities that see it. CONCURRENT_CHANGE if the
// row has another etag.
absl::Status StoreTrack(storage::Transaction& db, const v1::Dispute& dispute,
                        const std::vector<std::string>& viewers);

// Inserts a statement. ALREADY_DONE if the entity has submitted one.
absl::Status InsertStatement(storage::Transaction& db, const std::string& dispute,
                             const v1::Statement& statement, clock::Micros now);

// Replaces the text of a statement. STATEMENTS_MISSING if the entity has not submitted one.
absl::Status AmendStatement(storage::Transaction& db, const std::string& dispute,
                            const v1::Statement& statement);

// Insert a meeting or a step of a dispute. Its current etag is the number.
absl::Status InsertMeeting(storage::Transaction& db, const v1::Dispute& dispute, const v1::Meeting& meeting);
absl::Status InsertStep(storage::Transaction& db, const v1::Dispute& dispute, const v1::DisputeStep& step);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_STORE_H_
