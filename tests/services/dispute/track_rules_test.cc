#include "services/dispute/track_rules.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace idea::dispute {
namespace {

using common::v1::ContactRole;
using registry::v1::GOVERNOR_AUTHORITY_OUTSIDE, registry::v1::GOVERNOR_AUTHORITY_UNDER,
    registry::v1::GOVERNOR_AUTHORITY_UNKNOWN;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using v1::PROCESS_AGREEMENT, v1::PROCESS_GUIDEBOOK;

const Offices kOffices = {"entities/cdo", "entities/governor"};

// A recipient R of Agency A and a provider P of Agency B, all under the Governor, with every office held.
class Track : public ::testing::Test {
 protected:
  Track() {
    facts_.bucp.mutable_content()->add_recipients("entities/r");
    facts_.bucp.mutable_content()->add_providers("entities/p");
    AddParty("entities/r", "entities/a");
    AddParty("entities/p", "entities/b");
    for (const char* agency : {"entities/a", "entities/b"}) {
      AddContact(agency, common::v1::CONTACT_ROLE_AGENCY_CDO);
      AddContact(agency, common::v1::CONTACT_ROLE_AGENCY_INFORMATION_OFFICER);
      AddContact(agency, common::v1::CONTACT_ROLE_UNDERSECRETARY);
    }
    AddContact("entities/cdo", common::v1::CONTACT_ROLE_STATEWIDE_CDO);
    AddContact("entities/governor", common::v1::CONTACT_ROLE_GOVERNORS_OFFICE);
  }
  void AddParty(const std::string& name, const std::string& parent) {
    facts_.parties[name].set_name(name);
    facts_.parties[name].set_parent(parent);
    facts_.parties[name].set_governor_authority(GOVERNOR_AUTHORITY_UNDER);
  }
  void AddContact(const std::string& entity, ContactRole role) {
    registry::v1::Contact contact;
    contact.set_display_name(ContactRole_Name(role).substr(13));
    contact.add_roles(role);
    facts_.contacts[entity].push_back(contact);
  }
  void Set(const std::string& party, registry::v1::GovernorAuthority authority) {
    facts_.parties[party].set_governor_authority(authority);
  }
  v1::TrackExplanation By(v1::Process process) { return Explain(process, facts_, kOffices); }
  // "entities/a AGENCY_CDO" of each office.
  static std::vector<std::string> OfficesOf(const v1::TrackExplanation& explanation) {
    std::vector<std::string> names;
    for (const v1::Office& office : explanation.offices())
      names.push_back(office.entity() + " " + ContactRole_Name(office.role()).substr(13));
    return names;
  }

  OpeningFacts facts_;
};

TEST_F(Track, OfAllUnderTheGovernorBeginsWithTheAgencies) {
  for (const v1::Process process : {PROCESS_GUIDEBOOK, PROCESS_AGREEMENT}) {
    const v1::TrackExplanation explanation = By(process);
    EXPECT_EQ(explanation.process(), process);
    EXPECT_EQ(explanation.track(), v1::TRACK_ALL_UNDER_GOVERNOR);
    EXPECT_EQ(explanation.first(), STATE_AGENCY_MEDIATION);
    EXPECT_THAT(CheckOffices(explanation), IsOk());
  }
}

// The case in which the agreement and the guidebook differ.
TEST_F(Track, OfARecipientOutsideDependsOnTheProvidersByTheAgreement) {
  Set("entities/r", GOVERNOR_AUTHORITY_OUTSIDE);
  EXPECT_EQ(By(PROCESS_GUIDEBOOK).track(), v1::TRACK_OUTSIDE_GOVERNOR);
  EXPECT_EQ(By(PROCESS_GUIDEBOOK).first(), STATE_STATEMENTS);
  const v1::TrackExplanation explanation = By(PROCESS_AGREEMENT);
  EXPECT_EQ(explanation.track(), v1::TRACK_ALL_UNDER_GOVERNOR);
  EXPECT_FALSE(explanation.standings(0).counts());
  EXPECT_TRUE(explanation.standings(1).counts());
  EXPECT_THAT(OfficesOf(explanation),
              ElementsAre("entities/b AGENCY_CDO", "entities/b UNDERSECRETARY", "entities/cdo STATEWIDE_CDO",
                          "entities/governor GOVERNORS_OFFICE"));
}

TEST_F(Track, OfAProviderOutsideIsTheCdosInBoth) {
  Set("entities/p", GOVERNOR_AUTHORITY_OUTSIDE);
  Set("entities/r", GOVERNOR_AUTHORITY_UNKNOWN);
  EXPECT_EQ(By(PROCESS_GUIDEBOOK).first(), STATE_STATEMENTS);
  EXPECT_EQ(By(PROCESS_AGREEMENT).first(), STATE_CDO_MEDIATION);
  for (const v1::Process process : {PROCESS_GUIDEBOOK, PROCESS_AGREEMENT}) {
    EXPECT_THAT(OfficesOf(By(process)), ElementsAre("entities/cdo STATEWIDE_CDO"));
    EXPECT_THAT(CheckOffices(By(process)), IsOk());
  }
}

TEST_F(Track, OfOneProviderOutsideAmongSeveralIsOutside) {
  facts_.bucp.mutable_content()->add_providers("entities/q");
  AddParty("entities/q", "");
  Set("entities/q", GOVERNOR_AUTHORITY_OUTSIDE);
  EXPECT_EQ(By(PROCESS_AGREEMENT).track(), v1::TRACK_OUTSIDE_GOVERNOR);
}

TEST_F(Track, IsOpenIfAStandingThatCountsIsNotRecorded) {
  Set("entities/r", GOVERNOR_AUTHORITY_UNKNOWN);
  EXPECT_EQ(By(PROCESS_AGREEMENT).track(), v1::TRACK_ALL_UNDER_GOVERNOR);
  const v1::TrackExplanation explanation = By(PROCESS_GUIDEBOOK);
  EXPECT_EQ(explanation.track(), v1::TRACK_UNSPECIFIED);
  EXPECT_EQ(explanation.first(), STATE_AWAITING_STANDING);
  ASSERT_EQ(explanation.missing_size(), 1);
  EXPECT_EQ(explanation.missing(0).entity(), "entities/r");
  EXPECT_THAT(explanation.missing(0).fix(), HasSubstr("Statewide CDO's office records it"));
  EXPECT_THAT(CheckOffices(explanation), IsOk());
}

TEST_F(Track, UsesTheInformationOfficerWithoutAnAgencyCdo) {
  facts_.contacts["entities/b"].erase(facts_.contacts["entities/b"].begin());
  EXPECT_THAT(OfficesOf(By(PROCESS_GUIDEBOOK)), Contains("entities/b AGENCY_INFORMATION_OFFICER"));
  facts_.contacts["entities/b"].clear();
  AddContact("entities/p", common::v1::CONTACT_ROLE_AGENCY_INFORMATION_OFFICER);
  EXPECT_THAT(OfficesOf(By(PROCESS_GUIDEBOOK)), Contains("entities/p AGENCY_INFORMATION_OFFICER"));
}

TEST_F(Track, FailsIfAnOfficeHasNoHolder) {
  const auto missing = [&](v1::Process process) {
    const absl::Status refused = CheckOffices(By(process));
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_OFFICE_HOLDER_MISSING));
    return status::MetadataOf(refused, "entity") + " " + status::MetadataOf(refused, "roles");
  };
  facts_.contacts["entities/governor"].clear();
  EXPECT_EQ(missing(PROCESS_GUIDEBOOK), "entities/governor CONTACT_ROLE_GOVERNORS_OFFICE");
  facts_.contacts["entities/cdo"].clear();
  EXPECT_EQ(missing(PROCESS_GUIDEBOOK), "entities/cdo CONTACT_ROLE_STATEWIDE_CDO");
  facts_.contacts["entities/b"].pop_back();
  EXPECT_EQ(missing(PROCESS_AGREEMENT), "entities/b CONTACT_ROLE_UNDERSECRETARY");
  facts_.contacts["entities/b"].clear();
  EXPECT_EQ(missing(PROCESS_GUIDEBOOK),
            "entities/b CONTACT_ROLE_AGENCY_CDO, CONTACT_ROLE_AGENCY_INFORMATION_OFFICER");
}

TEST_F(Track, NamesEachOfficeOnceIfTwoPartiesShareAnAgency) {
  facts_.parties["entities/r"].set_parent("entities/b");
  EXPECT_THAT(OfficesOf(By(PROCESS_AGREEMENT)),
              ElementsAre("entities/b AGENCY_CDO", "entities/b UNDERSECRETARY", "entities/cdo STATEWIDE_CDO",
                          "entities/governor GOVERNORS_OFFICE"));
}

TEST_F(Track, ExplainsThatAnOfficeIsAParty) {
  facts_.bucp.mutable_content()->add_recipients("entities/cdo");
  AddParty("entities/cdo", "entities/a");
  EXPECT_THAT(By(PROCESS_GUIDEBOOK).reasons(), Contains(HasSubstr("entities/cdo is a party and an office")));
}

}  // namespace
}  // namespace idea::dispute
