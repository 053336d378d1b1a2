#include "services/cli/gate/exchange_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/common/exchange/exchange_index_samples.h"
#include "tests/services/cli/gate/watch_script.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using exchange::samples::FilingOf;
using exchange::samples::kProvider;
using exchange::samples::kRecipient;
using exchange::samples::Question;
using exchange::samples::TermsOf;
using status::Reason;
using testing::Eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

class Follower : public ::testing::Test {
 protected:
  Follower() {
    follower_ = std::make_unique<ExchangeFollower>(ExchangeFollower::Options{
        script_.watch(), clock_, std::chrono::seconds(5), [](const std::string&) {}});
    follower_->Start();
  }
  ~Follower() override { script_.Close(); }

  // An agreement without days, so that it is in force on every day.
  static v1::Filing OpenEnded(int n) {
    v1::Filing filing = FilingOf(n);
    filing.clear_start_date();
    filing.clear_end_date();
    return filing;
  }
  void SendSnapshot() {
    script_.SendRules(kProvider);
    script_.SendAgreement(OpenEnded(1), TermsOf({"County", "Month"}));
    script_.SendTime(clock_.Now());
  }
  v1::ExchangeDecision Decide(const v1::CheckExchangeRequest& request) {
    v1::ExchangeDecision decision;
    EXPECT_THAT(follower_->Decide(request, decision), IsOk());
    return decision;
  }
  v1::Verdict Verdict(const std::vector<std::string>& elements = {"County"}) {
    return Decide(Question(elements)).verdict();
  }

  clock::FakeClock clock_;
  WatchScript script_;
  std::unique_ptr<ExchangeFollower> follower_;
};

TEST_F(Follower, DecidesNothingBeforeTheSnapshotIsComplete) {
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED_UNKNOWN);
  script_.SendRules(kProvider);
  script_.SendAgreement(OpenEnded(1), TermsOf({"County"}));
  const auto decision = Decide(Question({"County"}));
  EXPECT_EQ(decision.verdict(), v1::VERDICT_DENIED_UNKNOWN);
  ASSERT_EQ(decision.denials_size(), 1);
  EXPECT_EQ(decision.denials(0).reason(), v1::DENIAL_REASON_INDEX_NOT_FRESH);
  EXPECT_THAT(follower_->Unready(), HasSubstr("the first snapshot is not complete"));
  script_.SendTime(clock_.Now());
  ASSERT_TRUE(Eventually([&] { return follower_->IsFresh(); }));
  EXPECT_EQ(Verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(Verdict({"Name"}), v1::VERDICT_DENIED);
  EXPECT_EQ(follower_->size(), 1u);
}

TEST_F(Follower, DeniesAfterATerminationAndWhenNothingCameForTooLong) {
  SendSnapshot();
  ASSERT_TRUE(Eventually([&] { return Verdict() == v1::VERDICT_PERMITTED; }));
  v1::Filing ended = OpenEnded(1);
  exchange::samples::End(ended, clock_.Now());
  script_.SendAgreement(ended, TermsOf({"County", "Month"}));
  ASSERT_TRUE(Eventually([&] { return Verdict() == v1::VERDICT_DENIED; }));
  // An older state of the agreement changes nothing.
  script_.SendAgreement(OpenEnded(1), TermsOf({"County", "Month"}));
  clock_.Advance(clock::kSecond);
  script_.SendTime(clock_.Now());
  ASSERT_TRUE(Eventually([&] { return follower_->time() == clock_.Now(); }));
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED);

  clock_.Advance(5 * clock::kSecond);
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED);
  clock_.Advance(1);
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED_UNKNOWN);
  EXPECT_THAT(follower_->Unready(), HasSubstr("sent nothing for too long"));
  script_.SendTime(clock_.Now());
  ASSERT_TRUE(Eventually([&] { return follower_->IsFresh(); }));
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED);
}

// A message that was on its way for long is old when it comes.
TEST_F(Follower, DoesNotTrustATimeThatIsOldOrAhead) {
  SendSnapshot();
  ASSERT_TRUE(Eventually([&] { return follower_->IsFresh(); }));
  for (const clock::Micros off : {-6 * clock::kSecond, 6 * clock::kSecond}) {
    const clock::Micros at = clock_.Now() + off;
    script_.SendTime(at);
    ASSERT_TRUE(Eventually([&] { return follower_->time() == at; }));
    EXPECT_EQ(Verdict(), v1::VERDICT_DENIED_UNKNOWN);
    EXPECT_THAT(follower_->Unready(), HasSubstr("s old by the clocks"));
  }
  script_.SendTime(clock_.Now());
  ASSERT_TRUE(Eventually([&] { return Verdict() == v1::VERDICT_PERMITTED; }));
  // A clock that is set does not make it fresh or old enough.
  clock_.Set(clock_.Now() + clock::kDay);
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED_UNKNOWN);
}

TEST_F(Follower, ReplacesEverythingByTheNextWatch) {
  SendSnapshot();
  ASSERT_TRUE(Eventually([&] { return Verdict() == v1::VERDICT_PERMITTED; }));
  script_.End(absl::UnavailableError("the connection was cut"));
  ASSERT_TRUE(Eventually([&] { return script_.watches == 2; }));
  // Within the limit, what is known counts.
  EXPECT_EQ(Verdict(), v1::VERDICT_PERMITTED);
  script_.SendRules(kProvider);
  script_.SendAgreement(OpenEnded(2), TermsOf({"Month"}));
  script_.SendTime(clock_.Now());
  // The agreement of the earlier database is not known any more.
  ASSERT_TRUE(Eventually([&] { return Verdict() == v1::VERDICT_DENIED; }));
  EXPECT_EQ(Verdict({"Month"}), v1::VERDICT_PERMITTED);
  script_.End(absl::UnavailableError("the connection was cut"));
  clock_.Advance(6 * clock::kSecond);
  ASSERT_TRUE(Eventually([&] { return follower_->Unready() == "the connection was cut"; }));
  EXPECT_EQ(Verdict({"Month"}), v1::VERDICT_DENIED_UNKNOWN);
}

TEST_F(Follower, RefusesServersWithoutSnapshotsAndUnknownTimeZones) {
  v1::WatchExchangesResponse beginning;
  beginning.set_resume_token("x");
  script_.Send(beginning);
  ASSERT_TRUE(Eventually([&] { return follower_->Unready().find("earlier release") != std::string::npos; }));
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED_UNKNOWN);
  script_.SendRules(kProvider, "Nowhere/City");
  ASSERT_TRUE(Eventually([&] { return follower_->Unready().find("Nowhere/City") != std::string::npos; }));
  EXPECT_EQ(Verdict(), v1::VERDICT_DENIED_UNKNOWN);
  SendSnapshot();
  ASSERT_TRUE(Eventually([&] { return Verdict() == v1::VERDICT_PERMITTED; }));
}

TEST_F(Follower, KnowsOnlyWhatItsEntityMaySee) {
  script_.SendRules("entities/stranger");
  script_.SendAgreement(OpenEnded(1), TermsOf({"County"}));
  script_.SendTime(clock_.Now());
  ASSERT_TRUE(Eventually([&] { return follower_->IsFresh(); }));
  const auto decision = Decide(Question({"County"}));
  EXPECT_EQ(decision.verdict(), v1::VERDICT_DENIED);
  ASSERT_EQ(decision.denials_size(), 1);
  EXPECT_EQ(decision.denials(0).reason(), v1::DENIAL_REASON_NO_AGREEMENT);
}

TEST_F(Follower, RefusesWhatTheServiceRefuses) {
  SendSnapshot();
  ASSERT_TRUE(Eventually([&] { return follower_->IsFresh(); }));
  const auto decide = [&](auto change) {
    v1::CheckExchangeRequest request = Question({"County"});
    change(request);
    v1::ExchangeDecision decision;
    const absl::Status status = follower_->Decide(request, decision);
    EXPECT_EQ(decision.verdict(), v1::VERDICT_UNSPECIFIED);
    return status;
  };
  const auto invalid = FailsWith(Reason::ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(decide([](auto& request) { request.clear_data_elements(); }), invalid);
  EXPECT_THAT(decide([](auto& request) { request.set_provider("department-y"); }), invalid);
  EXPECT_THAT(decide([](auto& request) { request.set_recipient(""); }), invalid);
  EXPECT_THAT(decide([](auto& request) { request.add_data_elements("a\x01"); }), invalid);
  EXPECT_THAT(decide([](auto& request) { request.set_at_least_as_fresh("filings/1@1"); }), invalid);
}

// The same answers as from an index with the same agreements, for agreements and requests at random.
TEST_F(Follower, DecidesAsTheServiceDoes) {
  std::mt19937 random(1);
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  const std::vector<std::string> entities = {kProvider, kRecipient, "entities/c", "entities/d"};
  const std::vector<std::string> elements = {"County", "Month", "Name", "Case Number"};
  exchange::ExchangeIndex index;
  v1::WatchExchangesResponse rules;
  rules.mutable_rules()->set_all_entities(true);
  rules.mutable_rules()->set_time_zone("UTC");
  v1::SignatoryLapse& lapse = *rules.mutable_rules()->add_lapses();
  lapse.set_entity("entities/d");
  *lapse.mutable_start_date() = exchange::DateOf(20'000);
  index.SetLapses({{"entities/d", 20'000, exchange::kNoEnd}});
  script_.Send(rules);
  for (int n = 0; n < 200; ++n) {
    v1::Filing filing = FilingOf(n);
    *filing.mutable_start_date() = exchange::DateOf(20'400 + pick(100));
    *filing.mutable_end_date() = exchange::DateOf(20'440 + pick(200));
    filing.clear_providers();
    filing.clear_recipients();
    filing.add_providers(entities[static_cast<size_t>(pick(4))]);
    filing.add_recipients(entities[static_cast<size_t>(pick(4))]);
    if (pick(4) == 0) exchange::samples::End(filing, clock_.Now() + (pick(2) - 1) * clock::kDay);
    v1::Terms terms =
        TermsOf({elements[static_cast<size_t>(pick(4))], elements[static_cast<size_t>(pick(4))]});
    if (pick(2) == 0) terms.mutable_purpose_class()->add_kinds(drafting::v1::PURPOSE_KIND_RESEARCH);
    index.Put(filing, terms);
    script_.SendAgreement(filing, terms);
  }
  script_.SendTime(clock_.Now());
  ASSERT_TRUE(Eventually([&] { return follower_->IsFresh(); }));
  int permitted = 0;
  for (int i = 0; i < 2'000; ++i) {
    v1::CheckExchangeRequest request = Question({elements[static_cast<size_t>(pick(4))]});
    request.set_provider(entities[static_cast<size_t>(pick(4))]);
    request.set_recipient(entities[static_cast<size_t>(pick(4))]);
    if (pick(3) == 0) request.add_data_elements(elements[static_cast<size_t>(pick(4))]);
    if (pick(3) == 0) request.set_purpose("bucps/" + std::to_string(pick(200)));
    if (pick(3) == 0) request.mutable_purpose_class()->add_kinds(drafting::v1::PURPOSE_KIND_RESEARCH);
    clock::Micros at = clock_.Now();
    if (pick(2) == 0) *request.mutable_time() = clock::ToProto(at += (pick(400) - 200) * clock::kDay);
    v1::ExchangeDecision expected;
    *expected.mutable_time() = clock::ToProto(at);
    const auto day =
        static_cast<exchange::Day>(clock::DayOf(at, absl::UTCTimeZone()) - absl::CivilDay(1970, 1, 1));
    index.Decide(request, {at, day, !request.has_time()}, auth::Visibility::All(), expected);
    const auto decision = Decide(request);
    ASSERT_EQ(decision.SerializeAsString(), expected.SerializeAsString()) << request.ShortDebugString();
    permitted += decision.verdict() == v1::VERDICT_PERMITTED ? 1 : 0;
  }
  EXPECT_GT(permitted, 50);
}

}  // namespace
}  // namespace idea::cli
