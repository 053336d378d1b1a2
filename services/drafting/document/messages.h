#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_MESSAGES_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_MESSAGES_H_

#include <string>
#include <vector>

#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/document/form.h"

// The guidebook's e-mails and plans, in the words of this suite (IDEA guidebook, "Notice, email, and
// disclosure templates").
namespace idea::drafting::document {

// Information that a message shows and a BUCP does not contain.
struct MessageFacts {
  // Display names of both sides.
  std::vector<std::string> recipients, providers;
  // Program contacts of both sides. Data Coordinators if there are no program contacts.
  std::vector<Person> recipient_contacts, provider_contacts;
  // The representatives of the sender's department for the review. Empty if the registry has none.
  std::vector<Person> reviewers;
  Person sender;
  std::string sender_department;
  // Data Providers without a contact in the registry. The message that initiates the exchange explains to
  // them how to join.
  std::vector<std::string> without_account;
};

// Writes a message that needs no further editing.
v1::RenderMessageResponse WriteMessage(v1::MessageKind kind, const v1::Bucp& bucp, const MessageFacts& facts);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_MESSAGES_H_
