#include "services/drafting/bucp/applicability_service.h"

#include "tests/services/drafting/drafting_fixture.h"

namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class Applicability : public DraftingTest {};

TEST_P(Applicability, FollowsTheFlowchart) {
  struct Case {
    v1::Answer public_records, internal_use;
    const char* third_party;
    v1::Applicability outcome;
    const char* citation;
    const char* next_step;
  };
  using enum v1::Applicability;
  const Case cases[] = {
      {v1::ANSWER_YES, v1::ANSWER_NO, "", APPLICABILITY_NOT_NEEDED, "guidebook step 1, flowchart question 1",
       "normal part of business"},
      {v1::ANSWER_NO, v1::ANSWER_YES, "", APPLICABILITY_NOT_NEEDED, "guidebook step 1, flowchart question 2",
       "normal part of business"},
      // The first question decides, and the registry is not asked.
      {v1::ANSWER_YES, v1::ANSWER_YES, "entities/of-no-registry", APPLICABILITY_NOT_NEEDED,
       "guidebook step 1, flowchart question 1", "normal part of business"},
      {v1::ANSWER_NO, v1::ANSWER_NO, kOutsider, APPLICABILITY_NOT_REQUIRED,
       "guidebook step 2, flowchart question 3", "agreement 16.1"},
      {v1::ANSWER_NO, v1::ANSWER_NO, "", APPLICABILITY_REQUIRED, "guidebook step 2, flowchart question 3",
       "guidebook step 3"},
  };
  for (const Case& row : cases) {
    v1::AssessApplicabilityRequest request;
    request.set_public_records(row.public_records);
    request.set_internal_use(row.internal_use);
    request.add_parties(kRecipientDept);
    request.add_parties(kProviderDept);
    if (*row.third_party != 0) request.add_parties(row.third_party);
    const auto said = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
    ASSERT_THAT(said, IsOk());
    EXPECT_EQ(said->outcome(), row.outcome);
    EXPECT_EQ(said->citation(), row.citation);
    EXPECT_THAT(said->next_step(), ::testing::HasSubstr(row.next_step));
    EXPECT_EQ(said->not_signatories_size(), row.outcome == APPLICABILITY_NOT_REQUIRED ? 1 : 0);
  }
  v1::AssessApplicabilityRequest request;
  request.set_public_records(v1::ANSWER_NO);
  request.set_internal_use(v1::ANSWER_NO);
  request.add_parties(kRecipientDept);
  request.add_outside_parties("department of health CARE services");
  const auto known = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
  EXPECT_THAT(known, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(known.status().message(), ::testing::HasSubstr(kProviderDept));
}

TEST_P(Applicability, CoversPartiesOutsideTheRegistry) {
  v1::AssessApplicabilityRequest request;
  request.set_public_records(v1::ANSWER_NO);
  request.set_internal_use(v1::ANSWER_NO);
  request.add_parties(kRecipientDept);
  request.add_parties("entities/of-no-registry");
  request.add_parties(kOutsider);
  request.add_outside_parties("County of Alameda");
  const auto said = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
  ASSERT_THAT(said, IsOk());
  EXPECT_EQ(said->outcome(), v1::APPLICABILITY_NOT_REQUIRED);
  EXPECT_THAT(said->not_signatories(),
              ::testing::ElementsAre(kOutsider, "entities/of-no-registry", "County of Alameda"));
  EXPECT_THAT(said->unknown_parties(),
              ::testing::ElementsAre("entities/of-no-registry", "County of Alameda"));
  EXPECT_THAT(said->next_step(), ::testing::HasSubstr("County of Alameda"));
  EXPECT_THAT(said->next_step(), ::testing::HasSubstr("search the registry"));
  EXPECT_THAT(said->next_step(), ::testing::HasSubstr("agreement 16.1"));
  // A county alone is enough.
  request.clear_parties();
  request.add_parties(kRecipientDept);
  const auto county = harness_->Ask<v1::AssessApplicabilityResponse>(By(kStranger), request);
  ASSERT_THAT(county, IsOk());
  EXPECT_EQ(county->outcome(), v1::APPLICABILITY_NOT_REQUIRED);
  EXPECT_THAT(county->next_step(), ::testing::Not(::testing::HasSubstr("agreement 16.1")));
}

TEST_P(Applicability, CoversAnExchangeWithinOneDepartment) {
  for (const int times : {1, 2}) {
    v1::AssessApplicabilityRequest request;
    request.set_public_records(v1::ANSWER_NO);
    request.set_internal_use(v1::ANSWER_NO);
    for (int i = 0; i < times; ++i) request.add_parties(kRecipientDept);
    const auto said = harness_->Ask<v1::AssessApplicabilityResponse>(By(kRecipientDept), request);
    ASSERT_THAT(said, IsOk());
    EXPECT_EQ(said->outcome(), v1::APPLICABILITY_REQUIRED);
    EXPECT_THAT(said->next_step(), ::testing::HasSubstr("Memorandum of Agreement"));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Applicability, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::drafting
