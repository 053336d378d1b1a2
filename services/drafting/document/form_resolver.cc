#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/ids/ids.h"
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
    }
    JoinContacts(entries);
    Drop(entries, [](const auto& entry) {
      return entry.data_coordinator().empty() && entry.executive_sponsor().empty() &&
             !entry.has_data_coordinator_text() && !entry.has_executive_sponsor_text();
    });
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

}  // namespace

void Resolve(const FindDepartment& find_department, const FindPerson& find_person,
             const std::vector<std::string>& recipients, const std::vector<std::string>& providers,
             ReadForm& form) {
  Resolver resolver(find_department, find_person, form);
  resolver.SettleParties(recipients, providers);
  resolver.NameDepartments();
  resolver.NamePeople();
  resolver.JoinTexts();
}

}  // namespace idea::drafting::document
