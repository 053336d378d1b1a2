// The rate limit of a server for one caller.
#include <gtest/gtest.h>

#include <functional>

#include "common/ids/ids.h"
#include "common/rpc/wire.h"
#include "google/rpc/error_details.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;
using testing::kDepartment;
using testing::kOtherDepartment;

absl::Status Check(testing::SuiteServer& server, const std::string& caller, int checks) {
  inventory::v1::BatchCheckExchangeRequest batch;
  for (int i = 0; i < checks; ++i) {
    inventory::v1::CheckExchangeRequest& check = *batch.add_requests();
    check.set_provider(kDepartment);
    check.set_recipient(kOtherDepartment);
    check.add_data_elements("name");
  }
  inventory::v1::CheckExchangeResponse answer;
  inventory::v1::BatchCheckExchangeResponse answers;
  const Context context = NewContext(std::chrono::seconds(20));
  return checks == 1 ? server.Of(caller).Send(context, batch.requests(0), &answer)
                     : server.Of(caller).Send(context, batch, &answers);
}

absl::Status Read(testing::SuiteServer& server, const std::string& caller) {
  registry::v1::ListEntitiesResponse entities;
  return server.Of(caller).Send(NewContext(std::chrono::seconds(20)), registry::v1::ListEntitiesRequest(),
                                &entities);
}

// The metadata of the refusal of a caller that has used up its rate.
void ExpectRefusal(const absl::Status& refused, const std::string& limit) {
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_OVERLOADED));
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status::MetadataOf(refused, "limit"), limit);
  const google::rpc::Status wire = status::ToWire(refused);
  EXPECT_TRUE(std::any_of(wire.details().begin(), wire.details().end(),
                          [](const auto& detail) { return detail.template Is<google::rpc::RetryInfo>(); }));
}

// A rate of one per second, so that the rest of the burst does not depend on the machine.
TEST(Rates, OfExchangeChecksCountFiftyOfABatchAsOne) {
  testing::SuiteServer server("sqlite::memory:",
                              {{"IDEA_CALLER_CHECKS_PER_SECOND", "1"}, {"IDEA_CALLER_CHECKS_BURST", "20"}});
  ASSERT_THAT(Check(server, kDepartment, 1), IsOk());
  ASSERT_THAT(Check(server, kDepartment, 199), IsOk());
  // More than a thread of gRPC serves, so a worker does.
  ASSERT_THAT(Check(server, kDepartment, 180), IsOk());
  // Nine are left; the largest batch needs all twenty.
  ExpectRefusal(Check(server, kDepartment, 1000), "checks");
  EXPECT_THAT(Check(server, kDepartment, 1), IsOk()) << "one still fits";
  EXPECT_THAT(Check(server, kOtherDepartment, 200), IsOk()) << "departments have separate rates";
  EXPECT_THAT(Read(server, kDepartment), IsOk()) << "other calls have another rate";
}

// A write that is refused after it was counted.
absl::Status Write(testing::SuiteServer& server, const std::string& caller) {
  registry::v1::EndDelegationRequest request;
  request.set_name(caller + "/delegations/none");
  request.set_request_id(ids::NewUuid());
  registry::v1::EndDelegationResponse response;
  return server.Of(caller).Send(NewContext(std::chrono::seconds(20)), request, &response);
}

// Opens a health watch and ends it after its first message, which comes at once.
absl::Status Open(const std::shared_ptr<grpc::Channel>& channel) {
  return FromGrpc(testing::Exchange(channel, "/grpc.health.v1.Health/Watch", testing::HealthRequest(""),
                                    [](const std::string&) { return false; })
                      .status);
}

// The number of calls until the first one that is refused for its rate.
int CallsUntil(const std::string& limit, const std::function<absl::Status()>& call) {
  for (int calls = 0; calls < 1000; ++calls) {
    const absl::Status status = call();
    if (status::ReasonOf(status) != Reason::ERROR_REASON_OVERLOADED) continue;
    ExpectRefusal(status, limit);
    EXPECT_EQ(status::MetadataOf(status, "per_second"), "1");
    return calls;
  }
  return 1000;
}

// One department's loop of reads slows neither its own writes and streams nor the others.
TEST(Rates, OfEachClassOfCallsAreSeparate) {
  testing::SuiteServer server("sqlite::memory:", {{"IDEA_CALLER_READS_PER_SECOND", "1"},
                                                  {"IDEA_CALLER_READS_BURST", "20"},
                                                  {"IDEA_CALLER_WRITES_PER_SECOND", "1"},
                                                  {"IDEA_CALLER_WRITES_BURST", "10"},
                                                  {"IDEA_CALLER_OPENED_STREAMS_PER_SECOND", "1"},
                                                  {"IDEA_CALLER_OPENED_STREAMS_BURST", "5"}});
  EXPECT_GE(CallsUntil("reads", [&] { return Read(server, kDepartment); }), 20);
  EXPECT_GE(CallsUntil("writes", [&] { return Write(server, kDepartment); }), 10);
  const auto channel = testing::ChannelTo(server.address(), testing::FilesOf(kDepartment));
  EXPECT_GE(CallsUntil("opened_streams", [&] { return Open(channel); }), 5);
  EXPECT_THAT(Check(server, kDepartment, 1), IsOk());
  EXPECT_THAT(Read(server, kOtherDepartment), IsOk()) << "entities have separate rates";
  const auto other = testing::ChannelTo(server.address(), testing::FilesOf(kOtherDepartment));
  EXPECT_NE(status::ReasonOf(Open(other)), Reason::ERROR_REASON_OVERLOADED);
  for (int i = 0; i < 100; ++i) ASSERT_THAT(Read(server, "drafting"), IsOk()) << "services have none";
}

}  // namespace
}  // namespace idea::rpc
