#include "common/server/readiness.h"
#include "tests/story/two_departments.h"
#include "tests/support/fault_timer.h"

// The clock of the machine is set while a BUCP is on its way through the services.
namespace idea::story {
namespace {

constexpr clock::Micros kHour = 3600 * clock::kSecond;

class AClockThatIsSet : public TwoDepartments {
 protected:
  // Signs for the last time right after the clock was set: drafting, review and inventory have to agree.
  void ExecuteAfter(const std::string& fault, clock::Micros ahead) {
    PrepareUpToTheLastSignature();
    server_->SetClockAhead(ahead);
    const testing::FaultTimer timer(fault);
    ASSERT_THAT(SignLast(), IsOk());
    Await("filing", [&] { return FilingsAs(kY).size() == 1; });
    timer.Recovered();
    ExpectReady(fault);
    EXPECT_EQ(BucpAs(kX).state(), drafting::v1::STATE_EXECUTED);
    EXPECT_EQ(RoutingAs(kX).state(), review::v1::ROUTING_STATE_COMPLETE);
  }

  // For longer than a check that fails would take to show.
  void ExpectReady(const std::string& fault) {
    constexpr server::Readiness::Settings kSettings;
    const auto end = std::chrono::steady_clock::now() + kSettings.max_silence + 2 * kSettings.interval;
    EXPECT_TRUE(testing::Eventually([&] {
      const auto health = server_->Of(kCdo).CheckHealth(rpc::NewContext(std::chrono::seconds(10)), "");
      EXPECT_TRUE(health.ok() && health->serving) << fault;
      return std::chrono::steady_clock::now() > end;
    }));
    testing::PrintHealth(fault, true);
  }
};

TEST_P(AClockThatIsSet, HoldsNothingBack) {
  ExecuteAfter("Clock set forward by an hour", kHour);
  ExecuteAfter("Clock set back by an hour", 0);
  ExecuteAfter("Clock set back by an hour", -kHour);
  ExecuteAfter("Clock set forward by an hour", 0);
}

INSTANTIATE_TEST_SUITE_P(Every, AClockThatIsSet, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
