#include "services/review/reminder_worker.h"
#include "services/review/review_events.h"
#include "tests/services/review/review_fixture.h"

namespace idea::review {
namespace {

using clock::kDay;

class Tasks : public Review {
 protected:
  std::vector<v1::Task> List(const testing::TestCaller& who, const v1::ListTasksRequest& request = {}) {
    const auto listed = harness_->Ask<v1::ListTasksResponse>(who, request);
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return {};
    return {listed->tasks().begin(), listed->tasks().end()};
  }
  std::vector<v1::Task> ListFiltered(const std::string& filter) {
    v1::ListTasksRequest request;
    request.set_filter(filter);
    return List(At(kX), request);
  }
  std::vector<v1::Task> ListOf(const std::string& entity, const std::string& person) {
    v1::ListTasksRequest request;
    request.set_for_person(person);
    return List(At(entity), request);
  }
  absl::StatusOr<v1::Task> Reassign(const std::string& task, const std::string& person,
                                    const testing::TestCaller& who) {
    v1::ReassignTaskRequest request;
    request.set_name(task);
    request.set_person(person);
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::ReassignTaskResponse>(who, request));
    return response.task();
  }
  int Remind(const std::vector<int>& days) {
    const auto reminded = SendReminders(database(), days, env_.clock.Now());
    EXPECT_THAT(reminded, IsOk());
    return reminded.value_or(-1);
  }
};

TEST_P(Tasks, AreTheStepsThatCanBeTakenNow) {
  const std::string name = Open().name();
  EXPECT_EQ(List(At(kX)).size(), 6u);
  EXPECT_EQ(List(At("entities/stranger")).size(), 0u);
  EXPECT_EQ(List(At(testing::kCdoEntity)).size(), 6u);
  EXPECT_EQ(List(testing::Service("inventory")).size(), 6u);
  EXPECT_EQ(ListFiltered("role = LEGAL").size(), 2u);
  EXPECT_EQ(ListFiltered("open_time > 2000-01-01").size(), 6u);
  EXPECT_EQ(ListFiltered("open_time < 2000-01-01").size(), 0u);
  EXPECT_EQ(ListFiltered("entity = \"entities/department-x\"").size(), 3u);
  EXPECT_EQ(ListFiltered("routing = \"" + name + "\" AND role = PRIVACY").size(), 2u);
  EXPECT_EQ(ListFiltered("bucp = \"bucps/2\"").size(), 0u);
  OpineAll(name, {kX});
  EXPECT_EQ(List(At(kX)).size(), 3u);
  OpineAll(name, {kY});
  const auto sponsors = List(At(kX));
  ASSERT_EQ(sponsors.size(), 2u);
  EXPECT_EQ(sponsors[0].role(), common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR);
  EXPECT_EQ(sponsors[0].citation(), "BUCP template, checklist row 6");
  v1::ListTasksRequest all;
  all.set_show_closed(true);
  EXPECT_EQ(List(At(kY), all).size(), 8u);
}

TEST_P(Tasks, OfOneMomentAreInTheOrderOfTheSteps) {
  const v1::Routing four = Open({kX, "entities/stranger"}, {kY, "entities/agency-a"});
  v1::ListTasksRequest request;
  request.set_filter("routing = \"" + four.name() + "\"");
  int number = 0;
  for (const v1::Task& task : List(At(kX), request)) {
    EXPECT_EQ(task.name(), four.name() + "/tasks/" + std::to_string(++number));
  }
  EXPECT_EQ(number, 12) << "10 is not before 9";
}

TEST_P(Tasks, AreOnHoldWithTheDisputeAndCloseWithTheRouting) {
  Open();
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(ListFiltered("state = ON_HOLD").size(), 6u);
  ASSERT_THAT(Release(), IsOk());
  EXPECT_EQ(ListFiltered("state = OPEN").size(), 6u);
  ASSERT_THAT(Close(), IsOk());
  EXPECT_EQ(List(At(kX)).size(), 0u);
}

TEST_P(Tasks, HaveAnAgeAndCanBeFilteredByIt) {
  Open();
  env_.clock.Advance(10 * kDay);
  EXPECT_EQ(List(At(kX))[0].age_days(), 10);
  v1::ListTasksRequest request;
  request.set_min_age_days(10);
  EXPECT_EQ(List(At(kX), request).size(), 6u);
  request.set_min_age_days(11);
  EXPECT_EQ(List(At(kX), request).size(), 0u);
}

TEST_P(Tasks, BelongToTheRoleUntilAssigned) {
  const std::string name = Open().name();
  ASSERT_THAT(registry_->AddContact(kX, "deputy", {common::v1::CONTACT_ROLE_LEGAL}), IsOk());
  ASSERT_EQ(ListOf(kX, "legal").size(), 1u);
  ASSERT_EQ(ListOf(kX, "deputy").size(), 1u);
  EXPECT_EQ(ListOf(kX, "nobody").size(), 0u);
  const std::string task = ListOf(kX, "legal")[0].name();
  EXPECT_THAT(Reassign(task, "privacy", At(kX, "legal")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Reassign(task, "deputy", At(kX, "privacy")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Reassign(task, "legal", At(kY, "legal")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Reassign(task, "legal", At("entities/stranger", "legal")),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Reassign(name + "/tasks/99", "legal", At(kX, "legal")),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(Reassign(task, "deputy", At(kX, "coordinator"))->person(), "deputy");
  EXPECT_EQ(ListOf(kX, "legal").size(), 0u);
  EXPECT_EQ(ListOf(kX, "deputy").size(), 1u);
  EXPECT_EQ(ListFiltered("person = deputy").size(), 1u);
  EXPECT_THAT(Reassign(task, "", At(kX, "legal")), IsOk());
  EXPECT_EQ(ListOf(kX, "legal").size(), 1u);
  // The assignment prevents nobody from acting.
  ASSERT_THAT(Reassign(task, "deputy", At(kX, "legal")), IsOk());
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  EXPECT_THAT(Reassign(task, "legal", At(kX, "legal")), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

// A delegate has the tasks of the role on the days of the delegation.
TEST_P(Tasks, BelongAlsoToDelegates) {
  const std::string name = Open().name();
  registry::v1::CreateDelegationRequest request;
  request.set_parent(kX);
  request.mutable_delegation()->set_principal(std::string(kX) + "/contacts/legal");
  request.mutable_delegation()->set_delegate(std::string(kX) + "/contacts/technology");
  request.mutable_delegation()->add_roles(common::v1::CONTACT_ROLE_LEGAL);
  *request.mutable_delegation()->mutable_start_time() = clock::ToProto(env_.clock.Now() + kDay);
  *request.mutable_delegation()->mutable_end_time() = clock::ToProto(env_.clock.Now() + 2 * kDay);
  ASSERT_THAT(registry_->harness().Ask<registry::v1::CreateDelegationResponse>(At(kX, "legal"), request),
              IsOk());
  const std::string task = ListOf(kX, "legal")[0].name();
  EXPECT_EQ(ListOf(kX, "technology").size(), 0u);
  EXPECT_THAT(Reassign(task, "technology", At(kX, "legal")), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  env_.clock.Advance(kDay);
  EXPECT_EQ(ListOf(kX, "technology").size(), 1u);
  EXPECT_THAT(Reassign(task, "technology", At(kX, "legal")), IsOk());
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "technology"), IsOk());
  env_.clock.Advance(kDay);
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "technology"),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
}

TEST_P(Tasks, CanBeWatched) {
  const std::string name = Open().name();
  v1::WatchTasksRequest request;
  const auto look = [&](const testing::TestCaller& who) {
    return harness_->Watch<v1::WatchTasksResponse>(who, request);
  };
  auto seen = look(At(kX));
  ASSERT_THAT(seen, IsOk());
  ASSERT_EQ(seen->size(), 6u);
  EXPECT_EQ(seen->front().resume_token(), "");
  request.set_resume_token(seen->back().resume_token());
  EXPECT_EQ(look(At(kX))->size(), 0u);
  env_.clock.Advance(kDay);
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  seen = look(At(kX));
  ASSERT_EQ(seen->size(), 1u);
  EXPECT_EQ(seen->front().task().state(), v1::TASK_STATE_DONE);
  request.set_resume_token(seen->back().resume_token());
  env_.clock.Advance(kDay);
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(look(At(kY))->size(), 5u);
  EXPECT_EQ(look(At("entities/stranger"))->size(), 0u);
  request.set_resume_token("nonsense");
  EXPECT_THAT(look(At(kX)), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_P(Tasks, HaveOneReminderAtEachAge) {
  Open();
  EXPECT_EQ(Remind({}), 0);
  EXPECT_EQ(Remind({7, 30}), 0);
  env_.clock.Advance(7 * kDay);
  EXPECT_EQ(Remind({7, 30}), 6);
  EXPECT_EQ(Remind({7, 30}), 0);
  EXPECT_EQ(CountEvents(kTaskReminded), 6);
  ASSERT_THAT(Hold(), IsOk());
  env_.clock.Advance(30 * kDay);
  EXPECT_EQ(Remind({7, 30}), 0);
  ASSERT_THAT(Release(), IsOk());
  EXPECT_EQ(Remind({7, 30}), 6);
  EXPECT_EQ(List(At(kX))[0].reminders(), 2);
}

TEST_P(Tasks, HaveOneReminderAfterALongPause) {
  Open();
  env_.clock.Advance(100 * kDay);
  EXPECT_EQ(Remind({7, 30}), 6);
  EXPECT_EQ(Remind({7, 30}), 0);
}

// Ages are multiples of 24 hours, so that neither daylight saving time nor a leap day moves a reminder.
// Setting the clock moves a reminder, but neither repeats nor loses one.
TEST_P(Tasks, HaveOneReminderIfTheClockIsSet) {
  constexpr clock::Micros kHour = 3600 * clock::kSecond;
  for (const char* noon : {"2026-10-31T12:00:00-07:00", "2026-12-31T12:00:00-08:00",
                           "2027-03-13T12:00:00-08:00", "2028-02-28T12:00:00-08:00"}) {
    absl::Time time;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, noon, &time, nullptr));
    env_.clock.Set(absl::ToUnixMicros(time));
    Open();
    const clock::Micros begin = env_.clock.Now();
    env_.clock.Set(begin - kHour);
    EXPECT_EQ(Remind({1, 2}), 0) << noon;
    EXPECT_EQ(List(At(kX))[0].age_days(), 0);
    env_.clock.Set(begin + kDay - clock::kSecond);
    EXPECT_EQ(Remind({1, 2}), 0) << noon;
    env_.clock.Set(begin + kDay);
    EXPECT_EQ(Remind({1, 2}), 6) << noon;
    for (const clock::Micros set : {-kHour, kHour}) {
      env_.clock.Set(begin + kDay + set);
      EXPECT_EQ(Remind({1, 2}), 0) << noon;
    }
    env_.clock.Set(begin + 2 * kDay);
    EXPECT_EQ(Remind({1, 2}), 6) << noon;
    ASSERT_THAT(Close(), IsOk());
  }
}

TEST_P(Tasks, HaveNoNegativeAgesAfterTheClockWasSetBack) {
  const std::string name = Open().name();
  env_.clock.Set(env_.clock.Now() - 3600 * clock::kSecond);
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  metrics::Metrics metrics;
  ASSERT_THAT(UpdateGauges(database(), metrics, env_.clock.Now()), IsOk());
  const std::string text = metrics.Text();
  for (const char* line : {"idea_review_oldest_task_seconds{step=\"privacy-opinion\"} 0\n",
                           "idea_review_step_seconds_sum{step=\"legal-opinion\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST_P(Tasks, ShowTheirAgesAndDurationsAsMetrics) {
  const std::string name = Open().name();
  env_.clock.Advance(2 * kDay);
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  metrics::Metrics metrics;
  ASSERT_THAT(UpdateGauges(database(), metrics, env_.clock.Now()), IsOk());
  const std::string text = metrics.Text();
  for (const char* line : {"idea_review_tasks_open{step=\"legal-opinion\"} 1",
                           "idea_review_oldest_task_seconds{step=\"privacy-opinion\"} 172800",
                           "idea_review_steps_done{step=\"legal-opinion\"} 1",
                           "idea_review_step_seconds_sum{step=\"legal-opinion\"} 172800"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  OpineAll(name, {kY});
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_PRIVACY, "privacy"), IsOk());
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_SECURITY, "security"), IsOk());
  for (const char* entity : {kX, kY}) ASSERT_THAT(SignAsSponsor(name, entity), IsOk());
  for (const char* entity : {kX, kY}) ASSERT_THAT(SignAsCoordinator(name, entity), IsOk());
  ASSERT_THAT(UpdateGauges(database(), metrics, env_.clock.Now()), IsOk());
  EXPECT_NE(metrics.Text().find("idea_review_step_seconds_sum{step=\"draft-to-last-signature\"} 172800"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Every, Tasks, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::review
