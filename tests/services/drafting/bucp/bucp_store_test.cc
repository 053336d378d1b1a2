#include "services/drafting/bucp/bucp_store.h"

#include <google/protobuf/util/time_util.h>

#include <set>

#include "services/drafting/drafting_events.h"
#include "tests/services/drafting/drafting_fixture.h"

// Lists with their filters and orders, and the stream of events.
namespace idea::drafting {
namespace {

using status::Reason;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

class Lists : public DraftingTest {
 protected:
  v1::Bucp NewTitled(const std::string& title, const std::string& provider = kProviderDept) {
    env_.clock.Advance(clock::kSecond);
    v1::Content content = DraftContent();
    content.mutable_business_case()->mutable_use_case_name()->set_title(title);
    content.set_providers(0, provider);
    return Must(Create(content));
  }
  std::vector<std::string> Find(const std::string& filter, const std::string& order_by = "",
                                const std::string& entity = kRecipientDept) {
    v1::ListBucpsRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    const auto list = harness_->Ask<v1::ListBucpsResponse>(By(entity), request);
    EXPECT_THAT(list, IsOk());
    std::vector<std::string> titles;
    if (list.ok()) {
      for (const v1::Bucp& bucp : list->bucps()) titles.push_back(bucp.title());
    }
    return titles;
  }
};

TEST_P(Lists, AreFilteredByEveryField) {
  NewTitled("B");
  const int64_t second = env_.clock.Now();
  const v1::Bucp a = NewTitled("A", kStranger);
  const v1::Bucp held = NewTitled("C");
  Must(Send(held.name()));
  Must(Hold(held.name()));
  EXPECT_THAT(Find(""), ElementsAre("C", "A", "B"));
  EXPECT_THAT(Find("state = DRAFT"), ElementsAre("A", "B"));
  EXPECT_THAT(Find("disputed = true"), ElementsAre("C"));
  EXPECT_THAT(Find("party = " + std::string(kStranger)), ElementsAre("A"));
  EXPECT_THAT(Find("party != " + std::string(kStranger)), ElementsAre("C", "B"));
  EXPECT_THAT(Find("provider = " + std::string(kProviderDept)), ElementsAre("C", "B"));
  EXPECT_THAT(Find("recipient = " + std::string(kProviderDept)), ElementsAre());
  EXPECT_THAT(Find("role = RECIPIENT"), ElementsAre("C", "A", "B"));
  EXPECT_THAT(Find("role = PROVIDER"), ElementsAre());
  EXPECT_THAT(Find("role = PROVIDER", "", kProviderDept), ElementsAre("C"));
  EXPECT_THAT(Find("text : \"medi-cal MEMBERS\" AND title = A"), ElementsAre("A"));
  EXPECT_THAT(Find("text : \"program enrolment\" AND state = DRAFT"), ElementsAre("A", "B"));
  EXPECT_THAT(Find("text : nowhere"), ElementsAre());
  google::protobuf::Timestamp stamp = clock::ToProto(second);
  const std::string time = google::protobuf::util::TimeUtil::ToString(stamp);
  EXPECT_THAT(Find("create_time > \"" + time + "\""), ElementsAre("C", "A"));
  EXPECT_THAT(Find("create_time <= \"" + time + "\""), ElementsAre("B"));
  EXPECT_THAT(Find("update_time < 1971-01-01"), ElementsAre());
}

TEST_P(Lists, AreFilteredByWordPrefixes) {
  const v1::Bucp a = NewTitled("Pe\u00f1a's foster-care Kith");
  NewTitled("B");
  EXPECT_THAT(Find("text : \"fost KIT pena\""), ElementsAre(a.title()));
  EXPECT_THAT(Find("text : foster AND text : care"), ElementsAre(a.title()));
  EXPECT_THAT(Find("text : program"), ElementsAre("B", a.title()));
  EXPECT_THAT(Find("text : oster"), ElementsAre());
  // A removed word is no longer found, an added one is.
  v1::Content content = a.content();
  content.mutable_business_case()->mutable_use_case_name()->set_title("Foster wildfire");
  env_.clock.Advance(clock::kSecond);
  Must(Update(a.name(), content, {"business_case.use_case_name"}));
  EXPECT_THAT(Find("text : kith"), ElementsAre());
  EXPECT_THAT(Find("text : wild"), ElementsAre("Foster wildfire"));
}

TEST_P(Lists, OfCallersThatSeeAllCanBeThoseOfAParty) {
  NewTitled("B");
  NewTitled("A", kStranger);
  const std::string stranger = kStranger, recipient = kRecipientDept, provider = kProviderDept;
  const auto find = [&](const std::string& filter) { return Find(filter, "title", testing::kCdoEntity); };
  EXPECT_THAT(find(""), ElementsAre("A", "B"));
  EXPECT_THAT(find("party = " + recipient), ElementsAre("A", "B"));
  EXPECT_THAT(find("party = " + recipient + " AND party = " + stranger), ElementsAre("A"));
  EXPECT_THAT(find("party = " + recipient + " AND party != " + stranger), ElementsAre("B"));
  EXPECT_THAT(find("party != " + stranger), ElementsAre("B"));
  EXPECT_THAT(find("party = " + stranger + " OR party = " + recipient), ElementsAre("A", "B"));
  EXPECT_THAT(find("(state = DRAFT OR state = SENT) AND (title = A OR title = C)"), ElementsAre("A"));
  EXPECT_THAT(find("state = SIGNING OR state = SENT"), ElementsAre());
  EXPECT_THAT(find("provider = " + recipient), ElementsAre());
  EXPECT_THAT(find("recipient = " + recipient + " AND provider = " + provider), ElementsAre("B"));
  EXPECT_THAT(find("party = " + stranger + " AND role = PROVIDER AND text : program"), ElementsAre("A"));
}

TEST_P(Lists, AreOrderedAsAsked) {
  const v1::Bucp b = NewTitled("B");
  NewTitled("A");
  NewTitled("C");
  env_.clock.Advance(clock::kSecond);
  Must(Update(b.name(), b.content(), {"business_case.output_use"}));
  EXPECT_THAT(Find("", "title"), ElementsAre("A", "B", "C"));
  EXPECT_THAT(Find("", "title desc"), ElementsAre("C", "B", "A"));
  EXPECT_THAT(Find("", "create_time"), ElementsAre("B", "A", "C"));
  EXPECT_THAT(Find("", "update_time desc"), ElementsAre("B", "C", "A"));
}

TEST_P(Lists, KeepTheirPagesDuringConcurrentWrites) {
  std::set<std::string> names;
  for (int i = 0; i < 5; ++i) names.insert(NewTitled("old").name());
  v1::ListBucpsRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    const auto page = harness_->Ask<v1::ListBucpsResponse>(By(kRecipientDept), request);
    ASSERT_THAT(page, IsOk());
    for (const v1::Bucp& bucp : page->bucps()) seen.push_back(bucp.name());
    NewTitled("new");
    Must(Send(seen.back()));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen.size(), 5);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), names);
}

TEST_P(Lists, OmitFormerParties) {
  const v1::Bucp draft = NewTitled("A", kStranger);
  Must(AskForBucp<v1::ShareBucpResponse>(By(kRecipientDept), Of<v1::ShareBucpRequest>(draft.name())));
  EXPECT_THAT(Find("", "", kStranger), ElementsAre("A"));
  Must(Update(draft.name(), DraftContent(), {"providers"}));
  EXPECT_THAT(Find("", "", kStranger), ElementsAre());
  EXPECT_THAT(Find("", "", kProviderDept), ElementsAre("A"));
}

TEST_P(Lists, AreCountedByState) {
  NewTitled("A");
  const clock::Micros first = env_.clock.Now();
  NewTitled("B");
  std::vector<StateCount> counts;
  ASSERT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(counts, CountByState(db));
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts[0].state, v1::STATE_DRAFT);
  EXPECT_EQ(counts[0].bucps, 2);
  EXPECT_EQ(counts[0].oldest, first);
}

TEST_P(Lists, RefuseUnknownFieldsAndOrders) {
  v1::ListBucpsRequest request;
  const auto asked = [&] {
    return harness_->Ask<v1::ListBucpsResponse>(By(kRecipientDept), request).status();
  };
  for (const char* filter :
       {"owner = x", "state = GONE", "create_time > yesterday", "role = OWNER", "title ~ x", "party : x",
        "title : x", "title = x*", "text = x", "text", "text : -", "state = DRAFT OR title = x"}) {
    request.set_filter(filter);
    EXPECT_THAT(asked(), FailsWith(Reason::ERROR_REASON_FILTER_INVALID)) << filter;
  }
  request.clear_filter();
  request.set_order_by("words");
  EXPECT_THAT(asked(), FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
  request.clear_order_by();
  request.set_page_token("bm8");
  EXPECT_THAT(asked(), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  request.set_page_token("");
  request.set_page_size(1001);
  EXPECT_THAT(asked(), IsOk());
  request.set_page_size(-1);
  EXPECT_THAT(asked(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  // A token of another order.
  NewTitled("A");
  NewTitled("B");
  request.set_page_size(1);
  request.set_page_token(
      harness_->Ask<v1::ListBucpsResponse>(By(kRecipientDept), request)->next_page_token());
  request.set_order_by("title");
  EXPECT_THAT(asked(), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

// --- the stream ---

TEST_P(Lists, StreamEventsOfABucpFromATokenOn) {
  const v1::Bucp bucp = NewTitled("A");
  NewTitled("B");
  Must(Send(bucp.name()));
  auto request = Of<v1::WatchBucpRequest>(bucp.name());
  const auto types = [&](const std::vector<v1::WatchBucpResponse>& messages) {
    std::vector<std::string> names;
    for (const auto& message : messages) {
      names.push_back(message.event().type());
      EXPECT_FALSE(message.event().has_data());
      request.set_resume_token(message.resume_token());
    }
    return names;
  };
  const auto all = harness_->Watch<v1::WatchBucpResponse>(By(kProviderDept), request);
  ASSERT_THAT(all, IsOk());
  EXPECT_THAT(types(*all), ElementsAre(kBucpSent));
  Must(Hold(bucp.name()));
  EXPECT_THAT(types(*harness_->Watch<v1::WatchBucpResponse>(By(kProviderDept), request)),
              ElementsAre(kBucpHeld));
  EXPECT_THAT(types(*harness_->Watch<v1::WatchBucpResponse>(By(kProviderDept), request)), ElementsAre());
  EXPECT_THAT(harness_->Watch<v1::WatchBucpResponse>(By(kStranger), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  request.set_resume_token("not.one");
  EXPECT_THAT(harness_->Watch<v1::WatchBucpResponse>(By(kProviderDept), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

INSTANTIATE_TEST_SUITE_P(Every, Lists, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
