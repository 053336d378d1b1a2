#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/story/two_departments.h"

// The termination of an agreement and the last signature of its amendment at the same moment, through the
// real services and their relays.
namespace idea::story {
namespace {

int Rounds() {
  const char* rounds = std::getenv("RACE_ROUNDS");
  return rounds == nullptr ? 12 : std::atoi(rounds);
}

class AmendmentRace : public TwoDepartments {
 protected:
  // Signs `bucp_` for the last time and waits until the register has it.
  std::string Execute() {
    EXPECT_THAT(SignLast(), IsOk());
    Await("a filing", [&] { return !FilingsAs(kX).empty(); });
    return FilingsAs(kX)[0].name();
  }
  void Amend(const std::string& amended) {
    drafting::v1::AmendBucpRequest amend;
    amend.set_name(amended);
    bucp_ = Must<drafting::v1::AmendBucpResponse>(kX, "p", amend).bucp().name();
    SignAllButTheLast();
  }
  absl::Status Terminate(const std::string& filing) {
    inventory::v1::TerminateFilingRequest end;
    end.set_name(filing);
    end.set_grounds(inventory::v1::GROUNDS_RULE_CHANGE);
    end.set_reason("the rule changed");
    return Ask<inventory::v1::TerminateFilingResponse>(kY, "dhcs-coordinator", end).status();
  }
  int InForce() {
    inventory::v1::ListFilingsRequest request;
    request.set_filter("state != FILING_STATE_ENDED");
    return Must<inventory::v1::ListFilingsResponse>(kX, "", request).filings_size();
  }
  drafting::v1::State StateOf(const std::string& bucp) {
    drafting::v1::GetBucpRequest request;
    request.set_name(bucp);
    return Must<drafting::v1::GetBucpResponse>(kX, "", request).bucp().state();
  }
};

TEST_P(AmendmentRace, LeavesTheAmendmentInForceOrNeither) {
  int amended = 0, terminated = 0;
  for (int round = 0; round < Rounds(); ++round) {
    PrepareUpToTheLastSignature();
    const std::string old = bucp_, filing = Execute();
    Amend(old);
    std::atomic<int> ready = 0;
    const auto together = [&] {
      ++ready;
      while (ready < 2) std::this_thread::yield();
    };
    absl::Status signature, termination;
    std::thread signer([&] {
      together();
      for (int i = 0; i < round % 4 * 5; ++i) BucpAs(kY);
      signature = SignLast();
    });
    std::thread ender([&] {
      together();
      for (int i = 0; i < round % 3 * 5; ++i) BucpAs(kX);
      termination = Terminate(filing);
    });
    signer.join();
    ender.join();
    // Either the termination came first, or there was nothing left to terminate.
    if (!termination.ok()) {
      EXPECT_THAT(termination, testing::FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
    }
    const auto expected = termination.ok() ? drafting::v1::STATE_NOT_APPROVED : drafting::v1::STATE_EXECUTED;
    Await("agreement", [&] {
      return BucpAs(kX).state() == expected && StateOf(old) == drafting::v1::STATE_ENDED &&
             InForce() == (termination.ok() ? 0 : 1);
    });
    if (termination.ok()) {
      EXPECT_TRUE(FilingsAs(kX).empty());
      EXPECT_FALSE(BucpAs(kX).has_execute_time());
      ++terminated;
      continue;
    }
    ++amended;
    const auto filings = FilingsAs(kX);
    ASSERT_EQ(filings.size(), 1u);
    // Out of the way of the next round.
    ASSERT_THAT(Terminate(filings[0].name()), IsOk());
  }
  std::printf("%d amended, %d terminated\n", amended, terminated);
  EXPECT_EQ(amended + terminated, Rounds());
}

INSTANTIATE_TEST_SUITE_P(Every, AmendmentRace, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
