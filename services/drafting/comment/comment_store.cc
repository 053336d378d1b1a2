#include "services/drafting/comment/comment_store.h"

#include <cstdlib>

#include "common/clock/clock.h"
#include "common/ids/resource_names.h"
#include "common/listing/limit.h"
#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::drafting {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

const listing::Spec& CommentList() {
  static const listing::Spec spec = {{{"field", "field", Kind::kText},
                                      {"author", "author", Kind::kText},
                                      {"thread", "thread", Kind::kText},
                                      {"resolved", "resolved", Kind::kFlag}},
                                     "created",
                                     false,
                                     "id",
                                     false};
  return spec;
}

// The first comment is part of its thread.
std::string ThreadOf(const v1::Comment& comment) {
  return comment.thread().empty() ? comment.name() : comment.thread();
}

absl::StatusOr<v1::Comment> CommentOf(const storage::Row& row, int column) {
  v1::Comment comment;
  if (!comment.ParseFromString(row.Bytes(column))) return absl::DataLossError("a comment does not parse");
  // The column alone says whether an answer is resolved, because it changes with the thread.
  comment.set_resolved(row.Int(column + 1) != 0);
  return comment;
}

}  // namespace

absl::Status InsertComment(storage::Transaction& db, v1::Comment& comment) {
  RETURN_IF_ERROR(listing::CheckLimit(db, listing::kCommentsOfBucp, "comments WHERE bucp = $1",
                                      {ids::kBucps.IdIn(comment.name())}));
  comment.set_etag("1");
  return db.ExecuteDeferred(
      "INSERT INTO comments (bucp, id, thread, field, author, resolved, version, created, body) "
      "VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)",
      {ids::kBucps.IdIn(comment.name()), ids::kComments.IdIn(comment.name()), ThreadOf(comment),
       comment.field(), comment.author(), int64_t{comment.resolved()},
       clock::FromProto(comment.create_time()), Blob{comment.SerializeAsString()}});
}

absl::StatusOr<v1::Comment> FindComment(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body, resolved FROM comments WHERE bucp = $1 AND id = $2",
                               {ids::kBucps.IdIn(name), ids::kComments.IdIn(name)}));
  if (!row) return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no " + name);
  return CommentOf(*row, 0);
}

absl::Status SaveComment(storage::Transaction& db, v1::Comment& comment) {
  const int64_t version = std::strtoll(comment.etag().c_str(), nullptr, 10);
  comment.set_etag(std::to_string(version + 1));
  ASSIGN_OR_RETURN(
      const int64_t saved,
      db.Execute("UPDATE comments SET resolved = $1, version = $2, body = $3 "
                 "WHERE bucp = $4 AND id = $5 AND version = $6",
                 {int64_t{comment.resolved()}, version + 1, Blob{comment.SerializeAsString()},
                  ids::kBucps.IdIn(comment.name()), ids::kComments.IdIn(comment.name()), version}));
  if (saved == 1) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, comment.name() + " was changed at the same moment");
}

absl::Status ResolveAnswers(storage::Transaction& db, const v1::Comment& thread) {
  return db.ExecuteDeferred("UPDATE comments SET resolved = $1 WHERE bucp = $2 AND thread = $3",
                            {int64_t{thread.resolved()}, ids::kBucps.IdIn(thread.name()), thread.name()});
}

absl::StatusOr<v1::ListCommentsResponse> ListComments(storage::Transaction& db,
                                                      const v1::ListCommentsRequest& request) {
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(CommentList(), request, "bucp = $1", {ids::kBucps.IdIn(request.parent())}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query("SELECT created, id, body, resolved FROM comments WHERE " +
                                                    page.where + page.tail,
                                                page.args));
  v1::ListCommentsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(*response.add_comments(), CommentOf(row, 2));
  }
  return response;
}

absl::StatusOr<google::protobuf::RepeatedPtrField<v1::Comment>> UnresolvedComments(storage::Transaction& db,
                                                                                   const std::string& bucp) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT body, resolved FROM comments WHERE bucp = $1 AND resolved = 0 AND "
                            "thread = $2 || id ORDER BY created, id LIMIT 100",
                            {ids::kBucps.IdIn(bucp), ids::kComments.Name(bucp, "")}));
  google::protobuf::RepeatedPtrField<v1::Comment> comments;
  size_t bytes = 0;
  for (const storage::Row& row : rows) {
    bytes += row.Size();
    if (bytes > listing::kMaxPageBytes) break;
    ASSIGN_OR_RETURN(*comments.Add(), CommentOf(row, 0));
  }
  return comments;
}

}  // namespace idea::drafting
