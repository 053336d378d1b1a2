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
#include "services/drafting/template/template_fields.h"

// Reads a filled-in form: one that this suite wrote, or an official template that people filled in.
namespace idea::drafting::document {

// A person whom the form names, for the registry to find.
struct NamedPerson {
  std::string name;
  std::string email;
  std::string title = {};
  std::string division = {};
  std::string phone = {};
};

// What stands in a form. Departments are as they are written there: `content` holds their names where a
// resource name belongs, until Resolve() puts it there.
struct ReadForm {
  v1::Content content;
  // "V3" or "V2 multiple departments".
  std::string version;
  // What could not be read, by field.
  std::vector<v1::UnreadField> unread;
  // Every name of a department in `content`.
  std::set<std::string> departments;
  // By what stands in `content` as the contact.
  std::map<std::string, NamedPerson> people;
  // Departments that lines without our styles named, which may be no parties: "entities/{id}".
  std::set<std::string> headings;
  // Fields of the template that the file has, by their paths.
  std::set<std::string> fields;

  // Reports a problem; `text` is what stands in the file.
  void Report(std::string_view field, v1::UnreadKind kind, const std::string& problem,
              const std::string& text = "");
};

// The form in a .docx. `departments` finds whose text a line begins. DOCUMENT_REFUSED if the file is not the
// template, or not to be trusted.
absl::StatusOr<ReadForm> ReadDocx(std::string_view docx, const TemplateTexts& others = {},
                                  const DepartmentFinder& departments = {});

using FindDepartment = std::function<MeantDepartment(const std::string& name)>;

// A contact of the registry.
struct KnownPerson {
  // "entities/{id}/contacts/{id}"; empty: there is none.
  std::string contact;
  NamedPerson person = {};
};
using FindPerson = std::function<KnownPerson(const std::string& entity, const NamedPerson& person)>;

// Puts resource names into form.content. What is not found is reported and left out, what is in doubt is
// reported and taken. `recipients` and `providers`, where given, are the parties whatever the form says.
void Resolve(const FindDepartment& find_department, const FindPerson& find_person,
             const std::vector<std::string>& recipients, const std::vector<std::string>& providers,
             ReadForm& form);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FORM_READER_H_
