#include "services/dispute/dispute_store.h"

#include <sstream>

#include "absl/strings/str_join.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/dispute/dispute_flow.h"

namespace idea::dispute {
namespace {

using google::protobuf::RepeatedPtrField;

constexpr char kSelect[] =
    "SELECT name, bucp, title, state, category, track, objection, opened_by, recipients, providers, "
    "agencies, recommendation, outcome, version, created, updated, process, holds, deidentification, "
    "level_since, explanation, costs, settlement FROM disputes WHERE ";

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
  dispute.set_process(static_cast<v1::Process>(row.Int(16)));
  dispute.set_holds(row.Int(17) != 0);
  dispute.set_deidentification(row.Text(18));
  *dispute.mutable_level_time() = clock::ToProto(row.Int(19));
  if (!row.IsNull(21)) dispute.mutable_costs()->ParseFromString(row.Bytes(21));
  if (!row.IsNull(22)) dispute.mutable_settlement()->ParseFromString(row.Bytes(22));
  return dispute;
}

void AddExplanation(const storage::Row& row, v1::Dispute& dispute) {
  if (!row.IsNull(20)) dispute.mutable_explanation()->ParseFromString(row.Bytes(20));
}

storage::Value CostsOf(const v1::Dispute& dispute) {
  if (!dispute.has_costs()) return std::monostate();
  return storage::Blob{dispute.costs().SerializeAsString()};
}

storage::Value SettlementOf(const v1::Dispute& dispute) {
  if (!dispute.has_settlement()) return std::monostate();
  return storage::Blob{dispute.settlement().SerializeAsString()};
}

// The delegation of a statement or of a step.
template <class Message>
storage::Value OnBehalfOf(const Message& message) {
  if (!message.has_on_behalf()) return std::monostate();
  return storage::Blob{message.on_behalf().SerializeAsString()};
}

absl::Status AddStatements(storage::Transaction& db, v1::Dispute& dispute) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query(
          "SELECT entity, person, text, submitted, amended, on_behalf FROM statements WHERE dispute = $1 "
          "ORDER BY submitted, entity",
          {dispute.name()}));
  for (const storage::Row& row : rows) {
    v1::Statement& statement = *dispute.add_statements();
    statement.set_entity(row.Text(0));
    statement.set_person(row.Text(1));
    statement.set_text(row.Text(2));
    *statement.mutable_submit_time() = clock::ToProto(row.Int(3));
    if (row.Int(4) != 0) *statement.mutable_amend_time() = clock::ToProto(row.Int(4));
    if (!row.IsNull(5)) statement.mutable_on_behalf()->ParseFromString(row.Bytes(5));
  }
  return absl::OkStatus();
}

absl::Status AddMeetings(storage::Transaction& db, v1::Dispute& dispute) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT body FROM meetings WHERE dispute = $1 ORDER BY number", {dispute.name()}));
  for (const storage::Row& row : rows) dispute.add_meetings()->ParseFromString(row.Bytes(0));
  return absl::OkStatus();
}

absl::Status AddHistory(storage::Transaction& db, v1::Dispute& dispute) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT method, from_state, to_state, entity, person, citation, text, decision, "
                            "taken, on_behalf FROM dispute_steps WHERE dispute = $1 ORDER BY number",
                            {dispute.name()}));
  for (const storage::Row& row : rows) {
    v1::DisputeStep& step = *dispute.add_history();
    step.set_on(row.Text(0));
    step.set_from(static_cast<v1::State>(row.Int(1)));
    step.set_to(static_cast<v1::State>(row.Int(2)));
    step.set_entity(row.Text(3));
    step.set_person(row.Text(4));
    step.set_citation(row.Text(5));
    step.set_text(row.Text(6));
    step.set_decision(static_cast<v1::Decision>(row.Int(7)));
    *step.mutable_time() = clock::ToProto(row.Int(8));
    if (!row.IsNull(9)) step.mutable_on_behalf()->ParseFromString(row.Bytes(9));
  }
  return absl::OkStatus();
}

absl::Status ChangedMeanwhile() {
  return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "the dispute was changed at the same moment");
}

absl::Status AddViewers(storage::Transaction& db, const v1::Dispute& dispute,
                        const std::vector<std::string>& viewers) {
  for (const std::string& entity : viewers) {
    RETURN_IF_ERROR(db.Execute("INSERT INTO dispute_viewers (entity, dispute) VALUES ($1, $2) ON CONFLICT "
                               "(entity, dispute) DO NOTHING",
                               {entity, dispute.name()})
                        .status());
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
      "providers, agencies, recommendation, outcome, is_open, version, created, updated, process, holds, "
      "deidentification, level_since, explanation, costs) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
      "$11, '', '', 1, 1, $12, $12, $13, $14, $15, $12, $16, $17)",
      {dispute.name(), dispute.bucp(), dispute.title(), int64_t{dispute.state()}, int64_t{dispute.category()},
       int64_t{dispute.track()}, dispute.objection(), dispute.opened_by(),
       absl::StrJoin(dispute.recipients(), " "), absl::StrJoin(dispute.providers(), " "),
       absl::StrJoin(dispute.agencies(), " "), now, int64_t{dispute.process()}, int64_t{dispute.holds()},
       dispute.deidentification(), storage::Blob{dispute.explanation().SerializeAsString()},
       CostsOf(dispute)});
  // The name is new, so that the BUCP has an open dispute.
  if (absl::IsAlreadyExists(added.status()))
    return absl::AbortedError("a dispute on the BUCP was opened at the same moment");
  RETURN_IF_ERROR(added.status());
  return AddViewers(db, dispute, viewers);
}

absl::StatusOr<std::optional<v1::Dispute>> FindDispute(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(std::string(kSelect) + "name = $1", {name}));
  if (!row) return std::optional<v1::Dispute>();
  v1::Dispute dispute = DisputeOf(*row);
  AddExplanation(*row, dispute);
  RETURN_IF_ERROR(AddStatements(db, dispute));
  RETURN_IF_ERROR(AddMeetings(db, dispute));
  RETURN_IF_ERROR(AddHistory(db, dispute));
  return std::optional(std::move(dispute));
}

absl::StatusOr<std::string> FindOpenDispute(storage::Transaction& db, const std::string& bucp) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT name FROM disputes WHERE bucp = $1 AND is_open = 1", {bucp}));
  return row ? row->Text(0) : "";
}

absl::StatusOr<std::string> FindDecision(storage::Transaction& db, const std::string& bucp,
                                         v1::Category category) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT name FROM disputes WHERE bucp = $1 AND category = $2 AND state = $3 "
                               "ORDER BY created, name LIMIT 1",
                               {bucp, int64_t{category}, int64_t{STATE_APPROVED}}));
  return row ? row->Text(0) : "";
}

absl::StatusOr<std::string> FindDisputeOn(storage::Transaction& db, const std::string& deidentification,
                                          const std::string& bucp, clock::Micros since) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne(
          "SELECT name FROM disputes WHERE bucp = $1 AND category = $2 AND created >= $3 AND "
          "deidentification IN ($4, '') AND state <> $5 ORDER BY created, name LIMIT 1",
          {bucp, int64_t{v1::CATEGORY_DEIDENTIFICATION}, since, deidentification, int64_t{STATE_VOID}}));
  return row ? row->Text(0) : "";
}

absl::StatusOr<v1::ListDisputesResponse> ListDisputes(storage::Transaction& db,
                                                      const v1::ListDisputesRequest& request,
                                                      const auth::Visibility& visibility) {
  std::string visible = request.waits_for().empty() ? "" : "is_open = 1";
  storage::Args args;
  if (!visibility.all()) {
    visible += visible.empty() ? "" : " AND ";
    visible += "name IN (SELECT dispute FROM dispute_viewers WHERE entity = $1)";
    args = {visibility.entity()};
  }
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(Listed(), request, visible, args));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kSelect + page.where + page.tail, page.args));
  v1::ListDisputesResponse response;
  response.set_next_page_token(page.Finish(rows, 14, 0));
  for (const storage::Row& row : rows) {
    v1::Dispute& dispute = *response.add_disputes() = DisputeOf(row);
    if (!IsOpen(dispute.state())) continue;
    AddExplanation(row, dispute);
    RETURN_IF_ERROR(AddStatements(db, dispute));
    RETURN_IF_ERROR(AddHistory(db, dispute));
  }
  return response;
}

absl::Status SaveDispute(storage::Transaction& db, v1::State from, const v1::Dispute& after,
                         clock::Micros now) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute("UPDATE disputes SET state = $1, recommendation = $2, outcome = $3, is_open = $4, "
                 "updated = $5, level_since = $6, costs = $7, settlement = $8, version = version + 1 "
                 "WHERE name = $9 AND state = $10 AND version = $11",
                 {int64_t{after.state()}, after.recommendation(), after.outcome(),
                  int64_t{IsOpen(after.state())}, now, clock::FromProto(after.level_time()), CostsOf(after),
                  SettlementOf(after), after.name(), int64_t{from}, int64_t{std::stoll(after.etag())}}));
  return changed == 0 ? ChangedMeanwhile() : absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FindAwaitingStanding(storage::Transaction& db) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT name FROM disputes WHERE is_open = 1 AND state = $1 ORDER BY created, name",
               {int64_t{STATE_AWAITING_STANDING}}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) names.push_back(row.Text(0));
  return names;
}

absl::StatusOr<std::vector<StateCount>> CountOpenByState(storage::Transaction& db) {
  std::vector<StateCount> counts;
  // One state at a time, so that an index leads to the open ones.
  for (int number = 1; number < v1::State_ARRAYSIZE; ++number) {
    const auto state = static_cast<v1::State>(number);
    if (!v1::State_IsValid(number) || !IsOpen(state)) continue;
    ASSIGN_OR_RETURN(
        const auto row,
        db.QueryOne("SELECT COUNT(*), COALESCE(MIN(level_since), 0) FROM disputes WHERE state = $1",
                    {int64_t{number}}));
    if (row->Int(0) > 0) counts.push_back({state, row->Int(0), row->Int(1)});
  }
  return counts;
}

absl::Status StoreTrack(storage::Transaction& db, const v1::Dispute& dispute,
                        const std::vector<std::string>& viewers) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      db.Execute("UPDATE disputes SET track = $1, agencies = $2, explanation = $3 WHERE name = $4 AND "
                 "version = $5",
                 {int64_t{dispute.track()}, absl::StrJoin(dispute.agencies(), " "),
                  storage::Blob{dispute.explanation().SerializeAsString()}, dispute.name(),
                  int64_t{std::stoll(dispute.etag())}}));
  if (changed == 0) return ChangedMeanwhile();
  return AddViewers(db, dispute, viewers);
}

absl::Status InsertStatement(storage::Transaction& db, const std::string& dispute,
                             const v1::Statement& statement, clock::Micros now) {
  const auto added = db.Execute(
      "INSERT INTO statements (dispute, entity, person, text, submitted, on_behalf) VALUES ($1, $2, $3, $4, "
      "$5, $6)",
      {dispute, statement.entity(), statement.person(), statement.text(), now, OnBehalfOf(statement)});
  if (absl::IsAlreadyExists(added.status())) {
    return status::Error(Reason::ERROR_REASON_ALREADY_DONE,
                         "the statement was submitted before; amend it instead")
        .With("entity", statement.entity());
  }
  return added.status();
}

absl::Status AmendStatement(storage::Transaction& db, const std::string& dispute,
                            const v1::Statement& statement) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   db.Execute("UPDATE statements SET person = $1, text = $2, amended = $3, on_behalf = $6 "
                              "WHERE dispute = $4 AND entity = $5",
                              {statement.person(), statement.text(), clock::FromProto(statement.amend_time()),
                               dispute, statement.entity(), OnBehalfOf(statement)}));
  if (changed > 0) return absl::OkStatus();
  return status::Error(Reason::ERROR_REASON_STATEMENTS_MISSING, "submit a statement first")
      .With("entity", statement.entity());
}

absl::Status InsertMeeting(storage::Transaction& db, const v1::Dispute& dispute, const v1::Meeting& meeting) {
  return db
      .Execute(
          "INSERT INTO meetings (dispute, number, body) VALUES ($1, $2, $3)",
          {dispute.name(), int64_t{std::stoll(dispute.etag())}, storage::Blob{meeting.SerializeAsString()}})
      .status();
}

absl::Status InsertStep(storage::Transaction& db, const v1::Dispute& dispute, const v1::DisputeStep& step) {
  return db
      .Execute(
          "INSERT INTO dispute_steps (dispute, number, method, from_state, to_state, entity, person, "
          "citation, text, decision, taken, on_behalf) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
          "$12)",
          {dispute.name(), int64_t{std::stoll(dispute.etag())}, step.on(), int64_t{step.from()},
           int64_t{step.to()}, step.entity(), step.person(), step.citation(), step.text(),
           int64_t{step.decision()}, clock::FromProto(step.time()), OnBehalfOf(step)})
      .status();
}

}  // namespace idea::dispute
