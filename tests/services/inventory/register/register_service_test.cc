#include "services/inventory/register/register_service.h"

#include <sstream>

#include "services/cli/register/register_page.h"
#include "services/inventory/filing/statistics_store.h"
#include "tests/services/inventory/inventory_fixture.h"

namespace idea::inventory {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr clock::Micros kDay = 24 * 3600 * clock::kSecond;

class Register : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    register_.Bind(harness_->router());
  }

  // Adds an agreement that took `drafting_days` to be executed and is filed `filing_days` later. Not filed if
  // `filing_days` is negative.
  std::string Agree(const std::string& name, const std::string& title, int drafting_days, int filing_days) {
    peers_.bucps.erase(name);
    env_.clock.Advance(clock::kSecond);
    drafting::v1::Bucp& bucp = Execute(name);
    bucp.set_title(title);
    *bucp.mutable_create_time() = clock::ToProto(env_.clock.Now() - drafting_days * kDay);
    if (filing_days < 0) return Record(name)->name();
    env_.clock.Advance(filing_days * kDay);
    return File(kRecipient, 'a', name)->name();
  }
  std::vector<std::string> Titles(const testing::TestCaller& who, const std::string& filter,
                                  const std::string& order = "") {
    v1::ListFilingsRequest request;
    request.set_filter(filter);
    request.set_order_by(order);
    const auto response = harness_->Ask<v1::ListFilingsResponse>(who, request);
    EXPECT_THAT(response, IsOk());
    std::vector<std::string> titles;
    if (response.ok()) {
      for (const auto& filing : response->filings()) titles.push_back(filing.title());
    }
    return titles;
  }
  absl::StatusOr<v1::GetStatisticsResponse> Count(const testing::TestCaller& who,
                                                  const v1::GetStatisticsRequest& request) {
    return harness_->Ask<v1::GetStatisticsResponse>(who, request);
  }
  cli::CallFunction AskAs(const testing::TestCaller& who) {
    return [this, who](const google::protobuf::Message& request, google::protobuf::Message* response) {
      return harness_->Send(who, request, response);
    };
  }

  RegisterService register_;
};

TEST_P(Register, ListsByFilter) {
  Agree("bucps/1", "Food aid", 10, 1);
  Agree("bucps/2", "Foster care", 10, -1);
  Agree("bucps/3", "Caf\u00e9 inspections", 10, 2);
  const auto cdo = At(testing::kCdoEntity);
  EXPECT_THAT(Titles(cdo, ""), ElementsAre("Caf\u00e9 inspections", "Foster care", "Food aid"));
  struct Case {
    const char* filter;
    std::vector<std::string> titles;
  };
  const std::vector<Case> cases = {
      {"text : fo", {"Foster care", "Food aid"}},
      {"text : \"cafe insp\"", {"Caf\u00e9 inspections"}},
      {"text : demographic AND state = FILED", {"Caf\u00e9 inspections", "Food aid"}},
      {"text : ood", {}},
      {"state = UNFILED", {"Foster care"}},
      {"title = \"Food aid\"", {"Food aid"}},
      {"bucp = \"bucps/2\"", {"Foster care"}},
      {"provider = \"entities/department-y\" AND text : foster", {"Foster care"}},
      {"recipient = \"entities/department-y\"", {}},
      {"party = \"entities/stranger\"", {}},
      {"file_time > \"2000-01-01\" AND disputed = false", {"Caf\u00e9 inspections", "Food aid"}},
      {"end_date < \"2100-01-01\"", {}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Titles(cdo, one.filter), one.titles) << one.filter;
    EXPECT_EQ(Titles(At(kProvider), one.filter), one.titles) << one.filter;
    EXPECT_THAT(Titles(At(kStranger), one.filter), IsEmpty());
  }
  EXPECT_THAT(Titles(cdo, "", "title"), ElementsAre("Caf\u00e9 inspections", "Food aid", "Foster care"));
  EXPECT_THAT(Titles(cdo, "state = FILED", "file_time"), ElementsAre("Food aid", "Caf\u00e9 inspections"));
  v1::ListFilingsRequest bad;
  for (const char* filter : {"secret = 1", "state = NONE", "text = food"}) {
    bad.set_filter(filter);
    EXPECT_THAT(harness_->Ask<v1::ListFilingsResponse>(cdo, bad),
                FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
  }
}

TEST_P(Register, CountsFilingsByState) {
  Agree("bucps/1", "Food aid", 10, 1);
  Agree("bucps/2", "Foster care", 10, -1);
  std::map<v1::FilingState, int64_t> counts;
  ASSERT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(counts, CountByState(db));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(counts,
              ElementsAre(std::pair{v1::FILING_STATE_UNFILED, 1}, std::pair{v1::FILING_STATE_FILED, 1}));
}

TEST_P(Register, ListsExchangesWithOtherDepartments) {
  Agree("bucps/1", "Food aid", 10, 1);
  Agree("bucps/2", "Foster care", 10, -1);
  const auto shared = [&](const testing::TestCaller& who, const std::string& with, bool ended = false) {
    v1::ListExchangesRequest request;
    request.set_with(with);
    request.set_include_ended(ended);
    const auto response = harness_->Ask<v1::ListExchangesResponse>(who, request);
    EXPECT_THAT(response, IsOk());
    std::vector<std::string> titles;
    if (response.ok()) {
      for (const auto& exchange : response->exchanges()) {
        titles.push_back(exchange.title());
        EXPECT_THAT(exchange.providers(), ElementsAre(kProvider));
        EXPECT_THAT(exchange.recipients(), ::testing::Contains(kRecipient));
        EXPECT_EQ(exchange.data_element_count(), exchange.data_elements_size());
        EXPECT_GT(exchange.data_element_count(), 0);
      }
    }
    return titles;
  };
  EXPECT_THAT(shared(At(kRecipient), ""), ElementsAre("Foster care", "Food aid"));
  EXPECT_THAT(shared(At(kRecipient), kProvider), ElementsAre("Foster care", "Food aid"));
  EXPECT_THAT(shared(At(kProvider), kRecipient), ElementsAre("Foster care", "Food aid"));
  EXPECT_THAT(shared(At(kProvider), kStranger), IsEmpty());
  EXPECT_THAT(shared(At(kStranger), kProvider), IsEmpty());
  EXPECT_THAT(shared(At(testing::kCdoEntity), kProvider), ElementsAre("Foster care", "Food aid"));
  Execute("bucps/3").set_amends("bucps/2");
  ASSERT_THAT(Record("bucps/3", "bucps/2"), IsOk());
  EXPECT_THAT(shared(At(kRecipient), kProvider), ::testing::Not(::testing::Contains("Foster care")));
  EXPECT_THAT(shared(At(kRecipient), kProvider, true), ::testing::Contains("Foster care"));
}

TEST_P(Register, ListsUnfiledAgreementsByAge) {
  const std::string second = Agree("bucps/2", "Second", 1, -1);
  env_.clock.Advance(5 * kDay);
  Agree("bucps/3", "Third", 1, -1);
  env_.clock.Advance(3 * kDay + kDay / 2);
  v1::ListUnfiledRequest request;
  request.set_page_size(1);
  auto page = harness_->Ask<v1::ListUnfiledResponse>(At(testing::kCdoEntity), request);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->unfiled_size(), 1);
  EXPECT_EQ(page->unfiled(0).filing(), second);
  EXPECT_EQ(page->unfiled(0).filer(), kRecipient);
  EXPECT_EQ(page->unfiled(0).age_days(), 8);
  request.set_page_token(page->next_page_token());
  page = harness_->Ask<v1::ListUnfiledResponse>(At(testing::kCdoEntity), request);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->unfiled(0).title(), "Third");
  EXPECT_EQ(page->unfiled(0).age_days(), 3);
  EXPECT_EQ(page->next_page_token(), "");
  ASSERT_THAT(File(kRecipient, 'a', "bucps/2"), IsOk());
  const auto own = harness_->Ask<v1::ListUnfiledResponse>(At(kProvider), v1::ListUnfiledRequest());
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->unfiled_size(), 1);
  const auto others = harness_->Ask<v1::ListUnfiledResponse>(At(kStranger), v1::ListUnfiledRequest());
  ASSERT_THAT(others, IsOk());
  EXPECT_EQ(others->unfiled_size(), 0);
}

TEST_P(Register, CountsTheDurations) {
  Agree("bucps/1", "Quick", 40, 2);
  Agree("bucps/2", "Slow", 100, 4);
  Agree("bucps/3", "Unfiled", 79, -1);
  Execute("bucps/4").set_disputed(true);
  peers_.bucps["bucps/4"].clear_create_time();
  ASSERT_THAT(Terminate(File(kRecipient, 'a', "bucps/4")->name()), IsOk());
  const auto all = Count(At(testing::kCdoEntity), {});
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->yardstick_days(), 79);
  EXPECT_EQ(all->departments_size(), 3);
  for (const v1::Statistics& one : {all->total(), all->departments(0), all->departments(2)}) {
    EXPECT_EQ(one.executed(), 4);
    EXPECT_EQ(one.in_force(), 3);
    EXPECT_EQ(one.unfiled(), 1);
    EXPECT_EQ(one.ended(), 1);
    EXPECT_EQ(one.disputed(), 1);
    EXPECT_EQ(one.filed(), 3);
    EXPECT_EQ(one.mean_days_to_execution(), (40 + 100 + 79) / 3);
    EXPECT_EQ(one.longest_days_to_execution(), 100);
    EXPECT_EQ(one.mean_days_to_filing(), 2);
    EXPECT_EQ(one.within_yardstick(), 2);
  }
  const auto own = Count(At(kProvider), {});
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->departments_size(), 1);
  EXPECT_EQ(own->total().executed(), 4);
  const auto nobody = Count(At(kStranger), {});
  ASSERT_THAT(nobody, IsOk());
  EXPECT_EQ(nobody->total().executed(), 0);

  v1::GetStatisticsRequest request;
  request.set_entity(kProvider);
  EXPECT_THAT(Count(At(kStranger), request), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  request.mutable_from()->set_year(2200);
  request.mutable_from()->set_month(1);
  request.mutable_from()->set_day(1);
  const auto later = Count(At(testing::kCdoEntity), request);
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ(later->total().executed(), 0);
  *request.mutable_until() = request.from();
  EXPECT_THAT(Count(At(testing::kCdoEntity), request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.mutable_until()->set_month(13);
  EXPECT_THAT(Count(At(testing::kCdoEntity), request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Register, ShowsOnlyThePublicPart) {
  const std::string filed = Agree("bucps/1", "Food aid", 10, 1);
  Agree("bucps/2", "Foster care", 10, -1);
  env_.clock.Advance(clock::kSecond);
  drafting::v1::Bucp& amendment = Execute("bucps/5");
  amendment.set_amends("bucps/1");
  auto& content = *amendment.mutable_content();
  content.mutable_business_case()->mutable_use_case_description()->set_purpose(
      "outreach to those who are entitled");
  auto& authority = *content.mutable_administrative()->mutable_legal_authority()->add_departments();
  authority.set_entity(kProvider);
  authority.set_text(std::string(400, 'x'));
  ASSERT_THAT(Record("bucps/5", "bucps/1"), IsOk());
  ASSERT_THAT(File(kRecipient, 'a', "bucps/5"), IsOk());
  const auto answer =
      harness_->Ask<v1::ListPublicFilingsResponse>(At(kStranger), v1::ListPublicFilingsRequest());
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->filings_size(), 2);
  EXPECT_EQ(answer->filings(0).amends(), filed);
  EXPECT_EQ(answer->filings(1).name(), filed);
  EXPECT_EQ(answer->filings(1).state(), v1::FILING_STATE_ENDED);
  EXPECT_THAT(answer->ShortDebugString(), Not(HasSubstr("went well")));
  EXPECT_THAT(answer->ShortDebugString(), Not(HasSubstr("superseded by")));
  EXPECT_EQ(answer->filings(1).superseded_by(), answer->filings(0).name());
  EXPECT_EQ(answer->filings(0).superseded_by(), "");
  EXPECT_EQ(answer->filings(0).purpose(), "outreach to those who are entitled");
  ASSERT_EQ(answer->filings(0).legal_authority_size(), 1);
  EXPECT_THAT(answer->filings(0).legal_authority(0).text(), ::testing::EndsWith("…"));
  EXPECT_EQ(answer->filings(0).legal_authority(0).text().size(), 300 + std::string("…").size());
  v1::ListPublicFilingsRequest request;
  request.set_filter("party = \"entities/department-y\" AND state = FILED");
  EXPECT_EQ(harness_->Ask<v1::ListPublicFilingsResponse>(At(kStranger), request)->filings_size(), 1);
  request.set_filter("execute_time >");
  EXPECT_THAT(harness_->Ask<v1::ListPublicFilingsResponse>(At(kStranger), request),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

TEST_P(Register, IsPublishedAsFiles) {
  Agree("bucps/1", "Food \"aid\" <b>&", 10, 1);
  const auto quiet = [](int64_t, int64_t) {};
  std::ostringstream page;
  EXPECT_EQ(*cli::PublishFilings(AskAs(At(kStranger)), {{kProvider, "Department <Y>"}}, env_.clock.Now(),
                                 absl::UTCTimeZone(), page, quiet),
            1);
  EXPECT_THAT(page.str(), HasSubstr("Food &quot;aid&quot; &lt;b&gt;&amp;"));
  EXPECT_THAT(page.str(), HasSubstr("Department &lt;Y&gt;"));
  EXPECT_THAT(page.str(), HasSubstr("entities/department-x"));
}

INSTANTIATE_TEST_SUITE_P(Every, Register, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
