#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "common/ids/resource_names.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/content/content_size.h"
#include "tests/services/drafting/drafting_fixture.h"
#include "tests/support/refusals.h"

// The changes of an edit are the differences of the contents, whatever the paths of its mask. Also tests the
// size of a content.
namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::FieldsOf;
using testing::IsOk;
using Paths = std::vector<std::string>;
using ::testing::ElementsAre;

class MaskEdits : public DraftingTest {};

// A content by the paths of the template's fields.
std::map<std::string, std::string> FieldsIn(const v1::Content& content) {
  std::map<std::string, std::string> fields;
  for (const std::string& entity : content.recipients()) fields["recipients"] += entity + " ";
  for (const std::string& entity : content.providers()) fields["providers"] += entity + " ";
  if (content.has_business_case()) fields["business_case"] = "exists";
  if (content.has_technical()) fields["technical"] = "exists";
  if (content.has_administrative()) fields["administrative"] = "exists";
  const google::protobuf::Message* sections[] = {&content.business_case(), &content.technical(),
                                                 &content.administrative()};
  const char* const names[] = {"business_case", "technical", "administrative"};
  for (int s = 0; s < 3; ++s) {
    std::vector<const google::protobuf::FieldDescriptor*> set;
    sections[s]->GetReflection()->ListFields(*sections[s], &set);
    for (const auto* field : set) {
      fields[std::string(names[s]) + "." + field->name()] =
          sections[s]->GetReflection()->GetMessage(*sections[s], field).ShortDebugString();
    }
  }
  return fields;
}

std::string SectionOf(const std::string& field) {
  const std::string top = field.substr(0, field.find('.'));
  return top == "recipients" || top == "providers" ? "parties" : top;
}

std::map<std::string, std::string> EtagsIn(const v1::SectionEtags& etags) {
  return {{"parties", etags.parties()},
          {"business_case", etags.business_case()},
          {"technical", etags.technical()},
          {"administrative", etags.administrative()}};
}

TEST_P(MaskEdits, RefuseInvalidPaths) {
  const v1::Bucp sent = NewSent();
  v1::Content content = sent.content();
  std::swap(*content.mutable_recipients(), *content.mutable_providers());
  content.mutable_business_case()->mutable_use_case_name()->set_title("taken over");
  for (const Paths& paths : {Paths{".recipients"},
                             {"recipients", ".providers"},
                             {"..technical"},
                             {"technical."},
                             {"business_case..use_case_name"},
                             {"technical", ".business_case"},
                             {".*"},
                             {"recipients[0]"}}) {
    const auto refused = Update(sent.name(), content, paths, kProviderDept);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << paths.back();
    EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("update_mask"));
    EXPECT_NE(refused.status().message().find('"' + paths.back() + '"'), std::string::npos);
  }
  EXPECT_EQ(Get(sent.name())->revision(), 1);
}

TEST_P(MaskEdits, OfEverythingFollowTheSameRules) {
  const v1::Bucp sent = NewSent();
  v1::Content content = sent.content();
  content.mutable_business_case()->mutable_use_case_name()->set_title("taken over");
  EXPECT_THAT(Update(sent.name(), content, {"*"}, kProviderDept),
              FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  content = sent.content();
  content.set_providers(0, kStranger);
  EXPECT_THAT(Update(sent.name(), content, {"*"}, kRecipientDept),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  content = sent.content();
  content.add_providers(kOutsider);
  EXPECT_THAT(Update(sent.name(), content, {"*"}), FailsWith(Reason::ERROR_REASON_NOT_SIGNATORY));
  content = sent.content();
  auto& contacts = *content.mutable_business_case()->mutable_contact_information();
  contacts.mutable_departments(0)->set_data_coordinator(std::string(kRecipientDept) + "/contacts/nobody");
  EXPECT_THAT(FieldsOf(Update(sent.name(), content, {"*"}).status()),
              ElementsAre("content.business_case.contact_information.departments[0].data_coordinator"));
  EXPECT_EQ(Get(sent.name())->revision(), 1);
}

TEST_P(MaskEdits, OfEverythingReplaceTheWholeContent) {
  const v1::Bucp draft = Must(Create(CompleteContent()));
  ASSERT_THAT(Update(draft.name(), DraftContent(), {"*"}), IsOk());
  EXPECT_EQ(Get(draft.name())->content().SerializeAsString(), DraftContent().SerializeAsString());
}

TEST_P(MaskEdits, AskNothingAboutUnchangedPartiesAndContacts) {
  const v1::Bucp sent = NewSent();
  v1::Content content = sent.content();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  registry_down_ = true;
  EXPECT_THAT(Update(sent.name(), content, {"*"}), IsOk());
  content.add_providers(kStranger);
  EXPECT_THAT(Update(sent.name(), content, {"*"}), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_P(MaskEdits, NeedNoEtagOfAnUnchangedSection) {
  const v1::Bucp sent = NewSent();
  v1::Content content = sent.content();
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  const v1::Bucp moved = Must(Update(sent.name(), content, {"*"}, kProviderDept, sent.section_etags()));
  EXPECT_EQ(moved.section_etags().technical(), "2");
  EXPECT_EQ(moved.section_etags().parties(), "1");
  EXPECT_EQ(moved.section_etags().business_case(), "1");
  EXPECT_EQ(moved.section_etags().administrative(), "1");
  // With the previous etags: the technical section already has the value that the edit wants.
  content.mutable_administrative()->mutable_critical_dates()->set_deadlines("none");
  EXPECT_THAT(Update(sent.name(), content, {"*"}, kRecipientDept, sent.section_etags()), IsOk());
  content.mutable_technical()->mutable_data_transfer()->set_description("by pigeon");
  const auto stale = Update(sent.name(), content, {"*"}, kRecipientDept, sent.section_etags());
  ASSERT_THAT(stale, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(status::MetadataOf(stale.status(), "section"), "technical");
}

// --- random masks ---

// Other texts in about half of the fields.
v1::Content Varied(std::mt19937& random) {
  v1::Content content = random() % 4 == 0 ? DraftContent() : CompleteContent();
  const auto text = [&] { return "text " + std::to_string(random() % 3); };
  auto& business = *content.mutable_business_case();
  auto& technical = *content.mutable_technical();
  auto& administrative = *content.mutable_administrative();
  if (random() % 2 != 0) business.mutable_use_case_description()->set_benefits(text());
  if (random() % 2 != 0) business.mutable_use_case_name()->set_title(text());
  if (random() % 2 != 0) technical.mutable_data_users()->set_description(text());
  if (random() % 2 != 0) technical.clear_data_transfer();
  if (random() % 2 != 0) technical.mutable_data_elements()->clear_elements();
  if (random() % 2 != 0) administrative.mutable_research()->set_approval_statement(text());
  if (random() % 3 == 0) content.clear_administrative();
  if (random() % 2 != 0) content.add_providers(kStranger);
  return content;
}

TEST_P(MaskEdits, EqualASimpleModelForRandomMasks) {
  const Paths every = {"recipients",
                       "providers",
                       "business_case",
                       "business_case.use_case_name",
                       "business_case.use_case_description",
                       "technical",
                       "technical.data_users",
                       "technical.data_transfer",
                       "technical.data_elements",
                       "administrative",
                       "administrative.research",
                       "administrative.critical_dates"};
  std::mt19937 random(20261130);
  const std::string name = Must(Create(CompleteContent())).name();
  for (int run = 0; run < 150; ++run) {
    const v1::Bucp before = Must(Get(name));
    const v1::Content content = Varied(random);
    Paths mask = {"*"};
    if (random() % 8 != 0) mask.assign(1 + random() % 4, "");
    for (std::string& path : mask) {
      if (path.empty()) path = every[random() % every.size()];
    }
    const auto named = [&](const std::string& field) {
      return std::any_of(mask.begin(), mask.end(), [&](const std::string& path) {
        return path == "*" || field == path || field.starts_with(path + ".");
      });
    };
    std::map<std::string, std::string> expected;
    for (const auto& [field, value] : FieldsIn(before.content())) {
      if (!named(field)) expected[field] = value;
    }
    for (const auto& [field, value] : FieldsIn(content)) {
      if (named(field)) expected[field] = value;
    }
    for (const auto& [field, value] : std::map(expected)) {
      if (field.find('.') != std::string::npos) expected[SectionOf(field)] = "exists";
    }
    // The etags of some sections are old.
    v1::SectionEtags read = before.section_etags();
    if (random() % 3 == 0) read.set_technical("old");
    if (random() % 3 == 0) read.set_administrative("old");
    const auto after = Update(name, content, mask, kRecipientDept, read);
    bool is_stale = false;
    std::map<std::string, std::map<std::string, std::string>> olds, notifier;
    for (const auto& [field, value] : FieldsIn(before.content())) olds[SectionOf(field)][field] = value;
    for (const auto& [field, value] : expected) notifier[SectionOf(field)][field] = value;
    for (const auto& [section, etag] : EtagsIn(read))
      is_stale |= etag == "old" && olds[section] != notifier[section];
    if (is_stale) {
      ASSERT_THAT(after, FailsWith(Reason::ERROR_REASON_STALE_ETAG)) << run;
      continue;
    }
    ASSERT_THAT(after, IsOk()) << run;
    ASSERT_EQ(FieldsIn(after->content()), expected) << run;
    for (const auto& [section, etag] : EtagsIn(after->section_etags())) {
      const std::string next = std::to_string(before.revision() + 1);
      ASSERT_EQ(etag, olds[section] == notifier[section] ? EtagsIn(before.section_etags()).at(section) : next)
          << run << section;
    }
  }
}

// --- size ---

v1::Content WithElements(int count, size_t text) {
  v1::Content content = CompleteContent();
  auto& elements = *content.mutable_technical()->mutable_data_elements()->mutable_elements();
  elements.Clear();
  for (int i = 0; i < count; ++i) {
    v1::DataElement& element = *elements.Add();
    element.set_field_name("element " + std::to_string(i));
    element.set_type(v1::ELEMENT_TYPE_TEXT);
    element.set_definition(std::string(text, 'x'));
  }
  return content;
}

TEST_P(MaskEdits, OfValidSizeDoNotAddUpToMoreThanTheLimit) {
  const v1::Bucp sent = Must(Send(Must(Create(WithElements(450, 2000))).name()));
  v1::Content content = sent.content();
  absl::StatusOr<v1::Bucp> edited = sent;
  // Each text is within its limit.
  auto& administrative = *content.mutable_administrative();
  const std::string text(20000, 'y');
  int edits = 0;
  for (std::string* field : {administrative.mutable_anticipated_risks()->mutable_description(),
                             administrative.mutable_possible_alternatives()->mutable_description(),
                             administrative.mutable_redisclosure()->mutable_terms(),
                             administrative.mutable_department_positions()->mutable_discussions(),
                             content.mutable_technical()->mutable_data_transfer()->mutable_description(),
                             content.mutable_technical()->mutable_destruction()->mutable_description(),
                             content.mutable_technical()->mutable_data_users()->mutable_description(),
                             content.mutable_technical()->mutable_data_users()->mutable_contractor_use()}) {
    *field = text;
    edited = Update(sent.name(), content, {"technical", "administrative"});
    if (!edited.ok()) break;
    ++edits;
  }
  EXPECT_GT(edits, 2);
  ASSERT_THAT(edited, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(FieldsOf(edited.status()), ElementsAre("content.technical.data_elements.elements"));
  EXPECT_LE(ContentSize(Get(sent.name())->content()), kMaxContentSize);
  // The same in one edit.
  const auto created = Create(WithElements(2000, 2000));
  ASSERT_THAT(created, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(FieldsOf(created.status()), ElementsAre("content.technical.data_elements.elements"));
}

TEST_P(MaskEdits, CountEscapesOfDocuments) {
  v1::Content content = WithElements(60, 2000);
  EXPECT_THAT(Create(content), IsOk());
  for (auto& element : *content.mutable_technical()->mutable_data_elements()->mutable_elements())
    element.set_valid_inputs(std::string(2000, '<'));
  EXPECT_THAT(Create(content), IsOk());
  for (auto& element : *content.mutable_technical()->mutable_data_elements()->mutable_elements())
    element.set_notes(std::string(1000, '"'));
  EXPECT_THAT(Create(content), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(MaskEdits, KeepContentsFromBeforeTheLimitReadable) {
  const v1::Bucp sent = NewSent();
  const v1::Content large = WithElements(700, 2000);
  ASSERT_GT(ContentSize(large), kMaxContentSize);
  ASSERT_THAT(database().Write([&](storage::Transaction& db) {
    return db
        .Execute("UPDATE bucps SET content = $1 WHERE id = $2",
                 {storage::Blob{large.SerializeAsString()}, ids::kBucps.IdIn(sent.name())})
        .status();
  }),
              IsOk());
  EXPECT_EQ(Get(sent.name())->content().technical().data_elements().elements_size(), 700);
  v1::Content content = large;
  content.mutable_technical()->mutable_data_transfer()->mutable_description()->append(", by courier");
  EXPECT_THAT(Update(sent.name(), content, {"technical"}), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Update(sent.name(), WithElements(690, 2000), {"technical"}), IsOk());
  EXPECT_THAT(Update(sent.name(), WithElements(10, 2000), {"technical"}), IsOk());
}

TEST_P(MaskEdits, EndAfterTenThousandRevisions) {
  v1::Bucp bucp = NewSent();
  v1::Content content = bucp.content();
  ASSERT_THAT(database().Write([&](storage::Transaction& db) {
    bucp.set_revision(9999);
    return SaveBucp(db, bucp.state(), bucp);
  }),
              IsOk());
  content.mutable_technical()->mutable_data_transfer()->set_description("by courier");
  EXPECT_EQ(Must(Update(bucp.name(), content, {"technical"})).revision(), 10'000);
  content.mutable_technical()->mutable_data_transfer()->set_description("by pigeon");
  const auto refused = Update(bucp.name(), content, {"technical"});
  ASSERT_THAT(refused, FailsWith(Reason::ERROR_REASON_LIMIT_REACHED));
  EXPECT_EQ(status::MetadataOf(refused.status(), "limit"), "10000");
  EXPECT_EQ(status::MetadataOf(refused.status(), "items"), "revisions of a BUCP");
}

// --- differences of two revisions ---

TEST_P(MaskEdits, AreComparedPageByPage) {
  const std::string name = Must(Create(WithElements(400, 2000))).name();
  v1::Content content = WithElements(400, 1999);
  for (auto& element : *content.mutable_technical()->mutable_data_elements()->mutable_elements())
    element.set_notes("noted");
  Must(Update(name, content, {"technical"}));
  v1::DiffRevisionsRequest request;
  request.set_from(name + "/revisions/1");
  request.set_to(name + "/revisions/2");
  const auto pages = [&](int page_size) {
    v1::DiffRevisionsResponse all;
    int count = 0;
    request.set_page_size(page_size);
    request.clear_page_token();
    do {
      const auto page = harness_->Ask<v1::DiffRevisionsResponse>(By(kRecipientDept), request);
      EXPECT_THAT(page, IsOk());
      EXPECT_LT(page->ByteSizeLong(), 1100U * 1024);
      all.MergeFrom(*page);
      request.set_page_token(page->next_page_token());
      ++count;
    } while (!request.page_token().empty() && count < 1000);
    EXPECT_EQ(all.changes_size(), 800);
    std::set<std::string> fields;
    for (const v1::FieldChange& change : all.changes()) fields.insert(change.field());
    EXPECT_EQ(fields.size(), 800U);
    return count;
  };
  EXPECT_EQ(pages(0), 2);
  EXPECT_EQ(pages(250), 4);
  request.set_page_size(1);
  const auto first = harness_->Ask<v1::DiffRevisionsResponse>(By(kRecipientDept), request);
  std::swap(*request.mutable_from(), *request.mutable_to());
  request.set_page_token(first->next_page_token());
  EXPECT_THAT(harness_->Ask<v1::DiffRevisionsResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  request.set_page_token("bm8");
  EXPECT_THAT(harness_->Ask<v1::DiffRevisionsResponse>(By(kRecipientDept), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

INSTANTIATE_TEST_SUITE_P(Every, MaskEdits, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
