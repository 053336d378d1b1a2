#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/exchange/exchange_index.h"
#include "tests/common/exchange/exchange_index_samples.h"

namespace idea::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace samples;  // NOLINT(google-build-using-namespace): the samples of these tests

v1::ExchangeDecision DecideOn(const ExchangeIndex& index, Day day, const v1::CheckExchangeRequest& question) {
  v1::ExchangeDecision decision;
  index.Decide(question, {kExecuted + clock::kDay, day, false}, auth::Visibility::All(), decision);
  return decision;
}

TEST(ExchangeIndex, DeniesExchangesOfALapsedParty) {
  for (const char* party : {kProvider, kRecipient}) {
    ExchangeIndex index;
    index.Put(FilingOf(1), TermsOf({"County"}));
    index.SetLapses({{party, 120, 130}, {party, 150, kNoEnd}, {"entities/another", 1, kNoEnd}});
    const auto question = Question({"County"});
    for (const Day day : {119, 130, 149}) {
      const auto decision = DecideOn(index, day, question);
      EXPECT_EQ(decision.verdict(), v1::VERDICT_PERMITTED) << day;
      EXPECT_THAT(decision.lapsed_parties(), IsEmpty());
    }
    for (const auto& [day, since] : {std::pair<Day, Day>{120, 120}, {129, 120}, {150, 150}, {200, 150}}) {
      const auto decision = DecideOn(index, day, question);
      EXPECT_EQ(decision.verdict(), v1::VERDICT_DENIED) << day;
      ASSERT_EQ(decision.denials_size(), 1);
      EXPECT_EQ(decision.denials(0).reason(), v1::DENIAL_REASON_NO_LONGER_SIGNATORY);
      EXPECT_EQ(decision.denials(0).filing(), "filings/1");
      EXPECT_EQ(decision.denials(0).party(), party);
      ASSERT_EQ(decision.lapsed_parties_size(), 1);
      EXPECT_EQ(decision.lapsed_parties(0).entity(), party);
      EXPECT_EQ(DayNumber(decision.lapsed_parties(0).since()), since);
    }
    // All other reasons are returned too.
    EXPECT_EQ(DecideOn(index, 201, question).denials_size(), 2);
    EXPECT_EQ(DecideOn(index, 150, Question({"Name"})).denials_size(), 2);
    // Signed again, or a lapse that the registry withdrew.
    index.SetLapses({});
    EXPECT_EQ(DecideOn(index, 150, question).verdict(), v1::VERDICT_PERMITTED);
  }
}

TEST(ExchangeIndex, PermitsThemOnConditionIfTheSettingSaysSo) {
  ExchangeIndex index(true);
  index.SetLapses({{kProvider, 150, kNoEnd}, {kRecipient, 160, kNoEnd}});
  index.Put(FilingOf(1), TermsOf({"County"}));
  EXPECT_THAT(DecideOn(index, 149, Question({"County"})).lapsed_parties(), IsEmpty());
  const auto decision = DecideOn(index, 160, Question({"County"}));
  EXPECT_EQ(decision.verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(decision.filing(), "filings/1");
  EXPECT_THAT(decision.denials(), IsEmpty());
  ASSERT_EQ(decision.lapsed_parties_size(), 2);
  EXPECT_EQ(DayNumber(decision.lapsed_parties(0).since()), 150);
  EXPECT_EQ(decision.lapsed_parties(1).entity(), kRecipient);
  EXPECT_EQ(DecideOn(index, 201, Question({"County"})).denials_size(), 1);
}

}  // namespace
}  // namespace idea::exchange
