#include "services/registry/accession/standing_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::registry {
namespace {

struct At {
  bool signs = false;
  bool alone = false;
  const char* ends = "";
  const char* withdrew = "";
};

struct Case {
  const char* name;
  std::vector<At> lineage;
  v1::SignatoryStanding standing;
  const char* through;
  const char* reason;
};

constexpr char kDay[] = "2026-01-01";

class Standing : public ::testing::TestWithParam<Case> {};

TEST_P(Standing, FollowsFromTheLineage) {
  Lineage lineage;
  for (const At& at : GetParam().lineage) {
    const std::string n = std::to_string(lineage.size());
    lineage.push_back({"entities/" + n, "E" + n, at.alone, at.ends,
                       at.signs ? v1::INSTRUMENT_ADDENDUM : v1::INSTRUMENT_UNSPECIFIED,
                       at.signs ? "2022-05-01" : "", at.withdrew});
  }
  const auto answer = Confirm("entities/0", lineage, kDay);
  EXPECT_EQ(answer.entity(), "entities/0");
  EXPECT_EQ(answer.standing(), GetParam().standing) << answer.reason();
  EXPECT_EQ(answer.through(), GetParam().through);
  EXPECT_THAT(answer.reason(), ::testing::HasSubstr(GetParam().reason));
  const bool signatory = answer.standing() == v1::SIGNATORY_STANDING_OWN_SIGNATURE ||
                         answer.standing() == v1::SIGNATORY_STANDING_COVERED_BY_AGENCY;
  EXPECT_EQ(answer.has_since(), signatory);
}

constexpr auto kOwn = v1::SIGNATORY_STANDING_OWN_SIGNATURE;
constexpr auto kCovered = v1::SIGNATORY_STANDING_COVERED_BY_AGENCY;
constexpr auto kNot = v1::SIGNATORY_STANDING_NOT_SIGNATORY;
constexpr At kSigned{true}, kNothing{}, kAlone{false, true}, kGone{true, false, "2025-12-31"},
    kLeft{false, false, "", "2025-07-01"};

INSTANTIATE_TEST_SUITE_P(
    Every, Standing,
    ::testing::Values(
        Case{"Unknown", {}, v1::SIGNATORY_STANDING_UNKNOWN, "", "does not know"},
        Case{"Signed", {kSigned}, kOwn, "", "signed an addendum on 2022-05-01"},
        Case{"SignedAndItsAgencyToo", {kSigned, kSigned}, kOwn, "", "E0"},
        Case{"SignedThoughAlone", {At{true, true}}, kOwn, "", "E0"},
        Case{"NotSigned", {kNothing}, kNot, "", "No signature of E0"},
        Case{"Covered", {kNothing, kSigned}, kCovered, "entities/1", "Its agency, E1"},
        Case{"CoveredThroughItsDepartment", {kNothing, kNothing, kSigned}, kCovered, "entities/2", "E2"},
        Case{"CoveredByTheNearest", {kNothing, kSigned, kSigned}, kCovered, "entities/1", "E1"},
        Case{"Alone", {kAlone, kSigned}, kNot, "", "E0 has its own statutory authority"},
        Case{"ItsDepartmentAlone",
             {kNothing, kAlone, kSigned},
             kNot,
             "",
             "E1 has its own statutory authority"},
        Case{"TheSignerAlone", {kNothing, At{true, true}}, kCovered, "entities/1", "E1"},
        Case{"Withdrawn", {kLeft}, kNot, "", "E0 withdrew on 2025-07-01."},
        Case{"WithdrawnAndBack", {At{true, false, "", "2025-07-01"}}, kOwn, "", "signed"},
        Case{"ItsAgencyWithdrawn", {kNothing, kLeft}, kNot, "", "E1 withdrew on 2025-07-01."},
        Case{"WithdrawnAndCovered", {kLeft, kSigned}, kCovered, "entities/1", "E0 withdrew on 2025-07-01."},
        Case{"WithdrawnAndAlone",
             {At{false, true, "", "2025-07-01"}, kSigned},
             kNot,
             "",
             "does not cover it. E0 withdrew on 2025-07-01."},
        Case{"Gone", {kGone}, kNot, "", "ceased to exist on 2025-12-31"},
        Case{"GoneToday", {At{true, false, kDay}}, kNot, "", "ceased to exist"},
        Case{"GoneTomorrow", {At{true, false, "2026-01-02"}}, kOwn, "", "signed"},
        Case{"ItsAgencyGone", {kNothing, kGone}, kNot, "", "No signature"},
        Case{"AboveAnAgencyThatIsGone", {kNothing, At{false, false, "2025-12-31"}, kSigned}, kNot, "", "No"}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace idea::registry
