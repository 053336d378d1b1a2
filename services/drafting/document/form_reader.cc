#include "services/drafting/document/form_reader.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/checklist_reader.h"
#include "services/drafting/document/docx_package.h"
#include "services/drafting/document/docx_tables.h"
#include "services/drafting/document/element_reader.h"
#include "services/drafting/document/field_reader.h"
#include "services/drafting/document/fixed_texts.h"
#include "services/drafting/document/template.h"

namespace idea::drafting::document {
namespace {

// Of the 20 titles. With fewer, the file is another form.
constexpr int kFewestTitles = 10;
// Maximum size of everything that is reported about a file, in bytes. A response has no room for more.
constexpr size_t kMaxReportBytes = size_t{1} << 20U;

bool IsStandIn(const std::string& name) { return !name.empty() && name[0] <= kFirstProvider; }

// The template's fields by their titles.
class Titles {
 public:
  explicit Titles(const std::map<std::string, std::string>& others) {
    for (const Field& field : Fields()) {
      by_key_.emplace(KeyOf(field.title), &field);
      for (const auto& [title, path] : others) {
        if (path == field.path) by_key_.emplace(KeyOf(title), &field);
      }
    }
  }

  // The field of a row, or null.
  const Field* Of(const ReadRow& row) const {
    if (row.size() < 2) return nullptr;
    const auto found = by_key_.find(KeyOf(TextOf(row[0])));
    return found == by_key_.end() ? nullptr : found->second;
  }

  // The fields for which the table has rows.
  std::set<const Field*> In(const ReadTable& table) const {
    std::set<const Field*> fields;
    for (const ReadRow& row : table) fields.insert(Of(row));
    fields.erase(nullptr);
    return fields;
  }

 private:
  std::map<std::string, const Field*> by_key_;
};

// Texts of the template in the column "Required or Disputed Only".
bool IsNeed(const std::string& text) {
  const std::string key = KeyOf(text);
  return key.empty() || key == "required" || key.starts_with("requiredif") || key == "disputedonly";
}

// A field with the cells that describe it, from one or more rows.
struct FieldCells {
  const Field* field;
  std::vector<ReadCell> cells;
};

// The rows of the tables as fields. A row without a title, or whose title cell continues the one above,
// belongs to the previous field, even if a table was split.
class RowCollector {
 public:
  RowCollector(const Titles& titles, ReadForm& form) : titles_(titles), form_(form) {}

  void Read(const ReadTable& table) {
    for (const ReadRow& row : table) ReadRowOf(row);
  }
  std::vector<FieldCells>& fields() { return fields_; }

 private:
  void ReadRowOf(const ReadRow& row) {
    if (row.empty()) return;
    const std::string title = Tidy(TextOf(row[0]));
    const Field* field = titles_.Of(row);
    if (field != nullptr) {
      const auto before = std::find_if(fields_.begin(), fields_.end(),
                                       [&](const FieldCells& each) { return each.field == field; });
      if (before == fields_.end()) {
        fields_.push_back({field, {}});
        last_ = fields_.size() - 1;
      } else {
        last_ = static_cast<size_t>(before - fields_.begin());
        if (!row[0].continues) {
          form_.Report(field->path, v1::UNREAD_KIND_GUESSED,
                       "the field exists twice; both rows were combined");
        }
      }
    } else if (!title.empty() && !row[0].continues) {
      return KeepOther(row, title);
    } else if (last_ == kNone) {
      return KeepText(row);
    }
    FieldCells& to = fields_[last_];
    if (!title.empty() && field == nullptr) KeepCell(row[0]);
    // Required or Disputed Only is between title and description.
    size_t first = row.size() > 2 ? 2 : 1;
    if (row.size() == 2 && row[1].column > 1) first = 1;
    for (size_t i = 1; i < first; ++i) {
      if (!IsNeed(TextOf(row[i]))) KeepCell(row[i]);
    }
    for (size_t i = first; i < row.size(); ++i) {
      ReadCell cell = row[i];
      if (row.size() == 2 && !cell.paragraphs.empty() && IsNeed(Tidy(cell.paragraphs[0].text))) {
        cell.paragraphs.erase(cell.paragraphs.begin());
      }
      to.cells.push_back(std::move(cell));
    }
  }

  // A heading, or a row that does not belong to a field.
  void KeepOther(const ReadRow& row, const std::string& title) {
    const bool alone = Tidy(TextOf(row)) == title;
    if (KeyOf(title) == "bucpformfields" || (IsFixedText(title) && alone)) return;
    bool style = false;
    for (const CellParagraph& paragraph : row[0].paragraphs)
      style = style || paragraph.style == "IdeaSection";
    if (alone && style) return;
    last_ = kNone;
    form_.Report("", v1::UNREAD_KIND_NOT_STORED, "\"" + Cut(title, 100) + "\" is not a field of the template",
                 AllTextOf({row}));
  }
  void KeepText(const ReadRow& row) {
    const std::string text = AllTextOf({row});
    if (!text.empty()) form_.Report("", v1::UNREAD_KIND_NOT_STORED, "a row that belongs to no field", text);
  }
  void KeepCell(const ReadCell& cell) {
    const std::string text = Tidy(TextOf(cell));
    if (text.empty() || IsFixedText(text)) return;
    form_.Report(fields_[last_].field->path, v1::UNREAD_KIND_NOTE,
                 "it stands in a column of the template's own words", text);
  }

  static constexpr size_t kNone = static_cast<size_t>(-1);
  const Titles& titles_;
  ReadForm& form_;
  std::vector<FieldCells> fields_;
  size_t last_ = kNone;
};

// The words with which a department's text may begin: the sides, then the parties as the checklist names
// them.
std::map<std::string, std::string> NamesOf(const ReadForm& form) {
  std::map<std::string, std::string> names = {{"Data Recipient", std::string(1, kFirstRecipient)},
                                              {"Recipient", std::string(1, kFirstRecipient)},
                                              {"Data Provider", std::string(1, kFirstProvider)},
                                              {"Provider", std::string(1, kFirstProvider)}};
  for (const auto* side : {&form.content.recipients(), &form.content.providers()}) {
    for (const std::string& name : *side) names.emplace(name, name);
  }
  return names;
}

void ReadFields(std::vector<FieldCells>& fields, const TemplateTexts& others, const DepartmentFinder& finder,
                ReadForm& form) {
  std::map<std::string, std::string> departments = NamesOf(form);
  const FieldContext context = {departments, finder, others.helps};
  for (FieldCells& each : fields) {
    FieldReader(*each.field, context, form).Read(each.cells);
    form.fields.insert(std::string(each.field->path));
    // If the checklist is still blank, the contacts name the parties.
    for (const auto& entry : form.content.business_case().contact_information().departments()) {
      if (IsStandIn(entry.entity()) && entry.entity().size() > 1) {
        departments.emplace(entry.entity().substr(1), entry.entity());
      }
    }
  }
}

void ReportAnnotations(const std::vector<Annotation>& annotations, ReadForm& form) {
  std::map<std::string, int> insertions, objects;
  for (const Annotation& annotation : annotations) {
    const std::string by = annotation.author.empty() ? "" : " by " + Cut(annotation.author, 100);
    switch (annotation.kind) {
      case Annotation::Kind::kComment:
        form.Report("", v1::UNREAD_KIND_NOTE, "a comment" + by, annotation.text);
        break;
      case Annotation::Kind::kDeletion:
        form.Report("", v1::UNREAD_KIND_NOTE,
                    "a text that a pending change" + by + " deletes; it was left out", annotation.text);
        break;
      case Annotation::Kind::kInsertion:
        ++insertions[by];
        break;
      case Annotation::Kind::kObject:
        ++objects[annotation.text];
        break;
    }
  }
  for (const auto& [by, count] : insertions) {
    form.Report("", v1::UNREAD_KIND_NOTE,
                std::to_string(count) +
                    (count == 1 ? " insertion" + by + " is a pending change; it was read as accepted"
                                : " insertions" + by + " are pending changes; they were read as accepted"));
  }
  for (const auto& [object, count] : objects) {
    form.Report("", v1::UNREAD_KIND_NOT_STORED,
                "the file contains " + object + (count > 1 ? ", " + std::to_string(count) + " times" : "") +
                    "; only text is read");
  }
}

// Reports text outside of the form's tables that is not part of the template.
void ReportLoose(const std::vector<CellParagraph>& loose, ReadForm& form) {
  std::string text;
  for (const CellParagraph& paragraph : loose) {
    const std::string tidy = Tidy(paragraph.text);
    if (tidy.empty() || paragraph.style.starts_with("Idea") || IsFixedText(tidy)) continue;
    text += (text.empty() ? "" : "\n") + tidy;
  }
  if (!text.empty())
    form.Report("", v1::UNREAD_KIND_NOT_STORED, "text outside of the fields of the template", text);
}

template <class List, class Predicate>
void Drop(List& list, Predicate is_empty) {
  list.erase(std::remove_if(list.begin(), list.end(), is_empty), list.end());
}

absl::Status CheckReport(const ReadForm& form) {
  size_t bytes = 0;
  for (const v1::UnreadField& unread : form.unread) bytes += unread.ByteSizeLong();
  if (bytes <= kMaxReportBytes) return absl::OkStatus();
  return RefuseDocument("TOO_LARGE", "the file contains too much text outside of the template's fields");
}

}  // namespace

absl::StatusOr<ReadForm> ReadDocx(std::string_view docx, const TemplateTexts& others,
                                  const DepartmentFinder& departments) {
  ASSIGN_OR_RETURN(const DocxParts parts, UnpackDocx(docx));
  ASSIGN_OR_RETURN(const ReadBody body, ReadParts(parts));
  const Titles titles(others.titles);
  std::set<const Field*> all;
  for (const ReadTable& table : body.tables) all.merge(titles.In(table));
  if (std::count_if(all.begin(), all.end(), [](const Field* field) { return !field->added; }) <
      kFewestTitles) {
    return RefuseDocument("NOT_TEMPLATE", "the file is not the BUCP template");
  }
  ReadForm form;
  form.version = "V3";
  RowCollector rows(titles, form);
  std::vector<const ReadTable*> elements;
  bool has_checklist = false, begun = false;
  for (const ReadTable& table : body.tables) {
    // A table that continues a field begins without a title.
    const bool continues =
        begun && !table.empty() && table[0].size() > 1 && Tidy(TextOf(table[0][0])).empty();
    const std::set<const Field*> fields = titles.In(table);
    // "Data elements" is the title of a field and also a usual heading.
    if (fields.size() <= 1 && ElementReader::IsElementTable(table, ElementReader::Headings::kUsual)) {
      elements.push_back(&table);
    } else if (!fields.empty() || continues) {
      rows.Read(table);
      begun = true;
    } else if (!has_checklist && ChecklistReader::IsChecklist(table)) {
      ChecklistReader(table, departments, form).Read();
      has_checklist = true;
    } else if (const std::string text = AllTextOf(table); !text.empty()) {
      form.Report("", v1::UNREAD_KIND_NOT_STORED, "a table that is not of the template", text);
    }
  }
  ReadFields(rows.fields(), others, departments, form);
  for (const ReadTable* table : elements) {
    form.Report("technical.data_elements", v1::UNREAD_KIND_GUESSED,
                "a table of elements outside of the field was taken as its own");
    ElementReader(form).ReadElements(*table);
  }
  for (const Field& field : Fields()) {
    if (!field.added && !form.fields.contains(std::string(field.path))) {
      form.Report(field.path, v1::UNREAD_KIND_NOTE, "the field is not in the file");
    }
  }
  ReportLoose(body.loose, form);
  ReportAnnotations(body.annotations, form);
  auto& contacts =
      *form.content.mutable_business_case()->mutable_contact_information()->mutable_departments();
  Drop(contacts, [](const auto& entry) {
    return entry.data_coordinator().empty() && entry.executive_sponsor().empty() &&
           !entry.has_program_contact();
  });
  ForEachDepartment(form.content, [&](std::string& name, std::string_view) {
    const std::string plain = IsStandIn(name) ? name.substr(1) : name;
    if (!plain.empty()) form.departments.insert(plain);
  });
  DropEmptyParts(form.content);
  RETURN_IF_ERROR(CheckReport(form));
  return form;
}

}  // namespace idea::drafting::document
