#include "services/drafting/bucp/lifecycle_service.h"

#include "common/digest/digest.h"
#include "google/rpc/error_details.pb.h"
#include "services/drafting/bucp/bucp_store.h"
#include "tests/services/drafting/drafting_fixture.h"

// The steps of the parties.
namespace idea::drafting {
namespace {

using enum v1::State;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class Lifecycle : public DraftingTest {
 protected:
  // The fields of an INCOMPLETE error.
  static std::vector<std::string> GapsOf(const absl::Status& refusal) {
    std::vector<std::string> fields;
    google::rpc::PreconditionFailure failure;
    const google::rpc::Status wire = status::ToWire(refusal);
    for (const auto& detail : wire.details()) {
      if (!detail.UnpackTo(&failure)) continue;
      for (const auto& violation : failure.violations()) fields.push_back(violation.subject());
    }
    return fields;
  }
};

TEST_P(Lifecycle, SendsACompleteBusinessCaseOnly) {
  v1::Content content = DraftContent();
  content.mutable_business_case()->clear_data_categories();
  content.mutable_business_case()->clear_output_use();
  const v1::Bucp bucp = Must(Create(content));
  const auto refused = Send(bucp.name());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  EXPECT_EQ(GapsOf(refused.status()),
            (std::vector<std::string>{"business_case.data_categories", "business_case.output_use"}));
  ASSERT_THAT(Update(bucp.name(), DraftContent(), {"business_case"}), IsOk());
  EXPECT_THAT(Send(bucp.name(), bucp.etag()), FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_THAT(Send(bucp.name(), Get(bucp.name())->etag()), IsOk());
}

TEST_P(Lifecycle, FreezesACompleteOneByItsDigest) {
  const v1::Bucp half = Must(Send(Must(Create(DraftContent())).name()));
  const auto refused = Freeze(half.name());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  EXPECT_EQ(GapsOf(refused.status()).size(), 12);
  const auto gaps = harness_->Ask<v1::CheckCompletenessResponse>(
      By(kProviderDept), Of<v1::CheckCompletenessRequest>(half.name()));
  ASSERT_THAT(gaps, IsOk());
  EXPECT_FALSE(gaps->complete());
  EXPECT_EQ(gaps->gaps_size(), 12);

  const v1::Bucp frozen = NewFrozen();
  EXPECT_EQ(frozen.state(), STATE_IN_REVIEW);
  EXPECT_EQ(frozen.frozen_digest(), digest::Digest(CompleteContent()));
  EXPECT_EQ(frozen.frozen_revision(), frozen.name() + "/revisions/1");
  EXPECT_THAT(Update(frozen.name(), CompleteContent(), {"technical"}),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(frozen.name());
  unfreeze.set_reason("an element is missing");
  const auto thawed = AskForBucp<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze);
  ASSERT_THAT(thawed, IsOk());
  EXPECT_EQ(thawed->frozen_digest(), "");
  EXPECT_EQ(LastMoved().digest(), frozen.frozen_digest());
}

TEST_P(Lifecycle, FreezesOnlyBetweenCurrentSignatories) {
  const v1::Bucp sent = NewSent();
  registry::v1::WithdrawEntityRequest leave;
  leave.set_name(kProviderDept);
  leave.set_evidence("letter on file");
  leave.mutable_withdraw_date()->set_year(2025);
  leave.mutable_withdraw_date()->set_month(12);
  leave.mutable_withdraw_date()->set_day(31);
  ASSERT_THAT(registry_->harness().Ask<registry::v1::WithdrawEntityResponse>(By(testing::kCdoEntity), leave),
              IsOk());
  const auto refused = Freeze(sent.name());
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_EQ(status::MetadataOf(refused.status(), "entity"), kProviderDept);
  EXPECT_EQ(Get(sent.name())->state(), STATE_SENT);
  registry_down_ = true;
  EXPECT_THAT(Freeze(sent.name()), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_P(Lifecycle, UnfreezesARevisionWhenReviewRequestsChanges) {
  const v1::Bucp frozen = NewFrozen();
  EXPECT_TRUE(frozen.has_send_time());
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(frozen.name());
  unfreeze.set_reason("transfer by portal");
  unfreeze.set_digest(std::string(64, '0'));
  EXPECT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  unfreeze.set_digest(frozen.frozen_digest());
  // Review always names the freeze.
  EXPECT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  unfreeze.set_freeze_number(frozen.freeze_number());
  EXPECT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(testing::Service("dispute"), unfreeze),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  const auto thawed = AskForBucp<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze);
  ASSERT_THAT(thawed, IsOk());
  EXPECT_EQ(thawed->state(), v1::STATE_SENT);
}

TEST_P(Lifecycle, NumbersFreezesAndRefusesCommandsOnOthers) {
  const v1::Bucp first = NewFrozen();
  EXPECT_EQ(first.freeze_number(), 1);
  auto unfreeze = Of<v1::UnfreezeBucpRequest>(first.name());
  unfreeze.set_reason("once more");
  unfreeze.set_freeze_number(2);
  EXPECT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  unfreeze.set_freeze_number(1);
  const auto thawed = AskForBucp<v1::UnfreezeBucpResponse>(By(kProviderDept), unfreeze);
  ASSERT_THAT(thawed, IsOk());
  EXPECT_EQ(thawed->freeze_number(), 1);
  EXPECT_EQ(LastMoved().freeze_number(), 1);
  const v1::Bucp second = Must(Freeze(first.name()));
  EXPECT_EQ(second.freeze_number(), 2);
  ASSERT_EQ(second.frozen_digest(), first.frozen_digest());
  v1::FrozenRevision frozen;
  ASSERT_TRUE(LastEvent().data().UnpackTo(&frozen));
  EXPECT_EQ(frozen.freeze_number(), 2);

  for (const int32_t other : {0, 1, 3}) {
    const auto refused = CompleteReviews(second.name(), second.frozen_digest(), other);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
    EXPECT_EQ(status::MetadataOf(refused.status(), "freeze_number"), "2");
  }
  // A late command of review.
  EXPECT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  unfreeze.set_digest(first.frozen_digest());
  EXPECT_THAT(AskForBucp<v1::UnfreezeBucpResponse>(testing::Service("review"), unfreeze),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  ASSERT_THAT(CompleteReviews(second.name(), second.frozen_digest(), 2), IsOk());
  EXPECT_THAT(CompleteSignatures(second.name(), second.frozen_digest(), 1),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  ASSERT_THAT(CompleteSignatures(second.name(), second.frozen_digest(), 2), IsOk());
  v1::ExecutedAgreement executed;
  ASSERT_TRUE(LastEvent().data().UnpackTo(&executed));
  EXPECT_EQ(executed.freeze_number(), 2);
}

TEST_P(Lifecycle, ExecutesAFreezeWithoutANumberFromAnEarlierRelease) {
  v1::Bucp frozen = NewFrozen();
  frozen.clear_freeze_number();
  ASSERT_THAT(
      database().Write([&](storage::Transaction& db) { return SaveBucp(db, frozen.state(), frozen); }),
      IsOk());
  EXPECT_THAT(CompleteReviews(frozen.name(), frozen.frozen_digest(), 1),
              FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  ASSERT_THAT(CompleteReviews(frozen.name(), frozen.frozen_digest(), 0), IsOk());
  EXPECT_THAT(CompleteSignatures(frozen.name(), frozen.frozen_digest(), 0), IsOk());
}

TEST_P(Lifecycle, IsReturnedAndWithdrawn) {
  const std::string name = NewSent().name();
  auto back = Of<v1::ReturnBucpRequest>(name);
  back.set_reason("which members?");
  EXPECT_THAT(AskForBucp<v1::ReturnBucpResponse>(By(kRecipientDept), back),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(AskForBucp<v1::ReturnBucpResponse>(By(kProviderDept), back)->state(), STATE_DRAFT);
  EXPECT_THAT(Update(name, CompleteContent(), {"technical"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  auto withdraw = Of<v1::WithdrawBucpRequest>(name);
  withdraw.set_reason("no budget");
  EXPECT_THAT(AskForBucp<v1::WithdrawBucpResponse>(By(kProviderDept), withdraw),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(AskForBucp<v1::WithdrawBucpResponse>(By(kRecipientDept), withdraw)->state(), STATE_WITHDRAWN);
}

INSTANTIATE_TEST_SUITE_P(Every, Lifecycle, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
