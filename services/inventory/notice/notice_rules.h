#ifndef IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_KINDS_H_
#define IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_KINDS_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "common/flow/flow.h"
#include "idea/inventory/v1/notice.pb.h"

// The notices of the agreement as a table: the parties that may give one, its addressees, its text, its due
// date and the duties that follow. "Immediately" has no hours: if the agreement gives no days, there is no
// due date.
namespace idea::inventory {

// The addressees that a clause names, as bits.
using Addressees = uint32_t;
inline constexpr Addressees kTheRecipients = 1;
inline constexpr Addressees kTheProviders = 2;
// The parties on the giver's other side.
inline constexpr Addressees kTheOthers = 4;
// Agency CDO of each party's agency, else its Agency Information Officer.
inline constexpr Addressees kTheAgencies = 8;
inline constexpr Addressees kTheCdo = 16;
// The Data Recipients other than the giver.
inline constexpr Addressees kTheOtherRecipients = 64;
// Duties only.
inline constexpr Addressees kTheGiver = 32;

// The last day to give a notice, counted from the date in its details.
enum class DueRule { kNone, kDaysAfter, kDaysBefore };

// A duty that follows from a notice, for each of `owners`.
struct DutyRule {
  Addressees owners = 0;
  std::string_view text = {};
  std::string_view citation = {};
  // Calendar days after the notice. 0 if the agreement gives none.
  int days = 0;
  // Follows only if the agreement has ended. A notice that proposes the end creates no duty.
  bool once_ended = false;
};

struct NoticeRule {
  v1::NoticeKind kind = v1::NOTICE_KIND_UNSPECIFIED;
  std::string_view citation;
  flow::Roles givers = 0;
  Addressees to = 0;
  Addressees copies = 0;
  // The notice ends the agreement, which must be in force.
  bool ends = false;
  DueRule due = DueRule::kNone;
  int days = 0;
  std::string_view subject = {};
  // Each {placeholder} is a field of NoticeDetails or a fact of the register or the registry (title, bucp,
  // giver, recipients, providers, ending). A notice with a placeholder that has no value is refused.
  std::string_view text = {};
  std::array<DutyRule, 2> duties = {};
  // Kinds of earlier notices on the agreement. This notice fulfills the giver's duties from them.
  std::array<v1::NoticeKind, 5> answers = {};
};

namespace notice {
inline constexpr DutyRule kInform = {
    kTheGiver,
    "give the Data Provider what it needs for the notices that the law asks of it, and agree who gives them",
    "agreement 8.5, 9.2"};
inline constexpr DutyRule kReturnOrDestroy = {kTheRecipients,
                                              "return or destroy the data as the BUCP says and attest it; "
                                              "where that cannot be done, say so within ten days",
                                              "agreement 8.8", 0, true};
inline constexpr DutyRule kConfer = {kTheGiver | kTheProviders,
                                     "meet and confer on the answer to the request", "agreement 5.18"};
inline constexpr DutyRule kExemptions = {
    kTheProviders, "say which data is exempt from disclosure, and under which exemption", "agreement 5.18"};
}  // namespace notice

inline constexpr auto kNoticeKinds = [] {
  using enum v1::NoticeKind;
  using namespace notice;  // NOLINT(google-build-using-namespace): the duties of the table
  using flow::kCdo, flow::kParty, flow::kProvider, flow::kRecipient;
  return std::to_array<NoticeRule>({
      {.kind = NOTICE_KIND_UNAUTHORIZED_ACCESS,
       .citation = "agreement 8.5",
       .givers = kRecipient,
       .to = kTheProviders,
       .subject = "Unauthorized access to data exchanged under IDEA: {title}",
       .text = "Under the business use case proposal \"{title}\" ({bucp}) of the Interagency Data "
               "Exchange Agreement you provided us with this data: {data}.\n\n"
               "As section 8.5 asks, we report an access, use or disclosure that is not permitted:\n\n"
               "{description}\n\n"
               "We are reviewing what happened and what will keep it from happening again. We will give "
               "you whatever you need for notices that the law asks of you, and can meet at any time.",
       .duties = {kInform}},
      {.kind = NOTICE_KIND_SECURITY_INCIDENT,
       .citation = "agreement 8.6",
       .givers = kRecipient,
       .to = kTheProviders,
       .subject = "Security incident involving data exchanged under IDEA: {title}",
       .text = "Under the business use case proposal \"{title}\" ({bucp}) of the Interagency Data "
               "Exchange Agreement you provided us with this data: {data}.\n\n"
               "As section 8.6 asks, we report a security incident that involves it:\n\n"
               "{description}\n\n"
               "We are reviewing the incident and what will prevent another. We will give you whatever "
               "you need to judge it, and can meet at any time.",
       .duties = {kInform}},
      {.kind = NOTICE_KIND_RULE_CHANGE,
       .citation = "agreement 5.14",
       .givers = kProvider,
       .to = kTheRecipients | kTheAgencies,
       .ends = true,
       .subject = "End of a data exchange under IDEA, for a change of rules: {title}",
       .text = "Under the business use case proposal \"{title}\" ({bucp}) of the Interagency Data "
               "Exchange Agreement we provide {recipients} with this data: {data}.\n\n"
               "Under section 5.14 {ending}, because of this statutory, regulatory or contractual "
               "change, which no longer lets us share it:\n\n"
               "{description}\n\n"
               "Deletion and removal: {deletion_terms}\n\n"
               "We ask to meet and go through the steps.",
       .duties = {kReturnOrDestroy}},
      {.kind = NOTICE_KIND_RECIPIENT_ACTS,
       .citation = "agreement 5.14",
       .givers = kProvider,
       .to = kTheRecipients | kTheAgencies,
       .ends = true,
       .subject = "End of a data exchange under IDEA, for the Data Recipient's acts: {title}",
       .text = "Under the business use case proposal \"{title}\" ({bucp}) of the Interagency Data "
               "Exchange Agreement we provide {recipients} with this data: {data}.\n\n"
               "Under section 5.14 {ending}, because of these acts of the Data Recipient:\n\n"
               "{description}\n\n"
               "Deletion and removal: {deletion_terms}\n\n"
               "We ask to meet and go through the steps.",
       .duties = {kReturnOrDestroy}},
      {.kind = NOTICE_KIND_VIOLATION,
       .citation = "agreement 7.4",
       .givers = kProvider,
       .to = kTheRecipients | kTheCdo,
       .copies = kTheAgencies,
       .ends = true,
       .subject = "End of a data exchange under IDEA, for cause: {title}",
       .text = "Under the business use case proposal \"{title}\" ({bucp}) of the Interagency Data "
               "Exchange Agreement we provide {recipients} with this data: {data}.\n\n"
               "Under section 7.4 {ending}, for we hold that a material term of the agreement was "
               "violated:\n\n"
               "{description}\n\n"
               "Deletion and removal: {deletion_terms}\n\n"
               "We ask to meet and go through the steps.",
       .duties = {kReturnOrDestroy}},
      {.kind = NOTICE_KIND_NO_LONGER_NEEDED,
       .citation = "agreement 8.8",
       .givers = flow::kLeadRecipient,
       .to = kTheProviders | kTheOtherRecipients | kTheCdo,
       .ends = true,
       .subject = "End of a data exchange under IDEA that is no longer needed: {title}",
       .text = "Under the business use case proposal \"{title}\" ({bucp}) of the Interagency Data "
               "Exchange Agreement {providers} provide {recipients} with this data: {data}.\n\n"
               "{ending}, because it is no longer needed:\n\n"
               "{description}\n\n"
               "As section 8.8 asks, the data is then returned or destroyed, and the Data Recipient "
               "attests that. Return and destruction: {deletion_terms}",
       .duties = {kReturnOrDestroy}},
      {.kind = NOTICE_KIND_RECORDS_REQUEST,
       .citation = "agreement 5.18",
       .givers = kRecipient,
       .to = kTheProviders,
       .subject = "Request for data exchanged under IDEA: {title}",
       .text = "{requester} asks us for data that you provided under the business use case proposal "
               "\"{title}\" ({bucp}) of the Interagency Data Exchange Agreement: {data}.\n\n"
               "{description}\n\n"
               "As section 5.18 asks, we tell you of it and ask to meet and confer on the answer. Please "
               "say which data is exempt from the California Public Records Act, and under which "
               "exemption.",
       .duties = {kConfer, kExemptions}},
      {.kind = NOTICE_KIND_SUBPOENA,
       .citation = "agreement 5.18",
       .givers = kRecipient,
       .to = kTheProviders,
       .subject = "Legal demand for data exchanged under IDEA: {title}",
       .text = "A subpoena, a court order or a request in litigation, by {requester}, reaches for data "
               "that you provided under the business use case proposal \"{title}\" ({bucp}) of the "
               "Interagency Data Exchange Agreement: {data}.\n\n"
               "{description}\n\n"
               "As section 5.18 asks, we tell you of it and ask to meet and confer on the answer.",
       .duties = {kConfer}},
      {.kind = NOTICE_KIND_CANNOT_RETURN_OR_DESTROY,
       .citation = "agreement 8.8",
       .givers = kRecipient,
       .to = kTheProviders | kTheCdo,
       .due = DueRule::kDaysAfter,
       .days = 10,
       .subject = "Data exchanged under IDEA cannot be returned or destroyed as agreed: {title}",
       .text = "Circumstances have changed on {date}, so that the data of the business use case proposal "
               "\"{title}\" ({bucp}) of the Interagency Data Exchange Agreement ({data}) cannot be "
               "returned or destroyed as it says:\n\n"
               "{description}\n\n"
               "As section 8.8 asks, this is the alternative method: {method}\n\n"
               "The data stays protected: {protections}\n\n"
               "We go on safeguarding it and limit its use and disclosure."},
      {.kind = NOTICE_KIND_ACCESS_REMOVED_MISUSE,
       .citation = "agreement 5.12",
       .givers = kParty,
       .to = kTheOthers,
       .subject = "A user's access was removed: {title}",
       .text = "On {date} we removed a user's access to the source systems of the business use case "
               "proposal \"{title}\" ({bucp}) of the Interagency Data Exchange Agreement, as section "
               "5.12 asks after improper access, use or disclosure:\n\n"
               "{description}"},
      {.kind = NOTICE_KIND_ACCESS_REMOVED_ROLE_CHANGE,
       .citation = "agreement 5.13",
       .givers = kParty,
       .to = kTheOthers,
       .subject = "A user's access was removed: {title}",
       .text = "On {date} we removed a user's access to the source systems of the business use case "
               "proposal \"{title}\" ({bucp}) of the Interagency Data Exchange Agreement, as section "
               "5.13 asks when a user's role has changed or employment has ended:\n\n"
               "{description}"},
      {.kind = NOTICE_KIND_MODIFIED_DATA,
       .citation = "agreement 5.11",
       .givers = kParty,
       .to = kTheOthers,
       .subject = "Modified data is disclosed: {product}",
       .text = "{product} uses data that was exchanged under the business use case proposal \"{title}\" "
               "({bucp}) of the Interagency Data Exchange Agreement and then modified. As section 5.11 "
               "asks, its users are informed:\n\n"
               "{giver} is not the original source of the data that is shown here. It has modified the "
               "data for its own purposes, and answers for every difference from the original."},
      {.kind = NOTICE_KIND_CERTIFICATION_REMINDER,
       .citation = "agreement 5.16",
       .givers = kCdo,
       .to = kTheRecipients | kTheProviders,
       .subject = "Certification of data protection: {title}",
       .text = "{recipients} and {providers} exchange data under the business use case proposal "
               "\"{title}\" ({bucp}) of the Interagency Data Exchange Agreement. Section 5.16 asks each "
               "to certify in writing that its data protections are adequate. Please record your "
               "certification, or a new one where the last is no longer true.",
       .duties = {DutyRule{kTheRecipients | kTheProviders, "record the certification of data protection",
                           "agreement 5.16"}}},
      {.kind = NOTICE_KIND_DESTRUCTION_ATTESTATION,
       .citation = "agreement 8.8, Addendum B 4.1",
       .givers = kRecipient,
       .to = kTheProviders,
       .subject = "Data exchanged under IDEA was destroyed or returned: {title}",
       .text = "We attest that on {date} the data of the business use case proposal \"{title}\" ({bucp}) "
               "of the Interagency Data Exchange Agreement ({data}), with what was derived from it and "
               "still identifies people, was destroyed or returned as section 8.8 asks: {method}\n\n"
               "Witnesses: {witnesses}.",
       .answers = {NOTICE_KIND_RULE_CHANGE, NOTICE_KIND_RECIPIENT_ACTS, NOTICE_KIND_VIOLATION,
                   NOTICE_KIND_LAST_DAY_OVER, NOTICE_KIND_NO_LONGER_NEEDED}},
      {.kind = NOTICE_KIND_STUDY_REPORT,
       .citation = "agreement Addendum B 3.5",
       .givers = kRecipient,
       .to = kTheProviders,
       .due = DueRule::kDaysBefore,
       .days = 60,
       .subject = "Advance copy of a study report: {product}",
       .text = "Here is an advance copy of the report \"{product}\", a study under the business use case "
               "proposal \"{title}\" ({bucp}) of the Interagency Data Exchange Agreement, to be released "
               "on {date}: {description}\n\n"
               "Addendum B, section 3.5, lets you check the description and use of the methodology, what "
               "is said of your data, the confidentiality of schools and agencies, groups of ten or "
               "fewer students, and errors of any kind. Comments that we do not settle with you will "
               "stand in a footnote (section 3.7).",
       .duties = {DutyRule{kTheProviders, "comment on the study report, if there is anything to say",
                           "agreement Addendum B 3.6", 45}}},
      {.kind = NOTICE_KIND_STUDY_COMMENTS,
       .citation = "agreement Addendum B 3.6",
       .givers = kProvider,
       .to = kTheRecipients,
       .subject = "Comments on a study report: {product}",
       .text = "On the report \"{product}\", a study under the business use case proposal \"{title}\" "
               "({bucp}) of the Interagency Data Exchange Agreement, we say:\n\n"
               "{description}\n\n"
               "What is not settled is to stand in a footnote of the report, in full (Addendum B, "
               "section 3.7).",
       .duties = {DutyRule{kTheRecipients,
                           "address the comments, or disclose them in a footnote of the report",
                           "agreement Addendum B 3.6, 3.7", 15}},
       .answers = {NOTICE_KIND_STUDY_REPORT}},
      {.kind = NOTICE_KIND_LAST_DAY_OVER,
       .citation = "agreement 8.8",
       .givers = flow::kInventory,
       .to = kTheRecipients | kTheProviders,
       .subject = "A data exchange under IDEA has come to its end date: {title}",
       .text = "{date} was the last day of the business use case proposal \"{title}\" ({bucp}) of the "
               "Interagency Data Exchange Agreement. {providers} may send {recipients} no more data "
               "under it.\n\n"
               "As section 8.8 asks, this data is now returned or destroyed as the proposal says: "
               "{data}. Where that cannot be done, the Data Recipient says so within ten days. Who goes "
               "on with the exchange amends the proposal or begins another.",
       .duties = {kReturnOrDestroy}},
  });
}();

// The certification of an entity fulfills its duties from notices of this kind (5.16).
inline constexpr v1::NoticeKind kAnsweredByCertification = v1::NOTICE_KIND_CERTIFICATION_REMINDER;

// The row of a kind. Null if the kind has no row.
constexpr const NoticeRule* FindRule(v1::NoticeKind kind) {
  const auto* rule = std::find_if(kNoticeKinds.begin(), kNoticeKinds.end(),
                                  [&](const NoticeRule& row) { return row.kind == kind; });
  return rule == kNoticeKinds.end() ? nullptr : rule;
}

static_assert(kNoticeKinds.size() == v1::NoticeKind_ARRAYSIZE - 1);
static_assert(std::all_of(kNoticeKinds.begin(), kNoticeKinds.end(), [](const NoticeRule& row) {
  return FindRule(row.kind) == &row && row.givers != 0 && row.to != 0 &&
         (row.due == DueRule::kNone) == (row.days == 0);
}));

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_KINDS_H_
