#include "services/drafting/comment/comment_service.h"

#include "common/ids/resource_names.h"
#include "services/drafting/drafting_events.h"
#include "tests/services/drafting/drafting_fixture.h"
#include "tests/support/refusals.h"

namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class Comments : public DraftingTest {
 protected:
  absl::StatusOr<v1::Comment> Say(const std::string& bucp, const std::string& field, const std::string& text,
                                  const std::string& entity = kProviderDept, const std::string& thread = "") {
    v1::CreateCommentRequest request;
    request.set_parent(bucp);
    request.mutable_comment()->set_field(field);
    request.mutable_comment()->set_text(text);
    request.mutable_comment()->set_thread(thread);
    return CommentOf<v1::CreateCommentResponse>(entity, request);
  }
  absl::StatusOr<v1::Comment> Resolve(const std::string& name, const std::string& entity = kRecipientDept) {
    return CommentOf<v1::ResolveCommentResponse>(entity, Of<v1::ResolveCommentRequest>(name));
  }
  absl::StatusOr<v1::Comment> Reopen(const std::string& name) {
    return CommentOf<v1::ReopenCommentResponse>(kProviderDept, Of<v1::ReopenCommentRequest>(name));
  }
  absl::StatusOr<v1::Comment> Reword(const std::string& name, const std::string& text,
                                     const std::string& entity = kProviderDept,
                                     const std::string& etag = "") {
    auto request = Of<v1::UpdateCommentRequest>(name);
    request.set_text(text);
    request.set_etag(etag);
    return CommentOf<v1::UpdateCommentResponse>(entity, request);
  }
  template <class Response, class Request>
  absl::StatusOr<v1::Comment> CommentOf(const std::string& entity, const Request& request) {
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<Response>(By(entity), request));
    return response.comment();
  }
  std::vector<std::string> Texts(const std::string& bucp, const std::string& filter = "") {
    v1::ListCommentsRequest request;
    request.set_parent(bucp);
    request.set_filter(filter);
    const auto list = harness_->Ask<v1::ListCommentsResponse>(By(kRecipientDept), request);
    EXPECT_THAT(list, IsOk());
    std::vector<std::string> texts;
    for (const v1::Comment& comment : list->comments()) texts.push_back(comment.text());
    return texts;
  }
  int Unresolved(const std::string& bucp) {
    const auto check = harness_->Ask<v1::CheckCompletenessResponse>(By(kProviderDept),
                                                                    Of<v1::CheckCompletenessRequest>(bucp));
    EXPECT_THAT(check, IsOk());
    EXPECT_TRUE(check->complete());
    return check->unresolved_comments_size();
  }
};

TEST_P(Comments, MakeThreadsThatAreResolvedAndReopened) {
  const std::string bucp = NewSent().name();
  const auto first = Say(bucp, "technical.data_users", "Which roles?");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->author(), kProviderDept);
  EXPECT_EQ(first->person(), "p");
  EXPECT_EQ(LastEvent().type(), kCommentCreated);
  EXPECT_EQ(LastEvent().audience_size(), 2);
  env_.clock.Advance(clock::kSecond);
  const auto answer = Say(bucp, "", "Analysts only.", kRecipientDept, first->name());
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->field(), "technical.data_users");
  EXPECT_EQ(Unresolved(bucp), 1);
  EXPECT_EQ(Texts(bucp), (std::vector<std::string>{"Which roles?", "Analysts only."}));
  ASSERT_THAT(Resolve(first->name()), IsOk());
  EXPECT_EQ(Unresolved(bucp), 0);
  EXPECT_TRUE(Texts(bucp, "resolved = false").empty());
  EXPECT_THAT(Resolve(first->name()), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(Reword(first->name(), "Whose roles?"), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  const auto open = Reopen(first->name());
  ASSERT_THAT(open, IsOk());
  EXPECT_EQ(open->resolved_by(), "");
  EXPECT_EQ(open->resolved_by_person(), "");
  EXPECT_EQ(Texts(bucp, "resolved = false AND author = " + std::string(kRecipientDept)),
            (std::vector<std::string>{"Analysts only."}));
  EXPECT_THAT(Reopen(first->name()), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  // Unresolved comments do not prevent any step.
  EXPECT_THAT(Freeze(bucp), IsOk());
}

TEST_P(Comments, AreChangedOnlyByTheirAuthor) {
  const std::string bucp = NewSent().name();
  const v1::Comment comment = *Say(bucp, "technical", "Which roles?");
  EXPECT_THAT(Reword(comment.name(), "x", kRecipientDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto changed =
      Reword(comment.name(), "Which roles, how many persons?", kProviderDept, comment.etag());
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->text(), "Which roles, how many persons?");
  EXPECT_THAT(Reword(comment.name(), "x", kProviderDept, comment.etag()),
              FailsWith(Reason::ERROR_REASON_STALE_ETAG));
}

TEST_P(Comments, AreVisibleOnlyToParties) {
  const std::string bucp = NewSent().name();
  const v1::Comment comment = *Say(bucp, "technical", "Which roles?");
  EXPECT_THAT(Say(bucp, "technical", "x", kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Resolve(comment.name(), kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListCommentsRequest request;
  request.set_parent(bucp);
  EXPECT_THAT(harness_->Ask<v1::ListCommentsResponse>(By(kStranger), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Comments, AreRefusedWithoutAFieldOrThread) {
  const std::string bucp = NewSent().name();
  const v1::Comment first = *Say(bucp, "technical", "Which roles?");
  const v1::Comment answer = *Say(bucp, "", "Analysts.", kRecipientDept, first.name());
  const auto fields = [](const auto& refused) {
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    return testing::FieldsOf(refused.status());
  };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(fields(Say(bucp, "technical.nonsense", "x")), Fields{"comment.field"});
  EXPECT_EQ(fields(Say(bucp, "", "x")), Fields{"comment.field"});
  EXPECT_EQ(fields(Say(bucp, "administrative", "x", kProviderDept, first.name())), Fields{"comment.field"});
  EXPECT_EQ(fields(Say(bucp, "", "x", kProviderDept, answer.name())), Fields{"comment.thread"});
  EXPECT_EQ(fields(Say(NewSent().name(), "", "x", kProviderDept, first.name())), Fields{"comment.thread"});
  EXPECT_EQ(fields(Say(bucp, "technical", "")), Fields{"comment.text"});
  EXPECT_EQ(fields(Say(bucp, "technical", std::string(5001, 'x'))), Fields{"comment.text"});
  EXPECT_EQ(fields(Say(bucp, "technical", "a\x01")), Fields{"comment.text"});
  EXPECT_EQ(fields(Resolve(answer.name())), Fields{"name"});
  EXPECT_THAT(Resolve(bucp + "/comments/none"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(Texts(bucp).size(), 2);
}

TEST_P(Comments, EndWithTheBucp) {
  const std::string bucp = NewSent().name();
  auto withdraw = Of<v1::WithdrawBucpRequest>(bucp);
  withdraw.set_reason("no budget");
  Must(AskForBucp<v1::WithdrawBucpResponse>(By(kRecipientDept), withdraw));
  EXPECT_THAT(Say(bucp, "technical", "x"), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Comments, AreLimitedToTwoThousand) {
  const std::string bucp = NewSent().name();
  ASSERT_THAT(Say(bucp, "technical", "the first"), IsOk());
  ASSERT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
    for (int i = 0; i < 1998; ++i) {
      RETURN_IF_ERROR(db.ExecuteDeferred(
          "INSERT INTO comments (bucp, id, thread, field, author, resolved, version, created, body) "
          "SELECT bucp, $1, thread, field, author, resolved, version, created, body FROM comments "
          "WHERE bucp = $2 LIMIT 1",
          {"c" + std::to_string(i), ids::kBucps.IdIn(bucp)}));
    }
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(Say(bucp, "technical", "the last"), IsOk());
  const auto refused = Say(bucp, "technical", "one more");
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
  EXPECT_EQ(status::MetadataOf(refused.status(), "limit"), "2000");
  // Another BUCP has its own comments.
  EXPECT_THAT(Say(NewSent().name(), "technical", "x"), IsOk());
}

// A delegate comments and edits under their own name, and both record the principal.
TEST_P(Comments, AndRevisionsNameThePrincipalOfADelegate) {
  const auto delegation =
      registry_->Delegate(kProviderDept, "p", common::v1::CONTACT_ROLE_DATA_COORDINATOR, env_.clock.Now());
  ASSERT_THAT(delegation, IsOk());
  const testing::TestCaller deputy = testing::At(kProviderDept, "deputy");
  const std::string bucp = NewSent().name();
  v1::CreateCommentRequest say;
  say.set_parent(bucp);
  say.mutable_comment()->set_field("technical");
  say.mutable_comment()->set_text("why?");
  const auto said = harness_->Ask<v1::CreateCommentResponse>(deputy, say);
  ASSERT_THAT(said, IsOk());
  auto reword = Of<v1::UpdateCommentRequest>(said->comment().name());
  reword.set_text("why these?");
  ASSERT_THAT(harness_->Ask<v1::UpdateCommentResponse>(deputy, reword), IsOk());
  env_.clock.Advance(1);  // Comments are listed by their time.
  ASSERT_THAT(Say(bucp, "technical", "mine"), IsOk());
  v1::ListCommentsRequest list;
  list.set_parent(bucp);
  const auto comments = harness_->Ask<v1::ListCommentsResponse>(By(kRecipientDept), list);
  ASSERT_THAT(comments, IsOk());
  ASSERT_EQ(comments->comments_size(), 2);
  EXPECT_EQ(comments->comments(0).on_behalf().delegation(), delegation->name());
  EXPECT_EQ(comments->comments(0).on_behalf().principal(), std::string(kProviderDept) + "/contacts/p");
  EXPECT_FALSE(comments->comments(1).has_on_behalf());

  v1::UpdateBucpRequest edit;
  edit.set_name(bucp);
  edit.mutable_content()->mutable_technical()->mutable_data_transfer()->set_description("by hand");
  edit.mutable_update_mask()->add_paths("technical.data_transfer.description");
  ASSERT_THAT(harness_->Ask<v1::UpdateBucpResponse>(deputy, edit), IsOk());
  v1::ListRevisionsRequest ask_revisions;
  ask_revisions.set_parent(bucp);
  const auto revisions = harness_->Ask<v1::ListRevisionsResponse>(By(kRecipientDept), ask_revisions);
  ASSERT_THAT(revisions, IsOk());
  ASSERT_EQ(revisions->revisions_size(), 2);
  EXPECT_EQ(revisions->revisions(0).person(), "deputy");
  EXPECT_EQ(revisions->revisions(0).on_behalf().delegation(), delegation->name());
  EXPECT_FALSE(revisions->revisions(1).has_on_behalf());
  const auto one = harness_->Ask<v1::GetRevisionResponse>(
      By(kRecipientDept), Of<v1::GetRevisionRequest>(revisions->revisions(0).name()));
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->revision().on_behalf().delegation(), delegation->name());
}

TEST_P(Comments, NameWhoResolvedThemAndThePrincipal) {
  const auto delegation =
      registry_->Delegate(kProviderDept, "p", common::v1::CONTACT_ROLE_DATA_COORDINATOR, env_.clock.Now());
  ASSERT_THAT(delegation, IsOk());
  const std::string name = Say(NewSent().name(), "technical", "why?")->name();
  const auto by_deputy = harness_->Ask<v1::ResolveCommentResponse>(testing::At(kProviderDept, "deputy"),
                                                                   Of<v1::ResolveCommentRequest>(name));
  ASSERT_THAT(by_deputy, IsOk());
  EXPECT_EQ(by_deputy->comment().resolved_by(), kProviderDept);
  EXPECT_EQ(by_deputy->comment().resolved_by_person(), "deputy");
  EXPECT_EQ(by_deputy->comment().resolved_by_on_behalf().delegation(), delegation->name());

  const auto open = Reopen(name);
  ASSERT_THAT(open, IsOk());
  EXPECT_EQ(open->resolved_by_person(), "");
  EXPECT_FALSE(open->has_resolved_by_on_behalf());
  const auto in_person = Resolve(name);
  ASSERT_THAT(in_person, IsOk());
  EXPECT_EQ(in_person->resolved_by(), kRecipientDept);
  EXPECT_EQ(in_person->resolved_by_person(), "p");
  EXPECT_FALSE(in_person->has_resolved_by_on_behalf());
}

INSTANTIATE_TEST_SUITE_P(Every, Comments, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
