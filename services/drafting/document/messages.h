#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_MESSAGES_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_MESSAGES_H_

#include <string>
#include <vector>

#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/document/form.h"

// The guidebook's e-mails and plans, in our words (IDEA guidebook, "Notice, email, and disclosure
// templates").
namespace idea::drafting::document {

// What a message shows and a BUCP does not hold.
struct MessageFacts {
  // Display names of both sides.
  std::vector<std::string> recipients, providers;
  // Program contacts of both sides; Data Coordinators where there are none.
  std::vector<Person> asking, asked;
  // The representatives of the sender's department for the review; none if the registry has none.
  std::vector<Person> reviewers;
  Person sender;
  std::string sender_department;
  // Data Providers of which the registry has no contact: the message that initiates the exchange tells them
  // how to join.
  std::vector<std::string> without_account;
};

// A message with nothing left to fill in.
v1::RenderMessageResponse WriteMessage(v1::MessageKind kind, const v1::Bucp& bucp, const MessageFacts& facts);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_MESSAGES_H_
