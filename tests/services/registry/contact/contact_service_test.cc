#include "services/registry/contact/contact_service.h"

#include <atomic>
#include <functional>
#include <thread>

#include "google/protobuf/text_format.h"
#include "services/registry/registry_events.h"
#include "tests/services/registry/registry_fixture.h"

namespace idea::registry {
namespace {

using namespace common::v1;  // NOLINT: the roles, by their own names
using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

constexpr char kX[] = "entities/department-x";

class Contacts : public RegistryTest {
 protected:
  absl::StatusOr<v1::Contact> Get(const std::string& name, const testing::TestCaller& who = X()) {
    v1::GetContactRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::GetContactResponse>(who, request));
    return response.contact();
  }
  absl::StatusOr<v1::Contact> Update(const v1::Contact& contact, const std::vector<std::string>& mask,
                                     const testing::TestCaller& who = X()) {
    v1::UpdateContactRequest request;
    *request.mutable_contact() = contact;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::UpdateContactResponse>(who, request));
    return response.contact();
  }
  std::vector<std::string> Revisions(const std::string& contact, int page_size) {
    v1::ListContactRevisionsRequest request;
    request.set_parent(contact);
    request.set_page_size(page_size);
    std::vector<std::string> titles;
    do {
      const auto page = harness().Ask<v1::ListContactRevisionsResponse>(At("entities/board-z"), request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const auto& revision : page->revisions()) {
        titles.push_back(revision.contact().etag() + revision.contact().title() + " by " + revision.person());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return titles;
  }
  v1::ResolvePersonResponse Resolve(const std::string& entity, const std::string& person) {
    v1::ResolvePersonRequest request;
    request.set_entity(entity);
    request.set_person(person);
    const auto response = harness().Ask<v1::ResolvePersonResponse>(testing::Service("review"), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? *response : v1::ResolvePersonResponse();
  }
  std::vector<std::string> List(const std::string& filter) {
    v1::ListContactsRequest request;
    request.set_parent(kX);
    request.set_filter(filter);
    const auto page = harness().Ask<v1::ListContactsResponse>(At("entities/board-z"), request);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> people;
    if (page.ok()) {
      for (const v1::Contact& contact : page->contacts()) people.push_back(contact.person());
    }
    return people;
  }
};

TEST_P(Contacts, AreWrittenByTheirEntityAndReadByAll) {
  const auto created = registry_->AddContact(kX, "r.okafor", {CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY});
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->name(), "entities/department-x/contacts/r-okafor");
  EXPECT_EQ(created->etag(), "1");
  EXPECT_THAT(created->roles(), ElementsAre(CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY));
  const auto read = Get(created->name(), At("entities/board-z"));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->ShortDebugString(), created->ShortDebugString());
  EXPECT_EQ(harness().Events().back().type(), kContactCreated);
}

TEST_P(Contacts, CannotBeWrittenByOtherEntities) {
  v1::CreateContactRequest request;
  request.set_parent(kX);
  request.mutable_contact()->set_person("p");
  request.mutable_contact()->set_display_name("P");
  request.mutable_contact()->set_email("p@example.org");
  request.mutable_contact()->add_roles(CONTACT_ROLE_LEGAL);
  EXPECT_THAT(harness().Ask<v1::CreateContactResponse>(At("entities/board-z"), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto own = registry_->AddContact(kX, "q", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(own, IsOk());
  EXPECT_THAT(harness().Ask<v1::CreateContactResponse>(Cdo(), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Update(*own, {"title"}, At("entities/board-z")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Contacts, NeedAnEntityOfTheRegistry) {
  EXPECT_THAT(registry_->AddContact("entities/not-registered", "p", {CONTACT_ROLE_LEGAL}),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListContactsRequest request;
  request.set_parent("entities/not-registered");
  EXPECT_THAT(harness().Ask<v1::ListContactsResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

// A platform's certificate records the first keeper, and gives no authority after that.
TEST_P(Contacts, ReceiveAuthorityOnlyFromKeepers) {
  EXPECT_THAT(registry_->Record(kX, "counsel", {CONTACT_ROLE_LEGAL}, X()),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  const auto first = registry_->Record(kX, "first", {CONTACT_ROLE_DATA_COORDINATOR}, X());
  ASSERT_THAT(first, IsOk());
  // A second contact with any role, and a person without the role, of the same or another entity.
  for (const ContactRole role : {CONTACT_ROLE_LEGAL, CONTACT_ROLE_EXECUTIVE_SPONSOR}) {
    EXPECT_THAT(registry_->Record(kX, "second", {role}, X()), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
    EXPECT_THAT(registry_->Record(kX, "second", {role}, At(kX, "nobody")),
                FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  }
  const testing::TestCaller keeper = At(kX, "first");
  const auto second = registry_->Record(kX, "second", {CONTACT_ROLE_LEGAL}, keeper);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(registry_->Record(kX, "third", {CONTACT_ROLE_PRIVACY}, At(kX, "second")),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  // An existing contact stays unchanged when it is recorded again.
  EXPECT_THAT(registry_->Record(kX, "first", {CONTACT_ROLE_EXECUTIVE_SPONSOR}, X()),
              FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));

  struct Change {
    const char* path;
    std::function<void(v1::Contact&)> make;
  };
  for (const Change& change :
       {Change{"roles", [](v1::Contact& c) { c.set_roles(0, CONTACT_ROLE_SECURITY); }},
        Change{"public_key",
               [](v1::Contact& c) {
                 c.set_public_key(
                     R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
               }},
        Change{"roles", [](v1::Contact& c) { c.add_roles(CONTACT_ROLE_EXECUTIVE_SPONSOR); }}}) {
    v1::Contact changed = *second;
    changed.clear_etag();
    change.make(changed);
    EXPECT_THAT(Update(changed, {change.path}), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED))
        << change.path;
    EXPECT_THAT(Update(changed, {change.path}, At(kX, "second")),
                FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
    EXPECT_THAT(Update(changed, {change.path}, keeper), IsOk()) << change.path;
  }
  EXPECT_THAT(Revisions(second->name(), 10)[0], ::testing::EndsWith(" by first"));
}

// Any contact of the entity may end a contact, but only a keeper may reactivate it.
TEST_P(Contacts, AreReactivatedOnlyByKeepers) {
  auto sponsor = registry_->AddContact(kX, "sponsor", {CONTACT_ROLE_EXECUTIVE_SPONSOR});
  ASSERT_THAT(sponsor, IsOk());
  ASSERT_THAT(registry_->AddContact(kX, "coordinator", {CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
  sponsor->clear_etag();
  *sponsor->mutable_end_time() = clock::ToProto(env_.clock.Now());
  ASSERT_THAT(Update(*sponsor, {"end_time"}), IsOk());
  EXPECT_THAT(registry_->Record(kX, "sponsor", {CONTACT_ROLE_EXECUTIVE_SPONSOR}, X()),
              FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  // A keeper who has left is not a keeper any more.
  EXPECT_THAT(registry_->Record(kX, "other", {CONTACT_ROLE_LEGAL}, At(kX, "sponsor")),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  *sponsor->mutable_end_time() = clock::ToProto(env_.clock.Now() + clock::kSecond);
  EXPECT_THAT(Update(*sponsor, {"end_time"}), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  sponsor->clear_end_time();
  EXPECT_THAT(Update(*sponsor, {"end_time"}), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(Update(*sponsor, {"end_time"}, At(kX, "coordinator")), IsOk());
  // An earlier start gives authority, too.
  *sponsor->mutable_start_time() = clock::ToProto(env_.clock.Now() + 100 * clock::kSecond);
  ASSERT_THAT(Update(*sponsor, {"start_time"}), IsOk());
  *sponsor->mutable_start_time() = clock::ToProto(env_.clock.Now() + 50 * clock::kSecond);
  EXPECT_THAT(Update(*sponsor, {"start_time"}), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
}

// If no keeper is left, only the CDO can record one, not the platform.
TEST_P(Contacts, GetAKeeperFromTheCdoWhenAllKeepersHaveLeft) {
  const auto only = registry_->AddContact(kX, "only", {CONTACT_ROLE_DATA_COORDINATOR});
  ASSERT_THAT(only, IsOk());
  const auto by_the_cdo = [&](const testing::TestCaller& who, ContactRole role) {
    return registry_->Record(kX, "new", {role}, who).status();
  };
  EXPECT_THAT(by_the_cdo(Cdo(), CONTACT_ROLE_DATA_COORDINATOR), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::Contact ended = *only;
  *ended.mutable_end_time() = clock::ToProto(env_.clock.Now());
  ASSERT_THAT(Update(ended, {"end_time"}), IsOk());
  EXPECT_THAT(by_the_cdo(X(), CONTACT_ROLE_DATA_COORDINATOR), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(by_the_cdo(At("entities/board-z"), CONTACT_ROLE_DATA_COORDINATOR),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(by_the_cdo(At(testing::kCdoEntity), CONTACT_ROLE_DATA_COORDINATOR),
              FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(by_the_cdo(At(testing::kCdoEntity, "x"), CONTACT_ROLE_DATA_COORDINATOR),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(by_the_cdo(Cdo(), CONTACT_ROLE_LEGAL), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(by_the_cdo(Cdo(), CONTACT_ROLE_DATA_COORDINATOR), IsOk());
  EXPECT_THAT(registry_->Record(kX, "counsel", {CONTACT_ROLE_LEGAL}, At(kX, "new")), IsOk());
  // The alternative: the CDO reactivates the keeper who had left.
  ended.clear_etag();
  ended.clear_end_time();
  EXPECT_THAT(Update(ended, {"end_time"}, Cdo()), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

// A department without a platform (guidebook step 4).
TEST_P(Contacts, AreFirstRecordedByTheCdoIfTheEntityLacksAPlatform) {
  const auto record = [&](const testing::TestCaller& who, ContactRole role,
                          const std::string& person = "first") {
    return registry_->Record(kX, person, {role}, who).status();
  };
  EXPECT_THAT(record(At("entities/board-z"), CONTACT_ROLE_DATA_COORDINATOR),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(record(At(testing::kCdoEntity), CONTACT_ROLE_DATA_COORDINATOR),
              FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(record(At(testing::kCdoEntity, "x"), CONTACT_ROLE_DATA_COORDINATOR),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(record(Cdo(), CONTACT_ROLE_PROGRAM), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(record(Cdo(), CONTACT_ROLE_DATA_COORDINATOR), IsOk());
  // After that, only the entity itself changes its contacts.
  EXPECT_THAT(record(Cdo(), CONTACT_ROLE_EXECUTIVE_SPONSOR, "second"),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(record(X(), CONTACT_ROLE_EXECUTIVE_SPONSOR, "second"),
              FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(record(At(kX, "first"), CONTACT_ROLE_EXECUTIVE_SPONSOR, "second"), IsOk());
}

TEST_P(Contacts, HaveOneFirstContactWhenSeveralAreRecordedAtOnce) {
  std::atomic<int> recorded = 0;
  std::vector<std::thread> platforms;
  for (int i = 0; i < 4; ++i) {
    platforms.emplace_back([&, i] {
      const auto done = registry_->Record(kX, "p" + std::to_string(i), {CONTACT_ROLE_EXECUTIVE_SPONSOR}, X());
      if (done.ok()) ++recorded;
      if (!done.ok()) EXPECT_THAT(done, FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
    });
  }
  for (std::thread& platform : platforms) platform.join();
  EXPECT_EQ(recorded, 1);
}

TEST_P(Contacts, AreUniquePerPerson) {
  ASSERT_THAT(registry_->AddContact(kX, "a.b", {CONTACT_ROLE_LEGAL}), IsOk());
  EXPECT_THAT(registry_->AddContact(kX, "a.b", {CONTACT_ROLE_PRIVACY}),
              FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  const auto namesake = registry_->AddContact(kX, "a-b", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(namesake, IsOk());
  EXPECT_NE(namesake->name(), "entities/department-x/contacts/a-b");
  EXPECT_THAT(registry_->AddContact(kX, "a-b", {CONTACT_ROLE_LEGAL}),
              FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_EQ(Resolve(kX, "a-b").contact(), namesake->name());
}

TEST_P(Contacts, HaveTheRolesOfTheOfficesOnlyAtTheOffices) {
  EXPECT_THAT(registry_->AddContact(kX, "p", {CONTACT_ROLE_STATEWIDE_CDO}),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(registry_->AddContact(kX, "p", {CONTACT_ROLE_GOVERNORS_OFFICE}),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(registry_->AddContact(testing::kCdoEntity, "p", {CONTACT_ROLE_GOVERNORS_OFFICE}),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL, CONTACT_ROLE_LEGAL}),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  contact->add_roles(CONTACT_ROLE_STATEWIDE_CDO);
  EXPECT_THAT(Update(*contact, {"roles"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Contacts, ChangeOnlyTheFieldsOfTheMask) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  v1::Contact change;
  change.set_name(contact->name());
  change.set_etag("1");
  change.set_title("Chief Counsel");
  change.set_phone("not to be stored");
  const auto changed = Update(change, {"title"});
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->title(), "Chief Counsel");
  EXPECT_EQ(changed->phone(), "");
  EXPECT_EQ(changed->person(), "p");
  EXPECT_THAT(changed->roles(), ElementsAre(CONTACT_ROLE_LEGAL));
  EXPECT_EQ(changed->etag(), "2");
  EXPECT_EQ(harness().Events().back().type(), kContactUpdated);
}

TEST_P(Contacts, AreNotChangedWithAStaleEtag) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  ASSERT_THAT(Update(*contact, {"title"}), IsOk());
  const auto stale = Update(*contact, {"title"});
  EXPECT_THAT(stale, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(status::MetadataOf(stale.status(), "etag"), "2");
  contact->clear_etag();
  EXPECT_THAT(Update(*contact, {"title"}), IsOk());
}

TEST_P(Contacts, AreLimitedToTwoThousand) {
  ASSERT_THAT(registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL}), IsOk());
  ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
    for (int i = 0; i < 1997; ++i) {
      RETURN_IF_ERROR(db.ExecuteDeferred(
          "INSERT INTO contacts (name, entity, person, display_name, title, division, email, "
          "phone, roles, version, created, updated) SELECT $1, entity, $1, display_name, "
          "title, division, email, phone, roles, version, created, updated FROM contacts "
          "WHERE entity = $2 LIMIT 1",
          {"x" + std::to_string(i), std::string(kX)}));
    }
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(registry_->AddContact(kX, "q", {CONTACT_ROLE_LEGAL}), IsOk());
  const auto refused = registry_->AddContact(kX, "r", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
  EXPECT_EQ(status::MetadataOf(refused.status(), "limit"), "2000");
}

TEST_P(Contacts, AreReplacedByTheMaskStar) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  contact->set_title("Counsel");
  contact->set_phone("+1 916 555 0100");
  ASSERT_THAT(Update(*contact, {"title", "phone"}), IsOk());
  v1::Contact other;
  other.set_name(contact->name());
  // Fields that an update does not change keep their values, whatever the request contains.
  other.set_person("somebody else");
  other.set_display_name("Q");
  other.set_email("q@example.org");
  other.add_roles(CONTACT_ROLE_PRIVACY);
  const auto replaced = Update(other, {"*"}, registry_->Keeper(kX));
  ASSERT_THAT(replaced, IsOk());
  EXPECT_EQ(replaced->person(), "p");
  EXPECT_EQ(replaced->display_name(), "Q");
  EXPECT_EQ(replaced->title() + replaced->phone(), "");
  EXPECT_EQ(replaced->roles(0), CONTACT_ROLE_PRIVACY);
  EXPECT_EQ(replaced->roles_size(), 1);
  other.clear_roles();
  EXPECT_THAT(Update(other, {"*"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Contacts, RefuseInvalidMasksAndNames) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  for (const char* path :
       {"person", "name", "etag", "nonsense", ".roles", "roles.", "end_time.seconds", ""}) {
    const auto refused = Update(*contact, {"title", path});
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << path;
    EXPECT_NE(refused.status().message().find(path), std::string::npos) << path;
  }
  EXPECT_THAT(Update(*contact, {}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  contact->clear_roles();
  EXPECT_THAT(Update(*contact, {"roles"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  contact->set_name("entities/department-x");
  EXPECT_THAT(Update(*contact, {"title"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  contact->set_name("entities/department-x/contacts/nobody");
  EXPECT_THAT(Update(*contact, {"title"}), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Contacts, AreListedByPersonRoleAndEmail) {
  ASSERT_THAT(registry_->AddContact(kX, "ann", {CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY}), IsOk());
  ASSERT_THAT(registry_->AddContact(kX, "bob", {CONTACT_ROLE_SECURITY}), IsOk());
  ASSERT_THAT(registry_->AddContact("entities/board-z", "cyd", {CONTACT_ROLE_LEGAL}), IsOk());
  EXPECT_THAT(List(""), ElementsAre("ann", "bob", "keeper"));
  EXPECT_THAT(List("role = CONTACT_ROLE_PRIVACY"), ElementsAre("ann"));
  EXPECT_THAT(List("role = CONTACT_ROLE_PROGRAM"), ElementsAre());
  EXPECT_THAT(List("person = \"bob\""), ElementsAre("bob"));
  EXPECT_THAT(List("email = \"bob@example.org\" AND role = CONTACT_ROLE_SECURITY"), ElementsAre("bob"));
}

TEST_P(Contacts, HaveRolesUntilTheyEnd) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  *contact->mutable_end_time() = clock::ToProto(env_.clock.Now() + 10 * clock::kSecond);
  ASSERT_THAT(Update(*contact, {"end_time"}), IsOk());
  EXPECT_THAT(Resolve(kX, "p").roles(), ElementsAre(CONTACT_ROLE_LEGAL));
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(Resolve(kX, "p").roles(), ElementsAre());
  const auto ended = registry_->directory().Find(kX, "p");
  ASSERT_THAT(ended, IsOk());
  EXPECT_THAT(ended->roles, ElementsAre());
  contact->clear_end_time();
  contact->clear_etag();
  ASSERT_THAT(Update(*contact, {"end_time"}, registry_->Keeper(kX)), IsOk());
  EXPECT_THAT(registry_->directory().Find(kX, "p")->roles, ElementsAre(CONTACT_ROLE_LEGAL));
}

TEST_P(Contacts, ActFromTheirStartOnAndAreListedWhileTheyDo) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  *contact->mutable_start_time() = clock::ToProto(env_.clock.Now() + 10 * clock::kSecond);
  *contact->mutable_end_time() = clock::ToProto(env_.clock.Now() + 20 * clock::kSecond);
  ASSERT_THAT(Update(*contact, {"start_time", "end_time"}), IsOk());
  EXPECT_THAT(Resolve(kX, "p").roles(), ElementsAre());
  EXPECT_THAT(List(""), ElementsAre("keeper"));
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(Resolve(kX, "p").roles(), ElementsAre(CONTACT_ROLE_LEGAL));
  EXPECT_THAT(List(""), ElementsAre("keeper", "p"));
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_THAT(List(""), ElementsAre("keeper"));
  v1::ListContactsRequest request;
  request.set_parent(kX);
  request.set_show_inactive(true);
  EXPECT_EQ(harness().Ask<v1::ListContactsResponse>(X(), request)->contacts_size(), 2);
  contact->clear_etag();
  *contact->mutable_end_time() = contact->start_time();
  EXPECT_THAT(Update(*contact, {"start_time", "end_time"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Contacts, KeepTheirPublicKeyAsPem) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  // RFC 8037, appendix A.2.
  contact->set_public_key(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  const testing::TestCaller keeper = registry_->Keeper(kX);
  const auto changed = Update(*contact, {"public_key"}, keeper);
  ASSERT_THAT(changed, IsOk());
  EXPECT_THAT(changed->public_key(), ::testing::StartsWith("-----BEGIN PUBLIC KEY-----\nMCow"));
  EXPECT_EQ(Update(*changed, {"public_key"}, keeper)->public_key(), changed->public_key());
  contact->set_public_key("ssh-ed25519 AAAA");
  contact->clear_etag();
  EXPECT_THAT(Update(*contact, {"public_key"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(Get(contact->name())->public_key(), changed->public_key());
}

TEST_P(Contacts, KeepTheirRevisions) {
  auto contact = registry_->AddContact(kX, "p", {CONTACT_ROLE_LEGAL});
  ASSERT_THAT(contact, IsOk());
  contact->clear_etag();
  contact->set_title("Counsel");
  ASSERT_THAT(Update(*contact, {"title"}), IsOk());
  contact->set_title("Chief Counsel");
  ASSERT_THAT(Update(*contact, {"title"}, At(kX, "p")), IsOk());
  EXPECT_THAT(Revisions(contact->name(), 2),
              ElementsAre("3Chief Counsel by p", "2Counsel by ", "1 by keeper"));
  v1::ListContactRevisionsRequest request;
  request.set_parent("entities/department-x/contacts/nobody");
  EXPECT_THAT(harness().Ask<v1::ListContactRevisionsResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  request.set_parent("entities/department-x");
  EXPECT_THAT(harness().Ask<v1::ListContactRevisionsResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Contacts, AreNotRecordedWithInvalidFields) {
  struct Bad {
    const char* contact;
    const char* field;
  };
  for (const Bad& bad :
       {Bad{"display_name: 'P' email: 'p@example.org' roles: CONTACT_ROLE_LEGAL", "contact.person"},
        Bad{"person: 'p' email: 'p@example.org' roles: CONTACT_ROLE_LEGAL", "contact.display_name"},
        Bad{"person: 'p' display_name: 'P' email: 'nowhere' roles: CONTACT_ROLE_LEGAL", "contact.email"},
        Bad{"person: 'p' display_name: 'P' email: 'p@example.org'", "contact.roles"},
        Bad{"person: 'p' display_name: 'P' email: 'p@example.org' roles: CONTACT_ROLE_LEGAL "
            "end_time { seconds: 1 } start_time { seconds: 2 }",
            "contact.end_time"},
        Bad{"person: 'p' display_name: 'P' email: 'p@example.org' roles: CONTACT_ROLE_LEGAL "
            "end_time { nanos: -1 }",
            "contact.end_time"},
        Bad{"person: 'p' display_name: 'P' email: 'p@example.org' roles: CONTACT_ROLE_LEGAL "
            "public_key: '{}'",
            "contact.public_key"}}) {
    v1::CreateContactRequest request;
    request.set_parent(kX);
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(bad.contact, request.mutable_contact()));
    const auto refused = harness().Ask<v1::CreateContactResponse>(X(), request);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << bad.contact;
    EXPECT_THAT(std::string(refused.status().message()), ::testing::StartsWith(bad.field));
  }
  EXPECT_THAT(List(""), ElementsAre());
}

TEST_P(Contacts, ResolveToNothingForUnknownPersons) {
  const v1::ResolvePersonResponse nobody = Resolve(kX, "nobody");
  EXPECT_EQ(nobody.contact(), "");
  EXPECT_THAT(nobody.roles(), ElementsAre());
  const auto found = registry_->directory().Find(kX, "nobody");
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->roles, ElementsAre());
  EXPECT_THAT(Get("entities/department-x/contacts/nobody"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

INSTANTIATE_TEST_SUITE_P(Every, Contacts, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::registry
