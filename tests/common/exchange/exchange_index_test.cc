#include "common/exchange/exchange_index.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/common/exchange/exchange_index_samples.h"

namespace idea::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace samples;  // NOLINT(google-build-using-namespace): the samples of these tests

class AnExchangeIndex : public ::testing::Test {
 protected:
  AnExchangeIndex() { index_.Put(FilingOf(1), TermsOf({"County", "Month"})); }
  ExchangeIndex index_;
};

TEST_F(AnExchangeIndex, PermitsTheAgreedElementsWithConditions) {
  const auto decision = Ask(index_, Question({"Month"}));
  EXPECT_EQ(decision.verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(decision.filing(), "filings/1");
  EXPECT_EQ(decision.revision(), "bucps/1/revisions/3");
  EXPECT_EQ(DayNumber(decision.end_date()), kEnd);
  EXPECT_EQ(decision.conditions().purpose(), "outreach");
  EXPECT_EQ(decision.conditions().destruction().description(), "wiped");
  EXPECT_EQ(decision.conditions().redisclosure().allowed(), drafting::v1::ANSWER_NO);
  EXPECT_THAT(decision.denials(), IsEmpty());
}

TEST_F(AnExchangeIndex, CutsLongConditionsBetweenCharacters) {
  v1::Terms terms = TermsOf({"County"});
  for (int i = 0; i < 301; ++i) terms.mutable_purpose()->append("\xc3\xa9");
  index_.Put(FilingOf(2), terms);
  const std::string purpose = Ask(index_, Question({"County"}, "bucps/2")).conditions().purpose();
  EXPECT_EQ(purpose.size(), 8 + 292 * 2 + 3u);
  EXPECT_TRUE(purpose.ends_with("\xc3\xa9…"));
}

TEST_F(AnExchangeIndex, IgnoresCaseAndWhiteSpaceOfElements) {
  v1::Filing other = FilingOf(2);
  other.set_recipients(0, "entities/board-z");
  index_.Put(other, TermsOf({"COUNTY ", "\xc3\x89tat"}));
  auto question = Question({" county", "MONTH\t"});
  EXPECT_EQ(Ask(index_, question).verdict(), v1::VERDICT_PERMITTED);
  question.set_recipient("entities/board-z");
  question.clear_data_elements();
  // Composed or decomposed, in upper or lower case.
  for (const char* spelling : {"County", "COUNTY ", "county", "\xc3\xa9TAT", "e\xcc\x81tat"})
    question.add_data_elements(spelling);
  EXPECT_EQ(Ask(index_, question).verdict(), v1::VERDICT_PERMITTED);
  question.add_data_elements("etat");
  const auto denied = Ask(index_, question);
  ASSERT_THAT(Reasons(denied), ElementsAre(v1::DENIAL_REASON_ELEMENT_NOT_COVERED));
  EXPECT_THAT(denied.denials(0).data_elements(), ElementsAre("etat"));
}

TEST(AnExchangeIndexOfSeveralProviders, PermitsAProviderOnlyTheElementsThatItProvides) {
  constexpr char kOther[] = "entities/board-z";
  v1::Filing filing = FilingOf(2);
  filing.set_title("Two providers");
  filing.add_providers(kOther);
  v1::Terms terms = TermsOf({"Income", "Wage", "Name"});
  v1::ElementProviders& only = *terms.add_element_providers();
  only.set_data_element("Wage");
  only.add_providers(kOther);
  v1::ElementProviders& nobody = *terms.add_element_providers();
  nobody.set_data_element("Income");
  nobody.add_providers(kProvider);
  ExchangeIndex index;
  index.Put(filing, terms);
  const auto ask = [&](const char* provider, const std::vector<std::string>& elements) {
    auto question = Question(elements);
    question.set_provider(provider);
    return Ask(index, question, {kExecuted, kStart, true}, "");
  };
  EXPECT_EQ(ask(kProvider, {"income", "Name"}).verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(ask(kOther, {"Wage", "Name"}).verdict(), v1::VERDICT_PERMITTED);
  const auto denied = ask(kProvider, {"Name", "Wage"});
  EXPECT_THAT(Reasons(denied), ElementsAre(v1::DENIAL_REASON_ELEMENT_NOT_COVERED));
  EXPECT_THAT(denied.denials(0).data_elements(), ElementsAre("Wage"));
  EXPECT_THAT(Reasons(ask(kOther, {"Income"})), ElementsAre(v1::DENIAL_REASON_ELEMENT_NOT_COVERED));
  // An amendment and a restored database start without these elements.
  index.Clear();
  index.Put(filing, TermsOf({"Wage"}));
  EXPECT_EQ(ask(kProvider, {"Wage"}).verdict(), v1::VERDICT_PERMITTED);
}

// A purpose class of a request and one of an agreement.
struct Use {
  const char* name;
  const char* agreed;
  const char* asked;
  bool covered;
};

class APurposeClass : public ::testing::TestWithParam<Use> {};

TEST_P(APurposeClass, IsCoveredByTheAgreement) {
  const auto parse = [](const char* text) {
    drafting::v1::PurposeClass purpose;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &purpose)) << text;
    return purpose;
  };
  ExchangeIndex index;
  v1::Terms terms = TermsOf({"County"});
  if (GetParam().agreed != nullptr) *terms.mutable_purpose_class() = parse(GetParam().agreed);
  index.Put(FilingOf(1), terms);
  auto question = Question({"County"});
  EXPECT_EQ(Ask(index, question).verdict(), v1::VERDICT_PERMITTED) << "who does not ask is not refused";
  if (GetParam().agreed != nullptr) {
    EXPECT_EQ(Ask(index, question).conditions().purpose_class().ShortDebugString(),
              terms.purpose_class().ShortDebugString());
  }
  *question.mutable_purpose_class() = parse(GetParam().asked);
  const auto decision = Ask(index, question);
  if (GetParam().covered) {
    EXPECT_EQ(decision.verdict(), v1::VERDICT_PERMITTED) << decision.ShortDebugString();
  } else {
    EXPECT_THAT(Reasons(decision), ElementsAre(v1::DENIAL_REASON_PURPOSE_CLASS_NOT_COVERED));
    EXPECT_EQ(decision.denials(0).filing(), "filings/1");
  }
}

constexpr Use kUses[] = {
    {"OneOfTheKinds", "kinds: [PURPOSE_KIND_RESEARCH, PURPOSE_KIND_STATISTICS]",
     "kinds: PURPOSE_KIND_STATISTICS", true},
    {"AnotherKind", "kinds: PURPOSE_KIND_PROGRAM_OPERATION", "kinds: PURPOSE_KIND_ENFORCEMENT", false},
    {"OneKindTooMany", "kinds: PURPOSE_KIND_RESEARCH",
     "kinds: [PURPOSE_KIND_RESEARCH, PURPOSE_KIND_EVALUATION_OR_AUDIT]", false},
    {"AKindThatNobodyKnows", "kinds: [PURPOSE_KIND_RESEARCH, 99]", "kinds: 99", false},
    {"NoKindAgreed", "commercial_use: ANSWER_YES", "kinds: PURPOSE_KIND_RESEARCH", false},
    {"NothingAgreed", nullptr, "kinds: PURPOSE_KIND_RESEARCH", false},
    {"NothingAgreedNothingStated", nullptr, "", false},
    {"FurtherDisclosure", "redisclosure: ANSWER_YES", "redisclosure: ANSWER_YES", true},
    {"FurtherDisclosureNotAgreed", "redisclosure: ANSWER_NO", "redisclosure: ANSWER_YES", false},
    {"FurtherDisclosureNotAnswered", "kinds: PURPOSE_KIND_RESEARCH", "redisclosure: ANSWER_YES", false},
    {"CommercialUse", "commercial_use: ANSWER_NO", "commercial_use: ANSWER_YES", false},
    {"NoCommercialUse", "commercial_use: ANSWER_NO", "commercial_use: ANSWER_NO", true},
    {"OnlyDeidentified", "deidentified_only: ANSWER_YES", "deidentified_only: ANSWER_YES", true},
    {"Identified", "deidentified_only: ANSWER_YES", "deidentified_only: ANSWER_NO", false},
    {"MaybeIdentified", "deidentified_only: ANSWER_YES", "kinds: []", false},
    {"DeidentifiedWhereNotNeeded", "kinds: PURPOSE_KIND_RESEARCH", "deidentified_only: ANSWER_YES", true},
    {"KeptAsLong", "retention_days: 365", "retention_days: 365", true},
    {"KeptLonger", "retention_days: 365", "retention_days: 366", false},
    {"KeptWithoutLimit", "kinds: PURPOSE_KIND_RESEARCH", "retention_days: 9000", true},
};
INSTANTIATE_TEST_SUITE_P(All, APurposeClass, ::testing::ValuesIn(kUses),
                         [](const auto& info) { return info.param.name; });

// A request, its time and caller, and every reason for its denial.
struct Case {
  const char* name;
  v1::CheckExchangeRequest question;
  ExchangeIndex::Moment moment;
  const char* caller;
  std::vector<v1::DenialReason> reasons;
};

std::vector<Case> Cases() {
  const ExchangeIndex::Moment now{kExecuted, kStart, true};
  auto between = [](const char* provider, const char* recipient, const char* purpose = "") {
    v1::CheckExchangeRequest question = Question({"County"}, purpose);
    question.set_provider(provider);
    question.set_recipient(recipient);
    return question;
  };
  return {
      {"OnItsFirstDay", Question({"County", "Month"}), now, kRecipient, {}},
      {"OnItsLastDay", Question({"County"}), {kExecuted, kEnd, true}, kRecipient, {}},
      {"ToTheCdo", Question({"County"}), now, "", {}},
      {"ByTitleWhateverTheCase", Question({"County"}, "USE case 1"), now, kProvider, {}},
      {"ByBucp", Question({"County"}, "bucps/1"), now, kProvider, {}},
      {"TheDayBefore",
       Question({"County"}),
       {kExecuted, kStart - 1, true},
       kProvider,
       {v1::DENIAL_REASON_NOT_STARTED}},
      {"TheDayAfter",
       Question({"County"}),
       {kExecuted, kEnd + 1, true},
       kProvider,
       {v1::DENIAL_REASON_ENDED}},
      {"BeforeTheLastSignature",
       Question({"County"}),
       {kExecuted - 1, kStart, false},
       kProvider,
       {v1::DENIAL_REASON_NOT_EXECUTED}},
      {"NowWhateverOurClockSays", Question({"County"}), {kExecuted - 1, kStart, true}, kProvider, {}},
      {"AnotherElement",
       Question({"County", "Income"}),
       now,
       kProvider,
       {v1::DENIAL_REASON_ELEMENT_NOT_COVERED}},
      {"AnElementInOtherLetters", Question({"county "}), now, kProvider, {}},
      {"AnElementOfAnotherName",
       Question({"counties"}),
       now,
       kProvider,
       {v1::DENIAL_REASON_ELEMENT_NOT_COVERED}},
      {"EveryReason",
       Question({"Income"}),
       {kExecuted - 1, kStart - 1, false},
       kProvider,
       {v1::DENIAL_REASON_NOT_EXECUTED, v1::DENIAL_REASON_NOT_STARTED,
        v1::DENIAL_REASON_ELEMENT_NOT_COVERED}},
      {"AnotherPurpose",
       Question({"County"}, "bucps/9"),
       now,
       kProvider,
       {v1::DENIAL_REASON_PURPOSE_NOT_COVERED}},
      {"TheOtherWayRound",
       between(kRecipient, kProvider),
       now,
       kProvider,
       {v1::DENIAL_REASON_PARTY_NOT_COVERED}},
      {"ToAThirdOfANamedUseCase",
       between(kProvider, "entities/z", "bucps/1"),
       now,
       kProvider,
       {v1::DENIAL_REASON_PARTY_NOT_COVERED}},
      {"ToAThird", between(kProvider, "entities/z"), now, kProvider, {v1::DENIAL_REASON_NO_AGREEMENT}},
      {"ToAStrangerWhoAsks",
       between(kProvider, "entities/z", "bucps/1"),
       now,
       "entities/z",
       {v1::DENIAL_REASON_NO_AGREEMENT}},
      {"AStrangerAsks", Question({"County"}), now, "entities/z", {v1::DENIAL_REASON_NO_AGREEMENT}},
      {"AStrangerAsksOfNobody",
       between("entities/a", "entities/b"),
       now,
       "entities/z",
       {v1::DENIAL_REASON_NO_AGREEMENT}},
  };
}

class Decides : public ::testing::TestWithParam<Case> {};

TEST_P(Decides, WithEveryReason) {
  ExchangeIndex index;
  index.Put(FilingOf(1), TermsOf({"County", "Month"}));
  const Case& c = GetParam();
  const auto decision = Ask(index, c.question, c.moment, c.caller);
  EXPECT_EQ(Reasons(decision), c.reasons) << decision.DebugString();
  EXPECT_EQ(decision.verdict(), c.reasons.empty() ? v1::VERDICT_PERMITTED : v1::VERDICT_DENIED);
}

INSTANTIATE_TEST_SUITE_P(Table, Decides, ::testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST_F(AnExchangeIndex, NamesTheElementsAndTheParty) {
  EXPECT_THAT(Ask(index_, Question({"Income", "County", "Race"})).denials(0).data_elements(),
              ElementsAre("Income", "Race"));
  v1::CheckExchangeRequest third = Question({"County"}, "bucps/1");
  third.set_recipient("entities/z");
  EXPECT_EQ(Ask(index_, third).denials(0).party(), "entities/z");
}

TEST_F(AnExchangeIndex, AppliesAnEndAndIgnoresAnOlderEtag) {
  v1::Filing ended = FilingOf(1);
  End(ended, kExecuted + clock::kSecond);
  index_.Put(ended, TermsOf({"County", "Month"}));
  index_.Put(FilingOf(1), TermsOf({"County", "Month"}));
  const std::string recipient = kRecipient, stranger = "entities/z";
  EXPECT_EQ(index_.VersionOf("filings/1", auth::Visibility::Of(recipient)), 2);
  EXPECT_EQ(index_.VersionOf("filings/1", auth::Visibility::Of(stranger)), 0);
  EXPECT_EQ(index_.VersionOf("filings/2", auth::Visibility::All()), 0);
  EXPECT_THAT(Reasons(Ask(index_, Question({"County"}))), ElementsAre(v1::DENIAL_REASON_ENDED));
  EXPECT_EQ(Ask(index_, Question({"County"}), {kExecuted, kStart, false}).verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(index_.size(), 1u);
}

TEST_F(AnExchangeIndex, PermitsUnderTheAgreementThatEndsLast) {
  v1::Filing longer = FilingOf(2);
  longer.clear_end_date();
  index_.Put(longer, TermsOf({"County", "Income"}));
  EXPECT_EQ(Ask(index_, Question({"County"})).filing(), "filings/2");
  EXPECT_FALSE(Ask(index_, Question({"County"})).has_end_date());
  EXPECT_EQ(Ask(index_, Question({"Month"})).filing(), "filings/1");
  EXPECT_EQ(Ask(index_, Question({"Month", "Income"})).denials_size(), 2);
}

TEST_F(AnExchangeIndex, PermitsUnderAnotherAgreementAfterAnEndDateChanged) {
  v1::Filing longer = FilingOf(2);
  longer.clear_end_date();
  index_.Put(longer, TermsOf({"County"}));
  ASSERT_EQ(Ask(index_, Question({"County"})).filing(), "filings/2");
  *longer.mutable_end_date() = DateOf(kEnd - 1);
  longer.set_etag("2");
  index_.Put(longer, TermsOf({"County"}));
  EXPECT_EQ(Ask(index_, Question({"County"})).filing(), "filings/1");
  EXPECT_EQ(Ask(index_, Question({"County"}), {kExecuted, kEnd + 1, true}).denials_size(), 2);
}

TEST_F(AnExchangeIndex, ReturnsAHundredDenialsAtMost) {
  for (int n = 2; n < 300; ++n) index_.Put(FilingOf(n), TermsOf({"County"}));
  EXPECT_EQ(Ask(index_, Question({"Income"})).denials_size(), 100);
}

TEST_F(AnExchangeIndex, StoresNothingAboutUnknownParties) {
  const size_t before = index_.bytes();
  int denied = 0;
  for (int n = 0; n < 1'000'000; ++n) {
    v1::CheckExchangeRequest question = Question({"County"});
    question.set_recipient("entities/unknown-" + std::to_string(n));
    denied += Ask(index_, question).verdict() == v1::VERDICT_DENIED;
  }
  EXPECT_EQ(denied, 1'000'000);
  EXPECT_EQ(index_.bytes(), before);
}

// A simple and slow model of the rules, compared over random agreements and requests.
bool Permits(const v1::Filing& filing, const v1::Terms& terms, const v1::CheckExchangeRequest& question,
             ExchangeIndex::Moment moment) {
  const auto has = [](const auto& names, const std::string& name) {
    return std::count(names.begin(), names.end(), name) > 0;
  };
  const clock::Micros end_time = clock::FromProto(filing.end_time());
  const bool over = filing.state() == v1::FILING_STATE_ENDED && (moment.now || end_time <= moment.at);
  bool all = true;
  for (const std::string& element : question.data_elements()) all &= has(terms.data_elements(), element);
  return all && !over && has(filing.providers(), question.provider()) &&
         has(filing.recipients(), question.recipient()) &&
         (moment.now || clock::FromProto(filing.execute_time()) <= moment.at) &&
         (!filing.has_start_date() || DayNumber(filing.start_date()) <= moment.day) &&
         (!filing.has_end_date() || moment.day <= DayNumber(filing.end_date())) &&
         (question.purpose().empty() || question.purpose() == filing.bucp());
}

TEST(ExchangeIndexByChance, AgreesWithASimpleModel) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): repeatable
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  const auto entity = [&] { return "entities/" + std::to_string(below(6)); };
  ExchangeIndex index;
  std::map<std::string, std::pair<v1::Filing, v1::Terms>> all;
  int permitted = 0;
  for (int round = 0; round < 4000; ++round) {
    if (round % 4 == 0) {
      const int n = below(400);
      v1::Filing filing = FilingOf(n);
      auto& [known, terms] = all[filing.name()];
      if (known.name().empty()) {
        filing.clear_providers();
        filing.clear_recipients();
        for (int i = 0; i <= below(3); ++i) filing.add_providers(entity());
        for (int i = 0; i <= below(3); ++i) filing.add_recipients(entity());
        *filing.mutable_execute_time() = clock::ToProto(below(10) * clock::kSecond);
        *filing.mutable_start_date() = DateOf(below(10));
        if (below(2) == 0) filing.clear_start_date();
        *filing.mutable_end_date() = DateOf(5 + below(10));
        if (below(2) == 0) filing.clear_end_date();
        for (int i = 0; i < below(6); ++i) terms.add_data_elements("e" + std::to_string(below(6)));
        known = filing;
      } else if (known.state() != v1::FILING_STATE_ENDED) {
        End(known, below(12) * clock::kSecond);
      }
      index.Put(known, terms);
    }
    v1::CheckExchangeRequest question;
    question.set_provider(entity());
    question.set_recipient(entity());
    for (int i = 0; i <= below(2); ++i) question.add_data_elements("e" + std::to_string(below(7)));
    if (below(4) == 0) question.set_purpose("bucps/" + std::to_string(below(400)));
    const ExchangeIndex::Moment moment{below(12) * clock::kSecond, static_cast<Day>(below(16)),
                                       below(2) == 0};
    std::set<std::string> by;
    for (const auto& [name, each] : all) {
      if (Permits(each.first, each.second, question, moment)) by.insert(name);
    }
    const auto decision = Ask(index, question, moment, "");
    ASSERT_EQ(decision.verdict(), by.empty() ? v1::VERDICT_DENIED : v1::VERDICT_PERMITTED)
        << question.DebugString() << decision.DebugString();
    ASSERT_EQ(decision.denials().empty(), !by.empty());
    if (!by.empty()) {
      ASSERT_EQ(by.count(decision.filing()), 1u);
    }
    permitted += !by.empty();
  }
  EXPECT_GT(permitted, 200);
}

TEST(ADay, IsANumberAndBack) {
  for (const Day day : {-800'000, -1, 0, 59, 11'016, 20'000}) EXPECT_EQ(DayNumber(DateOf(day)), day);
  EXPECT_EQ(DateOf(0).year(), 1970);
}

}  // namespace
}  // namespace idea::exchange
