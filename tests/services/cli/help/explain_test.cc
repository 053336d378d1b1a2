#include "services/cli/help/explain.h"

#include "google/protobuf/util/json_util.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "services/cli/command/json_input.h"
#include "services/cli/command/proto_comments.h"
#include "services/cli/command/skeleton.h"
#include "tests/services/cli/test_environment.h"
#include "tests/support/matchers.h"
#include "tests/support/services.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Args = std::vector<std::string>;

std::string Explained(const Args& words, const OutputStyle& style = {}, ExitCode expected = kDone) {
  testing::TestEnvironment run;
  EXPECT_EQ(Explain(words, false, style, run.env), expected) << run.err.str();
  return run.out.str() + run.err.str();
}

TEST(Explanation, OfAPartOfAResource) {
  const std::string text = Explained({"bucps.content"});
  EXPECT_THAT(text, StartsWith("bucps.content: Content\n\n"));
  EXPECT_THAT(text, HasSubstr("recipients      list of entities/*  required  " +
                              SummaryOf("idea.drafting.v1.Content.recipients") + "\n"));
  EXPECT_THAT(text, HasSubstr("\"recipients\": [\n"));
  // Dots or blanks, an alias, JSON's names.
  for (const Args& words : {Args{"bucp", "content", "businessCase"}, Args{"bucps.content.business_case"}})
    EXPECT_THAT(Explained(words), StartsWith("bucps.content.business_case: BusinessCase\n"));
}

TEST(Explanation, OfARequestAndItsFields) {
  EXPECT_THAT(Explained({"opinions", "register"}),
              HasSubstr("Registers the opinion of the caller's department"));
  EXPECT_THAT(Explained({"opinions", "register"}),
              HasSubstr("\nCalled by departments; a person with one of the roles LEGAL, PRIVACY, SECURITY"));
  EXPECT_THAT(
      Explained({"accessions", "create"}),
      HasSubstr("\nCalled by the Statewide CDO's office; a person with one of the roles STATEWIDE_CDO.\n"));
  const std::string kind = Explained({"notices", "give", "kind"});
  EXPECT_THAT(kind, HasSubstr("UNAUTHORIZED_ACCESS         8.5                  Access, use or disclosure"));
  EXPECT_THAT(Explained({"opinions", "register", "text"}), HasSubstr("at most 20000 characters"));
  EXPECT_THAT(Explained({"events", "dead-letters", "retry"}),
              StartsWith("events dead-letters retry: RetryDeadLetterRequest\n"));
}

TEST(Explanation, IsADocumentForPrograms) {
  const auto json = nlohmann::json::parse(Explained({"opinions", "register"}, Format::kJson));
  EXPECT_EQ(json["fields"][0]["name"], "routing");
  EXPECT_EQ(json["fields"][0]["use"], "required");
  EXPECT_EQ(json["example"]["discipline"], "LEGAL");
}

TEST(Explanation, SuggestsASimilarName) {
  EXPECT_THAT(Explained({"bucsp"}, {}, kUsage), HasSubstr("\"bucsp\" is not a noun; did you mean bucps?"));
  EXPECT_THAT(Explained({"bucps.contnet"}, {}, kUsage),
              HasSubstr("is not a part of bucps; did you mean content?"));
  EXPECT_THAT(Explained({"bucps.title.x"}, {}, kUsage), HasSubstr("\"x\" is not a part of bucps.title"));
}

TEST(Explanation, ExistsForEveryFieldThatCallersSet) {
  for (const Command& command : Commands()) {
    EXPECT_FALSE(CommentOf(command.method->full_name()).empty()) << command.method->full_name();
    const auto& request = *command.method->input_type();
    for (int i = 0; i < request.field_count(); ++i)
      EXPECT_FALSE(CommentOf(request.field(i)->full_name()).empty()) << request.field(i)->full_name();
  }
  EXPECT_EQ(CommentOf("idea.inventory.v1.NOTICE_KIND_SECURITY_INCIDENT"), "A security incident (8.6).");
  const std::string comment = CommentOf("idea.drafting.v1.Content.recipients");
  EXPECT_EQ(SummaryOf("idea.drafting.v1.Content.recipients"), comment.substr(0, comment.find(". ")));
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

TEST(Skeletons, AreValidRequestsAfterFillingIn) {
  for (const Command& command : Commands()) {
    SCOPED_TRACE(command.method->full_name());
    const auto request = NewMessage(command.method->input_type());
    const std::string skeleton = SkeletonOf(*command.method->input_type()).dump();
    const bool has_text =
        skeleton.find("\"<") != std::string::npos || skeleton.find("{id}") != std::string::npos;
    const auto refused = Proto3JsonOf(skeleton, *command.method->input_type());
    EXPECT_EQ(refused.ok(), !has_text) << "a placeholder is not a value";
    if (has_text) {
      EXPECT_THAT(std::string(refused.status().message()), HasSubstr("replace the placeholder"));
    }
    const auto filled =
        Proto3JsonOf(Replaced(Replaced(skeleton, "<", "x"), "{id}", "1"), *command.method->input_type());
    ASSERT_TRUE(filled.ok()) << filled.status();
    const auto status = google::protobuf::util::JsonStringToMessage(*filled, request.get());
    EXPECT_TRUE(status.ok()) << status << "\n" << *filled;
  }
}

std::string Taken(const std::string& json) {
  const auto taken = Proto3JsonOf(json, *inventory::v1::GiveNoticeRequest::descriptor());
  return taken.ok() ? *taken : std::string(taken.status().message());
}

TEST(Json, AcceptsShortEnumsAndDatesAsText) {
  EXPECT_EQ(
      Taken(R"({"kind": "security-incident", "details": {"date": "2026-07-01", "deletion_terms": "x"}})"),
      R"({"kind":"NOTICE_KIND_SECURITY_INCIDENT","details":{"date":{"year":2026,"month":7,"day":1},"deletion_terms":"x"}})");
  EXPECT_EQ(Taken(R"({"kind": 2, "details": {"date": {"year": 2026}}})"),
            R"({"kind":2,"details":{"date":{"year":2026}}})");
  EXPECT_EQ(Taken(R"({"kind": "8.6"})"), R"({"kind":"NOTICE_KIND_SECURITY_INCIDENT"})");
  EXPECT_EQ(Taken(R"({"kind": "addendum b 3.5"})"), R"({"kind":"NOTICE_KIND_STUDY_REPORT"})");
}

TEST(Json, ReportsThePathOfAnError) {
  EXPECT_THAT(
      Taken(R"({"detials": {}})"),
      StartsWith(
          "detials: not a field of GiveNoticeRequest; did you mean details?; expected one of filing, "));
  EXPECT_THAT(Taken(R"({"details": {"descripton": ""}})"),
              StartsWith("details.descripton: not a field of NoticeDetails; did you mean description?"));
  EXPECT_THAT(Taken(R"({"kind": "SECURTY_INCIDENT"})"),
              StartsWith("kind: \"SECURTY_INCIDENT\" is none of them; did you mean SECURITY_INCIDENT?"));
  EXPECT_EQ(Taken(R"({"kind": "5.14"})"),
            "kind: section 5.14 is that of several: RULE_CHANGE, RECIPIENT_ACTS");
  EXPECT_EQ(Taken(R"({"details": {"date": "2026-02-30"}})"),
            "details.date: expected a date such as 2026-07-01, got \"2026-02-30\"");
  const auto* description = inventory::v1::NoticeDetails::descriptor()->FindFieldByName("description");
  EXPECT_THAT(
      Taken(R"({"details": {"witnesses": ["a"], "description": ")" + PlaceholderOf(*description) + R"("}})"),
      StartsWith("details.description: replace the placeholder"));
}

}  // namespace
}  // namespace idea::cli
