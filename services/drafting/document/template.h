#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_TEMPLATE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_TEMPLATE_H_

#include <array>
#include <span>
#include <string_view>

// The official BUCP template as a table: its sections, fields and checklist, in the order and with the titles
// in which they are printed (V3 of July 1, 2026; V2 of August 15, 2025 for several departments), and where
// each part of a field is in Content. Writers and the reader walk the same table, so what is written is read.
namespace idea::drafting::document {

enum class PartKind {
  kText,         // any text, one paragraph a line
  kLine,         // "Label: one line"
  kAnswer,       // "Label: Yes"
  kRecurrence,   // "Label: Ongoing"
  kDate,         // "Label: 01/31/2027"
  kItems,        // a repeated text, one paragraph an item
  kDepartments,  // a text for each department, below its name
  kElements,     // the Data Field Definitions, a table of 8 columns
  kContacts,     // Data Coordinator and Executive Sponsor of each department
  kSignatures,   // the signature blocks: written, never read
};

struct Part {
  PartKind kind;
  // Printed before the value. Empty: the value stands alone.
  std::string_view label;
  // The field of Content, below the template's field.
  std::string_view name;
};

struct Field {
  // "technical.data_users"
  std::string_view path;
  std::string_view title;
  bool disputed_only;
  // Security and privacy detail: withheld from the public view.
  bool restricted;
  // What belongs there, in our words.
  std::string_view help;
  std::span<const Part> parts;
};

struct Section {
  std::string_view title;
  std::span<const Field> fields;
};

// A row of the checklist; what its cells hold is known to the composer by `kind`.
enum class TaskKind { kDrafted, kSent, kOpinion, kSponsor, kCoordinator, kStart, kEnd };
struct Task {
  TaskKind kind;
  std::string_view name;
  std::string_view description;
};

struct Term {
  std::string_view name;
  std::string_view meaning;
};

namespace parts {

using enum PartKind;

inline constexpr Part kTitle[] = {{kText, "", "title"}};
inline constexpr Part kContactInformation[] = {{kContacts, "", "departments"}};
inline constexpr Part kDescription[] = {{kText, "Scope, reason and need", "purpose"},
                                        {kText, "Benefits", "benefits"}};
inline constexpr Part kCategories[] = {{kItems, "", "categories"}};
inline constexpr Part kOutput[] = {{kText, "Products and their use", "products"},
                                   {kAnswer, "Any product becomes public", "public_products"},
                                   {kDepartments, "Who approves a public release", "release_approvals"}};
inline constexpr Part kDataElements[] = {{kElements, "", "elements"}};
inline constexpr Part kUsers[] = {{kText, "Who has access, roles and responsibilities", "description"},
                                  {kAnswer, "Contractors have access", "contractors"},
                                  {kText, "Which contractors, and for what", "contractor_use"}};
inline constexpr Part kDescriptionOnly[] = {{kText, "", "description"}};
inline constexpr Part kDestruction[] = {{kText, "How, and limits on later use of products", "description"},
                                        {kAnswer, "Products are included", "products_included"}};
inline constexpr Part kDepartmentsOnly[] = {{kDepartments, "", "departments"}};
inline constexpr Part kFunds[] = {{kAnswer, "Funds are transferred", "transfers"},
                                  {kText, "Separate agreement", "separate_agreement"}};
inline constexpr Part kDates[] = {{kDate, "Start date", "start_date"},
                                  {kDate, "End date", "end_date"},
                                  {kRecurrence, "One-time or ongoing", "recurrence"},
                                  {kLine, "Frequency", "frequency"},
                                  {kText, "Deadlines", "deadlines"}};
inline constexpr Part kRedisclosure[] = {{kAnswer, "The Data Recipient may disclose further", "allowed"},
                                         {kText, "To whom and for what", "terms"}};
inline constexpr Part kResearch[] = {{kAnswer, "The data is used for research", "research"},
                                     {kText, "Approval by CPHS or an IRB", "approval_statement"}};
inline constexpr Part kApprovals[] = {{kText, "Acknowledgement", "acknowledgement"}, {kSignatures, "", ""}};
inline constexpr Part kPositions[] = {{kDepartments, "Each department's position", "departments"},
                                      {kText, "Summary of discussions", "discussions"}};

}  // namespace parts

inline constexpr Field kBusinessCase[] = {
    {"business_case.use_case_name", "Use Case Name", false, false, "What the use case is called.",
     parts::kTitle},
    {"business_case.contact_information", "Contact Information", false, false,
     "Whom to talk to at each department.", parts::kContactInformation},
    {"business_case.use_case_description", "Use Case Description/Purpose", false, false,
     "What is asked for, why it is needed, and who benefits.", parts::kDescription},
    {"business_case.data_categories", "Data types/categories", false, false,
     "The kinds of data at a high level, one a line.", parts::kCategories},
    {"business_case.output_use", "Output/Use", false, false,
     "What is made from the data, which decisions and processes it serves, and whether any of it is "
     "published.",
     parts::kOutput},
};

inline constexpr Field kTechnical[] = {
    {"technical.data_elements", "Data elements", false, false,
     "Each element on a row of its own, defined so that it stands alone.", parts::kDataElements},
    {"technical.data_users", "Data users", false, false, "Roles rather than names, contractors among them.",
     parts::kUsers},
    {"technical.data_transfer", "Data transfer/management", false, true,
     "How the data travels, where it is kept and who looks after it.", parts::kDescriptionOnly},
    {"technical.destruction", "Destruction and/or Return", false, false,
     "What happens to the data and to what was made from it when the agreement ends.", parts::kDestruction},
};

inline constexpr Field kAdministrative[] = {
    {"administrative.anticipated_risks", "Anticipated risks", true, false,
     "Risks of sharing and of not sharing, for both sides and for others.", parts::kDescriptionOnly},
    {"administrative.legal_authority", "Legal authority", false, false,
     "The authority to use the data, and the authority to disclose it: each department's legal opinion.",
     parts::kDepartmentsOnly},
    {"administrative.transfer_of_funds", "Transfer of Funds", false, false,
     "Whether funds are exchanged for work; that takes an agreement of its own.", parts::kFunds},
    {"administrative.possible_alternatives", "Possible alternatives", true, false,
     "Feasible ways without this data.", parts::kDescriptionOnly},
    {"administrative.critical_dates", "Critical dates", false, false,
     "From when, until when, how often, and by when.", parts::kDates},
    {"administrative.redisclosure", "Re-disclosure/further disclosure", false, false,
     "Whether confidential data may go on to others.", parts::kRedisclosure},
    {"administrative.research", "Research (see Appendix A)", false, false,
     "Research needs the approval of CPHS or an IRB.", parts::kResearch},
    {"administrative.privacy_requirements", "Privacy Requirements", false, true,
     "How each department handles sensitive data, and what law, policy or contract asks for beyond that.",
     parts::kDepartmentsOnly},
    {"administrative.security_requirements", "Security Requirements", false, true,
     "Each department's safeguards, and what law, policy or contract asks for beyond the baseline.",
     parts::kDepartmentsOnly},
    {"administrative.approvals", "Approvals", false, false,
     "How and why the use case is undisputed, or how the dispute ended; then the signatures.",
     parts::kApprovals},
    {"administrative.department_positions", "Departments\u2019 positions", true, false,
     "What each department holds, and how they tried to agree.", parts::kPositions},
};

inline constexpr Section kSections[] = {{"Business Case Fields", kBusinessCase},
                                        {"Technical Fields", kTechnical},
                                        {"Administrative Fields", kAdministrative}};

inline constexpr Task kTasks[] = {
    {TaskKind::kDrafted, "Draft BUCP", "The Data Recipient fills in the fields below."},
    {TaskKind::kSent, "Send BUCP", "The Data Recipient sends the first full draft to the Data Provider."},
    {TaskKind::kOpinion, "Legal Review", "Each department's legal representative registered an opinion."},
    {TaskKind::kOpinion, "Privacy Review", "Each department's privacy representative registered an opinion."},
    {TaskKind::kOpinion, "Security Review",
     "Each department's security representative registered an opinion."},
    {TaskKind::kSponsor, "Executive Sponsor Review",
     "Each department's executive sponsor weighed the opinions and signed below."},
    {TaskKind::kCoordinator, "Data Coordinator Final Review",
     "Each department's data coordinator confirms that the BUCP is final and that every step was taken."},
    {TaskKind::kStart, "BUCP Start Date", "From when data may flow."},
    {TaskKind::kEnd, "BUCP End Date", "When the agreement ends, if it does."},
};

// The columns of the Data Field Definitions, in the order of DataElement's fields.
inline constexpr std::array<std::string_view, 8> kElementColumns = {
    "Field Name", "Type", "Definition", "Required", "Valid inputs", "Source", "Notes", "Guide for use"};
// The names of ElementType, by number from 1.
inline constexpr std::array<std::string_view, 7> kElementTypes = {
    "Numeric", "Text", "Date/time", "Currency", "Boolean", "Coordinates", "Other"};

inline constexpr std::string_view kFooter =
    "This BUCP changes nothing in the Interagency Data Exchange Agreement. Without an undisputed or an "
    "approved BUCP a Data Provider may refuse a request for data.";

inline constexpr Term kTerms[] = {
    {"Data Coordinator",
     "Drives a department's data work under its director's authority; signs after the final review."},
    {"Data Provider", "The department, or a unit of it, that gives access to data."},
    {"Data Recipient", "The department, or a unit of it, that asks for data and is approved to use it."},
    {"Executive Sponsor",
     "Holds an executive role with the authority to approve; weighs the registered opinions and signs."},
    {"Legal Representative", "Advises the department on laws and agreements, such as its general counsel."},
    {"Privacy Representative", "Looks after the lawful and ethical handling of data."},
    {"Security Representative", "Looks after the safeguards that protect the data."},
    {"Registered Opinion",
     "The record that a representative reviewed the BUCP, with questions and concerns. It is kept and needs "
     "no signature."},
    {"Research",
     "Systematic investigation meant to add to generalizable knowledge. Not meant: quality improvement, "
     "public health practice, a program's own operations, health care operations, oversight."},
};

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_TEMPLATE_H_
