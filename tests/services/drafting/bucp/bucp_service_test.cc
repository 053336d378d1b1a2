#include "services/drafting/bucp/bucp_service.h"

#include <set>
#include <thread>

#include "common/digest/digest.h"
#include "services/drafting/bucp/revision_store.h"
#include "services/drafting/drafting_events.h"
#include "tests/services/drafting/drafting_fixture.h"

// Creating, editing and reading BUCPs.
namespace idea::drafting {
namespace {

using enum v1::State;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class Drafting : public DraftingTest {
 protected:
  v1::SectionEtags EtagsOf(const std::string& name) { return Get(name)->section_etags(); }
};

TEST_P(Drafting, StartsADraft) {
  const auto bucp = Create(DraftContent());
  ASSERT_THAT(bucp, IsOk());
  EXPECT_EQ(bucp->state(), STATE_DRAFT);
  EXPECT_EQ(bucp->title(), "CalFresh and Medi-Cal enrolment match");
  EXPECT_EQ(bucp->revision(), 1);
  EXPECT_EQ(Get(bucp->name())->ShortDebugString(), bucp->ShortDebugString());
  EXPECT_EQ(LastEvent().type(), kBucpCreated);
}

TEST_P(Drafting, StartsOnlyBetweenSignatoriesThatTheRegistryKnows) {
  v1::Content content = DraftContent();
  content.add_providers("entities/of-no-registry");
  const auto unknown = Create(content);
  EXPECT_THAT(unknown, FailsWith(Reason::ERROR_REASON_UNKNOWN_ENTITY));
  EXPECT_EQ(status::MetadataOf(unknown.status(), "entity"), "entities/of-no-registry");
  content.set_providers(1, kOutsider);
  const auto outside = Create(content);
  EXPECT_THAT(outside, FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_EQ(status::MetadataOf(outside.status(), "entity"), kOutsider);
}

TEST_P(Drafting, StartsOnlyByOneOfItsRecipients) {
  EXPECT_THAT(Create(DraftContent(), kProviderDept), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  v1::Content twice = DraftContent();
  twice.add_recipients(kRecipientDept);
  EXPECT_THAT(Create(twice), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Drafting, StartsNothingWhileTheRegistryIsUnavailable) {
  registry_down_ = true;
  EXPECT_THAT(Create(DraftContent()), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  registry_down_ = false;
  EXPECT_TRUE(harness_->Events().empty());
  const v1::Bucp bucp = Must(Create(DraftContent()));
  registry_down_ = true;
  EXPECT_THAT(Update(bucp.name(), CompleteContent(), {"technical"}), IsOk());
  v1::Content content = CompleteContent();
  content.add_providers(kStranger);
  EXPECT_THAT(Update(bucp.name(), content, {"providers"}), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_P(Drafting, ReturnsTheSameResponseToTheSameRequest) {
  v1::CreateBucpRequest request;
  *request.mutable_content() = DraftContent();
  request.set_request_id(ids::NewUuid());
  const auto first = AskForBucp<v1::CreateBucpResponse>(By(kRecipientDept), request);
  ASSERT_THAT(first, IsOk());
  registry_down_ = true;
  const auto again = AskForBucp<v1::CreateBucpResponse>(By(kRecipientDept), request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->ShortDebugString(), first->ShortDebugString());
  EXPECT_EQ(harness_->Events().size(), 1);
  request.mutable_content()->mutable_business_case()->mutable_use_case_name()->set_title("Another");
  EXPECT_THAT(AskForBucp<v1::CreateBucpResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_P(Drafting, IsNotFoundByAStranger) {
  const std::string name = NewSent().name();
  const std::string nowhere = "bucps/" + ids::NewUuid();
  // The error that the stranger gets, without the name that they asked for.
  const auto answer = [&](const std::string& asked) {
    const absl::Status refused = Get(asked, kStranger).status();
    std::string text = status::ToWire(refused).ShortDebugString();
    for (size_t at; (at = text.find(asked)) != std::string::npos;) text.erase(at, asked.size());
    return text;
  };
  EXPECT_THAT(Get(name, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(answer(name), answer(nowhere));
  EXPECT_THAT(Update(name, CompleteContent(), {"technical"}, kStranger),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Amend(name, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListRevisionsRequest revisions;
  revisions.set_parent(name);
  EXPECT_THAT(harness_->Ask<v1::ListRevisionsResponse>(By(kStranger), revisions),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(AskForBucp<v1::GetBucpResponse>(testing::At(testing::kCdoEntity), Of<v1::GetBucpRequest>(name)),
              IsOk());
}

TEST_P(Drafting, KeepsEditsOfTwoSectionsApart) {
  const std::string name = NewSent().name();
  const v1::SectionEtags read = EtagsOf(name);
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  content.mutable_administrative()->mutable_redisclosure()->set_terms("counties only");
  ASSERT_THAT(Update(name, content, {"technical"}, kProviderDept, read), IsOk());
  const auto second = Update(name, content, {"administrative.redisclosure"}, kRecipientDept, read);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->content().technical().data_transfer().description(), "by courier");
  EXPECT_EQ(second->content().administrative().redisclosure().terms(), "counties only");
  EXPECT_EQ(second->revision(), 3);
  content.mutable_technical()->mutable_data_users()->set_description("two analysts");
  const auto stale = Update(name, content, {"technical.data_users"}, kRecipientDept, read);
  EXPECT_THAT(stale, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(status::MetadataOf(stale.status(), "section"), "technical");
  EXPECT_EQ(status::MetadataOf(stale.status(), "etag"), EtagsOf(name).technical());
}

TEST_P(Drafting, AcceptsConcurrentEditsOfTwoSections) {
  const std::string name = NewSent().name();
  const v1::SectionEtags read = EtagsOf(name);
  const auto edit = [&](const char* section, const char* entity) {
    absl::StatusOr<v1::Bucp> done;
    do {
      done = Update(name, CompleteContent(), {section}, entity, read);
    } while (status::ReasonOf(done.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
    EXPECT_THAT(done, IsOk());
  };
  std::thread recipient(edit, "technical", kRecipientDept), provider(edit, "administrative", kProviderDept);
  recipient.join();
  provider.join();
  EXPECT_EQ(Get(name)->revision(), 3);
}

TEST_P(Drafting, RetriesAnEditWhoseRevisionNumberWasTaken) {
  const v1::Bucp bucp = NewSent();
  auth::Caller author;
  author.entity = kRecipientDept;
  author.person = "p";
  int runs = 0;
  EXPECT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
    if (++runs == 2) return absl::OkStatus();
    return InsertRevision(db, bucp, author, 0);
  }),
              IsOk());
  EXPECT_EQ(runs, 2);
}

TEST_P(Drafting, RefusesAnInvalidEdit) {
  const std::string name = NewSent().name();
  v1::Content content = CompleteContent();
  EXPECT_THAT(Update(name, content, {}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Update(name, content, {"technical.nonsense"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  content.mutable_recipients()->Clear();
  EXPECT_THAT(Update(name, content, {"recipients"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  content.add_recipients(kStranger);
  EXPECT_THAT(Update(name, content, {"recipients"}), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  content.add_recipients(kOutsider);
  EXPECT_THAT(Update(name, content, {"recipients"}), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_EQ(Get(name)->revision(), 1);
}

TEST_P(Drafting, KeepsEveryRevision) {
  const v1::Bucp bucp = NewSent();
  v1::Content content = CompleteContent();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  ASSERT_THAT(Update(bucp.name(), content, {"technical"}, kProviderDept), IsOk());
  v1::ListRevisionsRequest list;
  list.set_parent(bucp.name());
  const auto all = harness_->Ask<v1::ListRevisionsResponse>(By(kRecipientDept), list);
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->revisions_size(), 2);
  EXPECT_EQ(all->revisions(0).author(), kProviderDept);
  EXPECT_EQ(all->revisions(0).digest(), digest::Digest(content));
  const auto get = [&](const std::string& number) {
    return harness_->Ask<v1::GetRevisionResponse>(
        By(kProviderDept), Of<v1::GetRevisionRequest>(bucp.name() + "/revisions/" + number));
  };
  ASSERT_THAT(get("1"), IsOk());
  EXPECT_EQ(get("1")->revision().content().SerializeAsString(), CompleteContent().SerializeAsString());
  EXPECT_THAT(get("3"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(get("01"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Drafting, ListsBucpsOfTheCallerPageByPage) {
  for (int i = 0; i < 5; ++i) ASSERT_THAT(Create(DraftContent()), IsOk());
  const std::string sent = NewSent().name();
  v1::ListBucpsRequest list;
  list.set_filter("state = SENT AND text : \"calfresh\"");
  const auto found = harness_->Ask<v1::ListBucpsResponse>(By(kProviderDept), list);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->bucps_size(), 1);
  EXPECT_EQ(found->bucps(0).name(), sent);
  EXPECT_FALSE(found->bucps(0).has_content());
  list.clear_filter();
  EXPECT_EQ(harness_->Ask<v1::ListBucpsResponse>(By(kStranger), list)->bucps_size(), 0);
  EXPECT_EQ(harness_->Ask<v1::ListBucpsResponse>(testing::At(testing::kCdoEntity), list)->bucps_size(), 6);
  std::set<std::string> names;
  list.set_page_size(4);
  do {
    const auto page = harness_->Ask<v1::ListBucpsResponse>(By(kRecipientDept), list);
    ASSERT_THAT(page, IsOk());
    for (const v1::Bucp& bucp : page->bucps()) names.insert(bucp.name());
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(names.size(), 6);
}

INSTANTIATE_TEST_SUITE_P(Every, Drafting, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
