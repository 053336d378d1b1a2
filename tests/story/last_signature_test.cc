#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/story/two_departments.h"

// An objection and the last signature at the same moment, through the real services and their relays.
namespace idea::story {
namespace {

// As many rounds as RACE_ROUNDS says; a few to see that it holds, 1,000 to be sure.
int Rounds() {
  const char* rounds = std::getenv("RACE_ROUNDS");
  return rounds == nullptr ? 50 : std::atoi(rounds);
}

// The states of one BUCP in the three services, and whether inventory expects a filing.
struct Standing {
  drafting::v1::State bucp = drafting::v1::STATE_UNSPECIFIED;
  review::v1::RoutingState routing = review::v1::ROUTING_STATE_UNSPECIFIED;
  std::optional<dispute::v1::State> dispute;
  int filings = 0;

  bool Executed() const {
    return bucp == drafting::v1::STATE_EXECUTED && routing == review::v1::ROUTING_STATE_COMPLETE &&
           filings == 1 && dispute.value_or(dispute::v1::STATE_VOID) != dispute::v1::STATE_AGENCY_MEDIATION;
  }
  bool Held() const {
    return bucp == drafting::v1::STATE_DISPUTED && routing == review::v1::ROUTING_STATE_HELD &&
           filings == 0 && dispute == dispute::v1::STATE_AGENCY_MEDIATION;
  }
  std::string Text() const {
    return drafting::v1::State_Name(bucp) + ", " + review::v1::RoutingState_Name(routing) + ", dispute " +
           (dispute ? dispute::v1::State_Name(*dispute) : "none") + ", filings " + std::to_string(filings);
  }
};

class LastSignature : public TwoDepartments {
 protected:
  Standing ReadStanding() {
    Standing standing;
    standing.bucp = BucpAs(kX).state();
    standing.routing = RoutingAs(kX).state();
    const auto disputes = DisputesAs(kX);
    EXPECT_LE(disputes.size(), 1u);
    if (!disputes.empty()) standing.dispute = disputes[0].state();
    standing.filings = static_cast<int>(FilingsAs(kX).size());
    return standing;
  }
  Standing Settled() {
    Standing standing;
    try {
      Await("agreement", [&] {
        standing = ReadStanding();
        return standing.Executed() || standing.Held();
      });
    } catch (const std::runtime_error& error) {
      ADD_FAILURE() << error.what() << ": " << standing.Text();
    }
    return standing;
  }
  // Both sides read the same.
  void ExpectOneTruth() {
    EXPECT_EQ(BucpAs(kX).SerializeAsString(), BucpAs(kY).SerializeAsString());
    EXPECT_EQ(RoutingAs(kX).SerializeAsString(), RoutingAs(kY).SerializeAsString());
    const auto theirs = DisputesAs(kY), ours = DisputesAs(kX);
    ASSERT_EQ(ours.size(), theirs.size());
    for (size_t i = 0; i < ours.size(); ++i)
      EXPECT_EQ(ours[i].ShortDebugString(), theirs[i].ShortDebugString());
    EXPECT_EQ(FilingsAs(kX).size(), FilingsAs(kY).size());
  }
  // The objection is taken back: the BUCP goes on from where it was.
  void WithdrawAndGoOn(const absl::Status& last_signature) {
    dispute::v1::WithdrawDisputeRequest withdraw;
    withdraw.set_name(DisputesAs(kY)[0].name());
    withdraw.set_reason("answered");
    Must<dispute::v1::WithdrawDisputeResponse>(kY, "p", withdraw);
    if (!last_signature.ok()) {
      Await("release", [&] { return RoutingAs(kY).state() == review::v1::ROUTING_STATE_COORDINATORS; });
      EXPECT_THAT(SignLast(), IsOk());
    }
    EXPECT_TRUE(Settled().Executed());
    ExpectOneTruth();
  }
};

TEST_P(LastSignature, AndAnObjectionAtTheSameMomentExecuteOrHoldNeverBoth) {
  int executed = 0, held = 0, too_late = 0;
  const int rounds = Rounds();
  for (int round = 0; round < rounds; ++round) {
    PrepareUpToTheLastSignature();
    absl::Status signature, objection;
    std::atomic<int> ready = 0;
    const auto together = [&] {
      ++ready;
      while (ready < 2) std::this_thread::yield();
    };
    std::thread signer([&] {
      together();
      // Sometimes later, so that each may be first.
      for (int i = 0; i < round % 6 * 5; ++i) BucpAs(kY);
      signature = SignLast();
    });
    std::thread objector([&] {
      together();
      objection = Object().status();
    });
    signer.join();
    objector.join();
    if (!signature.ok()) {
      EXPECT_THAT(signature, testing::FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
    }
    if (!objection.ok()) {
      EXPECT_THAT(objection, testing::FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
      ++too_late;
    }
    const Standing standing = Settled();
    ASSERT_TRUE(standing.Executed() != standing.Held()) << standing.Text();
    ExpectOneTruth();
    ++(standing.Executed() ? executed : held);
    if (standing.Executed()) {
      EXPECT_THAT(signature, IsOk());
    } else {
      EXPECT_THAT(objection, IsOk());
      WithdrawAndGoOn(signature);
    }
    ASSERT_FALSE(HasFailure()) << "round " << round << ": " << ReadStanding().Text();
  }
  RecordProperty("executed", executed);
  RecordProperty("held", held);
  std::printf("%d executed (%d objections came after that), %d held\n", executed, too_late, held);
  EXPECT_EQ(executed + held, rounds);
}

INSTANTIATE_TEST_SUITE_P(Every, LastSignature, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
