#include "services/dispute/deidentification_store.h"

#include <set>
#include <sstream>

#include "absl/strings/str_join.h"
#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::dispute {
namespace {

using google::protobuf::RepeatedPtrField;
using status::Reason;

// A claim that ends later was made by a replica whose time was set back since, and is ignored.
constexpr clock::Micros kMaxClaimLength = 60 * clock::kSecond;

constexpr char kSelect[] =
    "SELECT name, bucp, title, state, submitted_by, recipients, providers, description, method, "
    "intended_use, "
    "dispute, review_due, objected, version, created, updated, due, why, problem FROM deidentifications "
    "LEFT JOIN clocks ON deidentification = name WHERE ";

void Split(const std::string& text, RepeatedPtrField<std::string>* names) {
  std::istringstream in(text);
  for (std::string name; in >> name;) names->Add(std::move(name));
}

Review ReviewOf(const storage::Row& row) {
  Review review;
  v1::Deidentification& resource = review.resource;
  resource.set_name(row.Text(0));
  resource.set_bucp(row.Text(1));
  resource.set_title(row.Text(2));
  resource.set_state(static_cast<v1::DeidentificationState>(row.Int(3)));
  resource.set_submitted_by(row.Text(4));
  Split(row.Text(5), resource.mutable_recipients());
  Split(row.Text(6), resource.mutable_providers());
  resource.set_description(row.Text(7));
  resource.set_method(row.Text(8));
  resource.set_intended_use(row.Text(9));
  resource.set_dispute(row.Text(10));
  *resource.mutable_review_due_time() = clock::ToProto(row.Int(11));
  review.objected = row.Int(12);
  resource.set_etag(std::to_string(row.Int(13)));
  *resource.mutable_create_time() = clock::ToProto(row.Int(14));
  *resource.mutable_update_time() = clock::ToProto(row.Int(15));
  if (!row.IsNull(16)) {
    *resource.mutable_clock()->mutable_due_time() = clock::ToProto(row.Int(16));
    resource.mutable_clock()->set_why(row.Text(17));
    resource.mutable_clock()->set_problem(row.Text(18));
  }
  return review;
}

const listing::Spec& Listed() {
  using listing::Kind;
  static const listing::Spec spec = {
      .fields = {{"state", "state", Kind::kEnum, v1::DeidentificationState_descriptor()},
                 {"bucp", "bucp", Kind::kText}},
      .order_column = "created",
      .order_is_text = false,
      .id_column = "name",
      .descending = true};
  return spec;
}

}  // namespace

absl::Status InsertReview(storage::Transaction& db, const v1::Deidentification& review, clock::Micros now) {
  RETURN_IF_ERROR(
      db.Execute(
            "INSERT INTO deidentifications (name, bucp, title, state, submitted_by, recipients, providers, "
            "description, method, intended_use, dispute, review_due, objected, version, created, updated) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, 0, 1, $12, $12)",
            {review.name(), review.bucp(), review.title(), int64_t{review.state()}, review.submitted_by(),
             absl::StrJoin(review.recipients(), " "), absl::StrJoin(review.providers(), " "),
             review.description(), review.method(), review.intended_use(),
             clock::FromProto(review.review_due_time()), now})
          .status());
  std::set<std::string> viewers(review.recipients().begin(), review.recipients().end());
  viewers.insert(review.providers().begin(), review.providers().end());
  for (const std::string& entity : viewers) {
    RETURN_IF_ERROR(
        db.Execute("INSERT INTO deidentification_viewers (entity, deidentification) VALUES ($1, $2)",
                   {entity, review.name()})
            .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Review>> FindReview(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(std::string(kSelect) + "name = $1", {name}));
  if (!row) return std::optional<Review>();
  Review review = ReviewOf(*row);
  ASSIGN_OR_RETURN(const storage::Rows answers,
                   db.Query("SELECT entity, person, assessment, text, late, answered, on_behalf FROM "
                            "deidentification_answers WHERE deidentification = $1 ORDER BY answered, entity",
                            {name}));
  for (const storage::Row& given : answers) {
    v1::DeidentificationAnswer& answer = *review.resource.add_answers();
    answer.set_entity(given.Text(0));
    answer.set_person(given.Text(1));
    answer.set_assessment(static_cast<v1::Assessment>(given.Int(2)));
    answer.set_text(given.Text(3));
    answer.set_late(given.Int(4) != 0);
    *answer.mutable_answer_time() = clock::ToProto(given.Int(5));
    if (!given.IsNull(6)) answer.mutable_on_behalf()->ParseFromString(given.Bytes(6));
  }
  return std::optional(std::move(review));
}

absl::StatusOr<v1::ListDeidentificationsResponse> ListReviews(storage::Transaction& db,
                                                              const v1::ListDeidentificationsRequest& request,
                                                              const auth::Visibility& visibility) {
  std::string visible;
  storage::Args args;
  if (!visibility.all()) {
    visible = "name IN (SELECT deidentification FROM deidentification_viewers WHERE entity = $1)";
    args = {visibility.entity()};
  }
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(Listed(), request, visible, args));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kSelect + page.where + page.tail, page.args));
  v1::ListDeidentificationsResponse response;
  response.set_next_page_token(page.Finish(rows, 14, 0));
  for (const storage::Row& row : rows) *response.add_deidentifications() = ReviewOf(row).resource;
  return response;
}

absl::Status SaveReview(storage::Transaction& db, v1::DeidentificationState from, const Review& after,
                        clock::Micros now) {
  const v1::Deidentification& resource = after.resource;
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute("UPDATE deidentifications SET state = $1, dispute = $2, objected = $3, updated = $4, "
                 "version = version + 1 WHERE name = $5 AND state = $6 AND version = $7",
                 {int64_t{resource.state()}, resource.dispute(), after.objected, now, resource.name(),
                  int64_t{from}, int64_t{std::stoll(resource.etag())}}));
  if (changed > 0) return absl::OkStatus();
  return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "the review was changed at the same moment");
}

absl::Status PutAnswer(storage::Transaction& db, const std::string& review,
                       const v1::DeidentificationAnswer& answer) {
  storage::Value on_behalf;
  if (answer.has_on_behalf()) on_behalf = storage::Blob{answer.on_behalf().SerializeAsString()};
  return db
      .Execute(
          "INSERT INTO deidentification_answers (deidentification, entity, person, assessment, text, late, "
          "answered, on_behalf) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (deidentification, "
          "entity) DO UPDATE SET person = $3, assessment = $4, text = $5, late = $6, answered = $7, "
          "on_behalf = $8",
          {review, answer.entity(), answer.person(), int64_t{answer.assessment()}, answer.text(),
           int64_t{answer.late()}, clock::FromProto(answer.answer_time()), on_behalf})
      .status();
}

absl::Status SetTimer(storage::Transaction& db, const std::string& review, clock::Micros due,
                      const std::string& why) {
  return db
      .Execute(
          "INSERT INTO clocks (deidentification, due, next_try, why, problem) VALUES ($1, $2, $2, $3, '') "
          "ON CONFLICT (deidentification) DO UPDATE SET due = $2, next_try = $2, why = $3, problem = ''",
          {review, due, why})
      .status();
}

absl::Status StopTimer(storage::Transaction& db, const std::string& review) {
  return db.Execute("DELETE FROM clocks WHERE deidentification = $1", {review}).status();
}

absl::StatusOr<std::vector<DueTimer>> FindDueTimers(storage::Transaction& db, clock::Micros now, int limit) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT deidentification, next_try FROM clocks WHERE due <= $1 AND "
                            "(next_try <= $1 OR next_try > $2) ORDER BY due, deidentification LIMIT $3",
                            {now, now + kMaxClaimLength, int64_t{limit}}));
  std::vector<DueTimer> due;
  for (const storage::Row& row : rows) due.push_back({row.Text(0), row.Int(1)});
  return due;
}

absl::StatusOr<bool> ClaimTimer(storage::Transaction& db, const DueTimer& clock, clock::Micros until) {
  ASSIGN_OR_RETURN(const int64_t claimed,
                   db.Execute("UPDATE clocks SET next_try = $1 WHERE deidentification = $2 AND next_try = $3",
                              {until, clock.review, clock.next_try}));
  return claimed > 0;
}

absl::StatusOr<bool> StopClaimedTimer(storage::Transaction& db, const std::string& review,
                                      clock::Micros claim) {
  ASSIGN_OR_RETURN(
      const int64_t stopped,
      db.Execute("DELETE FROM clocks WHERE deidentification = $1 AND next_try = $2", {review, claim}));
  return stopped > 0;
}

absl::StatusOr<bool> NoteProblem(storage::Transaction& db, const std::string& review,
                                 const std::string& problem) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   db.Execute("UPDATE clocks SET problem = $1 WHERE deidentification = $2 AND problem <> $1",
                              {problem, review}));
  return changed > 0;
}

}  // namespace idea::dispute
