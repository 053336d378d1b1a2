#include "common/ids/resource_names.h"
#include "services/drafting/drafting_events.h"
#include "tests/services/drafting/drafting_fixture.h"

// An unsent draft belongs to the Data Recipients (guidebook steps 3 and 4). Also tests who shows and sends
// it.
namespace idea::drafting {
namespace {

using status::Reason;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::UnorderedElementsAre;

class UnsentDrafts : public DraftingTest {
 protected:
  absl::StatusOr<v1::Bucp> Share(const std::string& name, const std::string& entity = kRecipientDept) {
    return AskForBucp<v1::ShareBucpResponse>(By(entity), Of<v1::ShareBucpRequest>(name));
  }
  absl::StatusOr<v1::Bucp> SendAs(const std::string& entity, const std::string& name) {
    return AskForBucp<v1::SendBucpResponse>(By(entity), Of<v1::SendBucpRequest>(name));
  }
  absl::StatusOr<v1::Bucp> SetSender(const std::string& entity, const std::string& name,
                                     const std::string& sender) {
    auto request = Of<v1::SetBucpSenderRequest>(name);
    request.set_sender(sender);
    return AskForBucp<v1::SetBucpSenderResponse>(By(entity), request);
  }
  std::vector<std::string> List(const std::string& entity, const std::string& filter = "") {
    v1::ListBucpsRequest request;
    request.set_filter(filter);
    const auto list = harness_->Ask<v1::ListBucpsResponse>(By(entity), request);
    EXPECT_THAT(list, IsOk());
    std::vector<std::string> names;
    if (list.ok()) {
      for (const v1::Bucp& bucp : list->bucps()) names.push_back(bucp.name());
    }
    return names;
  }
  std::vector<std::string> Revisions(const std::string& name, const std::string& entity) {
    v1::ListRevisionsRequest request;
    request.set_parent(name);
    const auto list = harness_->Ask<v1::ListRevisionsResponse>(By(entity), request);
    EXPECT_THAT(list, IsOk());
    std::vector<std::string> numbers;
    if (list.ok()) {
      for (const v1::Revision& revision : list->revisions())
        numbers.push_back(ids::kRevisions.IdIn(revision.name()));
    }
    return numbers;
  }
  std::vector<std::string> Audience() {
    const auto recorded = LastEvent();
    return {recorded.audience().begin(), recorded.audience().end()};
  }
  v1::Bucp Edit(const v1::Bucp& bucp, const std::string& title) {
    v1::Content content = bucp.content();
    content.mutable_business_case()->mutable_use_case_name()->set_title(title);
    return Must(Update(bucp.name(), content, {"business_case.use_case_name"}));
  }
};

TEST_P(UnsentDrafts, AreVisibleOnlyToTheRecipients) {
  const v1::Bucp draft = Must(Create(CompleteContent()));
  EXPECT_THAT(Audience(), ElementsAre(kRecipientDept));
  const auto not_there = FailsWith(Reason::ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(Get(draft.name(), kProviderDept), not_there);
  EXPECT_THAT(List(kProviderDept), IsEmpty());
  EXPECT_THAT(harness_->Ask<v1::CheckCompletenessResponse>(By(kProviderDept),
                                                           Of<v1::CheckCompletenessRequest>(draft.name())),
              not_there);
  EXPECT_THAT(harness_->Ask<v1::GetRevisionResponse>(
                  By(kProviderDept), Of<v1::GetRevisionRequest>(draft.name() + "/revisions/1")),
              not_there);
  EXPECT_THAT(Share(draft.name(), kProviderDept), not_there);
  // The recipients and the Statewide CDO's office see it, and find it by its provider.
  EXPECT_THAT(Get(draft.name()), IsOk());
  EXPECT_THAT(Get(draft.name(), testing::kCdoEntity), IsOk());
  EXPECT_THAT(List(kRecipientDept, "provider = " + std::string(kProviderDept)), ElementsAre(draft.name()));
  // If it is withdrawn unsent, no one else ever sees it.
  auto withdraw = Of<v1::WithdrawBucpRequest>(draft.name());
  withdraw.set_reason("not needed");
  ASSERT_THAT(AskForBucp<v1::WithdrawBucpResponse>(By(kRecipientDept), withdraw), IsOk());
  EXPECT_THAT(Audience(), ElementsAre(kRecipientDept));
  EXPECT_THAT(Get(draft.name(), kProviderDept), not_there);
  EXPECT_THAT(List(kProviderDept), IsEmpty());
}

TEST_P(UnsentDrafts, AreShownFromTheSharedRevisionOn) {
  const v1::Bucp draft = Edit(Must(Create(CompleteContent())), "Second thoughts");
  const v1::Bucp shared = Must(Share(draft.name()));
  EXPECT_EQ(shared.state(), v1::STATE_DRAFT);
  EXPECT_EQ(shared.first_shown_revision(), 2);
  EXPECT_THAT(Audience(), UnorderedElementsAre(kRecipientDept, kProviderDept));
  EXPECT_THAT(Get(draft.name(), kProviderDept), IsOk());
  EXPECT_THAT(List(kProviderDept), ElementsAre(draft.name()));
  // Others can only read the draft. It still belongs to the recipients.
  EXPECT_THAT(Update(draft.name(), shared.content(), {"technical"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const v1::Bucp edited = Edit(shared, "Third thoughts");
  EXPECT_THAT(Revisions(draft.name(), kProviderDept), ElementsAre("3", "2"));
  EXPECT_THAT(Revisions(draft.name(), kRecipientDept), ElementsAre("3", "2", "1"));
  EXPECT_THAT(harness_->Ask<v1::GetRevisionResponse>(
                  By(kProviderDept), Of<v1::GetRevisionRequest>(draft.name() + "/revisions/1")),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::DiffRevisionsRequest diff;
  diff.set_from(draft.name() + "/revisions/1");
  diff.set_to(draft.name() + "/revisions/2");
  EXPECT_THAT(harness_->Ask<v1::DiffRevisionsResponse>(By(kProviderDept), diff),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(harness_->Ask<v1::DiffRevisionsResponse>(By(kRecipientDept), diff), IsOk());
  // Sharing or sending later does not show earlier revisions.
  EXPECT_EQ(Must(Share(draft.name())).first_shown_revision(), 2);
  EXPECT_EQ(Must(Send(edited.name())).first_shown_revision(), 2);
}

TEST_P(UnsentDrafts, AreShownWhenTheyAreSentAndStayShownWhenTheyAreReturned) {
  const v1::Bucp draft = Edit(Must(Create(CompleteContent())), "Second thoughts");
  EXPECT_EQ(Must(Send(draft.name())).first_shown_revision(), 2);
  EXPECT_THAT(Audience(), UnorderedElementsAre(kRecipientDept, kProviderDept));
  auto back = Of<v1::ReturnBucpRequest>(draft.name());
  back.set_reason("please narrow the elements");
  ASSERT_THAT(AskForBucp<v1::ReturnBucpResponse>(By(kProviderDept), back), IsOk());
  EXPECT_THAT(Get(draft.name(), kProviderDept), IsOk());
  EXPECT_THAT(List(kProviderDept), ElementsAre(draft.name()));
  EXPECT_THAT(Revisions(draft.name(), kProviderDept), ElementsAre("2"));
}

TEST_P(UnsentDrafts, HideEventsOfTheDraftFromTheOtherSide) {
  const v1::Bucp draft = Edit(Must(Create(CompleteContent())), "Second thoughts");
  Must(Send(draft.name()));
  const auto types = [&](const std::string& entity) {
    v1::WatchBucpRequest request;
    request.set_name(draft.name());
    std::vector<std::string> seen;
    const auto stream = harness_->Watch<v1::WatchBucpResponse>(By(entity), request);
    EXPECT_THAT(stream, IsOk());
    if (stream.ok()) {
      for (const auto& message : *stream) seen.push_back(message.event().type());
    }
    return seen;
  };
  EXPECT_THAT(types(kRecipientDept), ElementsAre(kBucpCreated, kBucpUpdated, kBucpSent));
  EXPECT_THAT(types(kProviderDept), ElementsAre(kBucpSent));
}

TEST_P(UnsentDrafts, OfAmendmentsAreVisibleOnlyToTheRecipients) {
  const v1::Bucp amendment = Must(Amend(NewExecuted().name()));
  EXPECT_THAT(Audience(), ElementsAre(kRecipientDept));
  EXPECT_THAT(Get(amendment.name(), kProviderDept), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  Must(Send(amendment.name()));
  EXPECT_THAT(Get(amendment.name(), kProviderDept), IsOk());
}

// BUCP template V2: Department 1 sends.
TEST_P(UnsentDrafts, AreSentByTheFirstRecipientOrItsSender) {
  v1::Content content = CompleteContent();
  content.add_recipients(kStranger);
  auto& contacts = *content.mutable_business_case()->mutable_contact_information()->add_departments();
  contacts.set_entity(kStranger);
  ASSERT_THAT(registry_->AddContact(kStranger, "z-sponsor", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR}),
              IsOk());
  contacts.set_data_coordinator(std::string(kStranger) + "/contacts/p");
  contacts.set_executive_sponsor(std::string(kStranger) + "/contacts/z-sponsor");
  const v1::Bucp draft = Must(Create(content));
  const auto not_yours = FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP);
  EXPECT_THAT(SendAs(kStranger, draft.name()), not_yours);
  EXPECT_THAT(SetSender(kStranger, draft.name(), kStranger), not_yours);
  EXPECT_THAT(SetSender(kRecipientDept, draft.name(), kProviderDept),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(Must(SetSender(kRecipientDept, draft.name(), kStranger)).sender(), kStranger);
  // The permission can be taken back.
  EXPECT_EQ(Must(SetSender(kRecipientDept, draft.name(), "")).sender(), "");
  EXPECT_THAT(SendAs(kStranger, draft.name()), not_yours);
  Must(SetSender(kRecipientDept, draft.name(), kStranger));
  EXPECT_EQ(Must(SendAs(kStranger, draft.name())).state(), v1::STATE_SENT);
  EXPECT_THAT(SetSender(kRecipientDept, draft.name(), ""), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(UnsentDrafts, AreListedAsRelatedOnlyIfVisible) {
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_elements()->mutable_elements(0)->add_providers(kProviderDept);
  const v1::Bucp draft = Must(Create(content));
  const auto related = [&](const std::string& entity, const std::string& with) {
    v1::ListRelatedBucpsRequest request;
    request.set_with(with);
    const auto list = harness_->Ask<v1::ListRelatedBucpsResponse>(By(entity), request);
    EXPECT_THAT(list, IsOk());
    return list.ok() ? *list : v1::ListRelatedBucpsResponse();
  };
  const auto own = related(kRecipientDept, kProviderDept);
  ASSERT_EQ(own.related_size(), 1);
  const v1::RelatedBucp& one = own.related(0);
  EXPECT_EQ(one.name(), draft.name());
  EXPECT_EQ(one.state(), v1::STATE_DRAFT);
  ASSERT_EQ(one.directions_size(), 1);
  EXPECT_EQ(one.directions(0).provider(), kProviderDept);
  EXPECT_EQ(one.directions(0).recipient(), kRecipientDept);
  EXPECT_EQ(one.data_element_count(), content.technical().data_elements().elements_size());
  EXPECT_EQ(one.data_elements(0), content.technical().data_elements().elements(0).field_name());
  EXPECT_EQ(one.start_date().year(), content.administrative().critical_dates().start_date().year());
  EXPECT_EQ(related(kProviderDept, kRecipientDept).related_size(), 0);
  Must(Send(draft.name()));
  EXPECT_EQ(related(kProviderDept, kRecipientDept).related_size(), 1);
  EXPECT_EQ(related(testing::kCdoEntity, kProviderDept).related_size(), 1);
  EXPECT_EQ(related(kRecipientDept, kStranger).related_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(Every, UnsentDrafts, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
