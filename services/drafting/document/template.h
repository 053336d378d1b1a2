#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_TEMPLATE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_TEMPLATE_H_

#include <array>
#include <span>
#include <string_view>

// The layout of the template's fields (field_rules.h): the parts of each and their fields in Content.
// Also the checklist and the terms of the official template (V3 of July 1, 2026; V2 of August 15, 2025 for
// several departments). The writers and the reader use the same table, so that what is written can be read.
namespace idea::drafting::document {

enum class PartKind {
  kText,         // any text, one paragraph a line
  kNote,         // the same, on the answer of the field
  kLine,         // "Label: one line"
  kAnswer,       // "Label: Yes"
  kRecurrence,   // "Label: Ongoing"
  kUse,          // "Label: Study"
  kPurposes,     // "Label: Research, Statistics"
  kNumber,       // "Label: 365"
  kDate,         // "Label: 01/31/2027"
  kDepartment,   // "Label: Department of Education"
  kItems,        // a repeated text, one paragraph an item
  kDepartments,  // a text for each department, below its name
  kElements,     // the Data Field Definitions, a table of 8 columns
  kContacts,     // Data Coordinator and Executive Sponsor of each department
  kSignatures,   // the signature blocks: written, never read
};

struct Part {
  PartKind kind;
  // Printed before the value. Empty if the value has no label.
  std::string_view label;
  // The field of Content, below the template's field: "title", "study.scope".
  std::string_view name;
  // The answer that must be Yes for the part to apply. Empty if it always applies.
  std::string_view if_yes = {};
  // Not in the official template: printed only with a value.
  bool added = false;
};

struct Layout {
  // "technical.data_users"
  std::string_view path;
  // Security and privacy detail, which is withheld from the public view.
  bool restricted;
  std::span<const Part> parts;
};

// A field of the template with its layout.
struct Field {
  std::string_view path;
  std::string_view title;
  std::string_view help;
  // Part of an addendum: printed after the template, if it applies.
  bool added;
  bool restricted;
  std::span<const Part> parts;
};

// In the order of the template, followed by those of addenda.
std::span<const Field> Fields();

// A row of the checklist. `kind` defines the content of its cells.
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
inline constexpr Part kDescription[] = {
    {kText, "Scope, reason and need", "purpose"},
    {kText, "Benefits", "benefits"},
    {kPurposes, "Kinds of use", "purpose_class.kinds", "", true},
    {kAnswer, "Data is disclosed further", "purpose_class.redisclosure", "", true},
    {kAnswer, "Data is used commercially", "purpose_class.commercial_use", "", true},
    {kAnswer, "Only de-identified data is used", "purpose_class.deidentified_only", "", true},
    {kNumber, "Days to keep the data after receipt", "purpose_class.retention_days", "", true}};
inline constexpr Part kCategories[] = {{kItems, "", "categories"},
                                       {kAnswer, "Education records are among them", "education_records"},
                                       {kNote, "Note on the answer", "answer_note", "", true}};
inline constexpr Part kOutput[] = {
    {kText, "Products and their use", "products"},
    {kAnswer, "Any product becomes public", "public_products"},
    {kDepartments, "Who approves a public release", "release_approvals", "public_products"},
    {kNote, "Note on the answer", "answer_note", "", true}};
inline constexpr Part kDataElements[] = {{kElements, "", "elements"}};
inline constexpr Part kUsers[] = {{kText, "Who has access, roles and responsibilities", "description"},
                                  {kAnswer, "Contractors have access", "contractors"},
                                  {kText, "Which contractors, and for what", "contractor_use", "contractors"},
                                  {kNote, "Note on the answer", "answer_note", "", true}};
inline constexpr Part kDescriptionOnly[] = {{kText, "", "description"}};
inline constexpr Part kDestruction[] = {{kText, "How, and limits on later use of products", "description"},
                                        {kAnswer, "Products are included", "products_included"},
                                        {kNote, "Note on the answer", "answer_note", "", true}};
inline constexpr Part kDepartmentsOnly[] = {{kDepartments, "", "departments"}};
inline constexpr Part kFunds[] = {{kAnswer, "Funds are transferred", "transfers"},
                                  {kText, "Separate agreement", "separate_agreement", "transfers"},
                                  {kNote, "Note on the answer", "answer_note", "", true}};
inline constexpr Part kDates[] = {{kDate, "Start date", "start_date"},
                                  {kDate, "End date", "end_date"},
                                  {kRecurrence, "One-time or ongoing", "recurrence"},
                                  {kLine, "Frequency", "frequency"},
                                  {kText, "Deadlines", "deadlines"}};
inline constexpr Part kRedisclosure[] = {{kAnswer, "The Data Recipient may disclose further", "allowed"},
                                         {kText, "To whom and for what", "terms", "allowed"},
                                         {kNote, "Note on the answer", "answer_note", "", true}};
inline constexpr Part kResearch[] = {{kAnswer, "The data is used for research", "research"},
                                     {kText, "Approval by CPHS or an IRB", "approval_statement", "research"},
                                     {kNote, "Note on the answer", "answer_note", "", true}};
inline constexpr Part kApprovals[] = {{kText, "Acknowledgement", "acknowledgement"}, {kSignatures, "", ""}};
inline constexpr Part kPositions[] = {{kDepartments, "Each department's position", "departments"},
                                      {kText, "Summary of discussions", "discussions"}};

// Agreement, Addendum B: 1.3 a to e, 1.4, 2.2 and 3.4.
inline constexpr Part kEducationRecords[] = {
    {kText, "Personally identifiable information to be disclosed", "pii_elements"},
    {kText, "Purpose of the disclosure", "purpose"},
    {kLine, "Exception from consent, as 34 CFR 99.31(...)", "consent_exception"},
    {kText, "Activity, and how the information is used", "activity"},
    {kAnswer, "The Data Recipient is the Data Provider's authorized representative",
     "authorized_representative"},
    {kAnswer, "The information is destroyed when it is no longer needed", "destroy_when_not_needed"},
    {kText, "Time within which it is destroyed", "destruction_period"},
    {kText, "Policies and procedures that protect it", "protection_policies"},
    {kText, "Further terms of the Data Provider", "provider_terms"},
    {kAnswer, "It can be destroyed at any time, and is when the Data Provider requires it",
     "destroy_on_demand"},
    {kDepartment, "Original source, an education agency that signed IDEA", "source_agency"},
    {kLine, "Original source, if it has not signed", "other_source"},
    {kUse, "Ground", "use"},
    {kText, "Scope of the audit, evaluation or study", "study.scope"},
    {kText, "Schedule", "study.schedule"},
    {kText, "Reports and other deliverables", "study.deliverables"},
    {kText, "Primary contacts of each party", "study.primary_contacts"},
    {kText, "Program, test, aid or instruction concerned", "study.program"},
    {kText, "Everybody who will have access", "study.people_with_access"},
    {kText, "Methodology, with linkages of data", "study.methodology"},
    {kText, "Institution on whose behalf the study is made", "study.on_behalf_of"}};

}  // namespace parts

inline constexpr Layout kLayouts[] = {
    {"business_case.use_case_name", false, parts::kTitle},
    {"business_case.contact_information", false, parts::kContactInformation},
    {"business_case.use_case_description", false, parts::kDescription},
    {"business_case.data_categories", false, parts::kCategories},
    {"business_case.output_use", false, parts::kOutput},
    {"technical.data_elements", false, parts::kDataElements},
    {"technical.data_users", false, parts::kUsers},
    {"technical.data_transfer", true, parts::kDescriptionOnly},
    {"technical.destruction", false, parts::kDestruction},
    {"administrative.anticipated_risks", false, parts::kDescriptionOnly},
    {"administrative.legal_authority", false, parts::kDepartmentsOnly},
    {"administrative.transfer_of_funds", false, parts::kFunds},
    {"administrative.possible_alternatives", false, parts::kDescriptionOnly},
    {"administrative.critical_dates", false, parts::kDates},
    {"administrative.redisclosure", false, parts::kRedisclosure},
    {"administrative.research", false, parts::kResearch},
    {"administrative.privacy_requirements", true, parts::kDepartmentsOnly},
    {"administrative.security_requirements", true, parts::kDepartmentsOnly},
    {"administrative.approvals", false, parts::kApprovals},
    {"administrative.department_positions", false, parts::kPositions},
    {"administrative.education_records", true, parts::kEducationRecords},
};

// The signature of the education agency that is not a party. The template's checklist has no row for it.
inline constexpr std::string_view kEducationAgencySignature = "Education Agency Signature";

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
// The column after them, printed if an element names its Data Providers.
inline constexpr std::string_view kProvidersColumn = "Providers";
// The names of ElementType, by number from 1.
inline constexpr std::array<std::string_view, 7> kElementTypes = {
    "Numeric", "Text", "Date/time", "Currency", "Boolean", "Coordinates", "Other"};

// The heading of the parts after the template.
inline constexpr std::string_view kAddendum = "Addendum B: FERPA for Educational Records";

inline constexpr std::string_view kFormTitle = "Business Use Case Proposal (BUCP)";

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
