#include "services/review/part_store.h"

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "tests/services/review/review_fixture.h"

namespace idea::review {
namespace {

// The person "both-sides", a contact of departments X and Y in every role.
class OnePerson : public Review {
 protected:
  void SetUp() override {
    Review::SetUp();
    if (IsSkipped()) return;
    using namespace common::v1;  // NOLINT: the roles, by their own names
    for (const char* entity : {kX, kY}) {
      ASSERT_THAT(registry_->AddContact(entity, "both-sides",
                                        {CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY, CONTACT_ROLE_SECURITY,
                                         CONTACT_ROLE_EXECUTIVE_SPONSOR, CONTACT_ROLE_DATA_COORDINATOR}),
                  IsOk());
    }
  }
  absl::Status OpineAs(const std::string& routing, const std::string& entity, v1::Discipline discipline) {
    v1::RegisterOpinionRequest request;
    request.set_routing(routing);
    request.set_discipline(discipline);
    request.set_position(v1::POSITION_SUPPORTS);
    request.set_text("fine");
    request.set_digest(DigestOf('a'));
    return harness_->Ask<v1::RegisterOpinionResponse>(testing::At(entity, "both-sides"), request).status();
  }
  absl::Status SignAs(const std::string& routing, const std::string& entity) {
    v1::SignBucpRequest request;
    request.set_routing(routing);
    request.set_capacity(v1::CAPACITY_EXECUTIVE_SPONSOR);
    request.set_digest(DigestOf('a'));
    return harness_->Ask<v1::SignBucpResponse>(testing::At(entity, "both-sides"), request).status();
  }
  // With `act` as before the act, without it as after the act.
  absl::Status Claim(const std::string& entity, const std::string& bucp = kBucp,
                     const std::string& act = "") {
    v1::ClaimPartRequest request;
    request.set_bucp(bucp);
    request.set_entity(entity);
    request.set_person("both-sides");
    request.set_act(act);
    return harness_->Ask<v1::ClaimPartResponse>(testing::Service("dispute"), request).status();
  }
  absl::Status Release(const std::string& act) {
    v1::ReleasePartRequest request;
    request.set_bucp(kBucp);
    request.set_person("both-sides");
    request.set_act(act);
    return harness_->Ask<v1::ReleasePartResponse>(testing::Service("dispute"), request).status();
  }
};

TEST_P(OnePerson, GivesTheOpinionsOfOneSideOnly) {
  const std::string name = Open().name();
  ASSERT_THAT(OpineAs(name, kX, v1::DISCIPLINE_LEGAL), IsOk());
  // Every opinion of one side, none of the other.
  EXPECT_THAT(OpineAs(name, kX, v1::DISCIPLINE_PRIVACY), IsOk());
  const absl::Status refused = OpineAs(name, kY, v1::DISCIPLINE_LEGAL);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_EQ(status::MetadataOf(refused, "entity"), kX);
  v1::RequestChangesRequest changes;
  changes.set_name(name);
  changes.set_digest(DigestOf('a'));
  changes.set_reason("no");
  EXPECT_THAT(harness_->Ask<v1::RequestChangesResponse>(testing::At(kY, "both-sides"), changes),
              FailsWith(Reason::ERROR_REASON_SAME_PERSON));
}

// Over all routings of the BUCP, opinions and signatures alike.
TEST_P(OnePerson, SignsForTheSameEntityInALaterRouting) {
  ASSERT_THAT(OpineAs(Open().name(), kX, v1::DISCIPLINE_LEGAL), IsOk());
  ASSERT_THAT(Close(), IsOk());
  const std::string name = Open().name();
  // The opinion of X, which "both-sides" gave, is carried over.
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_PRIVACY, "privacy"), IsOk());
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_SECURITY, "security"), IsOk());
  OpineAll(name, {kY});
  EXPECT_THAT(SignAs(name, kY), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(SignAs(name, kX), IsOk());
}

// A statement in a dispute is an act for a party, as an opinion is, in either order.
TEST_P(OnePerson, ActsForOnePartyInReviewAndInDisputes) {
  const std::string name = Open().name();
  ASSERT_THAT(Claim(kY), IsOk());
  EXPECT_THAT(Claim(kY), IsOk());
  EXPECT_THAT(Claim(kX), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(OpineAs(name, kX, v1::DISCIPLINE_LEGAL), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(OpineAs(name, kY, v1::DISCIPLINE_LEGAL), IsOk());
  // Another BUCP is independent.
  EXPECT_THAT(Claim(kX, "bucps/2"), IsOk());
}

// While an act in a dispute is tried, the person acts for that party only. A refusal ends that.
TEST_P(OnePerson, IsBoundOnlyByAnActThatSucceeds) {
  const std::string name = Open().name(), act = ids::NewUuid(), other = ids::NewUuid();
  ASSERT_THAT(Claim(kY, kBucp, act), IsOk());
  ASSERT_THAT(Claim(kY, kBucp, act), IsOk()) << "sent twice";
  ASSERT_THAT(Claim(kY, kBucp, other), IsOk());
  EXPECT_THAT(Claim(kX, kBucp, ids::NewUuid()), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(OpineAs(name, kX, v1::DISCIPLINE_LEGAL), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  ASSERT_THAT(Release(act), IsOk());
  EXPECT_THAT(OpineAs(name, kX, v1::DISCIPLINE_LEGAL), FailsWith(Reason::ERROR_REASON_SAME_PERSON))
      << "the other act is still tried";
  ASSERT_THAT(Release(other), IsOk());
  ASSERT_THAT(Release(other), IsOk()) << "sent twice";
  EXPECT_THAT(OpineAs(name, kX, v1::DISCIPLINE_LEGAL), IsOk());
  // An act that took place binds, also if a later one is refused.
  const std::string late = ids::NewUuid();
  ASSERT_THAT(Claim(kX, kBucp, late), IsOk());
  ASSERT_THAT(Release(late), IsOk());
  EXPECT_THAT(Claim(kY), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
}

TEST_P(OnePerson, IsBoundPermanentlyOnceTheActIsRecorded) {
  const std::string act = ids::NewUuid();
  ASSERT_THAT(Claim(kY, kBucp, act), IsOk());
  ASSERT_THAT(Claim(kY), IsOk());
  ASSERT_THAT(Release(act), IsOk());
  env_.clock.Advance(30 * clock::kDay);
  EXPECT_THAT(Claim(kX), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
}

// The report of an act may be late by any time, because its service was down.
TEST_P(OnePerson, StaysBoundUntilALateReportOfTheAct) {
  const std::string name = Open().name();
  ASSERT_THAT(Claim(kY, kBucp, ids::NewUuid()), IsOk());
  env_.clock.Advance(30 * clock::kDay);
  EXPECT_THAT(OpineAs(name, kX, v1::DISCIPLINE_LEGAL), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(Claim(kX, kBucp, ids::NewUuid()), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(Claim(kY), IsOk());
}

// The service that made the claim was killed. The repeated request has the same act.
TEST_P(OnePerson, IsFreeAfterARepeatedActWasRefused) {
  const std::string name = Open().name(), act = ids::NewUuid();
  ASSERT_THAT(Claim(kY, kBucp, act), IsOk());
  env_.clock.Advance(30 * clock::kDay);
  ASSERT_THAT(Claim(kY, kBucp, act), IsOk());
  ASSERT_THAT(Release(act), IsOk());
  EXPECT_THAT(OpineAs(name, kX, v1::DISCIPLINE_LEGAL), IsOk());
}

TEST_P(OnePerson, MayTakeAllStepsOfAnExchangeWithinOneDepartment) {
  const std::string name = Open(kX, kX).name();
  for (const auto discipline : {v1::DISCIPLINE_LEGAL, v1::DISCIPLINE_PRIVACY, v1::DISCIPLINE_SECURITY})
    EXPECT_THAT(OpineAs(name, kX, discipline), IsOk());
  EXPECT_THAT(SignAs(name, kX), IsOk());
}

// A refused step leaves nothing: the person may act for the other entity.
TEST_P(OnePerson, IsNotBoundByARefusedStep) {
  const std::string name = Open().name();
  EXPECT_THAT(SignAs(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(OpineAs(name, kY, v1::DISCIPLINE_LEGAL), IsOk());
}

TEST_P(OnePerson, ActsForOneOfTwoEntitiesInConcurrentCalls) {
  const std::string name = Open().name();
  for (const auto discipline : {v1::DISCIPLINE_LEGAL, v1::DISCIPLINE_PRIVACY, v1::DISCIPLINE_SECURITY}) {
    std::array<absl::Status, 2> done;
    std::thread one([&] { done[0] = OpineAs(name, kX, discipline); });
    std::thread other([&] { done[1] = OpineAs(name, kY, discipline); });
    one.join();
    other.join();
    int accepted = 0;
    for (const absl::Status& status : done) {
      accepted += status.ok() ? 1 : 0;
      if (status.ok()) continue;
      EXPECT_THAT(status, ::testing::AnyOf(FailsWith(Reason::ERROR_REASON_SAME_PERSON),
                                           FailsWith(Reason::ERROR_REASON_CONCURRENT_CHANGE)));
    }
    EXPECT_EQ(accepted, 1);
    ASSERT_THAT(database().Write(
                    [](storage::Transaction& db) { return db.Execute("DELETE FROM parts", {}).status(); }),
                IsOk());
  }
}

// A delegate acts under their own name, and the records name the principal.
TEST_P(OnePerson, IsRecordedWithTheDelegation) {
  ASSERT_THAT(registry_->AddContact(kX, "deputy", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
  const auto delegate = [&](const char* principal, common::v1::ContactRole role) {
    registry::v1::CreateDelegationRequest request;
    request.set_parent(kX);
    registry::v1::Delegation& delegation = *request.mutable_delegation();
    delegation.set_principal(std::string(kX) + "/contacts/" + principal);
    delegation.set_delegate(std::string(kX) + "/contacts/deputy");
    delegation.add_roles(role);
    *delegation.mutable_end_time() = clock::ToProto(env_.clock.Now() + 1000 * clock::kSecond);
    const auto made =
        registry_->harness().Ask<registry::v1::CreateDelegationResponse>(testing::At(kX, principal), request);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? made->delegation().name() : "";
  };
  const std::string for_legal = delegate("legal", common::v1::CONTACT_ROLE_LEGAL);
  const std::string for_sponsor = delegate("sponsor", common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR);
  const std::string name = Open().name();
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "deputy"), IsOk());
  EXPECT_EQ(harness_->Events().back().actor().person(), "deputy");
  EXPECT_EQ(harness_->Events().back().actor().on_behalf().delegation(), for_legal);
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_PRIVACY, "privacy"), IsOk());
  EXPECT_FALSE(harness_->Events().back().actor().has_on_behalf());
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_SECURITY, "security"), IsOk());
  OpineAll(name, {kY});
  // A data coordinator who signs as sponsor signs for the sponsor, and as coordinator for themselves.
  ASSERT_THAT(SignAsSponsor(name, kX, "deputy"), IsOk());
  v1::ListOpinionsRequest opinions;
  opinions.set_parent(name);
  const auto listed = harness_->Ask<v1::ListOpinionsResponse>(At(kY), opinions);
  ASSERT_THAT(listed, IsOk());
  for (const v1::Opinion& opinion : listed->opinions()) {
    EXPECT_EQ(opinion.on_behalf().delegation(), opinion.person() == "deputy" ? for_legal : "");
  }
  v1::ListSignaturesRequest signatures;
  signatures.set_parent(name);
  const auto given = harness_->Ask<v1::ListSignaturesResponse>(At(kY), signatures);
  ASSERT_THAT(given, IsOk());
  ASSERT_EQ(given->signatures_size(), 1);
  EXPECT_EQ(given->signatures(0).person(), "deputy");
  EXPECT_EQ(given->signatures(0).on_behalf().principal(), std::string(kX) + "/contacts/sponsor");
  EXPECT_EQ(given->signatures(0).on_behalf().principal_name(), "Mx. sponsor");
  EXPECT_EQ(given->signatures(0).on_behalf().delegation(), for_sponsor);
  // The checklist has it too, as text and as a field.
  v1::GetChecklistRequest ask_checklist;
  ask_checklist.set_name(name);
  const auto checklist = harness_->Ask<v1::GetChecklistResponse>(At(kY), ask_checklist);
  ASSERT_THAT(checklist, IsOk());
  EXPECT_EQ(checklist->rows(2).recipients(0).on_behalf().delegation(), for_legal);
  EXPECT_THAT(checklist->rows(2).recipient(), ::testing::HasSubstr("Mx. deputy, for Mx. legal (delegation " +
                                                                   ids::kDelegations.IdIn(for_legal) + ")"));
  EXPECT_FALSE(checklist->rows(3).recipients(0).has_on_behalf());
  EXPECT_EQ(checklist->rows(5).recipients(0).on_behalf().delegation(), for_sponsor);
  ASSERT_THAT(SignAsSponsor(name, kY), IsOk());
  ASSERT_THAT(SignAsCoordinator(name, kX), IsOk());
}

// A database of the release before: a person with an opinion or signature is bound to its entity.
TEST_P(OnePerson, IsBoundByRecordsOfAnEarlierRelease) {
  const auto before = testing::Fresh(GetParam());
  const config::EmbeddedFile earlier[] = {k_review_schema[0], k_review_schema[1], {nullptr, nullptr}};
  ASSERT_THAT(storage::Migrate(*before, "review", earlier), IsOk());
  ASSERT_THAT(before->Write([](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(
        db.Execute("INSERT INTO routings (id, bucp, digest, state, version, created, body) VALUES "
                   "('1', 'bucps/1', 'd', 1, 1, 7, $1)",
                   {storage::Blob{""}})
            .status());
    for (const char* entity : {kX, kY}) {
      RETURN_IF_ERROR(
          db.Execute("INSERT INTO records (routing, kind, number, id, entity, what, person, body) VALUES "
                     "('1', 'opinions', $1, $2, $3, 1, $4, $5)",
                     {int64_t{entity == kX ? 1 : 2}, std::string("o-") + entity, std::string(entity),
                      std::string("both-sides"), storage::Blob{""}})
              .status());
    }
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(storage::Migrate(*before, "review", k_review_schema), IsOk());
  EXPECT_THAT(before->Write([](storage::Transaction& db) -> absl::Status {
    EXPECT_THAT(ClaimPart(db, {"bucps/1", "both-sides"}, kX, "", 8), IsOk());
    EXPECT_THAT(ClaimPart(db, {"bucps/1", "both-sides"}, kY, "", 8),
                FailsWith(Reason::ERROR_REASON_SAME_PERSON));
    return ClaimPart(db, {"bucps/1", "somebody else"}, kY, "", 8).status();
  }),
              IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, OnePerson, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::review
