#include "services/drafting/bucp/edit_transition.h"

#include <thread>

#include "services/drafting/element/element_table.h"
#include "tests/services/drafting/drafting_fixture.h"
#include "tests/support/refusals.h"

// Who may change which field, and concurrent changes.
namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

constexpr char kThird[] = "entities/board-z";

class Edits : public DraftingTest {
 protected:
  // A sent BUCP with the first content of the demo.
  v1::Bucp NewDraftSent() { return Must(Send(Must(Create(DraftContent())).name())); }
};

// --- rules only ---

v1::DepartmentText TextOf(const char* entity, const char* text) {
  v1::DepartmentText entry;
  entry.set_entity(entity);
  entry.set_text(text);
  return entry;
}

struct Right {
  const char* name;
  void (*change)(v1::Content&);
  // The field that is refused to each. Empty: allowed.
  const char* recipient;
  const char* provider;
};

class EditOfASentBucp : public ::testing::TestWithParam<Right> {};

TEST_P(EditOfASentBucp, IsLimitedToTheDepartmentsOfTheField) {
  const auto refused = [](const Editor& editor) {
    v1::Content after = CompleteContent();
    GetParam().change(after);
    const absl::Status checked = CheckFields(editor, CompleteContent(), after);
    if (checked.ok()) return std::string();
    EXPECT_THAT(checked, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
    EXPECT_NE(status::MetadataOf(checked, "by"), "");
    return status::MetadataOf(checked, "field");
  };
  EXPECT_EQ(refused({kRecipientDept, true}), GetParam().recipient);
  EXPECT_EQ(refused({kProviderDept, false}), GetParam().provider);
}

const Right kRights[] = {
    {"Nothing", [](v1::Content&) {}, "", ""},
    {"Title", [](v1::Content& c) { c.mutable_business_case()->mutable_use_case_name()->set_title("x"); }, "",
     "business_case.use_case_name"},
    {"Purpose", [](v1::Content& c) { c.mutable_business_case()->clear_use_case_description(); }, "",
     "business_case.use_case_description"},
    {"Acknowledgement",
     [](v1::Content& c) { c.mutable_administrative()->mutable_approvals()->set_acknowledgement("x"); }, "",
     "administrative.approvals"},
    {"Technical", [](v1::Content& c) { c.clear_technical(); }, "", ""},
    {"Dates", [](v1::Content& c) { c.mutable_administrative()->clear_critical_dates(); }, "", ""},
    {"OwnAuthorityOfTheProvider",
     [](v1::Content& c) {
       c.mutable_administrative()->mutable_legal_authority()->mutable_departments(1)->set_text("x");
     },
     "administrative.legal_authority.departments[entities/department-of-health-care-services]", ""},
    {"OwnAuthorityOfTheRecipient",
     [](v1::Content& c) {
       c.mutable_administrative()->mutable_legal_authority()->mutable_departments(0)->set_text("x");
     },
     "", "administrative.legal_authority.departments[entities/california-department-of-social-services]"},
    {"AuthorityOfAStranger",
     [](v1::Content& c) {
       *c.mutable_administrative()->mutable_privacy_requirements()->add_departments() = TextOf(kThird, "x");
     },
     "administrative.privacy_requirements.departments[entities/board-z]",
     "administrative.privacy_requirements.departments[entities/board-z]"},
    {"ContactsOfTheProvider",
     [](v1::Content& c) {
       c.mutable_business_case()
           ->mutable_contact_information()
           ->mutable_departments(1)
           ->clear_executive_sponsor();
     },
     "business_case.contact_information.departments[entities/department-of-health-care-services]", ""},
    {"ReleaseApprovalOfTheProvider",
     [](v1::Content& c) {
       *c.mutable_business_case()->mutable_output_use()->add_release_approvals() = TextOf(kProviderDept, "x");
     },
     "business_case.output_use.release_approvals[entities/department-of-health-care-services]", ""},
    {"ProductsOfTheRecipient",
     [](v1::Content& c) { c.mutable_business_case()->mutable_output_use()->set_products("x"); }, "",
     "business_case.output_use"},
};
INSTANTIATE_TEST_SUITE_P(Each, EditOfASentBucp, ::testing::ValuesIn(kRights),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(EditOfASentBucpByItsRules, KeepsTheEntriesThatItLeavesOut) {
  v1::Content after = CompleteContent();
  auto& authority = *after.mutable_administrative()->mutable_legal_authority();
  authority.mutable_departments()->Clear();
  *authority.add_departments() = TextOf(kProviderDept, "Welf. & Inst. Code 14100.2");
  ASSERT_THAT(CheckFields({kProviderDept, false}, CompleteContent(), after), IsOk());
  ASSERT_EQ(authority.departments_size(), 2);
  EXPECT_EQ(authority.departments(0).SerializeAsString(),
            CompleteContent().administrative().legal_authority().departments(0).SerializeAsString());
  EXPECT_EQ(authority.departments(1).text(), "Welf. & Inst. Code 14100.2");
  authority.mutable_departments()->Clear();
  ASSERT_THAT(CheckFields({kProviderDept, false}, CompleteContent(), after), IsOk());
  EXPECT_EQ(authority.departments_size(), 1);
}

TEST(EditOfASentBucpByItsRules, RemovesEntriesOfFormerParties) {
  v1::Content before = CompleteContent();
  *before.mutable_administrative()->mutable_legal_authority()->add_departments() =
      TextOf("entities/third", "They may.");
  v1::Content after = before;
  auto& authority = *after.mutable_administrative()->mutable_legal_authority();
  authority.mutable_departments(1)->set_text("W&I 14100.2");
  ASSERT_THAT(CheckFields({kProviderDept, false}, before, after), IsOk());
  EXPECT_EQ(authority.departments_size(), 3);
  authority.mutable_departments()->RemoveLast();
  ASSERT_THAT(CheckFields({kProviderDept, false}, before, after), IsOk());
  EXPECT_EQ(authority.departments_size(), 2);
}

// --- through the pipeline ---

TEST_P(Edits, AreLimitedOnlyAfterSending) {
  const v1::Bucp draft = Must(Create(CompleteContent()));
  v1::Content content = CompleteContent();
  content.mutable_administrative()->mutable_legal_authority()->mutable_departments(1)->set_text(
      "ours, they say");
  EXPECT_THAT(Update(draft.name(), content, {"administrative"}), IsOk());
  Must(Send(draft.name()));
  content.mutable_administrative()->mutable_legal_authority()->mutable_departments(1)->set_text(
      "changed again");
  const auto refused = Update(draft.name(), content, {"administrative"});
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_EQ(status::MetadataOf(refused.status(), "by"), kProviderDept);
  EXPECT_EQ(Get(draft.name())->revision(), 2);
  content.mutable_business_case()->mutable_use_case_name()->set_title("x");
  EXPECT_THAT(Update(draft.name(), content, {"business_case"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
}

TEST_P(Edits, TheSecondOfTheSameSectionGetsTheCurrentEtagAndValue) {
  const v1::Bucp sent = NewDraftSent();
  v1::Content content = CompleteContent();
  ASSERT_THAT(Update(sent.name(), content, {"technical"}, kProviderDept, sent.section_etags()), IsOk());
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  const auto stale =
      Update(sent.name(), content, {"technical.data_transfer"}, kRecipientDept, sent.section_etags());
  ASSERT_THAT(stale, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status::MetadataOf(stale.status(), "section"), "technical");
  EXPECT_EQ(status::MetadataOf(stale.status(), "etag"), Get(sent.name())->section_etags().technical());
  EXPECT_EQ(status::MetadataOf(stale.status(), "revision"), sent.name() + "/revisions/2");
  v1::Content value;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(status::MetadataOf(stale.status(), "value"), &value).ok());
  EXPECT_EQ(value.technical().data_transfer().description(),
            CompleteContent().technical().data_transfer().description());
  EXPECT_FALSE(value.technical().has_data_users());
  // The current etag is accepted.
  EXPECT_THAT(Update(sent.name(), content, {"technical"}, kRecipientDept, Get(sent.name())->section_etags()),
              IsOk());
}

TEST_P(Edits, TheSecondOfALargeSectionGetsWhatChanged) {
  const v1::Bucp sent = NewDraftSent();
  v1::Content content = CompleteContent();
  auto& elements = *content.mutable_technical()->mutable_data_elements()->mutable_elements();
  for (const char* name : {"First", "Second", "Third"}) {
    *elements.Add() = elements[0];
    elements.rbegin()->set_field_name(name);
    elements.rbegin()->set_definition(std::string(2000, 'x'));
  }
  const v1::Bucp read = Must(Update(sent.name(), content, {"technical"}, kProviderDept));
  const auto refused = [&](const std::string& changed) {
    Must(Update(sent.name(), content, {"technical"}, kProviderDept));
    v1::Content other = content;
    other.mutable_technical()->mutable_destruction()->set_description("shredded");
    const auto stale = Update(sent.name(), other, {"technical"}, kRecipientDept, read.section_etags());
    EXPECT_THAT(stale, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
    EXPECT_EQ(status::MetadataOf(stale.status(), "changed"), changed);
    EXPECT_EQ(status::MetadataOf(stale.status(), "value"), "");
    // In base64, with 1 KiB left for the other trailers.
    EXPECT_LT(status::ToWire(stale.status()).ByteSizeLong() * 4 / 3, 7 * 1024);
    return status::MetadataOf(stale.status(), "changes");
  };
  const std::string third = "technical.data_elements.elements[Third].definition";
  elements.rbegin()->set_definition("as of June");
  EXPECT_EQ(refused(third), "{\"" + third + "\":\"as of June\"}");
  const std::string long_text(2000, 'z');
  const std::string second = "technical.data_elements.elements[Second].definition";
  elements[elements.size() - 2].set_definition(long_text.substr(200));
  elements.rbegin()->set_definition(long_text);
  EXPECT_THAT(refused(second + ", " + third), ::testing::EndsWith(long_text + "\"}"));
  // Too large for an error: the paths that changed, and the revision to read them in.
  for (int i = elements.size() - 3; i < elements.size(); ++i)
    elements[i].set_definition(std::string(2000, 'y'));
  EXPECT_EQ(refused("technical.data_elements.elements[First].definition, " + second + ", " + third), "");
}

TEST_P(Edits, OfDifferentSectionsAtTheSameMomentBothSucceed) {
  const v1::Bucp sent = NewDraftSent();
  absl::StatusOr<v1::Bucp> technical, administrative;
  const std::vector<std::string> dates = {"administrative.critical_dates"};
  std::thread provider([&] {
    technical = Update(sent.name(), CompleteContent(), {"technical"}, kProviderDept, sent.section_etags());
  });
  std::thread recipient([&] {
    administrative = Update(sent.name(), CompleteContent(), dates, kRecipientDept, sent.section_etags());
  });
  provider.join();
  recipient.join();
  EXPECT_THAT(technical, IsOk());
  EXPECT_THAT(administrative, IsOk());
  const auto now = Get(sent.name());
  EXPECT_EQ(now->revision(), 3);
  EXPECT_TRUE(now->content().has_technical());
  EXPECT_TRUE(now->content().administrative().has_critical_dates());
}

TEST_P(Edits, OfTheSameSectionAtTheSameMomentOneSucceeds) {
  const v1::Bucp sent = NewDraftSent();
  absl::StatusOr<v1::Bucp> done[2];
  std::thread clients[2];
  for (int i = 0; i < 2; ++i) {
    clients[i] = std::thread([&, i] {
      v1::Content content = CompleteContent();
      content.mutable_technical()->mutable_data_transfer()->set_description("by " + std::to_string(i));
      done[i] = Update(sent.name(), content, {"technical"}, i == 0 ? kRecipientDept : kProviderDept,
                       sent.section_etags());
    });
  }
  for (std::thread& client : clients) client.join();
  const int winner = done[0].ok() ? 0 : 1;
  EXPECT_THAT(done[winner], IsOk());
  EXPECT_THAT(done[1 - winner], FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(Get(sent.name())->content().technical().data_transfer().description(),
            "by " + std::to_string(winner));
}

TEST_P(Edits, OfThePartiesOnlyAddAfterSending) {
  const v1::Bucp sent = NewDraftSent();
  v1::Content content = sent.content();
  content.set_recipients(0, kThird);
  content.add_recipients(kRecipientDept);
  const auto swapped = Update(sent.name(), content, {"recipients"});
  EXPECT_THAT(swapped, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  content = sent.content();
  content.set_providers(0, kThird);
  EXPECT_THAT(Update(sent.name(), content, {"providers"}), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Update(sent.name(), content, {"providers"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  content = sent.content();
  content.add_providers(kThird);
  EXPECT_THAT(Update(sent.name(), content, {"providers"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Get(sent.name(), kThird), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Update(sent.name(), content, {"providers"}), IsOk());
  EXPECT_THAT(Get(sent.name(), kThird), IsOk());
  // A returned BUCP is still one that was sent.
  auto back = Of<v1::ReturnBucpRequest>(sent.name());
  back.set_reason("narrow it");
  Must(AskForBucp<v1::ReturnBucpResponse>(By(kThird), back));
  EXPECT_THAT(Update(sent.name(), sent.content(), {"providers"}),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Edits, OfThePartiesOfADraftKeepItsLead) {
  v1::Content content = DraftContent();
  content.add_recipients(kThird);
  const v1::Bucp draft = Must(Create(content));
  std::swap(*content.mutable_recipients(0), *content.mutable_recipients(1));
  EXPECT_THAT(Update(draft.name(), content, {"recipients"}, kThird),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Update(draft.name(), content, {"recipients"}), IsOk());
  EXPECT_EQ(Get(draft.name())->content().recipients(0), kThird);
}

TEST_P(Edits, OfAnAmendmentKeepItsParties) {
  const v1::Bucp amendment = Must(Amend(NewExecuted().name()));
  v1::Content content = amendment.content();
  content.set_providers(0, kThird);
  EXPECT_THAT(Update(amendment.name(), content, {"providers"}),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Edits, OfAProviderMayExcludeDataUntilADisputeIsDecided) {
  const v1::Bucp sent = NewSent(true);
  const std::vector<std::string> paths = {"technical.data_elements"};
  const v1::Content all = sent.content();
  v1::Content fewer = all;
  auto& elements = *fewer.mutable_technical()->mutable_data_elements()->mutable_elements();
  const std::string first = elements.Get(0).field_name();
  elements.DeleteSubrange(0, 1);
  EXPECT_THAT(Update(sent.name(), fewer, paths, kProviderDept), IsOk());
  ASSERT_THAT(Update(sent.name(), all, paths), IsOk());

  Must(Hold(sent.name()));
  EXPECT_FALSE(Must(Release(sent.name())).approved_in_dispute());
  EXPECT_THAT(Update(sent.name(), fewer, paths, kProviderDept), IsOk());
  ASSERT_THAT(Update(sent.name(), all, paths), IsOk());

  Must(Hold(sent.name(), "disputes/2"));
  EXPECT_TRUE(Must(Release(sent.name(), "disputes/2", true)).approved_in_dispute());
  const auto refused = Update(sent.name(), fewer, paths, kProviderDept);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_DATA_NOT_EXCLUDABLE));
  EXPECT_EQ(testing::PreconditionsOf(refused.status()),
            std::vector<std::string>{"content.technical.data_elements.elements[" + first + "]"});
  // Another name is another element.
  v1::Content renamed = all;
  renamed.mutable_technical()->mutable_data_elements()->mutable_elements(0)->set_field_name("other name");
  EXPECT_THAT(Update(sent.name(), renamed, {"technical"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_DATA_NOT_EXCLUDABLE));
  auto import = Of<v1::ImportDataElementsRequest>(sent.name());
  import.set_csv(ElementsToCsv(fewer.technical().data_elements()));
  EXPECT_THAT(AskForBucp<v1::ImportDataElementsResponse>(By(kProviderDept), import),
              FailsWith(Reason::ERROR_REASON_DATA_NOT_EXCLUDABLE));
  import.set_validate_only(true);
  EXPECT_THAT(AskForBucp<v1::ImportDataElementsResponse>(By(kProviderDept), import),
              FailsWith(Reason::ERROR_REASON_DATA_NOT_EXCLUDABLE));

  // It may add elements and details. Only the requesting side may remove elements.
  v1::Content more = all;
  more.mutable_technical()->mutable_data_elements()->mutable_elements(0)->set_notes("late in July");
  more.mutable_technical()->mutable_data_elements()->add_elements()->set_field_name("one more");
  more.mutable_technical()->mutable_data_elements()->mutable_elements()->rbegin()->set_type(
      v1::ELEMENT_TYPE_TEXT);
  EXPECT_THAT(Update(sent.name(), more, paths, kProviderDept), IsOk());
  EXPECT_THAT(Update(sent.name(), fewer, paths), IsOk());
}

TEST_P(Edits, OfAnAmendmentAreNotBoundByAnEarlierDecision) {
  const v1::Bucp held = NewFrozen(true);
  Must(Hold(held.name()));
  const v1::Bucp frozen = Sign(Must(Release(held.name(), kDispute, true)));
  ASSERT_THAT(CompleteSignatures(frozen.name(), frozen.frozen_digest()), IsOk());
  const v1::Bucp amendment = Must(Amend(frozen.name()));
  EXPECT_FALSE(amendment.approved_in_dispute());
  Must(Send(amendment.name()));
  v1::Content fewer = amendment.content();
  fewer.mutable_technical()->mutable_data_elements()->mutable_elements()->RemoveLast();
  EXPECT_THAT(Update(amendment.name(), fewer, {"technical.data_elements"}, kProviderDept), IsOk());
}

TEST_P(Edits, MayNameOnlyContactsOfTheRegistry) {
  v1::Content content = DraftContent();
  auto& contacts = *content.mutable_business_case()->mutable_contact_information();
  // The sponsor of another department, and a contact without the role of a coordinator.
  contacts.mutable_departments(0)->set_executive_sponsor(std::string(kProviderDept) +
                                                         "/contacts/dhcs-sponsor");
  contacts.mutable_departments(1)->set_data_coordinator(std::string(kProviderDept) +
                                                        "/contacts/dhcs-sponsor");
  const std::vector<std::string> wrong = {
      "content.business_case.contact_information.departments[0].executive_sponsor",
      "content.business_case.contact_information.departments[1].data_coordinator"};
  const auto refused = Create(content);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(testing::FieldsOf(refused.status()), wrong);
  const v1::Bucp draft = Must(Create(DraftContent()));
  EXPECT_EQ(testing::FieldsOf(Update(draft.name(), content, {"business_case.contact_information"}).status()),
            wrong);
  EXPECT_THAT(Update(draft.name(), content, {"business_case.data_categories"}), IsOk());
  contacts.mutable_departments(0)->set_entity("entities/of-no-registry");
  EXPECT_THAT(Update(draft.name(), content, {"business_case"}),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

INSTANTIATE_TEST_SUITE_P(Every, Edits, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
