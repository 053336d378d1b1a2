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

// The tables of disputes, their statements, meetings and steps. Names are whole resource names; the etag is
// the row's version.
namespace idea::dispute {

// Stores a new dispute and who sees it. ABORTED if another one on the same BUCP was opened at the same
// moment: running again finds it.
absl::Status InsertDispute(storage::Transaction& db, const v1::Dispute& dispute,
                           const std::vector<std::string>& viewers, clock::Micros now);

// The dispute with its explanation, statements, meetings and history, each in the order given; nullopt if
// there is none.
absl::StatusOr<std::optional<v1::Dispute>> FindDispute(storage::Transaction& db, const std::string& name);

// Name of the dispute that holds a BUCP; empty if none does.
absl::StatusOr<std::string> FindOpenDispute(storage::Transaction& db, const std::string& bucp);

// Name of the first dispute of the category on a BUCP that was decided for sharing; empty if none was.
absl::StatusOr<std::string> FindDecision(storage::Transaction& db, const std::string& bucp,
                                         v1::Category category);

// Name of the first dispute on a review of de-identified data: one that was opened for it, or on this subject
// by hand since then; empty if there is none. A void one does not count.
absl::StatusOr<std::string> FindDisputeOn(storage::Transaction& db, const std::string& deidentification,
                                          const std::string& bucp, clock::Micros since);

// Returns one page of the visible disputes; with request.waits_for, which the caller checks, only open ones.
// Open disputes have what ShowWaits needs. The rest of what FindDispute adds is not set. Fails as
// listing::Plan does.
absl::StatusOr<v1::ListDisputesResponse> ListDisputes(storage::Transaction& db,
                                                      const v1::ListDisputesRequest& request,
                                                      const auth::Visibility& visibility);

// Moves a dispute on: stores state, recommendation, outcome, costs, settlement and level_time of `after`.
// ERROR_REASON_CONCURRENT_CHANGE unless the row still is in state `from` and has after.etag.
absl::Status MoveDispute(storage::Transaction& db, v1::State from, const v1::Dispute& after,
                         clock::Micros now);

// The open disputes whose track is not known yet, oldest first.
absl::StatusOr<std::vector<std::string>> FindAwaitingStanding(storage::Transaction& db);

// Stores track, agencies and explanation of a dispute, and who sees it from then on, too.
// ERROR_REASON_CONCURRENT_CHANGE unless the row still has its etag.
absl::Status StoreTrack(storage::Transaction& db, const v1::Dispute& dispute,
                        const std::vector<std::string>& viewers);

// Adds a party's statement. ERROR_REASON_ALREADY_DONE if it has given one.
absl::Status InsertStatement(storage::Transaction& db, const std::string& dispute,
                             const v1::Statement& statement, clock::Micros now);

// Replaces the text of a statement. ERROR_REASON_STATEMENTS_MISSING if there is none of that entity.
absl::Status AmendStatement(storage::Transaction& db, const std::string& dispute,
                            const v1::Statement& statement);

// Add a meeting and a step to a dispute, numbered by its etag as it is now.
absl::Status InsertMeeting(storage::Transaction& db, const v1::Dispute& dispute, const v1::Meeting& meeting);
absl::Status InsertStep(storage::Transaction& db, const v1::Dispute& dispute, const v1::DisputeStep& step);

}  // namespace idea::dispute

#endif  // IDEA_SERVICES_DISPUTE_DISPUTE_STORE_H_
