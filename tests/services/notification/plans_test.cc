#include "common/events/events.h"
#include "services/notification/inbox/inbox_store.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"
#include "tests/support/query_plans.h"

namespace idea::notification {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

// The cost of reading an inbox depends neither on its length nor on the number of inboxes.
class PlansOfTheInbox : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(storage::Migrate(database(), "events", k_events_schema), IsOk());
    ASSERT_THAT(storage::Migrate(database(), "notification", k_notification_schema), IsOk());
    // Fifty inboxes of 800 items.
    ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(
          db.Execute(
                "INSERT INTO inbox (txid, entity, event_id, bucp, type, subject, time, body) "
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
                "SELECT 0, 'entities/' || (i % 50), 'e' || i, 'bucps/' || (i / 50 % 10), 'BucpSent', '', i, "
                "$1 FROM n",
                {storage::Blob{SampleEvent("e", {}).SerializeAsString()}})
              .status());
      return db.Execute("ANALYZE", {}).status();
    }),
                IsOk());
  }
  std::vector<std::string> Plan(const storage::Body& body) {
    const std::vector<std::string> plan = testing::PlansOf(database(), body);
    EXPECT_FALSE(plan.empty());
    EXPECT_THAT(testing::SlowSteps(plan, {}), IsEmpty()) << ::testing::PrintToString(plan);
    return plan;
  }
};

TEST_P(PlansOfTheInbox, SeekToThePosition) {
  const auto read = Plan([](auto& db) { return ReadInbox(db, "entities/7", 20000, 100).status(); });
  const auto filtered =
      Plan([](auto& db) { return ReadInbox(db, "entities/7", 20000, 100, "type = BucpSent").status(); });
  const char* seek =
      GetParam() == "sqlite"
          ? "inbox_by_number (entity=? AND seq>?)"
          : "Index Cond: ((entity = ANY ('{entities/7,entities/7}'::text[])) AND (seq > 20000))";
  EXPECT_THAT(read, Contains(HasSubstr(seek)));
  EXPECT_THAT(filtered, Contains(HasSubstr(seek)));
}

TEST_P(PlansOfTheInbox, FindTheLatestOfATimeline) {
  const auto plan = Plan([](auto& db) { return ReadTimeline(db, "entities/7", "bucps/1", 100).status(); });
  EXPECT_THAT(
      plan,
      Contains(HasSubstr(GetParam() == "sqlite"
                             ? "inbox_by_bucp (entity=? AND bucp=?)"
                             : "Index Cond: ((entity = 'entities/7'::text) AND (bucp = 'bucps/1'::text))")));
}

TEST_P(PlansOfTheInbox, FindItsEnd) {
  const auto plan = testing::PlansOf(database(), [](auto& db) { return ReadInboxEpochs(db).status(); });
  EXPECT_THAT(plan, Contains(HasSubstr(GetParam() == "sqlite" ? "SEARCH inbox" : "inbox_pkey")));
}

INSTANTIATE_TEST_SUITE_P(Every, PlansOfTheInbox, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::notification
