#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_READER_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_READER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/document/department_finder.h"
#include "services/drafting/template/field_rules.h"

// Reads a completed form: one that this suite wrote, or an official template.
namespace idea::drafting::document {

// A person whom the form names, to be found in the registry.
struct NamedPerson {
  std::string name;
  std::string email;
  std::string title = {};
  std::string division = {};
  std::string phone = {};
};

// The content of a form. Departments are as they are written there: `content` contains their names instead of
// resource names until Resolve() replaces them.
struct ReadForm {
  v1::Content content;
  // "V3" or "V2 multiple departments".
  std::string version;
  // What could not be read, by field.
  std::vector<v1::UnreadField> unread;
  // Every name of a department in `content`.
  std::set<std::string> departments;
  // By the text that `content` has as the contact.
  std::map<std::string, NamedPerson> people;
  // Departments in lines without styles of this suite, which may not be parties: "entities/{id}".
  std::set<std::string> headings;
  // Paths of the template's fields that the file has.
  std::set<std::string> fields;

  // Reports a problem. `text` is the text in the file.
  void Report(std::string_view field, v1::UnreadKind kind, const std::string& problem,
              const std::string& text = "");
};

// Reads the form in a .docx. `departments` finds the department with which a line begins. Returns
// DOCUMENT_REFUSED if the file is not the template or is unsafe to read.
absl::StatusOr<ReadForm> ReadDocx(std::string_view docx, const TemplateTexts& others = {},
                                  const DepartmentFinder& departments = {});

using FindDepartment = std::function<DepartmentMatch(const std::string& name)>;

// A contact of the registry.
struct PersonMatch {
  // "entities/{id}/contacts/{id}". Empty if there is none.
  std::string contact;
  NamedPerson person = {};
};
using FindPerson = std::function<PersonMatch(const std::string& entity, const NamedPerson& person)>;

// Replaces names by resource names in form.content. Names that are not found are reported and left out,
// uncertain ones are reported and stored. `recipients` and `providers`, if given, are the parties, whatever
// the form says.
void Resolve(const FindDepartment& find_department, const FindPerson& find_person,
             const std::vector<std::string>& recipients, const std::vector<std::string>& providers,
             ReadForm& form);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_READER_H_
