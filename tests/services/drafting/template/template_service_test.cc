#include "services/drafting/template/template_service.h"

#include "services/drafting/drafting_events.h"
#include "services/drafting/template/field_rules.h"
#include "tests/services/drafting/drafting_fixture.h"
#include "tests/support/refusals.h"

namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class Templates : public DraftingTest {
 protected:
  static v1::CreateTemplateRequest NewVersion(const std::string& id, int year = 2027) {
    v1::CreateTemplateRequest request;
    request.set_template_id(id);
    request.mutable_template_()->set_title("BUCP template " + id);
    auto& date = *request.mutable_template_()->mutable_version_date();
    date.set_year(year);
    date.set_month(1);
    date.set_day(1);
    return request;
  }
  static void Set(v1::CreateTemplateRequest& request, const std::string& field, v1::Requirement requirement,
                  const std::string& title = "") {
    auto& change = *request.mutable_template_()->add_fields();
    change.set_field(field);
    change.set_title(title);
    change.set_requirement(requirement);
  }
  absl::StatusOr<v1::Template> Add(const v1::CreateTemplateRequest& request,
                                   const std::string& entity = testing::kCdoEntity) {
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::CreateTemplateResponse>(By(entity), request));
    return response.template_();
  }
  absl::StatusOr<v1::Template> Read(const std::string& name) {
    ASSIGN_OR_RETURN(const auto response,
                     harness_->Ask<v1::GetTemplateResponse>(By(kStranger), Of<v1::GetTemplateRequest>(name)));
    return response.template_();
  }
  std::vector<v1::Gap> GapsOf(const std::string& bucp) {
    const auto check = harness_->Ask<v1::CheckCompletenessResponse>(By(kRecipientDept),
                                                                    Of<v1::CheckCompletenessRequest>(bucp));
    EXPECT_THAT(check, IsOk());
    return {check->gaps().begin(), check->gaps().end()};
  }
};

TEST_P(Templates, ContainWhatAFormNeeds) {
  const auto bucp_template = Read("templates/v3");
  ASSERT_THAT(bucp_template, IsOk());
  EXPECT_EQ(bucp_template->sections_size(), 3);
  ASSERT_EQ(bucp_template->fields_size(), 21);
  std::map<v1::Requirement, int> requirements;
  for (int i = 0; i < bucp_template->fields_size(); ++i) {
    const v1::TemplateField& field = bucp_template->fields(i);
    EXPECT_EQ(field.number(), i < 20 ? i + 1 : 0);
    EXPECT_NE(field.title(), "") << field.field();
    EXPECT_NE(field.help(), "") << field.field();
    EXPECT_NE(field.completed_by(), "") << field.field();
    ++requirements[field.requirement()];
  }
  EXPECT_EQ(requirements[v1::REQUIREMENT_REQUIRED], 17);
  EXPECT_EQ(requirements[v1::REQUIREMENT_DISPUTED_ONLY], 3);
  EXPECT_EQ(requirements[v1::REQUIREMENT_CONDITIONAL], 1);
  EXPECT_TRUE(bucp_template->fields(1).per_department());
  EXPECT_FALSE(bucp_template->fields(5).per_department());
  EXPECT_THAT(Read("templates/none"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Templates, DependOnTheNumberOfDepartments) {
  EXPECT_EQ(Must(Create(DraftContent())).template_(), "templates/v3");
  v1::Content content = DraftContent();
  content.add_providers(kStranger);
  EXPECT_EQ(Must(Create(content)).template_(), "templates/v2-multiple");
}

TEST_P(Templates, OfTheCdoApplyToLaterDrafts) {
  v1::Content content = CompleteContent();
  content.mutable_administrative()->clear_transfer_of_funds();
  const std::string before = Must(Create(content)).name();
  auto request = NewVersion("v4");
  Set(request, "administrative.transfer_of_funds", v1::REQUIREMENT_OPTIONAL, "Funds");
  Set(request, "administrative.anticipated_risks", v1::REQUIREMENT_REQUIRED);
  const auto added = Add(request);
  ASSERT_THAT(added, IsOk());
  EXPECT_EQ(added->fields_size(), 21);
  EXPECT_EQ(Read("templates/v4")->fields(11).title(), "Funds");
  EXPECT_EQ(LastEvent().type(), kTemplateCreated);
  const v1::Bucp after = Must(Create(content));
  EXPECT_EQ(after.template_(), "templates/v4");
  ASSERT_EQ(GapsOf(before).size(), 1);
  EXPECT_EQ(GapsOf(before)[0].field(), "administrative.transfer_of_funds");
  ASSERT_EQ(GapsOf(after.name()).size(), 1);
  EXPECT_EQ(GapsOf(after.name())[0].field(), "administrative.anticipated_risks");
  EXPECT_EQ(GapsOf(after.name())[0].why(), "required (BUCP template v4)");
  // Send and freeze use the same rules, and a draft may follow an older version.
  Must(Send(after.name()));
  EXPECT_THAT(Freeze(after.name()), FailsWith(Reason::ERROR_REASON_INCOMPLETE));
  v1::CreateBucpRequest older;
  *older.mutable_content() = CompleteContent();
  older.set_template_("templates/v3");
  EXPECT_EQ(Must(AskForBucp<v1::CreateBucpResponse>(By(kRecipientDept), older)).template_(), "templates/v3");
  older.set_template_("templates/none");
  EXPECT_THAT(AskForBucp<v1::CreateBucpResponse>(By(kRecipientDept), older),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Templates, AreListedNewestFirst) {
  ASSERT_THAT(Add(NewVersion("v4", 2027)), IsOk());
  ASSERT_THAT(Add(NewVersion("v5", 2028)), IsOk());
  std::vector<std::string> names;
  v1::ListTemplatesRequest request;
  request.set_page_size(1);
  do {
    const auto page = harness_->Ask<v1::ListTemplatesResponse>(By(kStranger), request);
    ASSERT_THAT(page, IsOk());
    for (const v1::Template& bucp_template : page->templates()) {
      names.push_back(bucp_template.name());
      EXPECT_EQ(bucp_template.fields_size(), 0);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names, (std::vector<std::string>{"templates/v5", "templates/v4", "templates/v3",
                                             "templates/v2-multiple"}));
}

TEST_P(Templates, AreRefusedWithTheInvalidField) {
  EXPECT_THAT(Add(NewVersion("v4"), kRecipientDept), FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  EXPECT_THAT(Add(NewVersion("v3")), FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  const auto field = [&](const v1::CreateTemplateRequest& request) {
    const auto refused = Add(request);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    const auto fields = testing::FieldsOf(refused.status());
    return fields.empty() ? "" : fields[0];
  };
  for (const char* id : {"V4", "-v4", "v\xd1\x96", "v 4"})
    EXPECT_EQ(field(NewVersion(id)), "template_id") << id;
  EXPECT_EQ(field(NewVersion(std::string(41, 'v'))), "template_id");
  auto request = NewVersion("v4");
  request.mutable_template_()->mutable_version_date()->set_month(13);
  EXPECT_EQ(field(request), "template.version_date");
  request = NewVersion("v4");
  Set(request, "technical.nonsense", v1::REQUIREMENT_REQUIRED);
  EXPECT_EQ(field(request), "template.fields[0].field");
  request = NewVersion("v4");
  Set(request, "technical.data_users", v1::REQUIREMENT_REQUIRED);
  Set(request, "technical.data_users", v1::REQUIREMENT_OPTIONAL);
  EXPECT_EQ(field(request), "template.fields[1].field");
  request = NewVersion("v4");
  Set(request, "administrative.education_records", v1::REQUIREMENT_OPTIONAL);
  EXPECT_EQ(field(request), "template.fields[0].requirement");
  request = NewVersion("v4");
  Set(request, "technical.data_users", v1::REQUIREMENT_CONDITIONAL);
  EXPECT_EQ(field(request), "template.fields[0].requirement");
}

INSTANTIATE_TEST_SUITE_P(Every, Templates, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
