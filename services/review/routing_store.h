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

// Routings and what was given on them in the database.
namespace idea::review {

// Stores a new routing. Its etag becomes "1".
absl::Status InsertRouting(storage::Transaction& db, v1::Routing& routing);

// The routing with its steps. NOT_FOUND if there is none.
absl::StatusOr<v1::Routing> FindRouting(storage::Transaction& db, const std::string& name);

// The routing of this freeze that is not closed; nullopt if none exists.
absl::StatusOr<std::optional<v1::Routing>> FindOpenRouting(storage::Transaction& db, const std::string& bucp,
                                                           int32_t freeze_number, const std::string& digest);

// The routing of the BUCP's last freeze, open or closed; nullopt if it had none.
absl::StatusOr<std::optional<v1::Routing>> FindLastRouting(storage::Transaction& db, const std::string& bucp);
// The routings of the BUCP's freezes from that number on.
absl::StatusOr<std::vector<v1::Routing>> FindRoutingsFrom(storage::Transaction& db, const std::string& bucp,
                                                          int32_t freeze_number);
// Makes place for new freezes of these numbers: drafting has lost theirs. The routings stay, under the
// negative number.
absl::Status ReleaseFreezeNumbersFrom(storage::Transaction& db, const std::string& bucp,
                                      int32_t freeze_number);

// Stores `routing`, which was in state `from` and carries the etag it was read with. CONCURRENT_CHANGE if
// another call moved it meanwhile.
absl::Status SaveRouting(storage::Transaction& db, v1::RoutingState from, v1::Routing& routing);

// Returns one page of the visible routings, newest first, without steps.
absl::StatusOr<v1::ListRoutingsResponse> ListRoutings(storage::Transaction& db,
                                                      const v1::ListRoutingsRequest& request,
                                                      const auth::Visibility& visibility);

// Store what was given. ALREADY_DONE if the department gave it before.
absl::Status InsertOpinion(storage::Transaction& db, const v1::Opinion& opinion);
absl::Status InsertSignature(storage::Transaction& db, const v1::Signature& signature);

// An opinion by its name. NOT_FOUND if there is none.
absl::StatusOr<v1::Opinion> FindOpinion(storage::Transaction& db, const std::string& name);

// Stores what was said about an opinion afterwards. A refused opinion makes room for another one.
absl::Status SaveOpinion(storage::Transaction& db, const v1::Opinion& opinion);

// Keeps the opinion as it was before an amendment, by its name and version.
absl::Status InsertOpinionVersion(storage::Transaction& db, const v1::Opinion& before);

// Everything that was given on a routing, in order.
absl::StatusOr<std::vector<v1::Opinion>> ReadOpinions(storage::Transaction& db, const std::string& routing);
absl::StatusOr<std::vector<v1::Signature>> ReadSignatures(storage::Transaction& db,
                                                          const std::string& routing);

// Whether this person gave the department's other signature on the routing.
absl::StatusOr<bool> SignedByPerson(storage::Transaction& db, const std::string& routing,
                                    const std::string& entity, const std::string& person);

absl::StatusOr<v1::ListOpinionsResponse> ListOpinions(storage::Transaction& db,
                                                      const v1::ListOpinionsRequest& request);
absl::StatusOr<v1::ListOpinionVersionsResponse> ListOpinionVersions(
    storage::Transaction& db, const v1::ListOpinionVersionsRequest& request);
absl::StatusOr<v1::ListSignaturesResponse> ListSignatures(storage::Transaction& db,
                                                          const v1::ListSignaturesRequest& request);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_ROUTING_STORE_H_
