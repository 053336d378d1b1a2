#ifndef IDEA_SERVICES_INVENTORY_FILING_FILING_STORE_H_
#define IDEA_SERVICES_INVENTORY_FILING_FILING_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"
#include "google/type/date.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/register.pb.h"
#include "idea/inventory/v1/terms.pb.h"

// Filings in the database: at most one a BUCP.
namespace idea::inventory {

// Stores a new filing and its terms, which get their name. The filing's etag becomes "1".
absl::Status InsertFiling(storage::Transaction& db, v1::Filing& filing, v1::Terms& terms, clock::Micros now);

// NOT_FOUND if there is none.
absl::StatusOr<v1::Filing> FindFiling(storage::Transaction& db, const std::string& name);

// The terms of a filing. NOT_FOUND if there are none.
absl::StatusOr<v1::Terms> FindTerms(storage::Transaction& db, const std::string& filing);
// Those of each of the filings, in their order.
absl::StatusOr<std::vector<v1::Terms>> ReadTermsOf(
    storage::Transaction& db, const google::protobuf::RepeatedPtrField<v1::Filing>& filings);

// A filing with its terms.
struct FilingAndTerms {
  v1::Filing filing;
  v1::Terms terms;
};

// NOT_FOUND if there is none.
absl::StatusOr<FilingAndTerms> FindFilingAndTerms(storage::Transaction& db, const std::string& name);

// Up to `limit` of all, in the order of their names, behind the one of that name; from the first on if it is
// empty.
absl::StatusOr<std::vector<FilingAndTerms>> ReadFilingsAfter(storage::Transaction& db,
                                                             const std::string& name, int limit);

// The filing of a BUCP, or of the name "filings/{id}" that one without a BUCP has in its place; nullopt if
// its execution is not known here.
absl::StatusOr<std::optional<v1::Filing>> FindFilingOf(storage::Transaction& db, const std::string& bucp);

// Stores `filing`, which was in state `from` and carries the etag it was read with; only Transition()
// (filing_transition.h) calls it. CONCURRENT_CHANGE if another call moved it meanwhile.
absl::Status SaveFiling(storage::Transaction& db, v1::FilingState from, v1::Filing& filing);

// The beginning of a day, in UTC.
clock::Micros MicrosOf(const google::type::Date& date);

// Filings in force whose last day lies before the day that begins, in UTC, at `today`.
absl::StatusOr<std::vector<std::string>> FindExpired(storage::Transaction& db, clock::Micros today, int most);

// One page of what everybody may see.
absl::StatusOr<std::vector<v1::Filing>> ListPublic(storage::Transaction& db,
                                                   const v1::ListPublicFilingsRequest& request,
                                                   std::string& next_page_token);

// One page of what nobody has filed, in force or ended, of an entity or, if it is empty, of all.
absl::StatusOr<std::vector<v1::Filing>> ListUnfiled(storage::Transaction& db,
                                                    const v1::ListUnfiledRequest& request,
                                                    const std::string& entity, std::string& next_page_token);

// How many filings an entity sees; all, if it is empty.
absl::StatusOr<int64_t> CountVisible(storage::Transaction& db, const std::string& entity);

// One page, newest first; only those of `entity`, or all if it is empty.
absl::StatusOr<v1::ListFilingsResponse> ListFilings(storage::Transaction& db,
                                                    const v1::ListFilingsRequest& request,
                                                    const std::string& entity);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_FILING_STORE_H_
