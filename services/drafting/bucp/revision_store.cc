#include "services/drafting/bucp/revision_store.h"

#include "common/digest/digest.h"
#include "common/ids/resource_names.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_store.h"

namespace idea::drafting {
namespace {

using storage::Blob;

const listing::Spec& RevisionList() {
  static const listing::Spec spec = {{}, "number", false, "bucp", true};
  return spec;
}

}  // namespace

absl::Status InsertRevision(storage::Transaction& db, const v1::Bucp& bucp, const auth::Caller& author,
                            clock::Micros now) {
  storage::Value on_behalf;
  if (author.on_behalf) on_behalf = Blob{author.on_behalf->SerializeAsString()};
  const absl::Status added =
      db.Execute(
            "INSERT INTO revisions (bucp, number, digest, author, person, created, content, on_behalf) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            {ids::kBucps.IdIn(bucp.name()), int64_t{bucp.revision()}, digest::Digest(bucp.content()),
             author.entity, author.person, now, Blob{bucp.content().SerializeAsString()}, on_behalf})
          .status();
  // Another edit took the number at the same moment. The call is retried.
  if (absl::IsAlreadyExists(added)) return absl::AbortedError("the revision was saved at the same moment");
  return added;
}

absl::StatusOr<v1::Revision> FindRevision(storage::Transaction& db, const std::string& name) {
  const int64_t number = ids::kRevisions.NumberIn(name);
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT digest, author, person, created, content, on_behalf FROM revisions "
                               "WHERE bucp = $1 AND number = $2",
                               {ids::kBucps.IdIn(name), number}));
  if (!row) return status::NotFoundOrHidden(name);
  v1::Revision revision;
  revision.set_name(name);
  revision.set_digest(row->Text(0));
  revision.set_author(row->Text(1));
  revision.set_person(row->Text(2));
  *revision.mutable_create_time() = clock::ToProto(row->Int(3));
  if (!revision.mutable_content()->ParseFromString(row->Bytes(4)))
    return absl::DataLossError(name + " does not parse");
  if (!row->IsNull(5)) revision.mutable_on_behalf()->ParseFromString(row->Bytes(5));
  return revision;
}

absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(storage::Transaction& db,
                                                        const v1::ListRevisionsRequest& request,
                                                        int64_t first) {
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(RevisionList(), request, "bucp = $1 AND number >= $2",
                                 {ids::kBucps.IdIn(request.parent()), first}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT number, bucp, digest, author, person, created, on_behalf FROM revisions WHERE " +
                   page.where + page.tail,
               page.args));
  v1::ListRevisionsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    v1::Revision& revision = *response.add_revisions();
    revision.set_name(ids::kRevisions.Name(request.parent(), std::to_string(row.Int(0))));
    revision.set_digest(row.Text(2));
    revision.set_author(row.Text(3));
    revision.set_person(row.Text(4));
    *revision.mutable_create_time() = clock::ToProto(row.Int(5));
    if (!row.IsNull(6)) revision.mutable_on_behalf()->ParseFromString(row.Bytes(6));
  }
  return response;
}

}  // namespace idea::drafting
