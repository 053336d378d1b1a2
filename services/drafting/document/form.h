#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "idea/drafting/v1/drafting.pb.h"

// The BUCP as a filled-in form, before it becomes HTML, Markdown or .docx.
namespace idea::drafting::document {

// A person as the registry's directory has them.
struct Person {
  std::string name, title, division, email, phone;
};

// What one department did on the frozen revision: an opinion or a signature.
struct Mark {
  std::string entity;
  // The checklist's row: "Legal Review".
  std::string task;
  // "01/31/2027", "01/31/2027 (opposes)", "N/A"
  std::string date;
  std::string name;
  std::string role;
  std::string email = {};
  std::string phone = {};
};

// A comment that is not resolved.
struct OpenComment {
  // The field that it is about, "administrative.research"; empty: the BUCP.
  std::string field;
  std::string author;
  // RFC 3339, in UTC.
  std::string time;
  std::string text;
};

// What a form shows and a BUCP does not hold.
struct Facts {
  // The version of the template that the BUCP follows; empty: the one that came with the product.
  v1::Template form;
  // Display names by "entities/{id}". One that is missing is shown by its resource name.
  std::map<std::string, std::string> entities;
  // People by "entities/{id}/contacts/{id}".
  std::map<std::string, Person> people;
  std::vector<Mark> marks;
  // Written into a .docx only.
  std::vector<OpenComment> comments = {};
  // Where days begin and end.
  absl::TimeZone zone = absl::UTCTimeZone();
  // What could not be found out: "review does not answer: ...".
  std::vector<std::string> notes;
};

// How a paragraph is meant: how it looks, and how it is read back.
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
  // kGrid only; the first row is the header.
  std::vector<std::vector<std::string>> rows = {};
};
using Blocks = std::vector<Block>;

struct FormField {
  std::string title;
  // "Required", "Disputed only" or when.
  std::string need;
  Blocks blocks;
  // As indexes into Form::comments.
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

// A department's column in the checklist.
struct FormColumn {
  // "Data Recipient"
  std::string side;
  std::string department;
};

struct Form {
  std::string title;
  // Which template it follows: "July 1, 2026 version".
  std::string version;
  // "Revision: 3", "SHA-256: ...".
  std::vector<Block> origin;
  std::vector<std::string> notes;
  std::vector<FormColumn> columns;
  std::vector<FormTask> tasks;
  // The template's.
  std::vector<FormSection> sections;
  // What the agreement's addenda add, behind the template.
  std::vector<FormSection> addenda;
  std::vector<OpenComment> comments;
};

// Fills the form in. `is_public` withholds restricted detail. `bucp.content` is the content of revision
// `bucp.revision`, whose digest is `digest`.
Form Compose(const v1::Bucp& bucp, const std::string& digest, const Facts& facts, bool is_public);

// The form as a whole file. The same form gives the same bytes.
std::string ToHtml(const Form& form);
std::string ToMarkdown(const Form& form);
std::string ToDocx(const Form& form);

// The day of a time, "07/31/2026"; empty if it is not set.
std::string DayOf(const google::protobuf::Timestamp& time, const absl::TimeZone& zone);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_H_
