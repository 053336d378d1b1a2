#include "services/registry/accession/accession_service.h"

#include "common/clock/date.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"
#include "tests/services/registry/registry_fixture.h"

namespace idea::registry {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

class Accessions : public RegistryTest {
 protected:
  absl::StatusOr<v1::Accession> Sign(const std::string& entity, v1::Instrument instrument,
                                     const google::type::Date* day) {
    v1::CreateAccessionRequest request;
    request.set_parent(entity);
    request.mutable_accession()->set_instrument(instrument);
    request.mutable_accession()->set_evidence("stipulation on file");
    if (day != nullptr) *request.mutable_accession()->mutable_sign_date() = *day;
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::CreateAccessionResponse>(Cdo(), request));
    return response.accession();
  }
  absl::StatusOr<v1::WithdrawEntityResponse> Withdraw(const std::string& entity,
                                                      const google::type::Date& day) {
    v1::WithdrawEntityRequest request;
    request.set_name(entity);
    *request.mutable_withdraw_date() = day;
    request.set_evidence("letter on file");
    return harness().Ask<v1::WithdrawEntityResponse>(Cdo(), request);
  }
  // "entities/x 2025-01-01 2025-05-05": an entity and the start and end of its lapse.
  std::vector<std::string> Lapses() {
    const auto response =
        harness().Ask<v1::GetLapsesResponse>(testing::Service("inventory"), v1::GetLapsesRequest());
    EXPECT_THAT(response, IsOk());
    std::vector<std::string> lapses;
    if (!response.ok()) return lapses;
    for (const v1::Lapse& lapse : response->lapses()) {
      std::string& text = lapses.emplace_back(lapse.entity() + " " + clock::DateText(lapse.start_date()));
      if (lapse.has_end_date()) text += " " + clock::DateText(lapse.end_date());
    }
    return lapses;
  }
  v1::SignatoryConfirmation Confirm(const std::string& entity, const google::type::Date* on = nullptr) {
    v1::ConfirmSignatoriesRequest request;
    request.add_entities(entity);
    if (on != nullptr) *request.mutable_on() = *on;
    const auto response =
        harness().Ask<v1::ConfirmSignatoriesResponse>(testing::Service("drafting"), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() && response->confirmations_size() == 1 ? response->confirmations(0)
                                                                : v1::SignatoryConfirmation();
  }
};

TEST_P(Accessions, AreListedByDayAndUndatedOnesFirst) {
  const auto late = Day(2025, 3, 2);
  const auto early = Day(2024, 12, 31);
  ASSERT_THAT(Sign("entities/department-x", v1::INSTRUMENT_ADDENDUM, &late), IsOk());
  ASSERT_THAT(Sign("entities/department-x", v1::INSTRUMENT_STIPULATION, &early), IsOk());
  v1::ListAccessionsRequest request;
  request.set_parent("entities/department-x");
  request.set_page_size(1);
  std::vector<std::string> names;
  do {
    const auto page = harness().Ask<v1::ListAccessionsResponse>(X(), request);
    ASSERT_THAT(page, IsOk());
    for (const v1::Accession& accession : page->accessions()) names.push_back(accession.name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("entities/department-x/accessions/official-list",
                                 "entities/department-x/accessions/stipulation-2024-12-31",
                                 "entities/department-x/accessions/addendum-2025-03-02"));
  EXPECT_EQ(harness().Events().back().type(), kAccessionCreated);
}

TEST_P(Accessions, AreRecordedOnceAndOnlyForExistingEntities) {
  const auto day = Day(2025, 3, 2), tomorrow = Day(2026, 1, 2);
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_STIPULATION, &day), IsOk());
  EXPECT_THAT(Sign("entities/board-z", v1::INSTRUMENT_STIPULATION, &tomorrow),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Sign("entities/board-z", v1::INSTRUMENT_STIPULATION, &day),
              FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Sign("entities/nobody", v1::INSTRUMENT_STIPULATION, nullptr),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::CreateAccessionRequest bare;
  bare.set_parent("entities/board-z");
  bare.mutable_accession();
  EXPECT_THAT(harness().Ask<v1::CreateAccessionResponse>(Cdo(), bare),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  v1::ListAccessionsRequest request;
  request.set_parent("entities/nobody");
  EXPECT_THAT(harness().Ask<v1::ListAccessionsResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto nonsense = Day(2026, 2, 30);
  EXPECT_THAT(Sign("entities/board-z", v1::INSTRUMENT_ADDENDUM, &nonsense),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Accessions, ConfirmOnlyOwnSignaturesAndThoseOfAgencies) {
  EXPECT_EQ(Confirm("entities/department-x").standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  const auto covered = Confirm("entities/department-y");
  EXPECT_EQ(covered.standing(), v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
  EXPECT_EQ(covered.through(), "entities/agency-a");
  EXPECT_EQ(Confirm("entities/board-z").standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  EXPECT_EQ(Confirm("entities/nobody").standing(), v1::SIGNATORY_STANDING_UNKNOWN);
}

// At midnight UTC, the previous day has not ended in California.
TEST_P(Accessions, AreConfirmedForTheDayInTheConfiguredTimeZone) {
  const auto today = Day(2026, 1, 1);
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_ADDENDUM, &today), IsOk());
  EXPECT_EQ(Confirm("entities/board-z").standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  env_.clock.SetZone(absl::FixedTimeZone(-8 * 3600));
  EXPECT_EQ(Confirm("entities/board-z").standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  const auto tomorrow = Sign("entities/department-y", v1::INSTRUMENT_ADDENDUM, &today);
  EXPECT_THAT(tomorrow, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Accessions, OfAnAgencyDoNotCoverEntitiesWithOwnStatutoryAuthority) {
  v1::CreateEntityRequest request;
  request.mutable_entity()->set_display_name("Commission W");
  request.mutable_entity()->set_kind(v1::ENTITY_KIND_COMMISSION);
  request.mutable_entity()->set_parent("entities/agency-a");
  request.mutable_entity()->set_own_statutory_authority(true);
  ASSERT_THAT(harness().Ask<v1::CreateEntityResponse>(Cdo(), request), IsOk());
  const auto answer = Confirm("entities/commission-w");
  EXPECT_EQ(answer.standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  EXPECT_THAT(answer.reason(), ::testing::HasSubstr("own statutory authority"));
}

TEST_P(Accessions, CountFromTheirDayOn) {
  const auto before = Day(2025, 6, 30), day = Day(2025, 7, 1), after = Day(2025, 7, 2);
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_STIPULATION, &day), IsOk());
  EXPECT_EQ(Confirm("entities/board-z", &before).standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  EXPECT_EQ(Confirm("entities/board-z", &day).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  EXPECT_EQ(Confirm("entities/board-z", &after).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  EXPECT_EQ(Confirm("entities/board-z").standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
}

TEST_P(Accessions, HaveADayAnInstrumentAndASigner) {
  const auto day = Day(2025, 7, 1);
  v1::CreateAccessionRequest request;
  request.set_parent("entities/board-z");
  request.mutable_accession()->set_instrument(v1::INSTRUMENT_ADDENDUM);
  request.mutable_accession()->set_evidence("on file");
  request.mutable_accession()->set_signed_by("Z. Zed, Chair");
  *request.mutable_accession()->mutable_sign_date() = day;
  request.mutable_accession()->set_withdraw_evidence("not theirs to say");
  const auto signed_by = harness().Ask<v1::CreateAccessionResponse>(Cdo(), request);
  ASSERT_THAT(signed_by, IsOk());
  EXPECT_EQ(signed_by->accession().signed_by(), "Z. Zed, Chair");
  EXPECT_EQ(signed_by->accession().withdraw_evidence(), "");
  EXPECT_EQ(Confirm("entities/board-z").since().day(), 1);
  EXPECT_FALSE(Confirm("entities/department-x").has_since());
}

TEST_P(Accessions, WithoutADayCountFromTheDayOnWhichIdeaBegan) {
  const auto before = Day(2021, 6, 23), day = Day(2021, 6, 24);
  EXPECT_EQ(Confirm("entities/agency-a", &before).standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  EXPECT_EQ(Confirm("entities/department-y", &before).standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  EXPECT_EQ(Confirm("entities/agency-a", &day).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  EXPECT_EQ(Confirm("entities/department-y", &day).standing(), v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
  // An accession with a day counts from that day.
  const auto signed_on = Day(2020, 1, 1), later = Day(2020, 1, 2);
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_ADDENDUM, &signed_on), IsOk());
  EXPECT_EQ(Confirm("entities/board-z", &later).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
}

TEST_P(Accessions, EndTogetherWithTheirCoverWhenTheEntityWithdraws) {
  const auto before = Day(2025, 6, 30), day = Day(2025, 7, 1);
  const auto ended = Withdraw("entities/agency-a", day);
  ASSERT_THAT(ended, IsOk());
  ASSERT_EQ(ended->accessions_size(), 1);
  EXPECT_EQ(ended->accessions(0).withdraw_date().year(), 2025);
  EXPECT_EQ(ended->accessions(0).withdraw_evidence(), "letter on file");
  EXPECT_EQ(harness().Events().back().type(), kEntityWithdrawn);
  EXPECT_EQ(Confirm("entities/agency-a", &before).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  EXPECT_EQ(Confirm("entities/agency-a", &day).standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  EXPECT_THAT(Confirm("entities/agency-a", &day).reason(), ::testing::HasSubstr("withdrew on 2025-07-01"));
  EXPECT_THAT(Confirm("entities/department-x").reason(), ::testing::HasSubstr("which gives no day"));
  EXPECT_EQ(Confirm("entities/department-y", &before).standing(), v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
  EXPECT_EQ(Confirm("entities/department-y", &day).standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  EXPECT_EQ(Confirm("entities/department-x", &day).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  EXPECT_THAT(Withdraw("entities/agency-a", day), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_THAT(Withdraw("entities/board-z", day), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  EXPECT_THAT(Withdraw("entities/nobody", day), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Withdraw("entities/agency-a", Day(2025, 13, 1)), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  const auto again = Day(2025, 9, 1);
  ASSERT_THAT(Sign("entities/agency-a", v1::INSTRUMENT_STIPULATION, &again), IsOk());
  EXPECT_EQ(Confirm("entities/department-y").standing(), v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
}

// An entity that never was in IDEA, or has left it, reads public data and its own; a new signature admits it
// again.
TEST_P(Accessions, AreRequiredToReadTheContactsOfOthers) {
  const std::string x = "entities/department-x", z = "entities/board-z";
  ASSERT_THAT(registry_->AddContact(x, "p", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
  ASSERT_THAT(registry_->AddContact(z, "q", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
  const auto contacts = [&](const testing::TestCaller& who, const std::string& of) {
    v1::ListContactsRequest request;
    request.set_parent(of);
    return harness().Ask<v1::ListContactsResponse>(who, request).status();
  };
  const auto contact = [&](const testing::TestCaller& who, const std::string& name) {
    v1::GetContactRequest request;
    request.set_name(name);
    return harness().Ask<v1::GetContactResponse>(who, request).status();
  };
  const auto is_public = [&](const testing::TestCaller& who) {
    v1::GetEntityRequest request;
    request.set_name(z);
    EXPECT_THAT(harness().Ask<v1::GetEntityResponse>(who, request), IsOk());
    v1::ConfirmSignatoriesRequest confirm;
    confirm.add_entities(z);
    EXPECT_THAT(harness().Ask<v1::ConfirmSignatoriesResponse>(who, confirm), IsOk());
  };
  const testing::TestCaller member = At(x), unknown = At("entities/not-registered");
  // In the registry and not yet a signatory: the entity is preparing to sign.
  EXPECT_THAT(contacts(At(z), x), IsOk());
  EXPECT_THAT(contacts(member, z), IsOk());
  const absl::Status refused = contacts(unknown, x);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_ENTITY_NOT_ADMITTED));
  EXPECT_EQ(status::MetadataOf(refused, "entity"), "entities/not-registered");
  EXPECT_THAT(contact(unknown, x + "/contacts/p"), FailsWith(Reason::ERROR_REASON_ENTITY_NOT_ADMITTED));
  is_public(unknown);

  ASSERT_THAT(Withdraw(x, Day(2025, 12, 1)), IsOk());
  EXPECT_THAT(contacts(member, z), IsOk()) << "the agency's signature covers it";
  ASSERT_THAT(Withdraw("entities/agency-a", Day(2025, 12, 1)), IsOk());
  EXPECT_TRUE(Confirm(x).withdrawn());
  EXPECT_FALSE(Confirm(z).withdrawn());
  EXPECT_THAT(contacts(member, z), FailsWith(Reason::ERROR_REASON_ENTITY_NOT_ADMITTED));
  EXPECT_THAT(contact(member, z + "/contacts/q"), FailsWith(Reason::ERROR_REASON_ENTITY_NOT_ADMITTED));
  // A name with its own name as a prefix is another entity's.
  EXPECT_THAT(contacts(member, x + "x"), FailsWith(Reason::ERROR_REASON_ENTITY_NOT_ADMITTED));
  EXPECT_THAT(contacts(member, x), IsOk());
  EXPECT_THAT(contact(member, x + "/contacts/p"), IsOk());
  is_public(member);
  EXPECT_THAT(contacts(Cdo(), z), IsOk());
  const auto today = Day(2026, 1, 1);
  ASSERT_THAT(Sign(x, v1::INSTRUMENT_STIPULATION, &today), IsOk());
  EXPECT_THAT(contacts(member, z), IsOk());
}

TEST_P(Accessions, CoverEntitiesThatReportedToTheAgencyOnTheRequestedDay) {
  v1::Entity moved;
  moved.set_name("entities/department-y");
  moved.add_parentages()->set_parent("entities/agency-a");
  moved.add_parentages()->set_parent("entities/board-z");
  *moved.mutable_parentages(1)->mutable_start_date() = Day(2025, 7, 1);
  ASSERT_THAT(registry_->Change(moved, {"parentages"}), IsOk());
  const auto before = Day(2025, 6, 30), day = Day(2025, 7, 1);
  EXPECT_EQ(Confirm("entities/department-y", &before).through(), "entities/agency-a");
  EXPECT_EQ(Confirm("entities/department-y", &day).standing(), v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_ADDENDUM, nullptr), IsOk());
  EXPECT_EQ(Confirm("entities/department-y", &day).through(), "entities/board-z");
}

TEST_P(Accessions, AreConfirmedForFiveHundredEntitiesInTheRequestedOrder) {
  v1::ConfirmSignatoriesRequest request;
  for (int i = 0; i < 498; ++i) request.add_entities("entities/unknown-" + std::to_string(i));
  request.add_entities("entities/department-y");
  request.add_entities("entities/department-x");
  const auto response = harness().Ask<v1::ConfirmSignatoriesResponse>(X(), request);
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->confirmations_size(), 500);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(response->confirmations(i).entity(), request.entities(i));
  EXPECT_EQ(response->confirmations(498).standing(), v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
  EXPECT_EQ(response->confirmations(499).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  request.add_entities("entities/one-too-many");
  EXPECT_THAT(harness().Ask<v1::ConfirmSignatoriesResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

// --- lapses ---

TEST_P(Accessions, LapseFromTheDayOfAWithdrawal) {
  EXPECT_THAT(Lapses(), ::testing::IsEmpty());
  // Agency A's signature still covers Department X. Department Y loses its cover when the agency withdraws
  // too.
  ASSERT_THAT(Withdraw("entities/department-x", Day(2026, 3, 1)), IsOk());
  EXPECT_THAT(Lapses(), ::testing::IsEmpty());
  ASSERT_THAT(Withdraw("entities/agency-a", Day(2030, 6, 1)), IsOk());
  EXPECT_THAT(Lapses(), ElementsAre("entities/agency-a 2030-06-01", "entities/department-x 2030-06-01",
                                    "entities/department-y 2030-06-01"));
  // An earlier day than the first withdrawal stated.
  ASSERT_THAT(Withdraw("entities/agency-a", Day(2026, 2, 1)), IsOk());
  EXPECT_THAT(Lapses(), ElementsAre("entities/agency-a 2026-02-01", "entities/department-x 2026-03-01",
                                    "entities/department-y 2026-02-01"));
}

TEST_P(Accessions, LapseUntilANewSignature) {
  const auto first = Day(2024, 1, 1), again = Day(2025, 5, 5), same = Day(2025, 9, 1);
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_ADDENDUM, &first), IsOk());
  ASSERT_THAT(Withdraw("entities/board-z", Day(2025, 1, 1)), IsOk());
  EXPECT_THAT(Lapses(), ElementsAre("entities/board-z 2025-01-01"));
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_STIPULATION, &again), IsOk());
  EXPECT_THAT(Lapses(), ElementsAre("entities/board-z 2025-01-01 2025-05-05"));
  // With a new signature on the day of the withdrawal, no day is without a signature.
  ASSERT_THAT(Withdraw("entities/board-z", same), IsOk());
  ASSERT_THAT(Sign("entities/board-z", v1::INSTRUMENT_ADDENDUM, &same), IsOk());
  EXPECT_THAT(Lapses(), ElementsAre("entities/board-z 2025-01-01 2025-05-05"));
}

// The entity moves from the agency whose signature covered it to one that never signed.
TEST_P(Accessions, LapseWhenTheEntityLeavesTheAgencyThatCoveredIt) {
  v1::Entity department;
  department.set_name("entities/department-y");
  department.add_parentages()->set_parent("entities/agency-a");
  *department.add_parentages()->mutable_start_date() = Day(2025, 7, 1);
  ASSERT_THAT(registry_->Change(department, {"parentages"}), IsOk());
  EXPECT_THAT(Lapses(), ElementsAre("entities/department-y 2025-07-01"));
  v1::Entity board;
  board.set_name("entities/board-z");
  *board.mutable_end_date() = Day(2025, 8, 1);
  ASSERT_THAT(registry_->Change(board, {"end_date"}), IsOk());
  EXPECT_THAT(Lapses(), ElementsAre("entities/department-y 2025-07-01"));
}

// Counts and versions are the same before and after.
TEST_P(Accessions, OfARemovedEntityLeaveNoLapse) {
  const auto signed_on = Day(2024, 12, 31), ended_on = Day(2025, 5, 5);
  const auto lapse = [&](const std::string& id) {
    v1::CreateEntityRequest create;
    create.set_entity_id(id);
    create.mutable_entity()->set_display_name("Department " + id);
    create.mutable_entity()->set_kind(v1::ENTITY_KIND_DEPARTMENT);
    EXPECT_THAT(harness().Ask<v1::CreateEntityResponse>(Cdo(), create), IsOk());
    EXPECT_THAT(Sign("entities/" + id, v1::INSTRUMENT_ADDENDUM, &signed_on), IsOk());
    EXPECT_THAT(Withdraw("entities/" + id, ended_on), IsOk());
  };
  lapse("added-by-mistake");
  EXPECT_THAT(Lapses(), ElementsAre("entities/added-by-mistake 2025-05-05"));
  v1::Entity mistake;
  mistake.set_name("entities/added-by-mistake");
  mistake.set_etag("1");
  ASSERT_THAT(database().Write([&](storage::Transaction& db) { return RemoveEntity(db, mistake); }), IsOk());
  env_.clock.Advance(clock::kSecond);
  lapse("added-instead");
  EXPECT_THAT(Lapses(), ElementsAre("entities/added-instead 2025-05-05"));
}

INSTANTIATE_TEST_SUITE_P(Every, Accessions, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::registry
