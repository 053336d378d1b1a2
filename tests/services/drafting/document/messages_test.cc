#include "services/drafting/document/messages.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/drafting/document/mail_file.h"
#include "tests/services/drafting/document/sample_forms.h"

namespace idea::drafting::document {
namespace {

using enum v1::MessageKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

MessageFacts SomeFacts() {
  return {.recipients = {"Social Services"},
          .providers = {"Health Care", "Public Health"},
          .recipient_contacts = {{"R. Program", "Manager", "", "r@example.org", ""}},
          .provider_contacts = {{"P. Program", "Manager", "", "p@example.org", ""}},
          .reviewers = {{"L. Counsel", "Counsel", "", "l@example.org", ""}},
          .sender = {"S. Sender", "Analyst", "", "s@example.org", "916 555 0100"},
          .sender_department = "Social Services"};
}

v1::RenderMessageResponse Write(v1::MessageKind kind, const MessageFacts& facts = SomeFacts()) {
  return WriteMessage(kind, BucpWith(CompleteContent()), facts);
}

TEST(AMessage, ToInitiateAnExchangeGoesToTheProvider) {
  const auto message = Write(MESSAGE_KIND_INITIATE_EXCHANGE);
  EXPECT_THAT(message.to(), ElementsAre("p@example.org"));
  EXPECT_EQ(message.subject(), "Request to exchange data under IDEA");
  for (const char* part : {"Dear P. Program,", "Health Care and Public Health", "S. Sender", "s@example.org",
                           "CalFresh and Medi-Cal enrolment match", "outreach"}) {
    EXPECT_THAT(message.body(), HasSubstr(part));
  }
  EXPECT_EQ(message.attachments_size(), 2);
}

TEST(AMessage, ToADepartmentWithoutContactsIsAnInvitation) {
  MessageFacts facts = SomeFacts();
  EXPECT_THAT(Write(MESSAGE_KIND_INITIATE_EXCHANGE, facts).body(), Not(HasSubstr("How to join")));
  facts.without_account = facts.providers;
  const std::string body = Write(MESSAGE_KIND_INITIATE_EXCHANGE, facts).body();
  EXPECT_THAT(body, HasSubstr("How to join\n\n" + facts.providers[0]));
  EXPECT_THAT(body, HasSubstr("caldata@innovation.ca.gov"));
  EXPECT_THAT(body, HasSubstr("ideactl contacts create"));
  EXPECT_THAT(body, HasSubstr("ideactl bucps get " + BucpWith(CompleteContent()).name()));
}

TEST(AMessage, HasASummaryOfALongPurpose) {
  v1::Content content = CompleteContent();
  std::string& purpose = *content.mutable_business_case()->mutable_use_case_description()->mutable_purpose();
  purpose = "We match enrollment. ";
  for (int i = 0; i < 400; ++i) purpose += "It goes on and on here. ";
  for (const auto kind :
       {MESSAGE_KIND_INITIATE_EXCHANGE, MESSAGE_KIND_KICKOFF_PLAN, MESSAGE_KIND_LEGAL_REVIEW}) {
    const std::string body = WriteMessage(kind, BucpWith(content), SomeFacts()).body();
    EXPECT_THAT(body, HasSubstr("We match enrollment. It goes on"));
    EXPECT_THAT(body, HasSubstr("on here. [...]"));
    EXPECT_LT(body.size(), 4000u);
  }
  // A sentence without an end is cut after a word.
  purpose = std::string(300, 'x') + " " + std::string(2000, 'y');
  EXPECT_THAT(WriteMessage(MESSAGE_KIND_LEGAL_REVIEW, BucpWith(content), SomeFacts()).body(),
              HasSubstr("xxx [...]"));
}

TEST(AMessage, IsAFileForAMailProgram) {
  v1::RenderMessageResponse message = Write(MESSAGE_KIND_INITIATE_EXCHANGE);
  message.set_subject("Caf\u00e9\r\nBcc: x@example.org " + std::string(80, 'e'));
  message.clear_to();
  message.add_to("a@example.org");
  message.add_to("no address\r\nBcc: y@example.org");
  const Person sender = {"O'Neil, \"P.\"", "", "", "p@example.org", ""};
  const std::string file = ToMailFile(message, sender, absl::UnixEpoch());
  const size_t end = file.find("\r\n\r\n");
  ASSERT_NE(end, std::string::npos);
  const std::string head = file.substr(0, end);
  EXPECT_THAT(head,
              ::testing::StartsWith("From: \"O'Neil, \\\"P.\\\"\" <p@example.org>\r\nTo: a@example.org\r\n"
                                    "Subject: =?UTF-8?B?"));
  EXPECT_THAT(head, Not(HasSubstr("Bcc")));
  EXPECT_THAT(head, HasSubstr("Date: Thu, 01 Jan 1970 00:00:00 +0000"));
  for (const auto& line : absl::StrSplit(file, "\r\n")) EXPECT_LE(line.size(), 78u) << line;
  std::string body;
  ASSERT_TRUE(absl::Base64Unescape(absl::StrReplaceAll(file.substr(end), {{"\r\n", ""}}), &body));
  EXPECT_EQ(body, message.body());
}

TEST(AMessage, ForTheKickoffNamesAttendeesInputsObjectiveAndAgenda) {
  const auto message = Write(MESSAGE_KIND_KICKOFF_PLAN);
  EXPECT_THAT(message.to(), ElementsAre("r@example.org", "p@example.org"));
  for (const char* part :
       {"Attendees", "R. Program", "P. Program", "To bring", "Objective", "Agenda", "Next steps"}) {
    EXPECT_THAT(message.body(), HasSubstr(part));
  }
}

TEST(AMessage, ForAReviewNamesItsSubjects) {
  for (const auto& [kind, focus] : std::map<v1::MessageKind, std::string>{
           {MESSAGE_KIND_LEGAL_REVIEW, "statutes that govern our department"},
           {MESSAGE_KIND_PRIVACY_REVIEW, "right to privacy"},
           {MESSAGE_KIND_SECURITY_REVIEW, "safeguards that protect the data"}}) {
    const auto message = Write(kind);
    EXPECT_EQ(message.subject(), "Request for Review: CalFresh and Medi-Cal enrolment match");
    EXPECT_THAT(message.to(), ElementsAre("l@example.org"));
    EXPECT_THAT(message.body(), HasSubstr("Dear L. Counsel,"));
    EXPECT_THAT(message.body(), HasSubstr(focus));
    EXPECT_THAT(message.body(), HasSubstr("register an opinion"));
  }
}

TEST(AMessage, NeedsNoEditingIfInformationIsMissing) {
  MessageFacts bare;
  bare.recipients = {"Social Services"};
  bare.providers = {"Health Care"};
  bare.sender = {"S. Sender", "", "", "", ""};
  bare.sender_department = "Social Services";
  v1::Content parties;
  for (int kind = MESSAGE_KIND_INITIATE_EXCHANGE; kind <= MESSAGE_KIND_SECURITY_REVIEW; ++kind) {
    for (const MessageFacts& facts : {bare, SomeFacts()}) {
      const auto message = WriteMessage(static_cast<v1::MessageKind>(kind), BucpWith(parties), facts);
      for (const char* hole : {"[", "<", "insert", "  ,", "Dear ,", "\"\""}) {
        EXPECT_THAT(message.body() + message.subject(), Not(HasSubstr(hole)));
      }
    }
  }
}

}  // namespace
}  // namespace idea::drafting::document
