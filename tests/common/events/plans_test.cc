#include "tests/common/events/event_log.h"
#include "tests/support/query_plans.h"

namespace idea::events {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

// Each poll of the log seeks to its position, so its cost is independent of the length of the log.
class PlansOfTheLog : public OnEventLog {
 protected:
  void SetUp() override {
    OnEventLog::SetUp();
    if (IsSkipped()) return;
    Subjects subjects;
    // Enough BUCPs that PostgreSQL never prefers to read the log from the position on and filter.
    for (int i = 0; i < 3000; ++i) subjects.push_back("bucps/" + std::to_string(i % 100));
    ASSERT_THAT(Record(subjects), IsOk());
    ASSERT_THAT(database().Write([](storage::Transaction& db) { return db.Execute("ANALYZE", {}).status(); }),
                IsOk());
  }
  std::vector<std::string> Plan(const storage::Body& body) {
    const std::vector<std::string> plan = testing::PlansOf(database(), body);
    EXPECT_FALSE(plan.empty());
    EXPECT_THAT(testing::SlowSteps(plan, {"event_epochs", "unplaced_events"}), IsEmpty())
        << ::testing::PrintToString(plan);
    return plan;
  }
};

TEST_P(PlansOfTheLog, SeekToThePosition) {
  const auto after = Plan([](auto& db) { return ReadAfter(db, 1500, 100).status(); });
  const auto subjects = Plan([](auto& db) { return ReadSubjectsAfter(db, 1500, 100).status(); });
  const auto of = Plan([](auto& db) { return ReadOf(db, "bucps/7", 1500, 100).status(); });
  if (GetParam() == "sqlite") {
    EXPECT_THAT(after, Contains(HasSubstr("INTEGER PRIMARY KEY (rowid>?)")));
    EXPECT_THAT(subjects, Contains(HasSubstr("INTEGER PRIMARY KEY (rowid>?)")));
    EXPECT_THAT(of, Contains(HasSubstr("events_of_bucp (bucp=? AND rowid>?)")));
  } else {
    EXPECT_THAT(after, Contains(HasSubstr("Index Cond: (\"position\" > 1500)")));
    EXPECT_THAT(subjects, Contains(HasSubstr("Index Cond: (\"position\" > 1500)")));
    EXPECT_THAT(of, Contains(HasSubstr("Index Cond: ((bucp = 'bucps/7'::text) AND (\"position\" > 1500))")));
  }
}

TEST_P(PlansOfTheLog, FindTheEndOfTheLog) {
  const auto plan = testing::PlansOf(database(), [](auto& db) { return Epochs::Read(db).status(); });
  EXPECT_THAT(plan, Contains(HasSubstr(GetParam() == "sqlite" ? "SEARCH events" : "event_positions_pkey")));
}

TEST_P(PlansOfTheLog, FindEventsWithoutAPositionAmongFew) {
  if (GetParam() == "sqlite") GTEST_SKIP() << "on SQLite a number is a position";
  Plan([](auto& db) { return ReadUnplacedSubjects(db).status(); });
}

INSTANTIATE_TEST_SUITE_P(Every, PlansOfTheLog, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::events
