#include "services/drafting/document/form_reader.h"

#include <algorithm>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/content_path.h"
#include "services/drafting/document/docx_package.h"
#include "services/drafting/document/docx_tables.h"
#include "services/drafting/document/field_reader.h"
#include "services/drafting/document/template.h"

namespace idea::drafting::document {
namespace {

// Of the 20 titles; fewer, and it is another form.
constexpr int kFewestTitles = 10;
constexpr std::string_view kDepartmentKey = "department";

void Report(ReadForm& form, std::string_view field, const std::string& problem) {
  v1::UnreadField& unread = form.unread.emplace_back();
  unread.set_field(std::string(field));
  unread.set_problem(problem);
}

bool IsStandIn(const std::string& name) { return !name.empty() && name[0] <= kFirstProvider; }

// The template's fields by their titles.
class Titles {
 public:
  explicit Titles(const OtherTitles& others) {
    for (const Field& field : Fields()) {
      by_key_.emplace(KeyOf(field.title), &field);
      for (const auto& [title, path] : others) {
        if (path == field.path) by_key_.emplace(KeyOf(title), &field);
      }
    }
  }

  // The field that a row is about; null if none.
  const Field* Of(const std::vector<ReadCell>& row) const {
    if (row.size() < 3) return nullptr;
    const auto found = by_key_.find(KeyOf(TextOf(row[0])));
    return found == by_key_.end() ? nullptr : found->second;
  }

  // Rows about fields of the template, or about those that an addendum adds.
  long Count(const ReadTable& table, bool added) const {
    return std::count_if(table.begin(), table.end(), [&](const auto& row) {
      const Field* field = Of(row);
      return field != nullptr && field->added == added;
    });
  }

 private:
  std::map<std::string, const Field*> by_key_;
};

// The checklist's columns of departments, header rows first.
class Checklist {
 public:
  Checklist(const ReadTable& table, ReadForm& form) : form_(form) {
    for (const auto& row : table) {
      std::vector<const ReadCell*>& out = rows_.emplace_back();
      for (const ReadCell& cell : row) out.insert(out.end(), static_cast<size_t>(cell.span), &cell);
    }
  }

  void Read() {
    if (rows_.empty()) return;
    for (size_t column = 2; column < rows_[0].size(); ++column) {
      const bool recipient = KeyOf(TextOf(*rows_[0][column])).starts_with("datarecipient");
      const std::string name = NameOf(column);
      if (!name.empty()) (recipient ? form_.content.add_recipients(name) : form_.content.add_providers(name));
    }
    if (rows_[0].size() > 4) form_.version = "V2 multiple departments";
    ReadDate("BUCP Start Date", "start_date");
    ReadDate("BUCP End Date", "end_date");
  }

 private:
  // The department of a column: in its header, or where the checklist asks for it.
  std::string NameOf(size_t column) const {
    for (size_t row = 0; row < rows_.size(); ++row) {
      if (column >= rows_[row].size()) continue;
      const bool header = row == 0 || Tidy(TextOf(*rows_[row][0])).empty();
      for (const CellParagraph& paragraph : rows_[row][column]->paragraphs) {
        if (paragraph.style == "IdeaDepartment") return paragraph.text;
        std::string text = Tidy(paragraph.text);
        const std::string key = KeyOf(text);
        if (header && row > 0) {
          const size_t colon = text.find(':');
          if (colon != std::string::npos) text = Tidy(text.substr(colon + 1));
          // "Department", or "Department 1" of several.
          const bool placeholder = key.starts_with(kDepartmentKey) && key.size() <= kDepartmentKey.size() + 1;
          if (!text.empty() && !placeholder) return text;
        }
        const auto named = AfterLabel(text, "Department");
        if (named && !named->empty()) return *named;
      }
    }
    return "";
  }

  void ReadDate(std::string_view task, std::string_view name) {
    for (const auto& row : rows_) {
      if (row.empty() || KeyOf(TextOf(*row[0])) != KeyOf(task)) continue;
      for (size_t column = 2; column < row.size(); ++column) {
        const std::string text = Tidy(TextOf(*row[column]));
        const bool blank = text.empty() || text == "N/A" || text.starts_with("MM/DD");
        const auto date = FindDate(text);
        if (!blank && !date) {
          Report(form_, "administrative.critical_dates",
                 std::string(task) + ": not understood: " + Cut(text, 50));
        }
        if (!date) continue;
        auto& dates = *form_.content.mutable_administrative()->mutable_critical_dates();
        MakeDate(dates, name) = *date;
        return;
      }
    }
  }

  ReadForm& form_;
  std::vector<std::vector<const ReadCell*>> rows_;
};

// Reads the rows of a table; returns the fields that it has.
std::set<const Field*> ReadFields(const ReadTable& table, const Titles& titles, ReadForm& form) {
  std::map<std::string, std::string> departments = {{"Data Recipient", std::string(1, kFirstRecipient)},
                                                    {"Recipient", std::string(1, kFirstRecipient)},
                                                    {"Data Provider", std::string(1, kFirstProvider)},
                                                    {"Provider", std::string(1, kFirstProvider)}};
  for (const auto* side : {&form.content.recipients(), &form.content.providers()}) {
    for (const std::string& name : *side) departments.emplace(name, name);
  }
  std::set<const Field*> seen;
  for (const auto& row : table) {
    if (row.size() < 3) continue;
    const std::string title = Tidy(TextOf(row[0]));
    const Field* field = titles.Of(row);
    if (field == nullptr) {
      if (KeyOf(title) != "bucpformfields" && !title.empty()) {
        Report(form, "", "\"" + Cut(title, 100) + "\" is no field of the template");
      }
      continue;
    }
    if (!seen.insert(field).second) {
      Report(form, field->path, "the field is there twice; the second one was not read");
      continue;
    }
    FieldReader(*field, departments, form).Read({row.begin() + 2, row.end()});
    // The guidebook leaves the checklist blank at first: then the contacts say who takes part.
    for (const auto& entry : form.content.business_case().contact_information().departments()) {
      if (IsStandIn(entry.entity())) departments.emplace(entry.entity().substr(1), entry.entity());
    }
  }
  return seen;
}

template <class List, class Predicate>
void Drop(List& list, Predicate is_empty) {
  list.erase(std::remove_if(list.begin(), list.end(), is_empty), list.end());
}

}  // namespace

absl::StatusOr<ReadForm> ReadDocx(std::string_view docx, const OtherTitles& others) {
  ASSIGN_OR_RETURN(const std::string xml, UnpackDocument(docx));
  ASSIGN_OR_RETURN(const std::vector<ReadTable> tables, ReadTables(xml));
  const Titles titles(others);
  const ReadTable* fields = nullptr;
  const ReadTable* checklist = nullptr;
  const ReadTable* addendum = nullptr;
  for (const ReadTable& table : tables) {
    const bool begins = !table.empty() && !table[0].empty() && KeyOf(TextOf(table[0][0])) == "taskname";
    if (fields == nullptr && titles.Count(table, false) >= kFewestTitles) {
      fields = &table;
    } else if (checklist == nullptr && begins) {
      checklist = &table;
    } else if (addendum == nullptr && titles.Count(table, true) > 0) {
      addendum = &table;
    }
  }
  if (fields == nullptr) return RefuseDocument("NOT_TEMPLATE", "the file is not the BUCP template");
  ReadForm form;
  form.version = "V3";
  if (checklist != nullptr) Checklist(*checklist, form).Read();
  const std::set<const Field*> seen = ReadFields(*fields, titles, form);
  for (const Field& field : Fields()) {
    if (!field.added && !seen.contains(&field)) Report(form, field.path, "the field is not in the file");
  }
  if (addendum != nullptr) ReadFields(*addendum, titles, form);
  auto& contacts =
      *form.content.mutable_business_case()->mutable_contact_information()->mutable_departments();
  Drop(contacts, [](const auto& entry) {
    return entry.data_coordinator().empty() && entry.executive_sponsor().empty();
  });
  ForEachDepartment(form.content, [&](std::string& name, std::string_view) {
    const std::string plain = IsStandIn(name) ? name.substr(1) : name;
    if (!plain.empty()) form.departments.insert(plain);
  });
  DropEmptyParts(form.content);
  return form;
}

void Resolve(const FindDepartment& find_department, const FindPerson& find_person,
             const std::vector<std::string>& recipients, const std::vector<std::string>& providers,
             ReadForm& form) {
  v1::Content& content = form.content;
  std::set<std::string> reported;
  const auto find = [&](const std::string& name, std::string_view field) {
    const MeantDepartment meant = find_department(name);
    if (!meant.doubt.empty() && reported.insert(name).second) Report(form, field, meant.doubt);
    return meant.entity;
  };
  // Who stands for a side that names nobody: "Division/Department" of its contacts.
  const auto settle = [&](auto* parties, const std::vector<std::string>& given, char stand_in,
                          const char* field) {
    std::vector<std::string> names(parties->begin(), parties->end());
    for (const auto& entry : content.business_case().contact_information().departments()) {
      if (names.empty() && entry.entity().size() > 1 && entry.entity()[0] == stand_in) {
        names.push_back(entry.entity().substr(1));
      }
    }
    parties->Clear();
    for (const std::string& entity : given) *parties->Add() = entity;
    if (!given.empty()) return;
    for (const std::string& name : names) {
      const std::string entity = find(name, field);
      if (!entity.empty() && std::find(parties->begin(), parties->end(), entity) == parties->end()) {
        *parties->Add() = entity;
      }
    }
  };
  settle(content.mutable_recipients(), recipients, kFirstRecipient, "recipients");
  settle(content.mutable_providers(), providers, kFirstProvider, "providers");

  const auto entity_of = [&](const std::string& name, std::string_view field) -> std::string {
    if (!IsStandIn(name)) return name.empty() ? "" : find(name, field);
    // It may be the name of a division: only what is certain is taken.
    const MeantDepartment meant = name.size() > 1 ? find_department(name.substr(1)) : MeantDepartment();
    if (!meant.entity.empty() && meant.doubt.empty()) return meant.entity;
    const auto& side = name[0] == kFirstRecipient ? content.recipients() : content.providers();
    return side.empty() ? "" : side[0];
  };
  ForEachDepartment(content, [&](std::string& name, std::string_view field) {
    if (!name.starts_with("entities/")) name = entity_of(name, field);
  });

  auto& contacts = *content.mutable_business_case()->mutable_contact_information()->mutable_departments();
  for (auto& entry : contacts) {
    for (auto* contact : {entry.mutable_data_coordinator(), entry.mutable_executive_sponsor()}) {
      if (contact->empty() || ids::MatchesPattern(*contact, "entities/*/contacts/*")) continue;
      const std::string found = find_person(entry.entity(), form.people[*contact]);
      if (found.empty()) {
        Report(form, "business_case.contact_information",
               "the registry has no contact " + Cut(*contact, 200) + " of " +
                   (entry.entity().empty() ? "that department" : entry.entity()));
      }
      *contact = found;
    }
  }
  Drop(contacts, [](const auto& entry) {
    return entry.entity().empty() || (entry.data_coordinator().empty() && entry.executive_sponsor().empty());
  });
  auto& administrative = *content.mutable_administrative();
  for (auto* list : {content.mutable_business_case()->mutable_output_use()->mutable_release_approvals(),
                     administrative.mutable_legal_authority()->mutable_departments(),
                     administrative.mutable_privacy_requirements()->mutable_departments(),
                     administrative.mutable_security_requirements()->mutable_departments(),
                     administrative.mutable_department_positions()->mutable_departments()}) {
    Drop(*list, [](const auto& entry) { return entry.entity().empty(); });
  }
  DropEmptyParts(content);
}

}  // namespace idea::drafting::document
