#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "idea/drafting/v1/drafting.pb.h"

// The BUCP as a completed form, before it is written as HTML, Markdown or .docx.
namespace idea::drafting::document {

// A person in the directory of the registry.
struct Person {
  std::string name, title, division, email, phone;
};

// The opinion or signature of one department on the frozen revision.
struct Signoff {
  std::string entity;
  // The row of the checklist: "Legal Review".
  std::string task;
  // "01/31/2027", "01/31/2027 (opposes)", "N/A"
  std::string date;
  std::string name;
  std::string role;
  std::string email = {};
  std::string phone = {};
  // The open questions and concerns of an opinion.
  std::vector<std::string> concerns = {};
};

// An unresolved comment.
struct OpenComment {
  // The field, "administrative.research". Empty if the comment is about the BUCP.
  std::string field;
  std::string author;
  // RFC 3339, in UTC.
  std::string time;
  std::string text;
};

// Information that a form shows and a BUCP does not contain.
struct Facts {
  // The version of the template that the BUCP follows. Defaults to the built-in one.
  v1::Template bucp_template;
  // Display names by "entities/{id}". Without one, the resource name is shown.
  std::map<std::string, std::string> entities;
  // People by "entities/{id}/contacts/{id}".
  std::map<std::string, Person> people;
  std::vector<Signoff> signoffs;
  // Written only into a .docx.
  std::vector<OpenComment> comments = {};
  // The time zone for days.
  absl::TimeZone zone = absl::UTCTimeZone();
  // Information that is missing: "review does not answer: ...".
  std::vector<std::string> notes;
};

// The meaning of a paragraph: how it looks, and how it is read.
enum class Style {
  kHelp,        // what belongs there; never read
  kGroup,       // "Data Recipient Contacts"
  kDepartment,  // a department's name: what follows is its
  kLabel,       // names the part that follows
  kAnswer,      // a value, one paragraph a line
  kLine,        // "label: value"
  kWithheld,    // restricted detail, left out of the public view
  kGrid,        // a table
};

struct Block {
  Style style = Style::kAnswer;
  std::string label = {};
  std::string text = {};
  // Only for kGrid. The first row is the header.
  std::vector<std::vector<std::string>> rows = {};
};
using Blocks = std::vector<Block>;

struct FormField {
  std::string title;
  // "Required", "Disputed only" or the condition.
  std::string need;
  Blocks blocks;
  // Indexes into Form::comments.
  std::vector<size_t> comments = {};
};

struct FormSection {
  std::string title;
  std::vector<FormField> fields;
};

struct FormTask {
  std::string name, description;
  // One for each column of `columns`.
  std::vector<Blocks> cells;
};

// The column of a department in the checklist.
struct FormColumn {
  // "Data Recipient"
  std::string side;
  std::string department;
};

struct Form {
  std::string title;
  // The version of the template: "July 1, 2026 version".
  std::string version;
  // "Revision: 3", "SHA-256: ...".
  std::vector<Block> origin;
  std::vector<std::string> notes;
  std::vector<FormColumn> columns;
  std::vector<FormTask> tasks;
  // The sections of the template.
  std::vector<FormSection> sections;
  // Sections that the agreement's addenda add after the template.
  std::vector<FormSection> addenda;
  std::vector<OpenComment> comments;
};

// The readers of a form.
enum class View {
  kForm,    // people who complete it: what is empty stays as a blank
  kFull,    // the parties: headings without a text are omitted
  kPublic,  // everybody: as kFull, and restricted detail is withheld
};

// Fills in the form. `bucp.content` is the content of revision
// `bucp.revision`, whose digest is `digest`.
Form Compose(const v1::Bucp& bucp, const std::string& digest, const Facts& facts, View view);

// Write the form as a whole file. The same form gives the same bytes.
std::string ToHtml(const Form& form);
std::string ToMarkdown(const Form& form);
std::string ToDocx(const Form& form);

// The day of a time, "07/31/2026". Empty if the time is not set.
std::string DayOf(const google::protobuf::Timestamp& time, const absl::TimeZone& zone);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_H_
