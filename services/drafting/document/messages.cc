#include "services/drafting/document/messages.h"

#include "services/drafting/document/cell_text.h"

namespace idea::drafting::document {
namespace {

constexpr char kWhatIdeaIs[] =
    "IDEA, the Interagency Data Exchange Agreement, is the master agreement under which California's state "
    "departments exchange restricted data; each exchange has a Business Use Case Proposal (BUCP).";

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

// "A. Person and B. Person", or a placeholder.
std::string Called(const std::vector<Person>& people, const std::string& otherwise) {
  std::vector<std::string> names;
  for (const Person& person : people) names.push_back(person.name);
  return names.empty() ? otherwise : Joined(names);
}

std::string Or(const std::string& text, const std::string& otherwise) {
  return text.empty() ? otherwise : text;
}

// The maximum length of the purpose in a message, in bytes. The BUCP contains the full text.
constexpr size_t kMaxSummary = 600;

// The beginning of a text, up to the end of the last sentence that fits. A longer sentence is cut after a
// word.
std::string Summary(const std::string& text) {
  const std::string head = Cut(text, kMaxSummary);
  if (head.size() == text.size()) return text;
  size_t end = std::string::npos;
  for (size_t at = 0; at + 1 < head.size(); ++at) {
    const bool stops = head[at] == '.' || head[at] == '!' || head[at] == '?';
    if (head[at] == '\n' || (stops && (head[at + 1] == ' ' || head[at + 1] == '\n'))) end = at + 1;
  }
  if (end == std::string::npos) end = head.rfind(' ');
  std::string summary = head.substr(0, end);
  while (!summary.empty() && (summary.back() == ' ' || summary.back() == '\n')) summary.pop_back();
  return summary + " [...]\n\n(The whole purpose is in the BUCP, field 3.)";
}

std::string Purpose(const v1::Bucp& bucp) {
  const std::string& purpose = bucp.content().business_case().use_case_description().purpose();
  return purpose.empty() ? "The purpose is still being drafted." : Summary(purpose);
}

// The steps with which a department without an account joins.
std::string HowToJoin(const v1::Bucp& bucp, const MessageFacts& facts) {
  if (facts.without_account.empty()) return "";
  return "How to join\n\n" + Joined(facts.without_account) +
         " has no contact in the exchange's directory yet. This is how you get access:\n\n"
         "1. Name the person who will be your department's Data Coordinator or Executive Sponsor.\n"
         "2. Ask the Statewide Chief Data Officer's office (caldata@innovation.ca.gov) to record that person "
         "as "
         "your department's first contact, and the operator of the exchange for your department's "
         "certificate. "
         "A department that has a certificate already records its first contact itself.\n"
         "3. The first contact records the others who act for your department (ideactl contacts create).\n"
         "4. Read the BUCP (ideactl bucps get " +
         bucp.name() +
         ") and replace the contacts of your department in it by your Data Coordinator and Executive "
         "Sponsor: "
         "it cannot be frozen for review before.\n\nUntil then the attached draft is all that you need.\n\n";
}

std::string Categories(const v1::Bucp& bucp) {
  const auto& list = bucp.content().business_case().data_categories().categories();
  return list.empty() ? "The categories of data are still being drafted."
                      : "The data: " + Joined({list.begin(), list.end()}) + ".";
}

std::string Title(const v1::Bucp& bucp) { return Or(bucp.title(), "use case without a name"); }

std::string Closing(const MessageFacts& facts) {
  std::string text = "\nWith kind regards,\n\n" + facts.sender.name + "\n";
  if (!facts.sender.title.empty()) text += facts.sender.title + "\n";
  text += facts.sender_department + "\n";
  if (!facts.sender.email.empty()) text += facts.sender.email + "\n";
  if (!facts.sender.phone.empty()) text += facts.sender.phone + "\n";
  return text;
}

void Address(const std::vector<Person>& people, v1::RenderMessageResponse& message) {
  for (const Person& person : people) {
    if (!person.email.empty()) message.add_to(person.email);
  }
}

v1::RenderMessageResponse Initiate(const v1::Bucp& bucp, const MessageFacts& facts) {
  v1::RenderMessageResponse message;
  const std::string providers = Joined(facts.providers);
  Address(facts.provider_contacts, message);
  message.set_subject("Request to exchange data under IDEA");
  message.set_body("Dear " + Called(facts.provider_contacts, "colleagues at " + providers) + ",\n\n" +
                   Joined(facts.recipients) + " and " + providers + " are both signatories of IDEA. " +
                   kWhatIdeaIs + " The attached answers to frequent questions explain more.\n\n" +
                   "We would like to exchange data with you and have drafted a BUCP, \"" + Title(bucp) +
                   "\", as IDEA asks for. It is attached.\n\n" + Purpose(bucp) + "\n\n" + Categories(bucp) +
                   "\n\n" + HowToJoin(bucp, facts) +
                   "We would be glad to meet and talk it over when it suits you. If somebody else in your "
                   "department is the right contact, please tell us.\n" +
                   Closing(facts));
  message.add_attachments("the draft BUCP (RenderDocument)");
  message.add_attachments("the guidebook's frequently asked questions");
  return message;
}

std::string Attendees(const std::string& side, const std::string& departments,
                      const std::vector<Person>& people, const std::string& why) {
  return "- " + side + " (" + departments + "): " + Called(people, "program contacts, to be named") + ", " +
         why + "\n";
}

v1::RenderMessageResponse Kickoff(const v1::Bucp& bucp, const MessageFacts& facts) {
  v1::RenderMessageResponse message;
  const std::string recipients = Joined(facts.recipients), providers = Joined(facts.providers);
  Address(facts.recipient_contacts, message);
  Address(facts.provider_contacts, message);
  message.set_subject("Kickoff meeting: " + Title(bucp));
  message.set_body(
      "Kickoff meeting for the BUCP \"" + Title(bucp) + "\"\n\nAttendees\n" +
      Attendees("Data Recipient", recipients, facts.recipient_contacts,
                "who answer for the business use case") +
      Attendees("Data Provider", providers, facts.provider_contacts,
                "who know the data and can advise on the need") +
      "\nTo bring\n- Draft of the BUCP (" + recipients + ")\n- List of the data fields that are available (" +
      providers +
      ")\n\nObjective\nRefine what the use case needs and arrive at a first list of data fields.\n\n" +
      "Agenda\n1. Introductions (all)\n2. Purpose and importance of the use case (" + recipients + ")\n   " +
      Purpose(bucp) +
      "\n3. Data needs (all): list the fields and narrow them. Note questions of law and security; "
      "leave their answers to the reviews.\n   " +
      Categories(bucp) +
      "\n4. Next steps (all)\n   a. How the list of data elements becomes final\n   b. Which legal and "
      "security "
      "input is needed\n");
  message.add_attachments("the draft BUCP (RenderDocument)");
  return message;
}

struct Review {
  std::string_view name;
  std::string_view focus;
};

Review ReviewOf(v1::MessageKind kind) {
  if (kind == v1::MESSAGE_KIND_LEGAL_REVIEW) {
    return {"legal",
            "- compliance with the laws on data and privacy that apply, such as CCPA and HIPAA\n"
            "- compliance with the statutes that govern our department\n"
            "- the agreement as a contract\n"
            "- regulatory duties and risks\n"};
  }
  if (kind == v1::MESSAGE_KIND_PRIVACY_REVIEW) {
    return {"privacy",
            "- compliance with the rules on data privacy that apply, such as CCPA and HIPAA\n"
            "- whether the data is handled ethically\n"
            "- whether each person's right to privacy is protected\n"
            "- whether the data serves one clear purpose\n"};
  }
  return {"security",
          "- the technical and organizational safeguards that protect the data\n"
          "- whether the way in which the data is shared and stored is secure\n"};
}

v1::RenderMessageResponse ReviewRequestMessage(v1::MessageKind kind, const v1::Bucp& bucp,
                                               const MessageFacts& facts) {
  const Review review = ReviewOf(kind);
  const std::string name(review.name);
  v1::RenderMessageResponse message;
  Address(facts.reviewers, message);
  message.set_subject("Request for Review: " + Title(bucp));
  message.set_body("Dear " + Called(facts.reviewers, name + " representative of " + facts.sender_department) +
                   ",\n\n" + "I ask for your " + name + " review of a proposed exchange of data, \"" +
                   Title(bucp) + "\", between " + Joined(facts.recipients) + " and " +
                   Joined(facts.providers) + ".\n\n" + Purpose(bucp) + "\n\n" + kWhatIdeaIs + " " +
                   facts.sender_department +
                   " is a signatory. IDEA stands for exchange that is secure, ethical and "
                   "efficient: data is used for its purpose, no more is shared than needed, and privacy and "
                   "security are kept. A "
                   "review by a " +
                   name + " representative of each department is part of it.\n\n" +
                   "Please register an opinion on the attached BUCP, and look in particular at\n\n" +
                   std::string(review.focus) +
                   "\nA registered opinion is a written record of your questions and concerns; it needs no "
                   "signature. I would be "
                   "glad to meet and talk it over when it suits you. If somebody else should look at it, "
                   "please tell me.\n" +
                   Closing(facts));
  message.add_attachments("the BUCP (RenderDocument)");
  return message;
}

}  // namespace

v1::RenderMessageResponse WriteMessage(v1::MessageKind kind, const v1::Bucp& bucp,
                                       const MessageFacts& facts) {
  if (kind == v1::MESSAGE_KIND_INITIATE_EXCHANGE) return Initiate(bucp, facts);
  if (kind == v1::MESSAGE_KIND_KICKOFF_PLAN) return Kickoff(bucp, facts);
  return ReviewRequestMessage(kind, bucp, facts);
}

}  // namespace idea::drafting::document
