#include "common/server/log_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

namespace idea::server {
namespace {

using inventory::v1::AddLogEntriesRequest;
using inventory::v1::LogEntry;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class LogTargetTest : public ::testing::Test {
 protected:
  // The target of a service in which every event is about this number of records.
  events::Target TargetOf(int records) {
    const rpc::PeerClient peers = [this](std::string_view service, const rpc::Context&,
                                         const google::protobuf::Message& request,
                                         google::protobuf::Message*) {
      EXPECT_EQ(service, "inventory");
      received_.push_back(static_cast<const AddLogEntriesRequest&>(request));
      return answer_;
    };
    return LogTarget(peers, *database_,
                     [records](storage::Transaction&, const events::Event&, std::vector<LogEntry>& entries) {
                       for (int i = 0; i < records; ++i)
                         entries.emplace_back().set_record("r" + std::to_string(i));
                       return absl::OkStatus();
                     });
  }
  events::Event Occurred() {
    events::Event event;
    event.set_event_id(ids::NewUuid());
    event.mutable_time()->set_seconds(1'800'000'000);
    return event;
  }

  std::unique_ptr<storage::Database> database_ = testing::Fresh("memory");
  absl::Status answer_;
  std::vector<AddLogEntriesRequest> received_;
};

TEST_F(LogTargetTest, SendsTheEntriesOfAnEventInPartsWithFixedRequestIds) {
  const events::Target target = TargetOf(1'100);
  EXPECT_EQ(target.name, "log");
  EXPECT_EQ(target.peer, "inventory");
  const events::Event event = Occurred();
  ASSERT_THAT(target.deliver(event), IsOk());
  ASSERT_THAT(target.deliver(event), IsOk());
  ASSERT_EQ(received_.size(), 6U);
  std::set<std::string> ids = {event.event_id()};
  int entries = 0;
  for (size_t part = 0; part < 3; ++part) {
    EXPECT_TRUE(ids::IsUuid4(received_[part].request_id())) << received_[part].request_id();
    EXPECT_TRUE(ids.insert(received_[part].request_id()).second) << "another command has this id";
    EXPECT_EQ(received_[part].SerializeAsString(), received_[part + 3].SerializeAsString());
    for (const LogEntry& entry : received_[part].entries()) {
      EXPECT_EQ(entry.record(), "r" + std::to_string(entries++));
      EXPECT_EQ(entry.time().seconds(), event.time().seconds());
    }
  }
  EXPECT_EQ(entries, 1'100);
}

TEST_F(LogTargetTest, SendsNothingForAnEventWithoutRecords) {
  EXPECT_THAT(TargetOf(0).deliver(Occurred()), IsOk());
  EXPECT_TRUE(received_.empty());
}

TEST_F(LogTargetTest, WaitsForAnInventoryOfTheReleaseBefore) {
  answer_ = status::Error(Reason::ERROR_REASON_METHOD_UNKNOWN, "no such method");
  const absl::Status waits = TargetOf(1).deliver(Occurred());
  EXPECT_THAT(waits, FailsWith(Reason::ERROR_REASON_METHOD_UNKNOWN));
  EXPECT_FALSE(status::IsRefusal(waits));
}

// The record has changed between two attempts of which the first arrived. The change has its own event.
TEST_F(LogTargetTest, IsDoneIfTheCommandArrivedBefore) {
  answer_ = status::Error(Reason::ERROR_REASON_REQUEST_ID_REUSED, "another content");
  EXPECT_THAT(TargetOf(1).deliver(Occurred()), IsOk());
}

TEST_F(LogTargetTest, FailsIfARecordCannotBeRead) {
  const rpc::PeerClient nobody = [](std::string_view, const rpc::Context&, const google::protobuf::Message&,
                                    google::protobuf::Message*) { return absl::OkStatus(); };
  const events::Target target =
      LogTarget(nobody, *database_,
                [](storage::Transaction&, const events::Event&, std::vector<LogEntry>&) -> absl::Status {
                  return status::NotFoundOrHidden("routings/1/opinions/1");
                });
  EXPECT_THAT(target.deliver(Occurred()), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace idea::server
