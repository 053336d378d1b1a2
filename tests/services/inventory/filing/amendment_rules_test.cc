#include <gmock/gmock.h>

#include "services/inventory/inventory_events.h"
#include "services/inventory/notice/expiry_worker.h"
#include "services/inventory/register/register_service.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/support/refusals.h"

// Exactly one of an agreement and its amendments is in force, whatever the order of executions, filings and
// terminations.
namespace idea::inventory {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;

constexpr char kAmendment[] = "bucps/2";

class FamilyOfAgreements : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (!IsSkipped()) Amend(kAmendment, kBucp);
  }
  drafting::v1::Bucp& Amend(const std::string& name, const std::string& amended) {
    drafting::v1::Bucp& amendment = Execute(name);
    amendment.set_amends(amended);
    return amendment;
  }
  void SetLastDay(const std::string& bucp, int year, int month, int day) {
    auto& date = *peers_.bucps.at(bucp)
                      .mutable_content()
                      ->mutable_administrative()
                      ->mutable_critical_dates()
                      ->mutable_end_date();
    date.set_year(year);
    date.set_month(month);
    date.set_day(day);
  }
  // BUCPs whose agreements are in force in the register.
  std::vector<std::string> InForce() {
    v1::ListFilingsRequest request;
    request.set_filter("state != FILING_STATE_ENDED");
    const auto listed = harness_->Ask<v1::ListFilingsResponse>(At(testing::kCdoEntity), request);
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> bucps;
    if (listed.ok()) {
      for (const v1::Filing& filing : listed->filings()) bucps.push_back(filing.bucp());
    }
    return bucps;
  }
};

// The filing arrives before drafting's command, and ends the amended agreement.
TEST_P(FamilyOfAgreements, EndsTheAmendedAgreementIfTheAmendmentIsFiledFirst) {
  ASSERT_THAT(Record(), IsOk());
  const auto filed = File(kRecipient, 'a', kAmendment);
  ASSERT_THAT(filed, IsOk());
  EXPECT_EQ(LastEvent().type(), event::kBucpFiled);
  EXPECT_THAT(InForce(), ElementsAre(kAmendment));
  EXPECT_THAT(Record(kAmendment, kBucp), IsOk());
  EXPECT_THAT(InForce(), ElementsAre(kAmendment));
}

TEST_P(FamilyOfAgreements, RefusesAnAmendmentOfATerminatedAgreement) {
  const auto old = Record();
  ASSERT_THAT(old, IsOk());
  ASSERT_THAT(Terminate(old->name()), IsOk());
  const auto recorded = Record(kAmendment, kBucp);
  EXPECT_THAT(recorded, FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED));
  EXPECT_EQ(status::MetadataOf(recorded.status(), "amends"), kBucp);
  EXPECT_TRUE(status::IsRefusal(recorded.status()));
  EXPECT_THAT(File(kRecipient, 'a', kAmendment), FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED));
  EXPECT_THAT(InForce(), ::testing::IsEmpty());
  EXPECT_EQ(List(At(kRecipient)), 1);
}

TEST_P(FamilyOfAgreements, RefusesAnAmendmentOfASupersededAgreement) {
  ASSERT_THAT(Record(), IsOk());
  ASSERT_THAT(Record(kAmendment, kBucp), IsOk());
  Amend("bucps/3", kBucp);
  EXPECT_THAT(Record("bucps/3", kBucp), FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED));
  EXPECT_THAT(InForce(), ElementsAre(kAmendment));
}

TEST_P(FamilyOfAgreements, WaitsForTheExecutionOfTheAmendedAgreement) {
  const auto early = Record(kAmendment, kBucp);
  EXPECT_THAT(early, FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_UNKNOWN));
  EXPECT_TRUE(status::IsRetryable(early.status()));
  EXPECT_THAT(File(kRecipient, 'a', kAmendment), FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_UNKNOWN));
  ASSERT_THAT(Record(), IsOk());
  ASSERT_THAT(Record(kAmendment, kBucp), IsOk());
  EXPECT_THAT(InForce(), ElementsAre(kAmendment));
}

// The test uses UTC: executed in the last second of the last day, and two seconds later.
TEST_P(FamilyOfAgreements, AcceptsAnAmendmentExecutedOnTheLastDay) {
  env_.clock.Set(1'798'761'599 * clock::kSecond);  // 2026-12-31T23:59:59Z
  Execute("bucps/3");
  Amend("bucps/4", "bucps/3");
  for (const char* bucp : {kBucp, "bucps/3"}) {
    SetLastDay(bucp, 2026, 12, 31);
    ASSERT_THAT(Record(bucp), IsOk());
  }
  *peers_.bucps.at(kAmendment).mutable_execute_time() = clock::ToProto(env_.clock.Now());
  env_.clock.Advance(2 * clock::kSecond);
  *peers_.bucps.at("bucps/4").mutable_execute_time() = clock::ToProto(env_.clock.Now());
  // Before and after the register has ended the agreement.
  EXPECT_THAT(Record("bucps/4", "bucps/3"), FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED));
  events::Notifier notifier;
  ExpiryWorker expiry(absl::UTCTimeZone(), *log_, *notices_, testing::kCdoEntity, database(), notifier,
                      env_.clock);
  ASSERT_THAT(expiry.Pass(), testing::IsOkAndHolds(2));
  EXPECT_THAT(Record("bucps/4", "bucps/3"), FailsWith(Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED));
  EXPECT_THAT(Record(kAmendment, kBucp), IsOk());
  EXPECT_THAT(InForce(), ElementsAre(kAmendment));
}

// A command with a stolen certificate of drafting that drafting does not confirm.
TEST_P(FamilyOfAgreements, EndsNothingOnACommandAlone) {
  const auto old = Record();
  ASSERT_THAT(old, IsOk());
  Execute("bucps/3");
  // Another BUCP amends it. This one amends no agreement, another one, or itself.
  EXPECT_THAT(Record("bucps/3", kBucp), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Record(kAmendment, "bucps/3"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  Amend("bucps/4", "bucps/4");
  const auto itself = Record("bucps/4", "bucps/4");
  EXPECT_THAT(itself, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(testing::FieldsOf(itself.status()), ElementsAre("amends"));
  // A BUCP that is still being signed.
  peers_.bucps.at(kAmendment).clear_execute_time();
  EXPECT_THAT(Record(kAmendment, kBucp), FailsWith(Reason::ERROR_REASON_NOT_EXECUTED));
  // The revision of another BUCP.
  v1::RecordExecutionRequest borrowed;
  borrowed.set_bucp("bucps/3");
  borrowed.set_revision("bucps/1/revisions/3");
  borrowed.set_digest(DigestOf('a'));
  borrowed.add_recipients(kRecipient);
  borrowed.add_providers(kProvider);
  *borrowed.mutable_execute_time() = clock::ToProto(env_.clock.Now());
  EXPECT_THAT(harness_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), borrowed),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_THAT(InForce(), ElementsAre(kBucp));
}

TEST_P(FamilyOfAgreements, RequiresThePartiesOfTheAmendedAgreement) {
  ASSERT_THAT(Record(), IsOk());
  const drafting::v1::Content agreed = peers_.bucps.at(kAmendment).content();
  const std::vector<std::function<void(drafting::v1::Content&)>> changes = {
      [](auto& content) { content.mutable_recipients()->RemoveLast(); },
      [](auto& content) { content.mutable_recipients()->SwapElements(0, 1); },
      [](auto& content) { content.set_providers(0, kStranger); }};
  for (const auto& change : changes) {
    drafting::v1::Content& content = *peers_.bucps.at(kAmendment).mutable_content();
    content = agreed;
    change(content);
    EXPECT_THAT(Record(kAmendment, kBucp), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  }
  EXPECT_THAT(InForce(), ElementsAre(kBucp));
  *peers_.bucps.at(kAmendment).mutable_content() = agreed;
  peers_.bucps.at(kAmendment).mutable_content()->add_providers(kStranger);
  EXPECT_THAT(Record(kAmendment, kBucp), IsOk());
}

// --- filed after the end ---

class FiledLate : public FamilyOfAgreements {
 protected:
  void SetUp() override {
    FamilyOfAgreements::SetUp();
    if (!IsSkipped()) register_.Bind(harness_->router());
  }
  std::vector<std::string> Unfiled(const std::string& entity) {
    const auto listed = harness_->Ask<v1::ListUnfiledResponse>(At(entity), v1::ListUnfiledRequest());
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> bucps;
    if (listed.ok()) {
      for (const v1::Unfiled& each : listed->unfiled())
        bucps.push_back(each.bucp() + " " + flow::NameOf(each.state()));
    }
    return bucps;
  }
  RegisterService register_;
};

TEST_P(FiledLate, ATerminatedAgreementGetsItsReceiptAndStaysEnded) {
  const auto old = Record();
  ASSERT_THAT(old, IsOk());
  ASSERT_THAT(Terminate(old->name()), IsOk());
  const auto before = Get(old->name());
  for (const std::string entity : {kRecipient, kProvider, testing::kCdoEntity})
    EXPECT_THAT(Unfiled(entity), ElementsAre("bucps/1 ENDED"));
  EXPECT_THAT(File(kProvider), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(File(kRecipient, 'b'), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  const int64_t size = Checkpoint().size();
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_EQ(filed->state(), v1::FILING_STATE_ENDED);
  EXPECT_TRUE(filed->has_file_time());
  EXPECT_EQ(filed->receipt().leaf().leaf_index(), size);
  EXPECT_EQ(filed->end_reason(), before->end_reason());
  EXPECT_EQ(filed->grounds(), before->grounds());
  EXPECT_EQ(clock::FromProto(filed->end_time()), clock::FromProto(before->end_time()));
  EXPECT_EQ(LastEvent().type(), event::kBucpFiled);
  EXPECT_THAT(Unfiled(kRecipient), ::testing::IsEmpty());
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_EQ(Checkpoint().size(), size + 1);
}

TEST_P(FiledLate, ASupersededAgreementGetsItsReceiptToo) {
  ASSERT_THAT(Record(), IsOk());
  ASSERT_THAT(File(kRecipient, 'a', kAmendment), IsOk());
  EXPECT_THAT(Unfiled(kRecipient), ElementsAre("bucps/1 ENDED"));
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_EQ(filed->state(), v1::FILING_STATE_ENDED);
  EXPECT_THAT(Unfiled(kRecipient), ::testing::IsEmpty());
  EXPECT_THAT(InForce(), ElementsAre(kAmendment));
}

INSTANTIATE_TEST_SUITE_P(Every, FamilyOfAgreements, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);
INSTANTIATE_TEST_SUITE_P(Every, FiledLate, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
