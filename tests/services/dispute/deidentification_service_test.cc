#include "services/dispute/deidentification_service.h"

#include "tests/services/dispute/deidentification_fixture.h"

namespace idea::dispute {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using enum v1::DeidentificationState;

class Deidentification : public ReviewTest {};

TEST_P(Deidentification, IsSubmittedAndShowsItsDueTimeAndReason) {
  const auto submitted = SubmitData();
  ASSERT_THAT(submitted, IsOk());
  EXPECT_EQ(submitted->state(), DEIDENTIFICATION_STATE_SUBMITTED);
  EXPECT_EQ(submitted->submitted_by(), kRecipientDept);
  EXPECT_EQ(submitted->title(), "Food aid");
  EXPECT_EQ(clock::FromProto(submitted->clock().due_time()), kFiveDays);
  EXPECT_EQ(clock::FromProto(submitted->review_due_time()), kFiveDays);
  EXPECT_THAT(submitted->clock().why(), HasSubstr("5 working days after 2026-06-01 end with 2026-06-08"));
  EXPECT_EQ(ReadData(submitted->name())->ShortDebugString(), submitted->ShortDebugString());
  EXPECT_EQ(harness_->Events().back().citation(), "agreement 5.19");
}

TEST_P(Deidentification, IsSubmittedByARecipientOnAnActiveBucp) {
  EXPECT_THAT(SubmitData(kProviderDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(SubmitData("entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(SubmitData(kRecipientDept, "bucps/none"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  for (const drafting::v1::State state :
       {drafting::v1::STATE_DRAFT, drafting::v1::STATE_WITHDRAWN, drafting::v1::STATE_NOT_APPROVED}) {
    drafting_.bucp(kBucp).set_state(state);
    EXPECT_THAT(SubmitData(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  }
}

TEST_P(Deidentification, IsAgreedWhenEveryProviderAccepts) {
  drafting_.Add("bucps/2", {kRecipientDept}, {kProviderDept, kBoard});
  const std::string name = SubmitData(kRecipientDept, "bucps/2")->name();
  EXPECT_EQ(AnswerData(name, v1::ASSESSMENT_ACCEPTS)->state(), DEIDENTIFICATION_STATE_SUBMITTED);
  const auto agreed = AnswerData(name, v1::ASSESSMENT_ACCEPTS, kBoard, "");
  ASSERT_THAT(agreed, IsOk());
  EXPECT_EQ(agreed->state(), DEIDENTIFICATION_STATE_AGREED);
  EXPECT_FALSE(agreed->has_clock());
  EXPECT_EQ(agreed->answers_size(), 2);
  EXPECT_THAT(AnswerData(name, v1::ASSESSMENT_OBJECTS), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Deidentification, GivesTenWorkingDaysToAgreeAfterTheFirstObjection) {
  drafting_.Add("bucps/2", {kRecipientDept}, {kProviderDept, kBoard});
  const std::string name = Objected("bucps/2");
  env_.clock.Advance(2 * kDay);
  const auto second = AnswerData(name, v1::ASSESSMENT_OBJECTS, kBoard);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->state(), DEIDENTIFICATION_STATE_OBJECTED);
  EXPECT_EQ(clock::FromProto(second->clock().due_time()), kTenDays);
  EXPECT_THAT(second->clock().why(), HasSubstr("10 working days after 2026-06-01 end with 2026-06-15"));
  ASSERT_THAT(AnswerData(name, v1::ASSESSMENT_ACCEPTS), IsOk());
  EXPECT_EQ(AnswerData(name, v1::ASSESSMENT_ACCEPTS, kBoard)->state(), DEIDENTIFICATION_STATE_AGREED);
}

TEST_P(Deidentification, KeepsTheTimeOfTheOthersWhenAnObjectionIsWithdrawn) {
  drafting_.Add("bucps/2", {kRecipientDept}, {kProviderDept, kBoard});
  const std::string name = Objected("bucps/2");
  const auto back = AnswerData(name, v1::ASSESSMENT_ACCEPTS);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->state(), DEIDENTIFICATION_STATE_SUBMITTED);
  EXPECT_EQ(clock::FromProto(back->clock().due_time()), kFiveDays);
}

TEST_P(Deidentification, AcceptsObjectionsOnlyFromProvidersAndWithReasons) {
  const std::string name = SubmitData()->name();
  EXPECT_THAT(AnswerData(name, v1::ASSESSMENT_OBJECTS, kProviderDept, ""),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(AnswerData(name, v1::ASSESSMENT_UNSPECIFIED), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(AnswerData(name, v1::ASSESSMENT_ACCEPTS, kRecipientDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(AnswerData(name, v1::ASSESSMENT_ACCEPTS, kBoard), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_EQ(ReadData(name)->etag(), "1");
}

TEST_P(Deidentification, IsWithdrawnOnlyByItsSubmitter) {
  const std::string name = Objected();
  EXPECT_THAT(WithdrawData(name, kProviderDept), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto withdrawn = WithdrawData(name);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->state(), DEIDENTIFICATION_STATE_WITHDRAWN);
  EXPECT_FALSE(withdrawn->has_clock());
  EXPECT_THAT(WithdrawData(name), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Deidentification, IsSeenByThePartiesAndTheCdo) {
  const std::string name = SubmitData()->name();
  for (const testing::TestCaller& who : {At(kProviderDept), At(kRecipientDept), At(testing::kCdoEntity)})
    EXPECT_THAT(ReadData(name, who), IsOk());
  for (const testing::TestCaller& who : {At(kBoard), At(kAgency), At(testing::kGovernorEntity)})
    EXPECT_THAT(ReadData(name, who), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto list = [&](const testing::TestCaller& who, const std::string& filter) {
    v1::ListDeidentificationsRequest request;
    request.set_filter(filter);
    const auto page = harness_->Ask<v1::ListDeidentificationsResponse>(who, request);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> names;
    for (const auto& review : page->deidentifications()) names.push_back(review.name());
    return names;
  };
  EXPECT_THAT(list(At(kProviderDept), "state = DEIDENTIFICATION_STATE_SUBMITTED"), ElementsAre(name));
  EXPECT_THAT(list(At(testing::kCdoEntity), "bucp = \"bucps/1\""), ElementsAre(name));
  EXPECT_THAT(list(At(kProviderDept), "state = DEIDENTIFICATION_STATE_AGREED"), IsEmpty());
  EXPECT_THAT(list(At(kBoard), ""), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Every, Deidentification, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::dispute
