#ifndef IDEA_SERVICES_REVIEW_ROUTING_STORE_H_
#define IDEA_SERVICES_REVIEW_ROUTING_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"
#include "idea/review/v1/opinion.pb.h"
#include "idea/review/v1/routing.pb.h"
#include "idea/review/v1/signature.pb.h"

// Stores routings, and the opinions and signatures on them.
namespace idea::review {

// Stores a new routing. Its etag becomes "1".
absl::Status InsertRouting(storage::Transaction& db, v1::Routing& routing);

// Returns the routing with its steps. NOT_FOUND if it does not exist.
absl::StatusOr<v1::Routing> FindRouting(storage::Transaction& db, const std::string& name);

// Returns the routing of this freeze that is not closed, or nullopt.
absl::StatusOr<std::optional<v1::Routing>> FindOpenRouting(storage::Transaction& db, const std::string& bucp,
                                                           int32_t freeze_number, const std::string& digest);

// Returns the routing of the BUCP's last freeze, open or closed, or nullopt.
absl::StatusOr<std::optional<v1::Routing>> FindLastRouting(storage::Transaction& db, const std::string& bucp);
// Returns the routings of the BUCP's freezes from that number on.
absl::StatusOr<std::vector<v1::Routing>> FindRoutingsFrom(storage::Transaction& db, const std::string& bucp,
                                                          int32_t freeze_number);
// Makes the numbers free for new freezes, because drafting has lost theirs. The routings keep the negative
// number.
absl::Status ReleaseFreezeNumbersFrom(storage::Transaction& db, const std::string& bucp,
                                      int32_t freeze_number);

// Saves `routing`, which was in state `from` and has the etag with which it was read. CONCURRENT_CHANGE if
// another call has changed it.
absl::Status SaveRouting(storage::Transaction& db, v1::RoutingState from, v1::Routing& routing);

// Returns one page of the visible routings, newest first, without steps.
absl::StatusOr<v1::ListRoutingsResponse> ListRoutings(storage::Transaction& db,
                                                      const v1::ListRoutingsRequest& request,
                                                      const auth::Visibility& visibility);

// Insert an opinion or a signature. ALREADY_DONE if the department has given it.
absl::Status InsertOpinion(storage::Transaction& db, const v1::Opinion& opinion);
absl::Status InsertSignature(storage::Transaction& db, const v1::Signature& signature);

// Returns the opinion. NOT_FOUND if it does not exist.
absl::StatusOr<v1::Opinion> FindOpinion(storage::Transaction& db, const std::string& name);

// Returns the signature. NOT_FOUND if it does not exist.
absl::StatusOr<v1::Signature> FindSignature(storage::Transaction& db, const std::string& name);

// Returns the versions of an opinion before its amendments, the oldest first.
absl::StatusOr<std::vector<v1::Opinion>> ReadOpinionVersions(storage::Transaction& db,
                                                             const std::string& name);

// Saves an opinion that was changed. After a refused opinion the department can give another one.
absl::Status SaveOpinion(storage::Transaction& db, const v1::Opinion& opinion);

// Stores the opinion as it was before an amendment, by its name and version.
absl::Status InsertOpinionVersion(storage::Transaction& db, const v1::Opinion& before);

// Return all opinions or signatures on a routing, in order.
absl::StatusOr<std::vector<v1::Opinion>> ReadOpinions(storage::Transaction& db, const std::string& routing);
absl::StatusOr<std::vector<v1::Signature>> ReadSignatures(storage::Transaction& db,
                                                          const std::string& routing);

// Whether this person has given a signature of the department on the routing.
absl::StatusOr<bool> HasSigned(storage::Transaction& db, const std::string& routing,
                               const std::string& entity, const std::string& person);

absl::StatusOr<v1::ListOpinionsResponse> ListOpinions(storage::Transaction& db,
                                                      const v1::ListOpinionsRequest& request);
absl::StatusOr<v1::ListOpinionVersionsResponse> ListOpinionVersions(
    storage::Transaction& db, const v1::ListOpinionVersionsRequest& request);
absl::StatusOr<v1::ListSignaturesResponse> ListSignatures(storage::Transaction& db,
                                                          const v1::ListSignaturesRequest& request);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_STORE_H_
