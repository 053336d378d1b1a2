#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_STORE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"
#include "idea/drafting/v1/drafting.pb.h"

// BUCPs in the database.
namespace idea::drafting {

// Whether a BUCP may still become an agreement: it is neither executed nor closed.
bool IsOpen(v1::State state);

// Whether the Data Providers and the education agency that signs see the BUCP because it was sent or shared.
// Otherwise only the recipients see it.
bool IsShown(const v1::Bucp& bucp);

// Stores a new BUCP with the etag "1". An amendment becomes the open amendment of the BUCP that it amends,
// which must have none.
absl::Status InsertBucp(storage::Transaction& db, v1::Bucp& bucp);

// Returns the BUCP with its content, or NOT_FOUND.
absl::StatusOr<v1::Bucp> FindBucp(storage::Transaction& db, const std::string& name);

// Stores `bucp`, which was read in state `from` with its current etag, and gives it the next etag. Returns
// CONCURRENT_CHANGE if another call changed the BUCP since it was read. An amendment that is no longer open
// is removed as the open amendment.
absl::Status SaveBucp(storage::Transaction& db, v1::State from, v1::Bucp& bucp);

// The number of BUCPs in a state, and when the one that was changed longest ago was changed.
struct StateCount {
  v1::State state;
  int64_t bucps;
  clock::Micros oldest;
};
// A row for each state in which BUCPs are.
absl::StatusOr<std::vector<StateCount>> CountByState(storage::Transaction& db);

// Keeps other transactions from changing the BUCP until this one ends. Returns CONCURRENT_CHANGE if it was
// changed since it was read.
absl::Status HoldUnchanged(storage::Transaction& db, const v1::Bucp& bucp);

// The name of the open amendment of a BUCP. Empty if none exists.
absl::StatusOr<std::string> FindOpenAmendment(storage::Transaction& db, const std::string& amended);

// One page of the visible BUCPs without content, newest first.
absl::StatusOr<v1::ListBucpsResponse> ListBucps(storage::Transaction& db, const v1::ListBucpsRequest& request,
                                                auth::Visibility visibility);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_STORE_H_
