#include "services/inventory/notice/expiry_worker.h"

#include "common/clock/date.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/review_date/review_date_service.h"
#include "tests/services/inventory/inventory_fixture.h"

namespace idea::inventory {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOkAndHolds;

constexpr clock::Micros kHour = 3600 * clock::kSecond;

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

// It is 2027-01-01T00:00:00Z, which is New Year's Eve in California.
class Calendar : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    EXPECT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone_));
    env_.clock.Set(1'798'761'600 * clock::kSecond);
    clock_ = std::make_unique<ExpiryWorker>(zone_, *log_, *notices_, testing::kCdoEntity, database(),
                                            notifier_, env_.clock);
    reviews_ = std::make_unique<ReviewDateService>(testing::kCdoEntity, zone_);
    reviews_->Bind(harness_->router());
    notices_->Bind(harness_->router());
  }
  // Files an agreement with this last day.
  std::string AgreeUntil(const google::type::Date& day, const std::string& name = kBucp) {
    drafting::v1::Bucp& bucp = Execute(name);
    *bucp.mutable_content()->mutable_administrative()->mutable_critical_dates()->mutable_end_date() = day;
    const auto filing = File(kRecipient, 'a', name);
    EXPECT_THAT(filing, IsOk());
    return filing.ok() ? filing->name() : "";
  }
  std::string AgreeUntilNewYear() { return AgreeUntil(Day(2026, 12, 31)); }
  std::vector<v1::Notice> NoticesOf(const std::string& filing) {
    v1::ListNoticesRequest request;
    request.set_filter("filing = \"" + filing + "\"");
    const auto listed = harness_->Ask<v1::ListNoticesResponse>(At(testing::kCdoEntity), request);
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return {};
    return {listed->notices().begin(), listed->notices().end()};
  }
  std::vector<v1::Duty> DutiesOf(const std::string& entity) {
    const auto listed = harness_->Ask<v1::ListDutiesResponse>(At(entity), v1::ListDutiesRequest());
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return {};
    std::vector<v1::Duty> own;
    for (const v1::Duty& duty : listed->duties()) {
      if (duty.entity() == entity) own.push_back(duty);
    }
    return own;
  }

  absl::StatusOr<v1::ReviewDate> Plan(const std::string& filing, const std::string& entity,
                                      const google::type::Date* date) {
    v1::SetReviewDateRequest request;
    request.set_filing(filing);
    if (date != nullptr) *request.mutable_review_date() = *date;
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::SetReviewDateResponse>(At(entity, "p"), request));
    return response.review();
  }
  absl::StatusOr<v1::ReviewDate> Review(const std::string& filing, v1::ReviewOutcome outcome,
                                        const google::type::Date* next) {
    v1::RecordReviewRequest request;
    request.set_filing(filing);
    request.set_outcome(outcome);
    request.set_note("the rules are what they were");
    if (next != nullptr) *request.mutable_next_review_date() = *next;
    ASSIGN_OR_RETURN(const auto response,
                     harness_->Ask<v1::RecordReviewResponse>(At(kProvider, "p"), request));
    return response.review();
  }
  std::vector<std::string> Planned(const std::string& entity, const std::string& filter = "") {
    v1::ListReviewDatesRequest request;
    request.set_filter(filter);
    const auto listed = harness_->Ask<v1::ListReviewDatesResponse>(At(entity), request);
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> names;
    if (listed.ok()) {
      for (const auto& review : listed->reviews())
        names.push_back(review.filing() + (review.due() ? " due" : ""));
    }
    return names;
  }
  int CountEvents(std::string_view type) {
    int count = 0;
    for (const events::Event& event : harness_->Events()) count += event.type() == type ? 1 : 0;
    return count;
  }

  absl::TimeZone zone_;
  events::Notifier notifier_;
  std::unique_ptr<ExpiryWorker> clock_;
  std::unique_ptr<ReviewDateService> reviews_;
  const google::type::Date summer_ = Day(2027, 6, 1);
};

// The last day ends in the time zone of the parties, not in UTC.
TEST_P(Calendar, EndsAgreementsWithTheirLastDay) {
  const std::string filing = AgreeUntilNewYear();
  Execute("bucps/2");
  const auto forever = Record("bucps/2");
  ASSERT_THAT(forever, IsOk());
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0));
  env_.clock.Advance(8 * kHour);
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0));
  const auto ended = Get(filing);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(CountEvents(event::kAgreementExpired), 1);
  EXPECT_EQ(Checkpoint().size(), 3);
  EXPECT_THAT(Prove(1)->leaf().entry(), HasSubstr("LOG_ENTRY_KIND_EXPIRED"));
  EXPECT_THAT(Prove(2)->leaf().entry(), HasSubstr("LAST_DAY_OVER"));
  EXPECT_EQ(Get(forever->name())->state(), v1::FILING_STATE_UNFILED);
}

// The days before and after daylight saving time changes, leap days and the end of a year. Setting the clock
// back changes nothing.
TEST_P(Calendar, EndsAgreementsAndRecordsReviewsAtMidnight) {
  int number = 1;
  for (const absl::CivilDay day :
       {absl::CivilDay(2026, 10, 31), absl::CivilDay(2026, 11, 1), absl::CivilDay(2026, 12, 31),
        absl::CivilDay(2027, 2, 28), absl::CivilDay(2027, 3, 13), absl::CivilDay(2027, 3, 14),
        absl::CivilDay(2028, 2, 28), absl::CivilDay(2028, 2, 29), absl::CivilDay(2029, 2, 28)}) {
    const google::type::Date last = clock::DateOf(day), first = clock::DateOf(day + 1);
    const clock::Micros midnight = absl::ToUnixMicros(absl::FromCivil(day + 1, zone_));
    env_.clock.Set(midnight - 40 * clock::kDay);
    const std::string ends = AgreeUntil(last, "bucps/" + std::to_string(++number));
    Execute("bucps/" + std::to_string(++number));
    const std::string stays = File(kRecipient, 'a', "bucps/" + std::to_string(number))->name();
    ASSERT_THAT(Plan(stays, kProvider, &first), IsOk());
    for (const clock::Micros early : {kHour, clock::Micros{1}}) {
      env_.clock.Set(midnight - early);
      EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0)) << day;
    }
    env_.clock.Set(midnight);
    EXPECT_THAT(clock_->Pass(), IsOkAndHolds(2)) << day;
    EXPECT_EQ(Get(ends)->state(), v1::FILING_STATE_ENDED);
    for (const clock::Micros set : {-kHour, clock::Micros{0}, kHour}) {
      env_.clock.Set(midnight + set);
      EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0)) << day;
    }
  }
}

TEST_P(Calendar, GivesTheNoticeOfTheLastDayWithItsDuty) {
  const std::string filing = AgreeUntilNewYear();
  env_.clock.Advance(8 * kHour);
  ASSERT_THAT(clock_->Pass(), IsOkAndHolds(1));
  const std::vector<v1::Notice> notices = NoticesOf(filing);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].kind(), v1::NOTICE_KIND_LAST_DAY_OVER);
  EXPECT_EQ(notices[0].giver(), testing::kCdoEntity);
  EXPECT_THAT(notices[0].text(), HasSubstr("2026-12-31 was the last day"));
  EXPECT_EQ(notices[0].recipients_size(), 3);
  for (const char* entity : {kRecipient, kSecondRecipient}) {
    const std::vector<v1::Duty> duties = DutiesOf(entity);
    ASSERT_EQ(duties.size(), 1u);
    EXPECT_THAT(duties[0].text(), HasSubstr("return or destroy the data"));
    EXPECT_FALSE(duties[0].has_due_date());
  }
  EXPECT_THAT(DutiesOf(kProvider), IsEmpty());
  // Parties cannot give this notice.
  v1::GiveNoticeRequest request;
  request.set_filing(filing);
  request.set_kind(v1::NOTICE_KIND_LAST_DAY_OVER);
  for (const std::string& entity : {std::string(kRecipient), std::string(kProvider)}) {
    EXPECT_THAT(harness_->Ask<v1::GiveNoticeResponse>(At(entity, "p"), request),
                FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  }
}

TEST_P(Calendar, EndsAnAgreementOnceAPeerAnswersAgain) {
  const std::string filing = AgreeUntilNewYear();
  env_.clock.Advance(8 * kHour);
  peers_.down = true;
  EXPECT_FALSE(clock_->Pass().ok());
  EXPECT_EQ(Get(filing)->state(), v1::FILING_STATE_FILED);
  EXPECT_EQ(Checkpoint().size(), 1);
  peers_.down = false;
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(NoticesOf(filing).size(), 1u);
}

TEST_P(Calendar, RecordsAReviewDateOnce) {
  Execute(kBucp);
  const std::string filing = File()->name();
  const auto planned = Plan(filing, kProvider, &summer_);
  ASSERT_THAT(planned, IsOk());
  EXPECT_FALSE(planned->due());
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0));
  // 2027-06-01 begins at 07:00 in UTC where the parties are.
  env_.clock.Set(1'811'808'000 * clock::kSecond + 7 * kHour - clock::kSecond);
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0));
  env_.clock.Advance(clock::kSecond);
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(LastEvent().type(), event::kReviewDue);
  EXPECT_THAT(LastEvent().audience(),
              ::testing::UnorderedElementsAre(kRecipient, kSecondRecipient, kProvider, testing::kCdoEntity));
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0));
  EXPECT_THAT(Planned(kRecipient), ElementsAre(filing + " due"));

  const google::type::Date later = Day(2028, 6, 1);
  const auto reviewed = Review(filing, v1::REVIEW_OUTCOME_STILL_RIGHT, &later);
  ASSERT_THAT(reviewed, IsOk());
  ASSERT_EQ(reviewed->reviews_size(), 1);
  EXPECT_EQ(reviewed->reviews(0).entity(), kProvider);
  EXPECT_THAT(Planned(kRecipient), ElementsAre(filing));
  env_.clock.Advance(400 * 24 * kHour);
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(1));
  EXPECT_EQ(CountEvents(event::kReviewDue), 2);
}

TEST_P(Calendar, ShowsReviewDatesToParties) {
  Execute(kBucp);
  const std::string filing = File()->name();
  EXPECT_THAT(Plan(filing, kStranger, &summer_), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const google::type::Date past = Day(2026, 12, 30);
  EXPECT_THAT(Plan(filing, kProvider, &past), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Review(filing, v1::REVIEW_OUTCOME_AMEND, &past), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  const google::type::Date today = Day(2026, 12, 31);
  EXPECT_TRUE(Plan(filing, kRecipient, &today)->due());
  ASSERT_THAT(Plan(filing, kSecondRecipient, &summer_), IsOk());
  EXPECT_THAT(Planned(kStranger), IsEmpty());
  EXPECT_THAT(Planned(testing::kCdoEntity, "review_date < 2027-06-02"), ElementsAre(filing));
  EXPECT_THAT(Planned(testing::kCdoEntity, "review_date < 2027-06-01"), IsEmpty());
  EXPECT_THAT(Planned(kProvider, "filing = \"" + filing + "\""), ElementsAre(filing));
  ASSERT_THAT(Plan(filing, kProvider, nullptr), IsOk());
  env_.clock.Advance(400 * 24 * kHour);
  EXPECT_THAT(clock_->Pass(), IsOkAndHolds(0));
  ASSERT_THAT(Terminate(filing), IsOk());
  EXPECT_THAT(Plan(filing, kProvider, nullptr), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Planned(kProvider), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Every, Calendar, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
