#include "services/inventory/notice/notice_text.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <sstream>

#include "absl/algorithm/container.h"
#include "absl/strings/str_join.h"
#include "common/clock/date.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

using common::v1::ContactRole;
using status::Error;
using status::Reason;

constexpr size_t kWitnesses = 2;

// A detail that a text may require, and its description in an error.
struct Detail {
  std::string_view name;
  std::string_view description;
};
constexpr Detail kDetails[] = {
    {"data", "the data concerned, because the BUCP names no data categories"},
    {"description", "what happened or is proposed, and why"},
    {"deletion_terms", "time limits and requirements for deletion or removal"},
    {"method", "how the data is, or was, destroyed or returned"},
    {"protections", "how the data stays protected"},
    {"requester", "the person or organization that requests the data"},
    {"product", "the product or report"},
    {"date", "the day that the notice is about"},
};

std::string_view TitleOf(ContactRole role) {
  switch (role) {
    case common::v1::CONTACT_ROLE_PROGRAM:
      return "Program contact";
    case common::v1::CONTACT_ROLE_AGENCY_CDO:
      return "Agency Chief Data Officer";
    case common::v1::CONTACT_ROLE_AGENCY_INFORMATION_OFFICER:
      return "Agency Information Officer";
    case common::v1::CONTACT_ROLE_STATEWIDE_CDO:
      return "Statewide Chief Data Officer";
    default:
      return "Data Coordinator";
  }
}

std::string NameOf(const NoticeFacts& facts, const std::string& entity) {
  const auto known = facts.entities.find(entity);
  return known == facts.entities.end() || known->second.display_name().empty() ? entity
                                                                               : known->second.display_name();
}

template <class Entities>
std::string NamesOf(const NoticeFacts& facts, const Entities& entities) {
  std::vector<std::string> names;
  for (const std::string& entity : entities) names.push_back(NameOf(facts, entity));
  return absl::StrJoin(names, ", ");
}

// The entities that a clause addresses, each once, in the order of the parties.
std::vector<std::string> EntitiesOf(Addressees addressees, const NoticeFacts& facts,
                                    const std::string& giver) {
  const v1::Filing& filing = facts.filing;
  if ((addressees & kTheOthers) != 0) {
    if (absl::c_linear_search(filing.recipients(), giver)) addressees |= kTheProviders;
    if (absl::c_linear_search(filing.providers(), giver)) addressees |= kTheRecipients;
  }
  std::vector<std::string> entities;
  const auto add = [&](const std::string& entity) {
    if (!absl::c_linear_search(entities, entity)) entities.push_back(entity);
  };
  if ((addressees & kTheGiver) != 0) add(giver);
  if ((addressees & kTheOtherRecipients) != 0) {
    for (const std::string& recipient : filing.recipients()) {
      if (recipient != giver) add(recipient);
    }
  }
  if ((addressees & kTheRecipients) != 0)
    std::for_each(filing.recipients().begin(), filing.recipients().end(), add);
  if ((addressees & kTheProviders) != 0)
    std::for_each(filing.providers().begin(), filing.providers().end(), add);
  if ((addressees & kTheAgencies) != 0) {
    for (const auto* side : {&filing.recipients(), &filing.providers()}) {
      for (const std::string& party : *side) {
        const auto known = facts.entities.find(party);
        add(known == facts.entities.end() ? party : AgencyOf(known->second));
      }
    }
  }
  if ((addressees & kTheCdo) != 0) add(facts.cdo_entity);
  return entities;
}

// Addressed to the holders of the first of the roles that is held at the entity. To the first role, without a
// name, if none is.
v1::NoticeRecipient RecipientAt(const NoticeFacts& facts, const std::string& entity,
                                std::initializer_list<ContactRole> roles) {
  v1::NoticeRecipient recipient;
  recipient.set_entity(entity);
  recipient.set_role(*roles.begin());
  const auto contacts = facts.contacts.find(entity);
  if (contacts == facts.contacts.end()) return recipient;
  for (const ContactRole role : roles) {
    for (const registry::v1::Contact& contact : contacts->second) {
      if (std::count(contact.roles().begin(), contact.roles().end(), role) > 0) {
        recipient.add_names(contact.display_name());
        recipient.set_role(role);
      }
    }
    if (!recipient.names().empty()) break;
  }
  return recipient;
}

void AddRecipients(Addressees addressees, bool copy, const NoticeFacts& facts, v1::Notice& notice) {
  using namespace common::v1;  // NOLINT(google-build-using-namespace): the roles, by their own names
  const auto add = [&](Addressees mask, std::initializer_list<ContactRole> roles) {
    for (const std::string& entity : EntitiesOf(addressees & mask, facts, notice.giver())) {
      const auto& present = notice.recipients();
      if (std::any_of(present.begin(), present.end(),
                      [&](const auto& other) { return other.entity() == entity; }))
        continue;
      *notice.add_recipients() = RecipientAt(facts, entity, roles);
      notice.mutable_recipients()->rbegin()->set_copy(copy);
    }
  };
  add(kTheRecipients | kTheProviders | kTheOthers | kTheOtherRecipients,
      {CONTACT_ROLE_DATA_COORDINATOR, CONTACT_ROLE_PROGRAM});
  add(kTheAgencies, {CONTACT_ROLE_AGENCY_CDO, CONTACT_ROLE_AGENCY_INFORMATION_OFFICER});
  add(kTheCdo, {CONTACT_ROLE_STATEWIDE_CDO});
}

// "To: A. Okafor, Data Coordinator, Department of Health Care Services".
std::string AddressLines(const NoticeFacts& facts, const v1::Notice& notice) {
  std::string lines;
  for (const v1::NoticeRecipient& recipient : notice.recipients()) {
    lines += recipient.copy() ? "Copy to: " : "To: ";
    if (!recipient.names().empty()) lines += absl::StrJoin(recipient.names(), ", ") + ", ";
    lines += std::string(TitleOf(recipient.role())) + ", " + NameOf(facts, recipient.entity()) + "\n";
  }
  return lines;
}

// The values of the placeholders of a text.
std::map<std::string, std::string, std::less<>> ValuesFor(const NoticeFacts& facts,
                                                          const v1::Notice& notice) {
  const v1::NoticeDetails& details = notice.details();
  const v1::Filing& filing = facts.filing;
  return {
      {"title", filing.title().empty() ? filing.bucp() : filing.title()},
      {"bucp", filing.bucp()},
      {"giver", NameOf(facts, notice.giver())},
      {"recipients", NamesOf(facts, filing.recipients())},
      {"providers", NamesOf(facts, filing.providers())},
      {"ending", filing.state() == v1::FILING_STATE_ENDED ? "we have ended the exchange"
                                                          : "we propose to end the exchange"},
      {"data", details.data().empty() ? absl::StrJoin(facts.categories, ", ") : details.data()},
      {"description", details.description()},
      {"deletion_terms", details.deletion_terms()},
      {"method", details.method()},
      {"protections", details.protections()},
      {"requester", details.requester()},
      {"product", details.product()},
      {"date", clock::DateText(details.date())},
      {"witnesses",
       details.witnesses().empty() ? "none are asked for" : absl::StrJoin(details.witnesses(), ", ")},
  };
}

// Replaces every {placeholder} of the text. Adds the placeholders without a value to `missing`.
std::string Fill(std::string_view text, const std::map<std::string, std::string, std::less<>>& values,
                 std::set<std::string>& missing) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t open = text.find('{', at), close = text.find('}', at);
    out += text.substr(at, open == std::string_view::npos ? open : open - at);
    if (open == std::string_view::npos) break;
    const auto value = values.find(text.substr(open + 1, close - open - 1));
    if (value == values.end() || value->second.find_first_not_of(" \n\t") == std::string::npos) {
      missing.insert(std::string(text.substr(open + 1, close - open - 1)));
    } else {
      out += value->second;
    }
    at = close + 1;
  }
  return out;
}

absl::Status CheckDetails(const NoticeRule& rule, const NoticeFacts& facts, const v1::Notice& notice,
                          const std::set<std::string>& missing) {
  Error error(Reason::ERROR_REASON_INVALID_FIELD, "details are missing or invalid");
  bool wrong = false;
  const auto refuse = [&](std::string_view detail, std::string_view expected) {
    error.Field("details." + std::string(detail), expected);
    wrong = true;
  };
  for (const Detail& detail : kDetails) {
    if (missing.contains(std::string(detail.name))) refuse(detail.name, detail.description);
  }
  const v1::NoticeDetails& details = notice.details();
  if (details.has_date() && rule.due != DueRule::kDaysBefore && clock::DayOf(details.date()) > facts.today) {
    refuse("date", "a day that is not in the future");
  }
  const std::set<std::string> witnesses(details.witnesses().begin(), details.witnesses().end());
  if (rule.kind == v1::NOTICE_KIND_DESTRUCTION_ATTESTATION && facts.education_records &&
      witnesses.size() < kWitnesses) {
    refuse("witnesses", "two people: education records are concerned (agreement Addendum B 4.1)");
  }
  if (wrong) return error;
  return absl::OkStatus();
}

}  // namespace

std::string AgencyOf(const registry::v1::Entity& entity) {
  return entity.parent().empty() ? entity.name() : entity.parent();
}

absl::Status WriteNotice(const NoticeRule& rule, const NoticeFacts& facts, v1::Notice& notice) {
  AddRecipients(rule.to, false, facts, notice);
  AddRecipients(rule.copies, true, facts, notice);
  const auto values = ValuesFor(facts, notice);
  std::set<std::string> missing;
  notice.set_subject(Fill(rule.subject, values, missing));
  const std::string sender = notice.person_name().empty() ? "" : notice.person_name() + "\n";
  notice.set_text(AddressLines(facts, notice) + "Subject: " + notice.subject() + "\n\n" +
                  Fill(rule.text, values, missing) + "\n\n" + sender + NameOf(facts, notice.giver()) + "\n");
  notice.set_citation(std::string(rule.citation));
  RETURN_IF_ERROR(CheckDetails(rule, facts, notice, missing));
  if (rule.due == DueRule::kNone) return absl::OkStatus();
  const absl::CivilDay due =
      clock::DayOf(notice.details().date()) + (rule.due == DueRule::kDaysAfter ? rule.days : -rule.days);
  *notice.mutable_due_date() = clock::DateOf(due);
  notice.set_late(facts.today > due);
  return absl::OkStatus();
}

std::vector<v1::Duty> DutiesOf(const NoticeRule& rule, const NoticeFacts& facts, const v1::Notice& notice) {
  std::vector<v1::Duty> duties;
  for (const DutyRule& each : rule.duties) {
    if (each.once_ended && facts.filing.state() != v1::FILING_STATE_ENDED) continue;
    for (const std::string& entity : EntitiesOf(each.owners, facts, notice.giver())) {
      v1::Duty& duty = duties.emplace_back();
      duty.set_name(ids::kDuties.Name(notice.name(), std::to_string(duties.size())));
      duty.set_kind(notice.kind());
      duty.set_filing(notice.filing());
      duty.set_bucp(notice.bucp());
      duty.set_entity(entity);
      duty.set_text(std::string(each.text));
      duty.set_citation(std::string(each.citation));
      duty.set_state(v1::DUTY_STATE_OPEN);
      if (each.days > 0) *duty.mutable_due_date() = clock::DateOf(facts.today + each.days);
      *duty.mutable_create_time() = notice.give_time();
    }
  }
  return duties;
}

}  // namespace idea::inventory
