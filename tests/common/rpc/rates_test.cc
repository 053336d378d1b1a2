// The rate limit of a server for one caller.
#include <gtest/gtest.h>

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

absl::Status Check(testing::SuiteServer& house, const std::string& caller, int checks) {
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
  return checks == 1 ? house.Of(caller).Send(context, batch.requests(0), &answer)
                     : house.Of(caller).Send(context, batch, &answers);
}

absl::Status Read(testing::SuiteServer& house, const std::string& caller) {
  registry::v1::ListEntitiesResponse entities;
  return house.Of(caller).Send(NewContext(std::chrono::seconds(20)), registry::v1::ListEntitiesRequest(),
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
  testing::SuiteServer house("sqlite::memory:",
                             {{"IDEA_CALLER_CHECKS_PER_SECOND", "1"}, {"IDEA_CALLER_CHECKS_BURST", "20"}});
  ASSERT_THAT(Check(house, kDepartment, 1), IsOk());
  ASSERT_THAT(Check(house, kDepartment, 199), IsOk());
  // More than a thread of gRPC serves, so a worker does.
  ASSERT_THAT(Check(house, kDepartment, 180), IsOk());
  // Nine are left; the largest batch needs all twenty.
  ExpectRefusal(Check(house, kDepartment, 1000), "inline_calls");
  EXPECT_THAT(Check(house, kDepartment, 1), IsOk()) << "one still fits";
  EXPECT_THAT(Check(house, kOtherDepartment, 200), IsOk()) << "departments have separate rates";
  EXPECT_THAT(Read(house, kDepartment), IsOk()) << "other calls have another rate";
}

TEST(Rates, OfOtherCallsDoNotCountThoseOfServices) {
  testing::SuiteServer house("sqlite::memory:",
                             {{"IDEA_CALLER_CALLS_PER_SECOND", "1"}, {"IDEA_CALLER_CALLS_BURST", "20"}});
  absl::Status refused;
  int served = 0;
  for (; refused.ok() && served < 1000; ++served) refused = Read(house, kDepartment);
  ExpectRefusal(refused, "worker_calls");
  EXPECT_GT(served, 20);
  for (int i = 0; i < 100; ++i) ASSERT_THAT(Read(house, "drafting"), IsOk());
  EXPECT_THAT(Check(house, kDepartment, 1), IsOk());
}

}  // namespace
}  // namespace idea::rpc
