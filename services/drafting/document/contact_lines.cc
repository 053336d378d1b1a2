#include <initializer_list>
#include <optional>
#include <regex>
#include <utility>

#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/field_reader.h"

// The lines about people that FieldReader reads: field 2, Contact Information.
namespace idea::drafting::document {
namespace {

// The text after one of the labels.
std::optional<std::string> AfterAny(const std::string& text, std::initializer_list<const char*> labels) {
  for (const char* label : labels) {
    if (auto value = AfterLabel(text, label)) return Tidy(*value);
  }
  return std::nullopt;
}

// Splits "Name: A. Person  Email: a@example.org" into two lines.
std::vector<std::string> PartsOf(const std::string& text) {
  static const std::regex& kLabel = *new std::regex(
      R"([ ,;|]((Name|Title|Position|Division ?/ ?Department|Division|Department|E-?mail( Address)?|(Tele)?phone( Number)?|Tel\.?) ?:))",
      std::regex::icase);
  constexpr size_t kMaxLine = 1000;
  if (text.size() > kMaxLine) return {text};
  std::vector<std::string> parts;
  size_t begin = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), kLabel), none; at != none; ++at) {
    const auto label = static_cast<size_t>(at->position(1));
    // "Division / Department:" is one label.
    if (Tidy(std::string_view(text).substr(begin, label - begin)).ends_with('/')) continue;
    parts.push_back(Tidy(std::string_view(text).substr(begin, label - begin)));
    begin = label;
  }
  parts.push_back(Tidy(std::string_view(text).substr(begin)));
  for (std::string& part : parts) {
    while (part.ends_with(',') || part.ends_with(';') || part.ends_with('|'))
      part = Tidy(part.substr(0, part.size() - 1));
  }
  return parts;
}

}  // namespace

v1::DepartmentContacts& FieldReader::Contacts() {
  auto& entries =
      *form_.content.mutable_business_case()->mutable_contact_information()->mutable_departments();
  if (begins_contacts_ || entries.empty()) {
    begins_contacts_ = false;
    contact_ = ContactPart::kCoordinator;
    entries.Add()->set_entity(std::string(1, side_ == 'P' ? kFirstProvider : kFirstRecipient));
  }
  return *entries.rbegin();
}

std::string& FieldReader::PersonKey() {
  v1::DepartmentContacts& entry = Contacts();
  if (contact_ == ContactPart::kSponsor) return *entry.mutable_executive_sponsor();
  if (contact_ == ContactPart::kCoordinator) return *entry.mutable_data_coordinator();
  return *entry.mutable_program_contact()->mutable_display_name();
}

bool FieldReader::TakeContact(const std::string& text, bool styled) {
  const std::string key = KeyOf(text);
  if (key == "datarecipientcontacts" || key == "dataprovidercontacts") {
    side_ = key.starts_with("datarecipient") ? 'R' : 'P';
    begins_contacts_ = true;
    return true;
  }
  if (key == "datacoordinatorcontact") {
    // A second block below the same heading.
    if (contact_ != ContactPart::kCoordinator && !styled) begins_contacts_ = true;
    Contacts();
    contact_ = ContactPart::kCoordinator;
    return true;
  }
  if (key == "executivesponsorcontact") {
    Contacts();
    contact_ = ContactPart::kSponsor;
    return true;
  }
  if (key == "programcontact") {
    Contacts();
    contact_ = ContactPart::kProgram;
    return true;
  }
  bool read = false;
  for (const std::string& part : PartsOf(text)) {
    if (part.empty()) continue;
    if (TakePerson(part)) {
      read = true;
    } else if (read) {
      Report(v1::UNREAD_KIND_NOT_STORED, "not understood", part);
    } else {
      return false;
    }
  }
  return true;
}

// A line with a label, about the person of the last heading.
bool FieldReader::TakePerson(const std::string& text) {
  const auto name = AfterAny(text, {"Name"});
  const auto title = AfterAny(text, {"Title", "Position"});
  const auto division =
      AfterAny(text, {"Division/Department", "Division / Department", "Division", "Department"});
  const auto email = AfterAny(text, {"Email", "E-mail", "Email Address", "E-mail Address"});
  const auto phone = AfterAny(text, {"Phone", "Telephone", "Phone Number", "Tel", "Tel."});
  if (!name && !title && !division && !email && !phone) return false;
  if (!((name && !name->empty()) || (title && !title->empty()) || (division && !division->empty()) ||
        (email && !email->empty()) || (phone && !phone->empty()))) {
    return true;
  }
  v1::DepartmentContacts& entry = Contacts();
  if (division) {
    std::string& entity = *entry.mutable_entity();
    if (entity.size() == 1 && entity[0] <= kFirstProvider) entity += *division;
  }
  std::string& contact = PersonKey();
  if (name && !name->empty() && !contact.empty() && !form_.people[contact].name.empty()) {
    Report(v1::UNREAD_KIND_NOT_STORED, "a second person for the same role", text);
    return true;
  }
  if (contact.empty()) contact = "person " + std::to_string(form_.people.size() + 1);
  NamedPerson& person = form_.people[contact];
  const auto put = [&](const std::optional<std::string>& value, std::string NamedPerson::*part) {
    if (!value || value->empty()) return;
    if (!(person.*part).empty() && person.*part != *value) {
      Report(v1::UNREAD_KIND_NOT_STORED, "another value was read before", text);
    } else {
      person.*part = *value;
    }
  };
  put(name, &NamedPerson::name);
  put(title, &NamedPerson::title);
  put(division, &NamedPerson::division);
  put(email, &NamedPerson::email);
  put(phone, &NamedPerson::phone);
  return true;
}

}  // namespace idea::drafting::document
