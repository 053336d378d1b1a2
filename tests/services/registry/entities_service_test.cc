#include "services/registry/entities_service.h"

#include <fstream>
#include <sstream>

#include "tests/services/registry/registry_fixture.h"

namespace idea::registry {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

class Entities : public RegistryTest {
 protected:
  absl::StatusOr<v1::Entity> Get(const std::string& name) {
    v1::GetEntityRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(auto response, desk().Ask<v1::GetEntityResponse>(X(), request));
    return response.entity();
  }
  absl::StatusOr<v1::Entity> Create(const std::string& display_name, const std::string& id = "",
                                    const std::string& parent = "") {
    v1::CreateEntityRequest request;
    request.set_entity_id(id);
    request.mutable_entity()->set_display_name(display_name);
    request.mutable_entity()->set_kind(v1::ENTITY_KIND_OFFICE);
    request.mutable_entity()->set_parent(parent);
    request.mutable_entity()->set_own_statutory_authority(true);
    ASSIGN_OR_RETURN(auto response, desk().Ask<v1::CreateEntityResponse>(Cdo(), request));
    return response.entity();
  }
  std::vector<std::string> List(const std::string& filter, int page_size = 0) {
    std::vector<std::string> names;
    v1::ListEntitiesRequest request;
    request.set_filter(filter);
    request.set_page_size(page_size);
    do {
      const auto page = desk().Ask<v1::ListEntitiesResponse>(X(), request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const v1::Entity& entity : page->entities()) names.push_back(entity.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
};

TEST_P(Entities, AreStoredAsGivenAndToldOf) {
  office_.clock.Advance(clock::kSecond);
  const auto created = Create("Office of Tax Appeals", "", "entities/agency-a");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->name(), "entities/office-of-tax-appeals");
  EXPECT_EQ(created->etag(), "1");
  EXPECT_EQ(created->parent(), "entities/agency-a");
  EXPECT_TRUE(created->own_statutory_authority());
  EXPECT_EQ(created->kind(), v1::ENTITY_KIND_OFFICE);
  EXPECT_EQ(created->governor_authority(), v1::GOVERNOR_AUTHORITY_UNKNOWN);
  EXPECT_EQ(clock::FromProto(created->create_time()), office_.clock.Now());
  EXPECT_EQ(Get(created->name())->ShortDebugString(), created->ShortDebugString());
  const auto event = desk().Told().back();
  EXPECT_EQ(event.type(), "EntityCreated");
  EXPECT_EQ(event.subject(), created->name());
  EXPECT_EQ(event.actor().person(), "cdo");
}

TEST_P(Entities, AreNotStoredTwice) {
  EXPECT_THAT(Create("Another Name", "department-x"), FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Create("Department X", "another-id"), FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_P(Entities, NeedAnIdThatIsOneAndAParentThatIsThere) {
  EXPECT_THAT(Create("Name", "Not An Id"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Create("Name", "a--b"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Create("!!!"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  const auto lost = Create("Name", "", "entities/nobody");
  EXPECT_THAT(lost, FailsWith(Reason::ERROR_REASON_UNKNOWN_ENTITY));
  EXPECT_EQ(status::MetadataOf(lost.status(), "entity"), "entities/nobody");
}

TEST_P(Entities, ThatAreNotThereAreNotFound) {
  EXPECT_THAT(Get("entities/nobody"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(registry_->SetAuthority("entities/nobody", v1::GOVERNOR_AUTHORITY_UNDER),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Entities, AreListedInTheOrderOfTheirNamesPageByPage) {
  EXPECT_THAT(List("", 2), ElementsAre("entities/agency-a", "entities/board-z", "entities/cdo-office",
                                       "entities/department-x", "entities/department-y"));
}

TEST_P(Entities, AreFilteredByEveryDocumentedField) {
  EXPECT_THAT(List("acronym = \"DX\""), ElementsAre("entities/department-x"));
  EXPECT_THAT(List("display_name : \"Department\" AND acronym = \"DY\""),
              ElementsAre("entities/department-y"));
  EXPECT_THAT(List("kind = ENTITY_KIND_AGENCY"), ElementsAre("entities/agency-a"));
  EXPECT_THAT(List("parent = \"entities/agency-a\""),
              ElementsAre("entities/department-x", "entities/department-y"));
  ASSERT_THAT(registry_->SetAuthority("entities/board-z", v1::GOVERNOR_AUTHORITY_OUTSIDE), IsOk());
  EXPECT_THAT(List("governor_authority = GOVERNOR_AUTHORITY_OUTSIDE"), ElementsAre("entities/board-z"));
  v1::ListEntitiesRequest wrong;
  wrong.set_filter("source = \"s\"");
  EXPECT_THAT(desk().Ask<v1::ListEntitiesResponse>(X(), wrong),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

TEST_P(Entities, GetTheirStandingFromTheCdoOnly) {
  ASSERT_THAT(registry_->SetAuthority("entities/board-z", v1::GOVERNOR_AUTHORITY_OUTSIDE), IsOk());
  const auto entity = Get("entities/board-z");
  ASSERT_THAT(entity, IsOk());
  EXPECT_EQ(entity->governor_authority(), v1::GOVERNOR_AUTHORITY_OUTSIDE);
  EXPECT_EQ(entity->etag(), "2");
  EXPECT_EQ(desk().Told().back().type(), "GovernorAuthoritySet");
  v1::SetGovernorAuthorityRequest request;
  request.set_name("entities/department-x");
  request.set_governor_authority(v1::GOVERNOR_AUTHORITY_UNDER);
  EXPECT_THAT(desk().Ask<v1::SetGovernorAuthorityResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  EXPECT_THAT(desk().Ask<v1::SetGovernorAuthorityResponse>(At(testing::kCdoEntity), request),
              FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
}

class Import : public Entities {};

TEST_P(Import, PlacesTheWholeOfficialListAndChangesNothingTheSecondTime) {
  std::ifstream file(IDEA_SOURCE_DIR "/services/registry/data/signatories.csv");
  std::ostringstream csv;
  csv << file.rdbuf();
  v1::ImportSignatoriesRequest request;
  request.set_csv(csv.str());
  auto done = desk().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->rows_read(), 154);
  EXPECT_EQ(done->entities_added(), 154);
  EXPECT_EQ(done->accessions_added(), 111);
  EXPECT_EQ(done->problems_size(), 0);
  done = desk().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added() + done->accessions_added() + done->problems_size(), 0);
  EXPECT_EQ(done->unchanged(), 154);
  EXPECT_EQ(Get("entities/department-of-health-care-services")->parent(),
            "entities/california-health-and-human-services-agency");
}

TEST_P(Import, StoresNothingWhenAskedToValidateOnly) {
  const auto done = registry_->Import("New One,,Agency A,office,idea-list-of-signatories\n", true);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added(), 1);
  EXPECT_EQ(done->accessions_added(), 1);
  EXPECT_THAT(Get("entities/new-one"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Import, GivesAnEntityThatIsThereTheAccessionItLacks) {
  const auto done =
      registry_->Import("Board Z,,,board,idea-list-of-signatories 2027\nDepartment X,,,board,s\n");
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added(), 0);
  EXPECT_EQ(done->accessions_added(), 1);
  EXPECT_EQ(done->unchanged(), 1);
}

TEST_P(Import, StoresTheGoodRowsAndReportsTheOthers) {
  const auto done = registry_->Import("Good,,Agency A,office,s\nBad,,Nobody,office,s\n\xff,,,office,s\n");
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added(), 1);
  ASSERT_EQ(done->problems_size(), 2);
  EXPECT_EQ(done->problems(0).line(), 3);
  EXPECT_EQ(done->problems(0).display_name(), "Bad");
  EXPECT_EQ(done->problems(1).line(), 4);
  EXPECT_EQ(Get("entities/good")->parent(), "entities/agency-a");
}

TEST_P(Import, WantsTheHeader) {
  v1::ImportSignatoriesRequest request;
  request.set_csv("some,other,file\n");
  EXPECT_THAT(desk().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

INSTANTIATE_TEST_SUITE_P(Every, Entities, ::testing::ValuesIn(testing::Backends()), testing::BackendName);
INSTANTIATE_TEST_SUITE_P(Every, Import, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::registry
