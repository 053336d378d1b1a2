#include "tests/services/drafting/drafting_fixture.h"

// The education agency that is the source of education records signs without being a party (agreement,
// Addendum B 1.4).
namespace idea::drafting {
namespace {

using status::Reason;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using ::testing::Not;

class SigningAgency : public DraftingTest {
 protected:
  static v1::Content ContentWith(const std::string& agency) {
    v1::Content content = EducationContent();
    content.mutable_administrative()->mutable_education_records()->set_source_agency(agency);
    return content;
  }
  v1::Bucp Shared(const v1::Bucp& draft) {
    return Must(
        AskForBucp<v1::ShareBucpResponse>(By(kRecipientDept), Of<v1::ShareBucpRequest>(draft.name())));
  }
  std::vector<std::string> Find(const std::string& filter, const std::string& entity) {
    v1::ListBucpsRequest request;
    request.set_filter(filter);
    const auto list = harness_->Ask<v1::ListBucpsResponse>(By(entity), request);
    EXPECT_THAT(list, IsOk());
    std::vector<std::string> names;
    if (!list.ok()) return names;
    for (const v1::Bucp& bucp : list->bucps()) names.push_back(bucp.name());
    return names;
  }
};

TEST_P(SigningAgency, ReadsTheBucpWithoutBeingAProvider) {
  const v1::Bucp draft = Shared(Must(Create(ContentWith(kStranger))));
  EXPECT_THAT(LastEvent().audience(), Contains(kStranger));
  EXPECT_THAT(Get(draft.name(), kStranger), IsOk());
  EXPECT_THAT(Get(draft.name(), kOutsider), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  auto get = Of<v1::GetRevisionRequest>(draft.name() + "/revisions/1");
  EXPECT_THAT(harness_->Ask<v1::GetRevisionResponse>(By(kStranger), get), IsOk());

  const std::string stranger = kStranger;
  EXPECT_THAT(Find("", kStranger), ElementsAre(draft.name()));
  EXPECT_THAT(Find("role = SIGNER", kStranger), ElementsAre(draft.name()));
  EXPECT_THAT(Find("signer = \"" + std::string(kStranger) + "\"", kStranger), ElementsAre(draft.name()));
  EXPECT_THAT(Find("signer = \"" + std::string(kProviderDept) + "\"", kStranger), ElementsAre());
  for (const char* role : {"role = PROVIDER", "role = RECIPIENT"})
    EXPECT_THAT(Find(role, kStranger), ElementsAre());
  EXPECT_THAT(Find("role = SIGNER", kProviderDept), ElementsAre());
  for (const char* entity : {kRecipientDept, testing::kCdoEntity}) {
    EXPECT_THAT(Find("party = " + stranger, entity), ElementsAre()) << entity;
    EXPECT_THAT(Find("provider = " + stranger, entity), ElementsAre()) << entity;
    EXPECT_THAT(Find("recipient = " + stranger, entity), ElementsAre()) << entity;
  }

  const v1::Bucp frozen = Must(Freeze(Must(Send(draft.name())).name()));
  v1::FrozenRevision frozen_revision;
  ASSERT_TRUE(LastEvent().data().UnpackTo(&frozen_revision));
  EXPECT_THAT(frozen_revision.providers(), Not(Contains(kStranger)));
  EXPECT_THAT(LastEvent().audience(), Contains(kStranger));
}

TEST_P(SigningAgency, CannotTakeAStepOfAParty) {
  const std::string name = Shared(Must(Create(ContentWith(kStranger)))).name();
  EXPECT_THAT(Update(name, ContentWith(kStranger), {"technical"}, kStranger),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(AskForBucp<v1::SendBucpResponse>(By(kStranger), Of<v1::SendBucpRequest>(name)),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  Must(Send(name));
  EXPECT_THAT(AskForBucp<v1::FreezeBucpResponse>(By(kStranger), Of<v1::FreezeBucpRequest>(name)),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  auto give_back = Of<v1::ReturnBucpRequest>(name);
  give_back.set_reason("not ours");
  EXPECT_THAT(AskForBucp<v1::ReturnBucpResponse>(By(kStranger), give_back),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  v1::CreateCommentRequest comment;
  comment.set_parent(name);
  comment.mutable_comment()->set_field("technical");
  comment.mutable_comment()->set_text("Which roles?");
  EXPECT_THAT(harness_->Ask<v1::CreateCommentResponse>(By(kStranger), comment),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  v1::ListCommentsRequest list;
  list.set_parent(name);
  EXPECT_THAT(harness_->Ask<v1::ListCommentsResponse>(By(kStranger), list), IsOk());
}

TEST_P(SigningAgency, HasSignedIdea) {
  const auto outside = Create(ContentWith(kOutsider));
  EXPECT_THAT(outside, FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_EQ(status::MetadataOf(outside.status(), "entity"), kOutsider);
  EXPECT_THAT(Create(ContentWith("entities/nobody")), FailsWith(Reason::ERROR_REASON_UNKNOWN_ENTITY));
  const std::string name = Must(Create(EducationContent())).name();
  for (const char* path : {"administrative.education_records",
                           "administrative.education_records.source_agency", "administrative"}) {
    EXPECT_THAT(Update(name, ContentWith(kOutsider), {path}), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY))
        << path;
  }
  EXPECT_THAT(Update(name, ContentWith(kOutsider), {"technical"}), IsOk())
      << "what is not written is not asked";
  EXPECT_THAT(Update(name, ContentWith(kStranger), {"administrative.education_records"}), IsOk());
  Must(Send(name));
  registry::v1::WithdrawEntityRequest leave;
  leave.set_name(kStranger);
  leave.set_evidence("letter on file");
  *leave.mutable_withdraw_date() = registry::Day(2025, 12, 31);
  ASSERT_THAT(registry_->harness().Ask<registry::v1::WithdrawEntityResponse>(By(testing::kCdoEntity), leave),
              IsOk());
  EXPECT_THAT(Freeze(name), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
}

TEST_P(SigningAgency, SeesTheBucpOnlyWhileItIsNamed) {
  const std::string name = Shared(Must(Create(ContentWith(kStranger)))).name();
  v1::Content content = ContentWith("");
  content.mutable_administrative()->mutable_education_records()->set_other_source("a school district");
  Must(Update(name, content, {"administrative.education_records"}));
  EXPECT_THAT(Get(name, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Find("", kStranger), ElementsAre());
  Must(Update(name, ContentWith(kStranger), {"administrative.education_records"}));
  EXPECT_THAT(Get(name, kStranger), IsOk());
  // Education records are not shared after all.
  content.mutable_business_case()->mutable_data_categories()->set_education_records(v1::ANSWER_NO);
  Must(Update(name, content, {"business_case.data_categories"}));
  EXPECT_THAT(Get(name, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  // An agency that becomes a party is a party.
  content = ContentWith(kStranger);
  content.add_providers(kStranger);
  Must(Update(name, content, {"providers", "business_case.data_categories"}));
  EXPECT_THAT(Find("role = PROVIDER", kStranger), ElementsAre(name));
  EXPECT_THAT(Find("role = SIGNER", kStranger), ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(Every, SigningAgency, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::drafting
