#include "services/dispute/dispute_store.h"

#include <sstream>

#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/dispute/dispute_flow.h"

namespace idea::dispute {
namespace {

using google::protobuf::RepeatedPtrField;

constexpr char kSelect[] =
    "SELECT name, bucp, title, state, category, track, objection, opened_by, recipients, providers, "
    "agencies, "
    "recommendation, outcome, version, created, updated FROM disputes WHERE ";

std::string Joined(const RepeatedPtrField<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

void Split(const std::string& text, RepeatedPtrField<std::string>* names) {
  std::istringstream in(text);
  for (std::string name; in >> name;) names->Add(std::move(name));
}

v1::Dispute DisputeOf(const storage::Row& row) {
  v1::Dispute dispute;
  dispute.set_name(row.Text(0));
  dispute.set_bucp(row.Text(1));
  dispute.set_title(row.Text(2));
  dispute.set_state(static_cast<v1::State>(row.Int(3)));
  dispute.set_category(static_cast<v1::Category>(row.Int(4)));
  dispute.set_track(static_cast<v1::Track>(row.Int(5)));
  dispute.set_objection(row.Text(6));
  dispute.set_opened_by(row.Text(7));
  Split(row.Text(8), dispute.mutable_recipients());
  Split(row.Text(9), dispute.mutable_providers());
  Split(row.Text(10), dispute.mutable_agencies());
  dispute.set_recommendation(row.Text(11));
  dispute.set_outcome(row.Text(12));
  dispute.set_etag(std::to_string(row.Int(13)));
  *dispute.mutable_create_time() = clock::ToProto(row.Int(14));
  *dispute.mutable_update_time() = clock::ToProto(row.Int(15));
  return dispute;
}

absl::Status AddStatements(storage::Transaction& db, v1::Dispute& dispute) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT entity, person, text, submitted FROM statements WHERE dispute = $1 "
                            "ORDER BY submitted, entity",
                            {dispute.name()}));
  for (const storage::Row& row : rows) {
    v1::Statement& statement = *dispute.add_statements();
    statement.set_entity(row.Text(0));
    statement.set_person(row.Text(1));
    statement.set_text(row.Text(2));
    *statement.mutable_submit_time() = clock::ToProto(row.Int(3));
  }
  return absl::OkStatus();
}

const listing::Spec& Listed() {
  using listing::Kind;
  static const listing::Spec spec = {
      .fields = {{"state", "state", Kind::kEnum, v1::State_descriptor()},
                 {"bucp", "bucp", Kind::kText},
                 {"category", "category", Kind::kEnum, v1::Category_descriptor()}},
      .order_column = "created",
      .order_is_text = false,
      .id_column = "name",
      .descending = true};
  return spec;
}

}  // namespace

absl::Status InsertDispute(storage::Transaction& db, const v1::Dispute& dispute,
                           const std::vector<std::string>& viewers, clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO disputes (name, bucp, title, state, category, track, objection, opened_by, recipients, "
      "providers, "
      "agencies, recommendation, outcome, is_open, version, created, updated) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', 1, 1, $12, $12)",
      {dispute.name(), dispute.bucp(), dispute.title(), int64_t{dispute.state()}, int64_t{dispute.category()},
       int64_t{dispute.track()}, dispute.objection(), dispute.opened_by(), Joined(dispute.recipients()),
       Joined(dispute.providers()), Joined(dispute.agencies()), now});
  // The name is fresh: what is taken is the BUCP.
  if (absl::IsAlreadyExists(added.status()))
    return absl::AbortedError("a dispute on the BUCP was opened meanwhile");
  RETURN_IF_ERROR(added.status());
  for (const std::string& entity : viewers) {
    RETURN_IF_ERROR(
        db.Execute("INSERT INTO dispute_viewers (entity, dispute) VALUES ($1, $2)", {entity, dispute.name()})
            .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::Dispute>> FindDispute(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(std::string(kSelect) + "name = $1", {name}));
  if (!row) return std::optional<v1::Dispute>();
  v1::Dispute dispute = DisputeOf(*row);
  RETURN_IF_ERROR(AddStatements(db, dispute));
  return std::optional(std::move(dispute));
}

absl::StatusOr<std::string> FindOpenDispute(storage::Transaction& db, const std::string& bucp) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT name FROM disputes WHERE bucp = $1 AND is_open = 1", {bucp}));
  return row ? row->Text(0) : "";
}

absl::StatusOr<v1::ListDisputesResponse> ListDisputes(storage::Transaction& db,
                                                      const v1::ListDisputesRequest& request,
                                                      const std::optional<std::string>& viewer) {
  const std::string seen = viewer ? "name IN (SELECT dispute FROM dispute_viewers WHERE entity = $1)" : "";
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(Listed(), request, seen, viewer ? storage::Args{*viewer} : storage::Args{}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kSelect + page.where + page.tail, page.args));
  v1::ListDisputesResponse response;
  response.set_next_page_token(page.Finish(rows, 14, 0));
  for (const storage::Row& row : rows) *response.add_disputes() = DisputeOf(row);
  return response;
}

absl::Status MoveDispute(storage::Transaction& db, v1::State from, const v1::Dispute& after,
                         clock::Micros now) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute(
          "UPDATE disputes SET state = $1, recommendation = $2, outcome = $3, is_open = $4, "
          "updated = $5, version = version + 1 WHERE name = $6 AND state = $7 AND version = $8",
          {int64_t{after.state()}, after.recommendation(), after.outcome(), int64_t{IsOpen(after.state())},
           now, after.name(), int64_t{from}, int64_t{std::stoll(after.etag())}}));
  if (changed == 0) {
    return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE,
                         "the dispute was changed at the same moment");
  }
  return absl::OkStatus();
}

absl::Status InsertStatement(storage::Transaction& db, const std::string& dispute,
                             const v1::Statement& statement, clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO statements (dispute, entity, person, text, submitted) VALUES ($1, $2, $3, $4, $5)",
      {dispute, statement.entity(), statement.person(), statement.text(), now});
  if (absl::IsAlreadyExists(added.status())) {
    return status::Error(Reason::ERROR_REASON_ALREADY_DONE, "this party's statement is in")
        .With("entity", statement.entity());
  }
  return added.status();
}

}  // namespace idea::dispute
