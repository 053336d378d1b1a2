#include "services/registry/entity/entity_service.h"

#include <sstream>

#include "google/protobuf/text_format.h"
#include "services/registry/registry_events.h"
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
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::GetEntityResponse>(X(), request));
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
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::CreateEntityResponse>(Cdo(), request));
    return response.entity();
  }
  std::vector<std::string> List(const std::string& filter, int page_size = 0) {
    std::vector<std::string> names;
    v1::ListEntitiesRequest request;
    request.set_filter(filter);
    request.set_page_size(page_size);
    do {
      const auto page = harness().Ask<v1::ListEntitiesResponse>(X(), request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const v1::Entity& entity : page->entities()) names.push_back(entity.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
};

TEST_P(Entities, AreListedOnByTheCallerThatReceivedThePageToken) {
  v1::ListEntitiesRequest request;
  request.set_page_size(1);
  const auto first = harness().Ask<v1::ListEntitiesResponse>(X(), request);
  ASSERT_THAT(first, IsOk());
  request.set_page_token(first->next_page_token());
  const auto second = harness().Ask<v1::ListEntitiesResponse>(X(), request);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(second->entities(0).name(), first->entities(0).name());
  EXPECT_THAT(harness().Ask<v1::ListEntitiesResponse>(Cdo(), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  request.set_page_token(first->next_page_token().substr(1));
  EXPECT_THAT(harness().Ask<v1::ListEntitiesResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_P(Entities, AreStoredAsSentAndRecordAnEvent) {
  env_.clock.Advance(clock::kSecond);
  const auto created = Create("Office of Tax Appeals", "", "entities/agency-a");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->name(), "entities/office-of-tax-appeals");
  EXPECT_EQ(created->etag(), "1");
  EXPECT_EQ(created->parent(), "entities/agency-a");
  EXPECT_TRUE(created->own_statutory_authority());
  EXPECT_EQ(created->kind(), v1::ENTITY_KIND_OFFICE);
  EXPECT_EQ(created->governor_authority(), v1::GOVERNOR_AUTHORITY_UNKNOWN);
  EXPECT_EQ(clock::FromProto(created->create_time()), env_.clock.Now());
  EXPECT_EQ(Get(created->name())->ShortDebugString(), created->ShortDebugString());
  const auto event = harness().Events().back();
  EXPECT_EQ(event.type(), kEntityCreated);
  EXPECT_EQ(event.subject(), created->name());
  EXPECT_EQ(event.actor().person(), "cdo");
}

TEST_P(Entities, HaveIdsInLatinLettersWithoutAccents) {
  EXPECT_EQ(Create("D\u00e9lta Stewardship Office")->name(), "entities/delta-stewardship-office");
  EXPECT_EQ(Create("Comisi\u00f3n de Ni\u00f1os")->name(), "entities/comision-de-ninos");
  EXPECT_EQ(Create("Stra\u00dfe")->name(), "entities/strasse");
  EXPECT_THAT(Create("Name", "d\u00e9lta"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Entities, AreNotStoredTwice) {
  EXPECT_THAT(Create("Another Name", "department-x"), FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Create("Department X", "another-id"), FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
}

TEST_P(Entities, NeedAValidIdAndAnExistingParent) {
  EXPECT_THAT(Create("Name", "Not An Id"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Create("Name", "a--b"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Create("!!!"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  const auto lost = Create("Name", "", "entities/nobody");
  EXPECT_THAT(lost, FailsWith(Reason::ERROR_REASON_UNKNOWN_ENTITY));
  EXPECT_EQ(status::MetadataOf(lost.status(), "entity"), "entities/nobody");
}

TEST_P(Entities, ThatDoNotExistAreNotFound) {
  EXPECT_THAT(Get("entities/nobody"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(registry_->SetAuthority("entities/nobody", v1::GOVERNOR_AUTHORITY_UNDER),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Entities, AreListedByNamePageByPage) {
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
  EXPECT_THAT(harness().Ask<v1::ListEntitiesResponse>(X(), wrong),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

TEST_P(Entities, HaveTheirAuthoritySetOnlyByTheCdo) {
  ASSERT_THAT(registry_->SetAuthority("entities/board-z", v1::GOVERNOR_AUTHORITY_OUTSIDE), IsOk());
  const auto entity = Get("entities/board-z");
  ASSERT_THAT(entity, IsOk());
  EXPECT_EQ(entity->governor_authority(), v1::GOVERNOR_AUTHORITY_OUTSIDE);
  EXPECT_EQ(entity->etag(), "2");
  EXPECT_EQ(harness().Events().back().type(), kGovernorAuthoritySet);
  v1::SetGovernorAuthorityRequest request;
  request.set_name("entities/department-x");
  request.set_governor_authority(v1::GOVERNOR_AUTHORITY_UNDER);
  EXPECT_THAT(harness().Ask<v1::SetGovernorAuthorityResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  EXPECT_THAT(harness().Ask<v1::SetGovernorAuthorityResponse>(At(testing::kCdoEntity), request),
              FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
}

TEST_P(Entities, HaveTheParentOfTheRequestedDay) {
  ASSERT_THAT(Create("Agency B"), IsOk());
  v1::Entity moved;
  moved.set_name("entities/department-y");
  moved.add_parentages()->set_parent("entities/agency-a");
  moved.add_parentages()->set_parent("entities/agency-b");
  *moved.mutable_parentages(1)->mutable_start_date() = Day(2025, 7, 1);
  const auto changed = registry_->Change(moved, {"parentages"});
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->parent(), "entities/agency-b");
  EXPECT_EQ(changed->parentages_size(), 2);
  EXPECT_EQ(changed->etag(), "2");
  EXPECT_EQ(changed->display_name(), "Department Y");
  EXPECT_EQ(harness().Events().back().type(), kEntityUpdated);

  v1::GetEntityRequest get;
  get.set_name("entities/department-y");
  *get.mutable_on() = Day(2025, 6, 30);
  EXPECT_EQ(harness().Ask<v1::GetEntityResponse>(X(), get)->entity().parent(), "entities/agency-a");
  *get.mutable_on() = Day(2025, 7, 1);
  EXPECT_EQ(harness().Ask<v1::GetEntityResponse>(X(), get)->entity().parent(), "entities/agency-b");
  EXPECT_THAT(List("parent = \"entities/agency-a\""), ElementsAre("entities/department-x"));
  v1::ListEntitiesRequest list;
  list.set_filter("parent = \"entities/agency-a\"");
  *list.mutable_on() = Day(2024, 1, 1);
  EXPECT_EQ(harness().Ask<v1::ListEntitiesResponse>(X(), list)->entities_size(), 2);
}

TEST_P(Entities, KeepTheirFormerNames) {
  v1::Entity entity = *Get("entities/department-y");
  entity.set_display_name("Department of Why");
  const auto renamed = registry_->Change(entity, {"display_name"});
  ASSERT_THAT(renamed, IsOk());
  ASSERT_EQ(renamed->former_names_size(), 1);
  EXPECT_EQ(renamed->former_names(0).display_name(), "Department Y");
  EXPECT_EQ(renamed->former_names(0).acronym(), "DY");
  EXPECT_EQ(renamed->former_names(0).end_date().year(), 2026);
  entity = *renamed;
  entity.set_display_name("Department of Whys");
  const auto corrected = registry_->Change(entity, {"display_name", "former_names"});
  ASSERT_THAT(corrected, IsOk());
  EXPECT_EQ(corrected->former_names_size(), 1);
}

TEST_P(Entities, HaveStatusEndAndSuccessors) {
  v1::Entity entity;
  entity.set_name("entities/board-z");
  entity.set_hipaa_status(v1::HIPAA_STATUS_HYBRID);
  entity.set_education_agency(true);
  entity.set_own_statutory_authority(true);
  *entity.mutable_end_date() = Day(2026, 7, 1);
  entity.add_successors()->set_entity("entities/department-x");
  *entity.mutable_successors(0)->mutable_start_date() = Day(2026, 7, 1);
  EXPECT_EQ(Get("entities/board-z")->hipaa_status(), v1::HIPAA_STATUS_UNKNOWN);
  const auto changed = registry_->Change(
      entity, {"hipaa_status", "education_agency", "own_statutory_authority", "end_date", "successors"});
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(Get("entities/board-z")->ShortDebugString(), changed->ShortDebugString());
  EXPECT_EQ(changed->successors(0).entity(), "entities/department-x");
  EXPECT_EQ(changed->end_date().month(), 7);
  EXPECT_THAT(List("hipaa_status = HYBRID AND education_agency = true"), ElementsAre("entities/board-z"));
  EXPECT_THAT(List("own_statutory_authority = true"), ElementsAre("entities/board-z"));
  v1::Entity cleared;
  cleared.set_name("entities/board-z");
  const auto again = registry_->Change(cleared, {"end_date", "successors", "hipaa_status"});
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->has_end_date());
  EXPECT_EQ(again->successors_size(), 0);
  EXPECT_EQ(again->hipaa_status(), v1::HIPAA_STATUS_UNKNOWN);
}

TEST_P(Entities, AreNotChangedWithAStaleEtagOrByOthers) {
  v1::Entity entity = *Get("entities/board-z");
  entity.set_acronym("BZ");
  ASSERT_THAT(registry_->Change(entity, {"acronym"}), IsOk());
  const auto stale = registry_->Change(entity, {"acronym"});
  EXPECT_THAT(stale, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(status::MetadataOf(stale.status(), "etag"), "2");
  v1::UpdateEntityRequest request;
  *request.mutable_entity() = entity;
  request.mutable_update_mask()->add_paths("acronym");
  EXPECT_THAT(harness().Ask<v1::UpdateEntityResponse>(At("entities/board-z"), request),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
}

struct BadChange {
  const char* name;
  const char* mask;
  const char* change;  // of entities/department-y, text form
  Reason reason;
  const char* field;
};

TEST_P(Entities, RefuseInconsistentChanges) {
  constexpr Reason kInvalid = Reason::ERROR_REASON_INVALID_FIELD;
  const BadChange bad[] = {
      {"NoSuchField", "color", "", kInvalid, "update_mask"},
      {"TheGovernorsField", "governor_authority", "", kInvalid, "update_mask"},
      {"ParentWithoutADay", "parent", "parent: 'entities/agency-a'", kInvalid, "update_mask"},
      {"NoMask", "", "display_name: 'Q' kind: ENTITY_KIND_BOARD", kInvalid, "update_mask"},
      {"EmptyName", "display_name", "", kInvalid, "entity.display_name"},
      {"AnothersName", "display_name", "display_name: 'Department X'", Reason::ERROR_REASON_ALREADY_EXISTS,
       ""},
      {"AnothersNameInCapitals", "display_name", "display_name: 'DEPARTMENT X'",
       Reason::ERROR_REASON_ALREADY_EXISTS, ""},
      {"CyrillicLetters", "display_name", "display_name: 'D\u0435partment Q'", kInvalid,
       "entity.display_name"},
      {"InvisibleSpace", "display_name", "display_name: 'Dep\u200bartment Q'", kInvalid,
       "entity.display_name"},
      {"RunOfMarks", "display_name",
       "display_name: 'De\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301partment Q'", kInvalid,
       "entity.display_name"},
      {"ControlCharacter", "acronym", "acronym: 'A\\001'", kInvalid, "entity.acronym"},
      {"CyrillicAcronym", "acronym", "acronym: 'D\u0425Z'", kInvalid, "entity.acronym"},
      {"LongText", "source", "source: '@long'", kInvalid, "entity.source"},
      {"NoSuchKind", "kind", "kind: 99", kInvalid, "entity.kind"},
      {"NoSuchDay", "end_date", "end_date { year: 2026 month: 2 day: 30 }", kInvalid, "entity.end_date"},
      {"UnknownAgency", "parentages", "parentages { parent: 'entities/nobody' }",
       Reason::ERROR_REASON_UNKNOWN_ENTITY, ""},
      {"UnknownSuccessor", "successors", "successors { entity: 'entities/nobody' }",
       Reason::ERROR_REASON_UNKNOWN_ENTITY, ""},
      {"NoName", "parentages", "parentages { parent: 'not a name' }", kInvalid,
       "entity.parentages[0].parent"},
      {"ItsOwnAgency", "parentages", "parentages { parent: 'entities/department-y' }", kInvalid,
       "entity.parentages[0].parent"},
      {"TwoWithoutADay", "parentages", "parentages { parent: 'entities/agency-a' } parentages { }", kInvalid,
       "entity.parentages[1].start_date"},
      {"DaysThatGoBack", "parentages",
       "parentages { start_date { year: 2026 month: 2 day: 1 } } "
       "parentages { start_date { year: 2026 month: 1 day: 1 } }",
       kInvalid, "entity.parentages[1].start_date"},
      {"AParentageAfterTheEnd", "parentages,end_date",
       "end_date { year: 2025 month: 1 day: 1 } "
       "parentages { start_date { year: 2026 month: 1 day: 1 } }",
       kInvalid, "entity.parentages[0].start_date"},
      {"ItsOwnSuccessor", "successors", "successors { entity: 'entities/department-y' }", kInvalid,
       "entity.successors[0].entity"},
      {"OneSuccessorTwice", "successors",
       "successors { entity: 'entities/board-z' } successors { entity: 'entities/board-z' }", kInvalid,
       "entity.successors[1].entity"},
      {"AFormerNameOfNothing", "former_names", "former_names { }", kInvalid,
       "entity.former_names[0].display_name"},
  };
  const std::string before = Get("entities/department-y")->ShortDebugString();
  for (const BadChange& one : bad) {
    v1::Entity change;
    std::string text = one.change;
    if (const size_t at = text.find("@long"); at != std::string::npos) text.replace(at, 5, 301, 'x');
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &change)) << one.name;
    change.set_name("entities/department-y");
    std::vector<std::string> mask;
    std::istringstream paths(one.mask);
    for (std::string path; std::getline(paths, path, ',');) mask.push_back(path);
    const auto refused = registry_->Change(change, mask);
    EXPECT_THAT(refused, FailsWith(one.reason)) << one.name;
    if (*one.field != 0) {
      EXPECT_THAT(std::string(refused.status().message()), ::testing::StartsWith(one.field)) << one.name;
    }
  }
  EXPECT_EQ(Get("entities/department-y")->ShortDebugString(), before);
  v1::Entity nobody;
  nobody.set_name("entities/nobody");
  EXPECT_THAT(registry_->Change(nobody, {"acronym"}), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  nobody.set_name("nobody");
  EXPECT_THAT(registry_->Change(nobody, {"acronym"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Entities, DoNotReportInACircle) {
  v1::Entity agency;
  agency.set_name("entities/agency-a");
  agency.add_parentages()->set_parent("entities/department-x");
  EXPECT_THAT(registry_->Change(agency, {"parentages"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Entities, HaveNamesThatLookUnique) {
  EXPECT_THAT(Create("DEPARTMENT  X", "other"), IsOk()) << "two spaces are seen";
  EXPECT_THAT(Create("department x", "another"), FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Create("\uff24epartment X", "wide"), FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Create("Dep\u0430rtment X", "cyrillic"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Create("Department\u200d Q", "joiner"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Create("Comisi\u00f3n de Aguas", "accents"), IsOk());
}

TEST_P(Entities, AreFoundByPartsFormerNamesAcronymsAndSimilarWords) {
  v1::Entity entity = *Get("entities/department-y");
  entity.set_display_name("Department of Youth Services");
  ASSERT_THAT(registry_->Change(entity, {"display_name"}), IsOk());
  const auto search = [&](const std::string& query, int most = 0) {
    v1::SearchEntitiesRequest request;
    request.set_query(query);
    request.set_max_results(most);
    const auto found = harness().Ask<v1::SearchEntitiesResponse>(X(), request);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> names;
    for (const auto& match : found->matches()) names.push_back(match.entity().name());
    return names;
  };
  EXPECT_THAT(search("yuoth servces"), ElementsAre("entities/department-y"));
  EXPECT_THAT(search("Department Y"), ElementsAre("entities/department-y"));
  EXPECT_THAT(search("dx"), ElementsAre("entities/department-x"));
  EXPECT_THAT(search("department"), ElementsAre("entities/department-x", "entities/department-y"));
  EXPECT_THAT(search("department", 1), ElementsAre("entities/department-x"));
  EXPECT_THAT(search("zzzz"), ElementsAre());
  EXPECT_THAT(search("%"), ElementsAre());
  v1::SearchEntitiesRequest wrong;
  EXPECT_THAT(harness().Ask<v1::SearchEntitiesResponse>(X(), wrong),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  wrong.set_query("x");
  wrong.set_max_results(101);
  EXPECT_THAT(harness().Ask<v1::SearchEntitiesResponse>(X(), wrong),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

INSTANTIATE_TEST_SUITE_P(Every, Entities, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::registry
