#ifndef IDEA_TESTS_SERVICES_NOTIFICATION_RECORDING_SERVICE_H_
#define IDEA_TESTS_SERVICES_NOTIFICATION_RECORDING_SERVICE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/server/feed.h"
#include "common/status/status.h"
#include "services/notification/inbox/inbox_store.h"
#include "tests/services/notification/sample_events.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::notification {

inline constexpr char kDepartments[][16] = {"entities/a", "entities/b"};

inline void MigrateInboxes(storage::Database& database) {
  ASSERT_THAT(storage::Migrate(database, "events", k_events_schema), testing::IsOk());
  ASSERT_THAT(storage::Migrate(database, "notification", k_notification_schema), testing::IsOk());
}

// A service whose events go to both departments, with its log and a feed that publishes it.
class RecordingService {
 public:
  RecordingService(const std::string& name, const redis::Options& redis, const std::string& backend)
      : name_(name), log_(testing::Fresh(backend)), feed_(name, redis, *log_, notifier_, metrics_) {
    EXPECT_THAT(storage::Migrate(*log_, "events", k_events_schema), testing::IsOk());
    feed_.Start();
  }
  void Record(const std::string& bucp) {
    recorded_.push_back(name_ + " " + std::to_string(recorded_.size() + 1) + " of " + bucp);
    EXPECT_THAT(log_->Write([&](storage::Transaction& db) {
      return events::Append(db, {SampleEvent(recorded_.back(), {kDepartments[0], kDepartments[1]}, bucp)},
                            nullptr);
    }),
                testing::IsOk());
    notifier_.Notify();
  }
  const std::string& name() const { return name_; }
  // The ids of its events in the order of its log.
  const std::vector<std::string>& recorded() const { return recorded_; }

 private:
  const std::string name_;
  const std::unique_ptr<storage::Database> log_;
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  server::Feed feed_;
  std::vector<std::string> recorded_;
};

// The ids in a department's inbox, in the order of arrival. With a service, only those of its events.
inline std::vector<std::string> InboxOf(storage::Database& inboxes, const std::string& entity,
                                        const std::string& service = "") {
  std::vector<std::string> ids;
  EXPECT_THAT(inboxes.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const auto items, ReadInbox(db, entity, 0, 100'000));
    ids = IdsOf(items);
    return absl::OkStatus();
  }),
              testing::IsOk());
  std::erase_if(ids, [&](const std::string& id) { return !id.starts_with(service); });
  return ids;
}

// Each event arrives in each inbox, once and in the order of its service's log.
inline void ExpectEachOnceInOrder(storage::Database& inboxes,
                                  const std::vector<const RecordingService*>& services) {
  for (const char* entity : kDepartments) {
    for (const RecordingService* service : services) {
      EXPECT_TRUE(testing::Eventually(
          [&] { return InboxOf(inboxes, entity, service->name()).size() >= service->recorded().size(); }));
      EXPECT_EQ(InboxOf(inboxes, entity, service->name()), service->recorded()) << entity;
    }
  }
}

}  // namespace idea::notification

#endif  // IDEA_TESTS_SERVICES_NOTIFICATION_RECORDING_SERVICE_H_
