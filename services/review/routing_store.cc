#include "services/review/routing_store.h"

#include <cstdlib>

#include "common/clock/clock.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/review/routing_rules.h"

namespace idea::review {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

const listing::Spec& RoutingList() {
  static const listing::Spec spec = {
      {{"state", "state", Kind::kEnum, v1::RoutingState_descriptor()}, {"bucp", "bucp", Kind::kText}},
      "created",
      false,
      "id",
      true};
  return spec;
}

const listing::Spec& RecordList() {
  static const listing::Spec spec = {{}, "number", false, "id", false};
  return spec;
}

int64_t VersionOf(const v1::Routing& routing) { return std::strtoll(routing.etag().c_str(), nullptr, 10); }

// The time from the first draft to the last signature. 0 until then.
clock::Micros TookOf(const v1::Routing& routing) {
  if (routing.state() != v1::ROUTING_STATE_COMPLETE) return 0;
  return clock::FromProto(routing.update_time()) - clock::FromProto(routing.facts().create_time());
}

absl::StatusOr<v1::Routing> Parse(const storage::Row& row, int column) {
  v1::Routing routing;
  if (!routing.ParseFromString(row.Bytes(column))) return absl::DataLossError("a routing does not parse");
  return routing;
}

// Inserts one record. The number counts the records of its kind in the routing.
absl::Status InsertRecord(storage::Transaction& db, const ids::Collection& kind, const std::string& name,
                          const std::string& entity, int64_t what, const std::string& person,
                          const std::string& body) {
  const std::string routing = ids::kRoutings.IdIn(name);
  const absl::StatusOr<int64_t> added = db.Execute(
      "INSERT INTO records (routing, kind, number, id, entity, what, person, body) SELECT $1, $2, "
      "(SELECT count(*) + 1 FROM records WHERE routing = $1 AND kind = $2), $3, $4, $5, $6, $7",
      {routing, std::string(kind.segment), kind.IdIn(name), entity, what, person, Blob{body}});
  if (absl::IsAlreadyExists(added.status())) {
    return Error(Reason::ERROR_REASON_ALREADY_DONE, "your department has taken this step");
  }
  return added.status();
}

// Returns one page of the records of a kind, in the order in which they were given.
template <class Response, class Request, class Add>
absl::StatusOr<Response> ListRecords(storage::Transaction& db, const ids::Collection& kind,
                                     const Request& request, Add add) {
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(RecordList(), request, "routing = $1 AND kind = $2",
                                 {ids::kRoutings.IdIn(request.parent()), std::string(kind.segment)}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT number, id, body FROM records WHERE " + page.where + page.tail, page.args));
  Response response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    if (!add(response)->ParseFromString(row.Bytes(2))) return absl::DataLossError("a record does not parse");
  }
  return response;
}

template <class Record>
absl::StatusOr<std::vector<Record>> ParseRecords(const storage::Rows& rows) {
  std::vector<Record> records;
  for (const storage::Row& row : rows) {
    if (!records.emplace_back().ParseFromString(row.Bytes(0)))
      return absl::DataLossError("a record does not parse");
  }
  return records;
}

template <class Record>
absl::StatusOr<std::vector<Record>> ReadRecords(storage::Transaction& db, const ids::Collection& kind,
                                                const std::string& routing) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT body FROM records WHERE routing = $1 AND kind = $2 ORDER BY number",
                            {ids::kRoutings.IdIn(routing), std::string(kind.segment)}));
  return ParseRecords<Record>(rows);
}

template <class Record>
absl::StatusOr<Record> FindRecord(storage::Transaction& db, const ids::Collection& kind,
                                  const std::string& name) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT body FROM records WHERE routing = $1 AND kind = $2 AND id = $3",
                            {ids::kRoutings.IdIn(name), std::string(kind.segment), kind.IdIn(name)}));
  if (rows.empty()) return status::NotFoundOrHidden(name);
  ASSIGN_OR_RETURN(std::vector<Record> records, ParseRecords<Record>(rows));
  return std::move(records.front());
}

}  // namespace

absl::Status InsertRouting(storage::Transaction& db, v1::Routing& routing) {
  routing.set_etag("1");
  const std::string id = ids::kRoutings.IdIn(routing.name());
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO routings (id, bucp, freeze_number, digest, state, version, created, body) "
      "VALUES ($1, $2, $3, $4, $5, 1, $6, $7)",
      {id, routing.bucp(), int64_t{routing.freeze_number()}, routing.digest(), int64_t{routing.state()},
       clock::FromProto(routing.create_time()), Blob{routing.SerializeAsString()}}));
  for (const std::string& entity : AudienceOf(routing)) {
    RETURN_IF_ERROR(
        db.ExecuteDeferred("INSERT INTO routing_parties (entity, routing) VALUES ($1, $2)", {entity, id}));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Routing> FindRouting(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM routings WHERE id = $1", {ids::kRoutings.IdIn(name)}));
  if (!row) {
    return status::NotFoundOrHidden(name);
  }
  return Parse(*row, 0);
}

absl::StatusOr<std::optional<v1::Routing>> FindOpenRouting(storage::Transaction& db, const std::string& bucp,
                                                           int32_t freeze_number, const std::string& digest) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM routings WHERE bucp = $1 AND digest = $2 AND "
                               "freeze_number = $3 AND state <> $4",
                               {bucp, digest, int64_t{freeze_number}, int64_t{v1::ROUTING_STATE_CLOSED}}));
  if (!row) return std::optional<v1::Routing>();
  ASSIGN_OR_RETURN(v1::Routing routing, Parse(*row, 0));
  return std::optional(std::move(routing));
}

absl::StatusOr<std::optional<v1::Routing>> FindLastRouting(storage::Transaction& db,
                                                           const std::string& bucp) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM routings WHERE bucp = $1 ORDER BY "
                                               "freeze_number DESC, created DESC, id DESC LIMIT 1",
                                               {bucp}));
  if (!row) return std::optional<v1::Routing>();
  ASSIGN_OR_RETURN(v1::Routing routing, Parse(*row, 0));
  return std::optional(std::move(routing));
}

absl::StatusOr<std::vector<v1::Routing>> FindRoutingsFrom(storage::Transaction& db, const std::string& bucp,
                                                          int32_t freeze_number) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT body FROM routings WHERE bucp = $1 AND freeze_number >= $2 "
                            "ORDER BY freeze_number",
                            {bucp, int64_t{freeze_number}}));
  std::vector<v1::Routing> routings;
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(v1::Routing routing, Parse(row, 0));
    routings.push_back(std::move(routing));
  }
  return routings;
}

absl::Status ReleaseFreezeNumbersFrom(storage::Transaction& db, const std::string& bucp,
                                      int32_t freeze_number) {
  return db.ExecuteDeferred(
      "UPDATE routings SET freeze_number = -freeze_number WHERE bucp = $1 AND freeze_number >= $2",
      {bucp, int64_t{freeze_number}});
}

absl::Status SaveRouting(storage::Transaction& db, v1::RoutingState from, v1::Routing& routing) {
  const int64_t version = VersionOf(routing);
  routing.set_etag(std::to_string(version + 1));
  return db.ExecuteDeferred(
      "UPDATE routings SET state = $1, version = $2, body = $3, took = $4 "
      "WHERE id = $5 AND state = $6 AND version = $7",
      {int64_t{routing.state()}, version + 1, Blob{routing.SerializeAsString()}, TookOf(routing),
       ids::kRoutings.IdIn(routing.name()), int64_t{from}, version},
      storage::FailIfNoRows(
          Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, routing.name() + " was changed at the same moment")));
}

absl::StatusOr<v1::ListRoutingsResponse> ListRoutings(storage::Transaction& db,
                                                      const v1::ListRoutingsRequest& request,
                                                      const auth::Visibility& visibility) {
  ASSIGN_OR_RETURN(
      const listing::Page page,
      listing::Plan(
          RoutingList(), request,
          visibility.all() ? "1 = 1" : "id IN (SELECT routing FROM routing_parties WHERE entity = $1)",
          visibility.all() ? storage::Args{} : storage::Args{visibility.entity()}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT created, id, body FROM routings WHERE " + page.where + page.tail, page.args));
  v1::ListRoutingsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(v1::Routing routing, Parse(row, 2));
    routing.clear_steps();
    routing.clear_facts();
    routing.clear_open_concerns();
    *response.add_routings() = std::move(routing);
  }
  return response;
}

absl::Status InsertOpinion(storage::Transaction& db, const v1::Opinion& opinion) {
  return InsertRecord(db, ids::kOpinions, opinion.name(), opinion.entity(), opinion.discipline(),
                      opinion.person(), opinion.SerializeAsString());
}

absl::Status InsertSignature(storage::Transaction& db, const v1::Signature& signature) {
  return InsertRecord(db, ids::kSignatures, signature.name(), signature.entity(), signature.capacity(),
                      signature.person(), signature.SerializeAsString());
}

absl::StatusOr<v1::Opinion> FindOpinion(storage::Transaction& db, const std::string& name) {
  return FindRecord<v1::Opinion>(db, ids::kOpinions, name);
}

absl::StatusOr<v1::Signature> FindSignature(storage::Transaction& db, const std::string& name) {
  return FindRecord<v1::Signature>(db, ids::kSignatures, name);
}

absl::StatusOr<std::vector<v1::Opinion>> ReadOpinionVersions(storage::Transaction& db,
                                                             const std::string& name) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT body FROM opinion_versions WHERE routing = $1 AND opinion = $2 ORDER BY number",
               {ids::kRoutings.IdIn(name), ids::kOpinions.IdIn(name)}));
  return ParseRecords<v1::Opinion>(rows);
}

absl::Status SaveOpinion(storage::Transaction& db, const v1::Opinion& opinion) {
  return db.ExecuteDeferred(
      "UPDATE records SET body = $1, what = CASE WHEN $2 = 1 THEN -number ELSE what END "
      "WHERE routing = $3 AND kind = 'opinions' AND id = $4",
      {Blob{opinion.SerializeAsString()}, int64_t{opinion.refused() ? 1 : 0},
       ids::kRoutings.IdIn(opinion.name()), ids::kOpinions.IdIn(opinion.name())});
}

absl::Status InsertOpinionVersion(storage::Transaction& db, const v1::Opinion& before) {
  return db.ExecuteDeferred(
      "INSERT INTO opinion_versions (routing, opinion, number, body) VALUES ($1, $2, $3, $4)",
      {ids::kRoutings.IdIn(before.name()), ids::kOpinions.IdIn(before.name()), int64_t{before.version()},
       Blob{before.SerializeAsString()}});
}

absl::StatusOr<std::vector<v1::Opinion>> ReadOpinions(storage::Transaction& db, const std::string& routing) {
  return ReadRecords<v1::Opinion>(db, ids::kOpinions, routing);
}

absl::StatusOr<std::vector<v1::Signature>> ReadSignatures(storage::Transaction& db,
                                                          const std::string& routing) {
  return ReadRecords<v1::Signature>(db, ids::kSignatures, routing);
}

absl::StatusOr<bool> HasSigned(storage::Transaction& db, const std::string& routing,
                               const std::string& entity, const std::string& person) {
  ASSIGN_OR_RETURN(
      const auto row,
      db.QueryOne("SELECT number FROM records WHERE routing = $1 AND kind = 'signatures' AND entity = $2 "
                  "AND person = $3",
                  {ids::kRoutings.IdIn(routing), entity, person}));
  return row.has_value();
}

absl::StatusOr<v1::ListOpinionsResponse> ListOpinions(storage::Transaction& db,
                                                      const v1::ListOpinionsRequest& request) {
  return ListRecords<v1::ListOpinionsResponse>(db, ids::kOpinions, request,
                                               [](auto& response) { return response.add_opinions(); });
}

absl::StatusOr<v1::ListOpinionVersionsResponse> ListOpinionVersions(
    storage::Transaction& db, const v1::ListOpinionVersionsRequest& request) {
  static const listing::Spec spec = {{}, "number", false, "opinion", false};
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(spec, request, "routing = $1 AND opinion = $2",
                                                           {ids::kRoutings.IdIn(request.parent()),
                                                            ids::kOpinions.IdIn(request.parent())}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query("SELECT number, opinion, body FROM opinion_versions WHERE " +
                                                    page.where + page.tail,
                                                page.args));
  v1::ListOpinionVersionsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    if (!response.add_opinions()->ParseFromString(row.Bytes(2)))
      return absl::DataLossError("an opinion does not parse");
  }
  return response;
}

absl::StatusOr<v1::ListSignaturesResponse> ListSignatures(storage::Transaction& db,
                                                          const v1::ListSignaturesRequest& request) {
  return ListRecords<v1::ListSignaturesResponse>(db, ids::kSignatures, request,
                                                 [](auto& response) { return response.add_signatures(); });
}

}  // namespace idea::review
