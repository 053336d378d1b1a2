#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/ids/ids.h"
#include "common/validation/text.h"
#include "google/api/field_behavior.pb.h"
#include "idea/common/v1/options.pb.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/field_reader.h"
#include "services/drafting/document/form_reader.h"

// Replaces names in a form by names of the registry.
namespace idea::drafting::document {
namespace {

constexpr char kContacts[] = "business_case.contact_information";

bool IsStandIn(const std::string& name) { return !name.empty() && name[0] <= kFirstProvider; }

template <class List, class Predicate>
void Drop(List& list, Predicate is_empty) {
  list.erase(std::remove_if(list.begin(), list.end(), is_empty), list.end());
}

std::string DigitsOf(const std::string& text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  return digits;
}

v1::ContactText TextOf(const NamedPerson& person) {
  v1::ContactText text;
  text.set_display_name(person.name);
  text.set_title(person.title);
  text.set_division(person.division);
  text.set_email(person.email);
  text.set_phone(person.phone);
  return text;
}

class Resolver {
 public:
  Resolver(const FindDepartment& find_department, const FindPerson& find_person, ReadForm& form)
      : find_department_(find_department), find_person_(find_person), form_(form), content_(form.content) {}

  void SettleParties(const std::vector<std::string>& recipients, const std::vector<std::string>& providers) {
    Settle(*content_.mutable_recipients(), recipients, kFirstRecipient, "recipients");
    Settle(*content_.mutable_providers(), providers, kFirstProvider, "providers");
  }

  void NameDepartments() {
    ForEachDepartment(content_, [&](std::string& name, std::string_view field) {
      if (!name.starts_with("entities/")) name = EntityOf(name, field);
    });
  }

  void NamePeople() {
    auto& entries = *content_.mutable_business_case()->mutable_contact_information()->mutable_departments();
    for (auto& entry : entries) {
      const NamedPerson coordinator = form_.people[entry.data_coordinator()],
                        sponsor = form_.people[entry.executive_sponsor()];
      NamePerson(entry, *entry.mutable_data_coordinator(), coordinator,
                 &v1::DepartmentContacts::mutable_data_coordinator_text);
      NamePerson(entry, *entry.mutable_executive_sponsor(), sponsor,
                 &v1::DepartmentContacts::mutable_executive_sponsor_text);
      NameProgramContact(entry);
    }
    JoinContacts(entries);
    Drop(entries, [](const auto& entry) {
      return entry.data_coordinator().empty() && entry.executive_sponsor().empty() &&
             !entry.has_data_coordinator_text() && !entry.has_executive_sponsor_text() &&
             !entry.has_program_contact();
    });
  }

  // The Data Providers of each element. What is not a Data Provider of the BUCP is reported.
  void NameProviders() {
    for (auto& element : *content_.mutable_technical()->mutable_data_elements()->mutable_elements()) {
      const std::vector<std::string> names(element.providers().begin(), element.providers().end());
      element.clear_providers();
      for (const std::string& name : names) {
        for (const std::string& entity : ProvidersOf(name)) {
          const auto& given = element.providers();
          if (std::find(given.begin(), given.end(), entity) == given.end()) element.add_providers(entity);
        }
      }
    }
  }

  void JoinTexts() {
    auto& administrative = *content_.mutable_administrative();
    Join("business_case.output_use",
         *content_.mutable_business_case()->mutable_output_use()->mutable_release_approvals());
    Join("administrative.legal_authority", *administrative.mutable_legal_authority()->mutable_departments());
    Join("administrative.privacy_requirements",
         *administrative.mutable_privacy_requirements()->mutable_departments());
    Join("administrative.security_requirements",
         *administrative.mutable_security_requirements()->mutable_departments());
    Join("administrative.department_positions",
         *administrative.mutable_department_positions()->mutable_departments());
    DropEmptyParts(content_);
  }

 private:
  // The Data Providers of the BUCP that a text names: "CDPH, DHCS".
  std::vector<std::string> ProvidersOf(const std::string& name) {
    constexpr char kField[] = "technical.data_elements";
    const std::string key = KeyOf(name);
    if (key == "all" || key == "each" || key == "both") return {};
    const bool is_resource = ids::MatchesPattern(name, "entities/*");
    const DepartmentMatch meant = is_resource ? DepartmentMatch{name, ""} : find_department_(name);
    std::vector<std::string> entities;
    if (!meant.entity.empty()) entities = {meant.entity};
    if (meant.certainly_several) {
      for (const auto& candidate : meant.candidates) entities.push_back(candidate.entity);
    }
    if (!entities.empty() && !meant.doubt.empty() && !meant.certainly_several &&
        reported_.insert(name).second)
      form_.Report(kField, v1::UNREAD_KIND_GUESSED, meant.doubt, name);
    const auto& all = content_.providers();
    const size_t named = entities.size();
    Drop(entities,
         [&](const std::string& entity) { return std::find(all.begin(), all.end(), entity) == all.end(); });
    if ((named == 0 || entities.size() < named) && reported_.insert("provider " + name).second) {
      form_.Report(kField, v1::UNREAD_KIND_NOT_STORED,
                   "the column Providers names a department that is not a Data Provider of this BUCP", name);
    }
    return entities;
  }

  void NameProgramContact(v1::DepartmentContacts& entry) {
    if (!entry.has_program_contact()) return;
    const v1::ContactText text = TextOf(form_.people[entry.program_contact().display_name()]);
    if (entry.entity().empty()) {
      form_.Report(kContacts, v1::UNREAD_KIND_NOT_STORED, "a contact of a department that is not known",
                   text.ShortDebugString());
    }
    *entry.mutable_program_contact() = text;
    if (text.ByteSizeLong() == 0 || entry.entity().empty()) entry.clear_program_contact();
  }

  DepartmentMatch Find(const std::string& name, std::string_view field, v1::UnreadKind unknown) {
    const DepartmentMatch meant = find_department_(name);
    if (meant.doubt.empty() || !reported_.insert(name).second) return meant;
    form_.Report(field, meant.entity.empty() ? unknown : v1::UNREAD_KIND_GUESSED, meant.doubt, name);
    for (const auto& candidate : meant.candidates) {
      v1::DepartmentCandidate& out = *form_.unread.back().add_candidates();
      out.set_entity(candidate.entity);
      out.set_display_name(candidate.name);
    }
    return meant;
  }

  // The department that represents a side without a name: "Division/Department" of its contacts.
  template <class Parties>
  void Settle(Parties& parties, const std::vector<std::string>& given, char stand_in, const char* field) {
    std::vector<std::string> names(parties.begin(), parties.end());
    for (const auto& entry : content_.business_case().contact_information().departments()) {
      if (names.empty() && entry.entity().size() > 1 && entry.entity()[0] == stand_in) {
        names.push_back(entry.entity().substr(1));
      }
    }
    parties.Clear();
    for (const std::string& entity : given) *parties.Add() = entity;
    for (const std::string& name : names) {
      const DepartmentMatch meant =
          given.empty() ? Find(name, field, v1::UNREAD_KIND_NOT_STORED) : find_department_(name);
      if (!given.empty()) {
        // Names in the file that the caller overrides.
        const bool same = std::find(given.begin(), given.end(), meant.entity) != given.end();
        if (!same && reported_.insert(name).second) {
          form_.Report(field, v1::UNREAD_KIND_NOTE, "the request names the departments, not the file", name);
        }
        continue;
      }
      if (!meant.entity.empty() && std::find(parties.begin(), parties.end(), meant.entity) == parties.end()) {
        *parties.Add() = meant.entity;
      }
    }
  }

  std::string EntityOf(const std::string& name, std::string_view field) {
    if (name.empty()) return "";
    if (!IsStandIn(name)) return Find(name, field, v1::UNREAD_KIND_NOT_STORED).entity;
    const std::string written = name.substr(1);
    const auto& side = name[0] == kFirstRecipient ? content_.recipients() : content_.providers();
    if (written.empty()) return side.empty() ? "" : side[0];
    // The name may be that of a division, so only certain matches are used.
    const DepartmentMatch meant = find_department_(written);
    if (!meant.entity.empty() && (meant.doubt.empty() || side.empty())) return meant.entity;
    if (side.empty()) return "";
    if (reported_.insert(written).second) {
      form_.Report(field, v1::UNREAD_KIND_GUESSED, meant.doubt + "; it was taken as a part of " + side[0],
                   written);
      for (const auto& candidate : meant.candidates) {
        v1::DepartmentCandidate& out = *form_.unread.back().add_candidates();
        out.set_entity(candidate.entity);
        out.set_display_name(candidate.name);
      }
    }
    return side[0];
  }

  void NamePerson(v1::DepartmentContacts& entry, std::string& contact, const NamedPerson& person,
                  v1::ContactText* (v1::DepartmentContacts::*text)()) {
    if (contact.empty()) return;
    contact.clear();
    if (ids::MatchesPattern(person.name, "entities/*/contacts/*")) {
      contact = person.name;
      return;
    }
    const std::string shown = person.name + (person.email.empty() ? "" : " <" + person.email + ">");
    const bool nobody = person.name.empty() && person.email.empty();
    // A department without a person is not a contact.
    if (nobody && person.title.empty() && person.phone.empty() && find_department_(person.division).exact)
      return;
    const PersonMatch known =
        entry.entity().empty() || nobody ? PersonMatch() : find_person_(entry.entity(), person);
    if (!known.contact.empty()) {
      contact = known.contact;
      return Compare(person, known);
    }
    if (entry.entity().empty()) {
      return form_.Report(kContacts, v1::UNREAD_KIND_NOT_STORED,
                          "a contact of a department that is not known", TextOf(person).ShortDebugString());
    }
    *(entry.*text)() = TextOf(person);
    if (nobody) {
      return form_.Report(kContacts, v1::UNREAD_KIND_GUESSED, "a contact without a name was kept as text",
                          person.division);
    }
    form_.Report(
        kContacts, v1::UNREAD_KIND_GUESSED,
        "the registry has no contact " + Cut(shown, 200) + " of " + entry.entity() + ": kept as text", shown);
  }

  // Reports where the form differs from the registry. The registry is used.
  void Compare(const NamedPerson& person, const PersonMatch& known) {
    const auto differs = [&](const std::string& written, const std::string& registered, const char* what) {
      form_.Report(kContacts, v1::UNREAD_KIND_NOTE,
                   "the registry has another " + std::string(what) + " of " + known.contact +
                       (registered.empty() ? "" : ": " + registered),
                   written);
    };
    if (!person.name.empty() &&
        absl::AsciiStrToLower(person.name) != absl::AsciiStrToLower(known.person.name)) {
      differs(person.name, known.person.name, "name");
    }
    if (!person.email.empty() &&
        absl::AsciiStrToLower(person.email) != absl::AsciiStrToLower(known.person.email)) {
      differs(person.email, known.person.email, "e-mail");
    }
    if (!person.title.empty() &&
        absl::AsciiStrToLower(person.title) != absl::AsciiStrToLower(known.person.title)) {
      differs(person.title, known.person.title, "title");
    }
    if (!person.phone.empty() && DigitsOf(person.phone) != DigitsOf(known.person.phone)) {
      differs(person.phone, known.person.phone, "phone");
    }
    if (!person.division.empty() && person.division != known.person.division &&
        !reported_.contains(person.division) && !find_department_(person.division).exact) {
      differs(person.division, known.person.division, "division");
    }
  }

  // One entry for each department.
  template <class Entries>
  void JoinContacts(Entries& entries) {
    for (int i = 0; i < entries.size(); ++i) {
      for (int j = entries.size() - 1; j > i; --j) {
        if (entries[j].entity() != entries[i].entity()) continue;
        v1::DepartmentContacts& to = entries[i];
        const v1::DepartmentContacts& from = entries[j];
        const bool coordinator = !to.data_coordinator().empty() || to.has_data_coordinator_text();
        const bool sponsor = !to.executive_sponsor().empty() || to.has_executive_sponsor_text();
        const auto second = [&](const std::string& contact, const v1::ContactText& text) {
          if (contact.empty() && text.ByteSizeLong() == 0) return;
          form_.Report(kContacts, v1::UNREAD_KIND_NOT_STORED, "a second person for a role of " + to.entity(),
                       contact.empty() ? text.ShortDebugString() : contact);
        };
        if (coordinator) {
          second(from.data_coordinator(), from.data_coordinator_text());
        } else {
          to.set_data_coordinator(from.data_coordinator());
          if (from.has_data_coordinator_text())
            *to.mutable_data_coordinator_text() = from.data_coordinator_text();
        }
        if (sponsor) {
          second(from.executive_sponsor(), from.executive_sponsor_text());
        } else {
          to.set_executive_sponsor(from.executive_sponsor());
          if (from.has_executive_sponsor_text()) {
            *to.mutable_executive_sponsor_text() = from.executive_sponsor_text();
          }
        }
        if (to.has_program_contact()) {
          second("", from.program_contact());
        } else if (from.has_program_contact()) {
          *to.mutable_program_contact() = from.program_contact();
        }
        entries.DeleteSubrange(j, 1);
      }
    }
  }

  template <class Entries>
  void Join(const char* field, Entries& entries) {
    for (int i = 0; i < entries.size(); ++i) {
      for (int j = i + 1; j < entries.size();) {
        if (entries[j].entity() != entries[i].entity()) {
          ++j;
          continue;
        }
        entries[i].set_text(entries[i].text() + "\n" + entries[j].text());
        entries.DeleteSubrange(j, 1);
      }
    }
    for (const auto& entry : entries) {
      if (entry.entity().empty()) {
        form_.Report(field, v1::UNREAD_KIND_NOT_STORED, "a text of a department that is not known",
                     entry.text());
      } else if (form_.headings.contains(entry.entity()) && !IsParty(entry.entity())) {
        form_.Report(field, v1::UNREAD_KIND_GUESSED,
                     "the text of " + entry.entity() + ", which is not a party");
      }
    }
    Drop(entries, [](const auto& entry) { return entry.entity().empty(); });
  }

  bool IsParty(const std::string& entity) const {
    const auto has = [&](const auto& side) {
      return std::find(side.begin(), side.end(), entity) != side.end();
    };
    return has(content_.recipients()) || has(content_.providers());
  }

  const FindDepartment& find_department_;
  const FindPerson& find_person_;
  ReadForm& form_;
  v1::Content& content_;
  std::set<std::string> reported_;
};

// Leaves out what no BUCP can contain, such as texts that are too long or have invisible characters, and
// reports it. So one text does not stop the import of the others.
class Fitter {
 public:
  explicit Fitter(ReadForm& form) : form_(form) {}

  void FitContent() { Fit(form_.content, ""); }

  // An end before the start is kept as text.
  void FitDates() {
    auto& dates = *form_.content.mutable_administrative()->mutable_critical_dates();
    const auto day = [](const google::type::Date& date) {
      return std::array{date.year(), date.month(), date.day()};
    };
    if (dates.has_start_date() && dates.has_end_date() && day(dates.end_date()) < day(dates.start_date())) {
      const std::string end = "End date: " + DateText(dates.end_date());
      dates.clear_end_date();
      dates.set_deadlines(dates.deadlines() + (dates.deadlines().empty() ? "" : "\n") + end);
      form_.Report("administrative.critical_dates", v1::UNREAD_KIND_GUESSED,
                   "the end date is before the start date; it was kept as text in Deadlines", end);
    }
    DropEmptyParts(form_.content);
  }

 private:
  // Returns false if a text that the message requires was left out.
  bool Fit(google::protobuf::Message& message, const std::string& path) {
    const auto& reflection = *message.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    bool complete = true;
    for (const auto* field : fields) {
      const std::string below = path.empty() ? field->name() : path + "." + field->name();
      // Parties are names of the registry.
      if (below == "recipients" || below == "providers") continue;
      const bool is_text = field->cpp_type() == field->CPPTYPE_STRING;
      if (!is_text && field->cpp_type() != field->CPPTYPE_MESSAGE) continue;
      if (field->is_repeated()) {
        FitList(message, *field, below);
      } else if (!is_text) {
        Fit(*reflection.MutableMessage(&message, field), below);
      } else if (std::string text = reflection.GetString(message, field); IsAllowed(*field, below, text)) {
        reflection.SetString(&message, field, text);
      } else {
        reflection.ClearField(&message, field);
        complete = complete && !IsRequired(*field);
      }
    }
    return complete;
  }

  void FitList(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
               const std::string& path) {
    constexpr int kDefaultMaxItems = 100;
    const auto& reflection = *message.GetReflection();
    const bool is_text = field.cpp_type() == field.CPPTYPE_STRING;
    const auto& rule = field.options().GetExtension(common::v1::rule);
    const int max = rule.max_items() > 0 ? rule.max_items() : kDefaultMaxItems;
    int kept = 0;
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      bool stays = false;
      if (is_text) {
        std::string text = reflection.GetRepeatedString(message, &field, i);
        stays = IsAllowed(field, path, text);
        reflection.SetRepeatedString(&message, &field, i, text);
      } else {
        stays = Fit(*reflection.MutableRepeatedMessage(&message, &field, i), path);
      }
      if (stays && kept == max) {
        Report(path, "more than " + std::to_string(max) + " entries",
               is_text ? reflection.GetRepeatedString(message, &field, i)
                       : reflection.GetRepeatedMessage(message, &field, i).ShortDebugString());
      } else if (stays) {
        reflection.SwapElements(&message, &field, kept++, i);
      }
    }
    while (reflection.FieldSize(message, &field) > kept) reflection.RemoveLast(&message, &field);
  }

  static bool IsRequired(const google::protobuf::FieldDescriptor& field) {
    const auto& options = field.options();
    for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
      if (options.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED) return true;
    }
    return false;
  }

  // Makes one line of several where the field has only one.
  bool IsAllowed(const google::protobuf::FieldDescriptor& field, const std::string& path, std::string& text) {
    constexpr size_t kDefaultMaxLength = 1000;
    const auto& rule = field.options().GetExtension(common::v1::rule);
    if (!rule.resource().empty()) return true;
    const bool is_name = rule.format() == common::v1::TEXT_FORMAT_NAME;
    const bool is_line = is_name || rule.format() == common::v1::TEXT_FORMAT_LINE;
    if (is_line && text.find_first_of("\n\t") != std::string::npos) text = Tidy(text);
    const auto facts = validation::CheckText(text, is_line);
    const size_t max = rule.max_length() > 0 ? static_cast<size_t>(rule.max_length()) : kDefaultMaxLength;
    std::string problem;
    if (!facts.wanted.empty()) problem = "expected " + std::string(facts.wanted);
    if (is_name && problem.empty() && (validation::HasInvisible(text) || validation::HasMarkRun(text)))
      problem = "it has invisible characters";
    if (facts.code_points > max)
      problem = "it is longer than " + std::to_string(max) + " characters, the most that the field holds";
    if (!problem.empty()) Report(path, problem, text);
    return problem.empty();
  }

  // `path` begins with the template's field: "technical.data_users.description".
  void Report(const std::string& path, const std::string& problem, const std::string& text) {
    const size_t end = path.find('.', std::min(path.find('.'), path.size() - 1) + 1);
    form_.Report(path.substr(0, end), v1::UNREAD_KIND_NOT_STORED,
                 path.substr(path.rfind('.') + 1) + ": " + problem, text);
  }

  ReadForm& form_;
};

}  // namespace

void Resolve(const FindDepartment& find_department, const FindPerson& find_person,
             const std::vector<std::string>& recipients, const std::vector<std::string>& providers,
             ReadForm& form) {
  Resolver resolver(find_department, find_person, form);
  resolver.SettleParties(recipients, providers);
  resolver.NameDepartments();
  resolver.NameProviders();
  resolver.NamePeople();
  resolver.JoinTexts();
  Fitter fitter(form);
  fitter.FitContent();
  fitter.FitDates();
}

}  // namespace idea::drafting::document
