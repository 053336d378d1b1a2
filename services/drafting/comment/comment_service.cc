#include "services/drafting/comment/comment_service.h"

#include <algorithm>
#include <string>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/comment/comment_store.h"
#include "services/drafting/drafting_events.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

void SetOnBehalf(const auth::Caller& author, v1::Comment& comment) {
  comment.clear_on_behalf();
  if (author.on_behalf) *comment.mutable_on_behalf() = *author.on_behalf;
}

// Returns the BUCP if the caller is a party and the BUCP has not ended.
absl::StatusOr<v1::Bucp> FindOpen(rpc::Call& call, const std::string& name) {
  ASSIGN_OR_RETURN(v1::Bucp bucp, FindVisible(call, name));
  if ((RolesOf(call.caller(), bucp) & flow::kParty) == 0) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "only parties may comment on a BUCP")
        .With("by", flow::NamesOf(flow::kParty));
  }
  const bool ended = std::find(kBucpFinals.begin(), kBucpFinals.end(), bucp.state()) != kBucpFinals.end();
  if (!ended) return bucp;
  return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the BUCP has ended: it cannot be commented on")
      .With("state", flow::NameOf(bucp.state()))
      .With("allowed", "");
}

absl::Status Invalid(const char* field, const std::string& wanted) {
  return Error(Reason::ERROR_REASON_INVALID_FIELD, "the comment does not belong to a field or thread")
      .Field(field, wanted);
}

void RecordEvent(rpc::Call& call, const v1::Bucp& bucp, const v1::Comment& comment, std::string_view type,
                 const std::string& what) {
  call.Record({.type = type,
               .subject = comment.name(),
               .bucp = bucp.name(),
               .audience = AudienceOf(bucp),
               .citation = "guidebook step 5",
               .summary = what + " " + comment.field()});
}

// Resolves or reopens the thread.
absl::StatusOr<v1::Comment> SetResolved(rpc::Call& call, const std::string& name, bool resolved) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindOpen(call, ids::Parent(name)));
  ASSIGN_OR_RETURN(v1::Comment comment, FindComment(call.db(), name));
  if (!comment.thread().empty()) {
    return Invalid("name", "the comment that begins the thread: " + comment.thread());
  }
  if (comment.resolved() == resolved) {
    return Error(Reason::ERROR_REASON_ALREADY_DONE,
                 resolved ? "the thread is resolved" : "the thread is open");
  }
  comment.set_resolved(resolved);
  comment.clear_resolved_by();
  comment.clear_resolved_by_person();
  comment.clear_resolved_by_on_behalf();
  if (resolved) {
    comment.set_resolved_by(call.caller().entity);
    comment.set_resolved_by_person(call.caller().person);
    if (call.caller().on_behalf) *comment.mutable_resolved_by_on_behalf() = *call.caller().on_behalf;
  }
  *comment.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(SaveComment(call.db(), comment));
  RETURN_IF_ERROR(ResolveAnswers(call.db(), comment));
  RecordEvent(call, bucp, comment, resolved ? kCommentResolved : kCommentReopened,
              resolved ? "comment resolved on" : "comment reopened on");
  return comment;
}

}  // namespace

void CommentService::Bind(rpc::Router& router) {
  router.Bind(this, &CommentService::CreateComment);
  router.Bind(this, &CommentService::UpdateComment);
  router.Bind(this, &CommentService::ResolveComment);
  router.Bind(this, &CommentService::ReopenComment);
  router.Bind(this, &CommentService::ListComments);
}

absl::StatusOr<v1::CreateCommentResponse> CommentService::CreateComment(
    rpc::Call& call, const v1::CreateCommentRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindOpen(call, request.parent()));
  v1::CreateCommentResponse response;
  v1::Comment& comment = *response.mutable_comment();
  comment = request.comment();
  if (comment.thread().empty()) {
    if (!validation::IsFieldPath(*v1::Content::descriptor(), comment.field()))
      return Invalid("comment.field", "a path in the content: technical.data_users");
  } else {
    if (ids::Parent(comment.thread()) != bucp.name()) {
      return Invalid("comment.thread", "a comment of " + bucp.name());
    }
    ASSIGN_OR_RETURN(const v1::Comment first, FindComment(call.db(), comment.thread()));
    if (!first.thread().empty()) return Invalid("comment.thread", "the comment that begins the thread");
    if (!comment.field().empty() && comment.field() != first.field()) {
      return Invalid("comment.field", "empty, or the field of the thread: " + first.field());
    }
    comment.set_field(first.field());
    comment.set_resolved(first.resolved());
  }
  comment.set_name(ids::kComments.Name(bucp.name(), ids::NewUuid()));
  comment.set_author(call.caller().entity);
  comment.set_person(call.caller().person);
  SetOnBehalf(call.caller(), comment);
  *comment.mutable_create_time() = clock::ToProto(call.now());
  *comment.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertComment(call.db(), comment));
  RecordEvent(call, bucp, comment, kCommentCreated, "comment on");
  return response;
}

absl::StatusOr<v1::UpdateCommentResponse> CommentService::UpdateComment(
    rpc::Call& call, const v1::UpdateCommentRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindOpen(call, ids::Parent(request.name())));
  v1::UpdateCommentResponse response;
  v1::Comment& comment = *response.mutable_comment();
  ASSIGN_OR_RETURN(comment, FindComment(call.db(), request.name()));
  if (comment.author() != call.caller().entity || comment.person() != call.caller().person) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "only the author may change a comment")
        .With("by", comment.author());
  }
  if (comment.resolved()) {
    return Error(Reason::ERROR_REASON_ALREADY_DONE, "the thread is resolved: reopen it first");
  }
  if (!request.etag().empty() && request.etag() != comment.etag()) {
    return Error(Reason::ERROR_REASON_STALE_ETAG, "the comment was changed since it was read")
        .With("etag", comment.etag());
  }
  comment.set_text(request.text());
  SetOnBehalf(call.caller(), comment);
  *comment.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(SaveComment(call.db(), comment));
  RecordEvent(call, bucp, comment, kCommentUpdated, "comment changed on");
  return response;
}

absl::StatusOr<v1::ResolveCommentResponse> CommentService::ResolveComment(
    rpc::Call& call, const v1::ResolveCommentRequest& request) {
  v1::ResolveCommentResponse response;
  ASSIGN_OR_RETURN(*response.mutable_comment(), SetResolved(call, request.name(), true));
  return response;
}

absl::StatusOr<v1::ReopenCommentResponse> CommentService::ReopenComment(
    rpc::Call& call, const v1::ReopenCommentRequest& request) {
  v1::ReopenCommentResponse response;
  ASSIGN_OR_RETURN(*response.mutable_comment(), SetResolved(call, request.name(), false));
  return response;
}

absl::StatusOr<v1::ListCommentsResponse> CommentService::ListComments(
    rpc::Call& call, const v1::ListCommentsRequest& request) {
  RETURN_IF_ERROR(FindVisible(call, request.parent()).status());
  return drafting::ListComments(call.db(), request);
}

}  // namespace idea::drafting
