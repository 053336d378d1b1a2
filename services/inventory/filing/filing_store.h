#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_STORE_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/register.pb.h"
#include "idea/inventory/v1/terms.pb.h"

// The tables of filings and their terms. A BUCP has at most one filing.
namespace idea::inventory {

// The value of the columns filing_list.entity and filing_counts.entity for the rows of all that is visible:
// '' for all filings. A caller without an entity gets a value that no row has.
const std::string& ListKeyOf(const auth::Visibility& visibility);

// Stores a new filing and its terms. Sets the etag of the filing and the name of the terms.
absl::Status InsertFiling(storage::Transaction& db, v1::Filing& filing, v1::Terms& terms, clock::Micros now);

// NOT_FOUND if the filing does not exist.
absl::StatusOr<v1::Filing> FindFiling(storage::Transaction& db, const std::string& name);

// The terms of a filing. NOT_FOUND if the filing does not exist.
absl::StatusOr<v1::Terms> FindTerms(storage::Transaction& db, const std::string& filing);
// The terms of each filing, in the order of the filings.
absl::StatusOr<std::vector<v1::Terms>> ReadTermsOf(
    storage::Transaction& db, const google::protobuf::RepeatedPtrField<v1::Filing>& filings);

// A filing with its terms.
struct FilingAndTerms {
  v1::Filing filing;
  v1::Terms terms;
};

// NOT_FOUND if the filing does not exist.
absl::StatusOr<FilingAndTerms> FindFilingAndTerms(storage::Transaction& db, const std::string& name);

// Up to `limit` filings after the one called `name`, ordered by name. From the first one if `name` is empty.
absl::StatusOr<std::vector<FilingAndTerms>> ReadFilingsAfter(storage::Transaction& db,
                                                             const std::string& name, int limit);

// The same of the visible filings.
absl::StatusOr<std::vector<FilingAndTerms>> ReadVisibleAfter(storage::Transaction& db,
                                                             auth::Visibility visibility,
                                                             const std::string& name, int limit);

// The filing of a BUCP. `bucp` may also be the name of an imported filing, which has no BUCP. Returns nullopt
// if the register does not have it.
absl::StatusOr<std::optional<v1::Filing>> FindFilingOf(storage::Transaction& db, const std::string& bucp);

// Saves `filing`, which was in state `from` and has the etag with which it was read. Only Transition()
// (filing_transition.h) calls it. CONCURRENT_CHANGE if another call has changed the filing.
absl::Status SaveFiling(storage::Transaction& db, v1::FilingState from, v1::Filing& filing);

// Up to `limit` filings in force whose last day is before the day that begins at `today`, in UTC.
absl::StatusOr<std::vector<std::string>> FindExpired(storage::Transaction& db, clock::Micros today,
                                                     int limit);

// One page of the filed agreements.
absl::StatusOr<std::vector<v1::Filing>> ListPublic(storage::Transaction& db,
                                                   const v1::ListPublicFilingsRequest& request,
                                                   std::string& next_page_token);

// One page of the agreements that are not filed, in force or ended.
absl::StatusOr<std::vector<v1::Filing>> ListUnfiled(storage::Transaction& db,
                                                    const v1::ListUnfiledRequest& request,
                                                    auth::Visibility visibility,
                                                    std::string& next_page_token);

// The number of visible filings.
absl::StatusOr<int64_t> CountVisible(storage::Transaction& db, auth::Visibility visibility);

// One page of the visible filings, the newest first.
absl::StatusOr<v1::ListFilingsResponse> ListFilings(storage::Transaction& db,
                                                    const v1::ListFilingsRequest& request,
                                                    auth::Visibility visibility);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_STORE_H_
