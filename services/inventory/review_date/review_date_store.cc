#include "services/inventory/review_date/review_date_store.h"

#include <limits>

#include "common/clock/date.h"
#include "common/ids/resource_names.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/inventory/filing/filing_store.h"

namespace idea::inventory {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

absl::StatusOr<v1::ReviewDate> Parse(const storage::Row& row, int column) {
  v1::ReviewDate review;
  if (!review.ParseFromString(row.Bytes(column))) return absl::DataLossError("a review date does not parse");
  return review;
}

}  // namespace

absl::StatusOr<StoredReviewDate> FindReviewDate(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT version, body FROM review_dates WHERE filing = $1",
                                               {ids::kFilings.IdIn(name)}));
  StoredReviewDate stored;
  if (!row) return stored;
  stored.version = row->Int(0);
  ASSIGN_OR_RETURN(stored.review, Parse(*row, 1));
  return stored;
}

absl::Status SaveReviewDate(storage::Transaction& db, const StoredReviewDate& stored) {
  const v1::ReviewDate& review = stored.review;
  ASSIGN_OR_RETURN(
      const int64_t saved,
      db.Execute("INSERT INTO review_dates (filing, due, told, version, body) VALUES ($1, $2, 0, $3 + 1, $4) "
                 "ON CONFLICT (filing) DO UPDATE SET due = excluded.due, told = 0, version = "
                 "excluded.version, body = excluded.body WHERE review_dates.version = $3",
                 {ids::kFilings.IdIn(review.filing()),
                  review.has_review_date() ? clock::StartOfDay(review.review_date()) : kNever, stored.version,
                  Blob{review.SerializeAsString()}}));
  if (saved > 0) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE,
               "the review date of " + review.filing() + " was changed at the same moment");
}

absl::StatusOr<std::vector<v1::ReviewDate>> ListReviewDates(storage::Transaction& db,
                                                            const v1::ListReviewDatesRequest& request,
                                                            auth::Visibility visibility,
                                                            std::string& next_page_token) {
  static const listing::Spec spec = {
      {{"review_date", "due", Kind::kTime}, {"filing", "'filings/' || r.filing = ?", Kind::kTest}},
      "due",
      false,
      "r.filing",
      false};
  // No filing has the state 0.
  const int64_t hidden = request.show_ended() ? 0 : v1::FILING_STATE_ENDED;
  ASSIGN_OR_RETURN(listing::Page page, listing::Plan(spec, request, "l.entity = $1 AND l.state <> $2",
                                                     {ListKeyOf(visibility), hidden}));
  ASSIGN_OR_RETURN(storage::Rows rows,
                   db.Query("SELECT due, r.filing, r.body FROM review_dates r JOIN filing_list l ON "
                            "l.filing = r.filing WHERE " +
                                page.where + page.tail,
                            page.args));
  next_page_token = page.Finish(rows, 0, 1);
  std::vector<v1::ReviewDate> found;
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(found.emplace_back(), Parse(row, 2));
  }
  return found;
}

absl::StatusOr<std::vector<std::string>> FindDueReviews(storage::Transaction& db, clock::Micros today,
                                                        int limit) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT r.filing FROM review_dates r JOIN filing_list l ON l.filing = r.filing AND l.entity = "
               "'' WHERE r.told = 0 AND r.due <= $1 AND l.state <> $2 ORDER BY r.due, r.filing LIMIT $3",
               {today, int64_t{v1::FILING_STATE_ENDED}, int64_t{limit}}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) names.push_back(ids::kFilings.Name(row.Text(0)));
  return names;
}

absl::StatusOr<bool> MarkReviewNotified(storage::Transaction& db, const std::string& name,
                                        clock::Micros today) {
  ASSIGN_OR_RETURN(const int64_t marked,
                   db.Execute("UPDATE review_dates SET told = 1 WHERE filing = $1 AND told = 0 AND due <= $2",
                              {ids::kFilings.IdIn(name), today}));
  return marked > 0;
}

}  // namespace idea::inventory
