#include "services/drafting/document/messages.h"

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
          .asking = {{"R. Program", "Manager", "", "r@example.org", ""}},
          .asked = {{"P. Program", "Manager", "", "p@example.org", ""}},
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

TEST(AMessage, ForTheKickoffNamesAttendeesInputsObjectiveAndAgenda) {
  const auto message = Write(MESSAGE_KIND_KICKOFF_PLAN);
  EXPECT_THAT(message.to(), ElementsAre("r@example.org", "p@example.org"));
  for (const char* part :
       {"Attendees", "R. Program", "P. Program", "To bring", "Objective", "Agenda", "Next steps"}) {
    EXPECT_THAT(message.body(), HasSubstr(part));
  }
}

TEST(AMessage, ForAReviewAsksForWhatThatReviewLooksAt) {
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

TEST(AMessage, LeavesNothingToFillInWhateverIsNotKnown) {
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
