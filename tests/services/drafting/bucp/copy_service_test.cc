#include "services/drafting/bucp/copy_service.h"

#include "tests/services/drafting/drafting_fixture.h"
#include "tests/support/matchers.h"

// CopyBucp starts a draft with the content of an older BUCP.
namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class BucpCopies : public DraftingTest {
 protected:
  absl::StatusOr<v1::CopyBucpResponse> CopyAs(const std::string& entity, v1::CopyBucpRequest request) {
    return harness_->Ask<v1::CopyBucpResponse>(By(entity), request);
  }
  absl::StatusOr<v1::CopyBucpResponse> Copy(const std::string& name) {
    return CopyAs(kRecipientDept, Of<v1::CopyBucpRequest>(name));
  }
  std::string NewWithdrawn() {
    auto request = Of<v1::WithdrawBucpRequest>(NewSent().name());
    request.set_reason("no funds");
    return Must(AskForBucp<v1::WithdrawBucpResponse>(By(kRecipientDept), request)).name();
  }
};
INSTANTIATE_TEST_SUITE_P(Every, BucpCopies, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

TEST_P(BucpCopies, AWithdrawnBucpIsResubmittedAsACopyWithALink) {
  const std::string origin = NewWithdrawn();
  const auto copy = Copy(origin);
  ASSERT_THAT(copy, IsOk());
  const v1::Bucp stored = Must(Get(copy->bucp().name()));
  EXPECT_EQ(stored.state(), v1::STATE_DRAFT);
  EXPECT_EQ(stored.copied_from(), origin);
  EXPECT_EQ(stored.revision(), 1);
  EXPECT_NE(stored.name(), origin);
  v1::Content wanted = CompleteContent();
  wanted.mutable_administrative()->clear_approvals();
  EXPECT_EQ(stored.content().SerializeAsString(), wanted.SerializeAsString());
  ASSERT_EQ(copy->notes_size(), 1);
  EXPECT_EQ(copy->notes(0), "the acknowledgement of the Approvals field is left out: it is about " + origin);
  EXPECT_EQ(LastEvent().summary(), "draft started as a copy of " + origin);
  EXPECT_EQ(Must(Get(origin)).state(), v1::STATE_WITHDRAWN);
}

TEST_P(BucpCopies, ANotApprovedBucpIsResubmitted) {
  const v1::Bucp sent = NewSent(true);
  Must(Hold(sent.name()));
  ASSERT_EQ(Must(Reject(sent.name())).state(), v1::STATE_NOT_APPROVED);
  const auto copy = Copy(sent.name());
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(copy->bucp().copied_from(), sent.name());
}

TEST_P(BucpCopies, TheSameRequestCopiesOnce) {
  auto request = Of<v1::CopyBucpRequest>(NewWithdrawn());
  request.set_request_id(ids::NewUuid());
  const auto first = CopyAs(kRecipientDept, request), second = CopyAs(kRecipientDept, request);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->bucp().name(), second->bucp().name());
}

TEST_P(BucpCopies, ACopyForOtherPartiesOmitsTextsOfFormerParties) {
  auto request = Of<v1::CopyBucpRequest>(NewWithdrawn());
  request.add_providers(kStranger);
  const auto copy = CopyAs(kRecipientDept, request);
  ASSERT_THAT(copy, IsOk());
  const v1::Content& content = copy->bucp().content();
  ASSERT_EQ(content.providers_size(), 1);
  EXPECT_EQ(content.providers(0), kStranger);
  EXPECT_EQ(content.SerializeAsString().find(kProviderDept), std::string::npos);
  ASSERT_EQ(copy->notes_size(), 2);
  EXPECT_EQ(copy->notes(0), std::string("what ") + kProviderDept +
                                " wrote is left out, because it is not a party of the copy");
}

TEST_P(BucpCopies, AContactThatNoLongerHoldsItsRoleIsKeptAsText) {
  const std::string origin = NewWithdrawn();
  const std::string coordinator = std::string(kProviderDept) + "/contacts/dhcs-coordinator";
  registry::v1::UpdateContactRequest end;
  end.mutable_contact()->set_name(coordinator);
  end.mutable_contact()->add_roles(common::v1::CONTACT_ROLE_PROGRAM);
  end.mutable_update_mask()->add_paths("roles");
  ASSERT_THAT(
      registry_->harness().Ask<registry::v1::UpdateContactResponse>(registry_->Keeper(kProviderDept), end),
      IsOk());
  const auto copy = Copy(origin);
  ASSERT_THAT(copy, IsOk());
  for (const auto& entry : copy->bucp().content().business_case().contact_information().departments()) {
    const bool provider = entry.entity() == kProviderDept;
    EXPECT_EQ(entry.data_coordinator().empty(), provider);
    EXPECT_EQ(entry.has_data_coordinator_text(), provider);
    if (!provider) continue;
    EXPECT_EQ(entry.data_coordinator_text().display_name(), "Mx. dhcs-coordinator");
    EXPECT_EQ(entry.data_coordinator_text().email(), "dhcs-coordinator@example.org");
  }
  ASSERT_EQ(copy->notes_size(), 2);
  EXPECT_EQ(copy->notes(1),
            coordinator + " is no longer DATA_COORDINATOR of " + kProviderDept + ": kept as text");
}

TEST_P(BucpCopies, AValidationStoresNothing) {
  auto request = Of<v1::CopyBucpRequest>(NewWithdrawn());
  request.set_validate_only(true);
  const auto copy = CopyAs(kRecipientDept, request);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(copy->bucp().name(), "");
  EXPECT_EQ(copy->bucp().copied_from(), request.name());
  v1::ListBucpsRequest list;
  list.set_filter("state = DRAFT");
  const auto drafts = harness_->Ask<v1::ListBucpsResponse>(By(kRecipientDept), list);
  ASSERT_THAT(drafts, IsOk());
  EXPECT_EQ(drafts->bucps_size(), 0);
}

TEST_P(BucpCopies, AreForPartiesThatRequestTheData) {
  const std::string origin = NewWithdrawn();
  EXPECT_THAT(CopyAs(kStranger, Of<v1::CopyBucpRequest>(origin)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(CopyAs(kProviderDept, Of<v1::CopyBucpRequest>(origin)),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  auto request = Of<v1::CopyBucpRequest>(origin);
  request.add_recipients(kProviderDept);
  request.add_providers(kRecipientDept);
  EXPECT_THAT(CopyAs(kProviderDept, request), IsOk());
  request.set_recipients(0, kOutsider);
  EXPECT_THAT(CopyAs(kProviderDept, request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.add_recipients(kProviderDept);
  EXPECT_THAT(CopyAs(kProviderDept, request), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
}

}  // namespace
}  // namespace idea::drafting
