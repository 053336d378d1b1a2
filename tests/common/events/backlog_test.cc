#include "common/events/backlog.h"

#include "common/events/relay.h"
#include "tests/common/events/event_log.h"

namespace idea::events {
namespace {

using testing::IsOk;

class ABacklog : public OnEventLog {
 protected:
  Backlog Current(const std::map<std::string, std::string>& feeds = {}) {
    Backlog backlog;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(backlog, ReadBacklog(db, feeds));
      return absl::OkStatus();
    }),
                IsOk());
    return backlog;
  }
};

TEST_P(ABacklog, HasTheTimeOfTheOldestEventThatARelayHasNotDelivered) {
  bool accepts = true;
  const Target target = {
      "review", [&](const Event&) { return accepts ? absl::OkStatus() : absl::UnavailableError("away"); },
      nullptr};
  Notifier notifier;
  const clock::SystemClock clock;
  Relay relay({.service = "drafting"}, target, database(), notifier, clock);
  ASSERT_THAT(Record({"bucps/1"}), IsOk());
  ReadSoon(1);
  ASSERT_THAT(relay.Pass(), IsOk());
  EXPECT_EQ(Current().undelivered["review"].events, 0);
  EXPECT_EQ(Current().undelivered["review"].oldest, 0);

  accepts = false;
  ASSERT_THAT(Record({"bucps/2", "bucps/3"}), IsOk());
  ReadSoon(3);
  relay.Pass().IgnoreError();
  EXPECT_EQ(Current().undelivered["review"].events, 2);
  // The time of all events of this log.
  EXPECT_EQ(Current().undelivered["review"].oldest, clock::kSecond);
}

TEST_P(ABacklog, CountsTheEventsAfterTheCursorOfAFeed) {
  ASSERT_THAT(Record({"bucps/1", "bucps/2", "bucps/3"}), IsOk());
  const std::vector<LoggedEvent> logged = ReadSoon(3);
  const std::string first = CurrentEpochs().CursorOf(logged[0].position);
  EXPECT_EQ(Current({{"notification", first}}).undelivered["notification"].events, 2);
  EXPECT_EQ(Current({{"notification", ""}}).undelivered["notification"].events, 3);
  const std::string head = Current().head;
  EXPECT_EQ(Current({{"notification", head}}).undelivered["notification"].events, 0);
  EXPECT_EQ(Current().undelivered.count("notification"), 0U);
}

INSTANTIATE_TEST_SUITE_P(Every, ABacklog, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::events
