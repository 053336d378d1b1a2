#include "services/drafting/document/field_reader.h"

#include <algorithm>
#include <utility>

#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/content_path.h"
#include "services/drafting/document/escape.h"

namespace idea::drafting::document {
namespace {

constexpr size_t kLongestName = 200;

std::string Join(std::vector<std::string> lines, bool exact) {
  if (!exact) {
    while (!lines.empty() && Tidy(lines.back()).empty()) lines.pop_back();
    while (!lines.empty() && Tidy(lines.front()).empty()) lines.erase(lines.begin());
  }
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "" : "\n") + lines[i];
  return text;
}

// "PII" of "- PII".
std::string WithoutBullet(const std::string& item) {
  for (const std::string_view bullet : {"\u2022", "\u00b7", "\u2013", "-", "*"}) {
    if (item.starts_with(bullet)) return Tidy(std::string_view(item).substr(bullet.size()));
  }
  return item;
}

bool IsText(PartKind kind) {
  return kind == PartKind::kText || kind == PartKind::kItems || kind == PartKind::kDepartments;
}

}  // namespace

std::string TextOf(const ReadCell& cell) {
  std::vector<std::string> lines;
  bool exact = !cell.paragraphs.empty();
  for (const CellParagraph& paragraph : cell.paragraphs) {
    lines.push_back(paragraph.text);
    exact = exact && paragraph.style == "IdeaGridAnswer";
  }
  return Join(lines, exact);
}

void FieldReader::Report(const std::string& problem) {
  v1::UnreadField& unread = form_.unread.emplace_back();
  unread.set_field(std::string(field_.path));
  unread.set_problem(problem);
}

const Part* FieldReader::FindPart(std::string_view name) const {
  const auto found = std::find_if(field_.parts.begin(), field_.parts.end(),
                                  [&](const Part& part) { return part.name == name; });
  return found == field_.parts.end() ? nullptr : &*found;
}

const Part* FieldReader::FirstPart() const {
  const auto found = std::find_if(field_.parts.begin(), field_.parts.end(),
                                  [](const Part& part) { return IsText(part.kind); });
  return found == field_.parts.end() ? nullptr : &*found;
}

void FieldReader::Read(const std::vector<ReadCell>& cells) {
  holder_ = MakeMessage(form_.content, field_.path);
  beside_table_ =
      std::any_of(cells.begin(), cells.end(), [](const ReadCell& cell) { return !cell.tables.empty(); });
  for (const ReadCell& cell : cells) {
    for (const CellParagraph& paragraph : cell.paragraphs) ReadParagraph(paragraph);
    const bool elements = field_.parts[0].kind == PartKind::kElements;
    for (const ReadTable& table : cell.tables) {
      if (elements) {
        ReadElements(table);
      } else {
        Report("a table in this field was not read");
      }
    }
  }
  Store();
}

void FieldReader::ReadParagraph(const CellParagraph& paragraph) {
  const std::string& style = paragraph.style;
  if (style == "IdeaHelp" || (ignores_ && style.starts_with("Idea"))) return;
  if (style == "IdeaWithheld") return Report("withheld: the file is a public view");
  const bool contacts = field_.parts[0].kind == PartKind::kContacts;
  if (style == "IdeaGroup") {
    ignores_ = !contacts;
    if (contacts) TakeContact(paragraph.text, true);
    return;
  }
  if (style == "IdeaDepartment") return NameDepartment(paragraph.text);
  if (contacts && style.starts_with("Idea")) {
    TakeContact(paragraph.text, true);
    return;
  }
  if (style == "IdeaLabel" && TakeLabel(paragraph.text)) return;
  if (style == "IdeaLine" && TakeLine(paragraph.text)) return;
  if (style == "IdeaAnswer") {
    for (const std::string& line : LinesOf(paragraph.text)) Append(line, true);
    return;
  }
  for (const std::string& line : LinesOf(paragraph.text)) ReadPlain(line);
}

bool FieldReader::TakeLabel(const std::string& text) {
  for (const Part& part : field_.parts) {
    if (part.label.empty() || text != part.label) continue;
    part_ = &part;
    by_prompt_ = false;
    return true;
  }
  return false;
}

bool FieldReader::TakeLine(const std::string& text) {
  for (const Part& part : field_.parts) {
    if (part.label.empty() || IsText(part.kind)) continue;
    const std::optional<std::string> value = AfterLabel(text, part.label);
    if (!value) continue;
    TakeValue(part, *value);
    return true;
  }
  return false;
}

void FieldReader::TakeValue(const Part& part, const std::string& value) {
  if (part.kind == PartKind::kLine) return SetText(*holder_, part.name, value);
  const std::string tidy = Tidy(value);
  if (tidy.empty() || tidy == "\u2014") return;
  if (part.kind == PartKind::kDepartment) return SetText(*holder_, part.name, tidy);
  if (part.kind != PartKind::kDate) return TakeChoice(part, tidy);
  if (const auto date = FindDate(tidy)) {
    MakeDate(*holder_, part.name) = *date;
  } else {
    Report(std::string(part.label) + ": wanted a date such as 01/31/2027, got " + Cut(tidy, 50));
  }
}

void FieldReader::TakeChoice(const Part& part, const std::string& value) {
  std::string rest;
  int choice = 0;
  if (part.kind == PartKind::kAnswer) {
    choice = LeadingAnswer(value, rest);
  } else if (part.kind == PartKind::kUse) {
    const auto use = std::find_if(kUses.begin(), kUses.end(),
                                  [&](std::string_view name) { return KeyOf(name) == KeyOf(value); });
    choice = use == kUses.end() ? 0 : static_cast<int>(use - kUses.begin()) + 1;
  } else {
    const std::string key = KeyOf(value);
    choice = key.starts_with("one") ? 1 : key.starts_with("ongoing") ? 2 : 0;
    const size_t comma = value.find_first_of(",;:");
    if (choice != 0 && comma != std::string::npos)
      SetText(*holder_, "frequency", Tidy(value.substr(comma + 1)));
  }
  if (choice == 0) return Report(std::string(part.label) + ": not understood: " + Cut(value, 100));
  SetChoice(*holder_, part.name, choice);
  if (!rest.empty()) Append(rest, false);
}

v1::DepartmentContacts& FieldReader::Contacts() {
  auto& entries =
      *form_.content.mutable_business_case()->mutable_contact_information()->mutable_departments();
  if (begins_contacts_ || entries.empty()) {
    begins_contacts_ = false;
    sponsor_ = false;
    entries.Add()->set_entity(std::string(1, side_ == 'P' ? kFirstProvider : kFirstRecipient));
  }
  return *entries.rbegin();
}

void FieldReader::NameDepartment(const std::string& name) {
  if (field_.parts[0].kind == PartKind::kContacts) {
    Contacts().set_entity(name);
    return;
  }
  if (part_ == nullptr || part_->kind != PartKind::kDepartments) {
    for (const Part& part : field_.parts) {
      if (part.kind == PartKind::kDepartments) part_ = &part;
    }
  }
  if (part_ != nullptr && part_->kind == PartKind::kDepartments) by_department_[part_].push_back({name, {}});
}

void FieldReader::Append(const std::string& line, bool exact) {
  if (part_ == nullptr || !IsText(part_->kind)) part_ = FirstPart();
  if (part_ == nullptr) {
    // Elements that are no table: a name a line.
    const std::string name = Tidy(line);
    if (field_.parts[0].kind != PartKind::kElements || name.empty()) return;
    if (beside_table_) return Report("beside the table, not read: " + Cut(name, 100));
    if (name.size() > kLongestName) return Report("wanted a table of data elements, got a text");
    v1::DataElement& element = *form_.content.mutable_technical()->mutable_data_elements()->add_elements();
    element.set_field_name(name);
    element.set_type(v1::ELEMENT_TYPE_OTHER);
    return Report(name + ": only its name is given");
  }
  Lines* to = &texts_[part_];
  if (part_->kind == PartKind::kDepartments) {
    auto& list = by_department_[part_];
    const std::string first(1, side_ == 'P' ? kFirstProvider : kFirstRecipient);
    if (list.empty() || (side_ != 0 && list.back().name != first && list.back().name.size() == 1)) {
      if (Tidy(line).empty()) return;
      guessed_ = guessed_ || side_ == 0;
      list.push_back({first, {}});
    }
    to = &list.back().text;
  }
  to->lines.push_back(line);
  to->exact = to->exact && exact;
}

void FieldReader::ReadElements(const ReadTable& table) {
  // By its place in a row: the number of the column.
  std::map<size_t, int> columns;
  size_t row = 0;
  for (; row < table.size() && columns.empty(); ++row) {
    for (size_t i = 0; i < table[row].size(); ++i) {
      for (size_t k = 0; k < kElementColumns.size(); ++k) {
        if (KeyOf(TextOf(table[row][i])) == KeyOf(kElementColumns[k])) columns[i] = static_cast<int>(k);
      }
    }
  }
  const bool named =
      std::any_of(columns.begin(), columns.end(), [](const auto& at) { return at.second == 0; });
  if (!named) return Report("the table has no column Field Name");
  for (; row < table.size(); ++row) ReadElement(columns, table[row], static_cast<int>(row));
}

void FieldReader::ReadElement(const std::map<size_t, int>& columns, const std::vector<ReadCell>& row,
                              int number) {
  std::array<std::string, kElementColumns.size()> text;
  bool blank = true;
  for (const auto& [place, column] : columns) {
    if (place >= row.size()) continue;
    text.at(column) = TextOf(row[place]);
    blank = blank && Tidy(text.at(column)).empty();
  }
  if (blank) return;
  const std::string where = "row " + std::to_string(number) + ": ";
  if (text[0].empty()) return Report(where + "it has no Field Name");
  v1::DataElement element;
  element.set_field_name(text[0]);
  const auto type = std::find_if(kElementTypes.begin(), kElementTypes.end(),
                                 [&](std::string_view name) { return KeyOf(name) == KeyOf(text[1]); });
  if (type == kElementTypes.end()) Report(where + "its Type is none of the template's, taken as Other");
  element.set_type(type == kElementTypes.end()
                       ? v1::ELEMENT_TYPE_OTHER
                       : static_cast<v1::ElementType>(type - kElementTypes.begin() + 1));
  std::string rest;
  const int required = LeadingAnswer(Tidy(text[3]), rest);
  const bool asked =
      std::any_of(columns.begin(), columns.end(), [](const auto& at) { return at.second == 3; });
  if (required == 0 && asked) Report(where + "Required is neither Yes nor No");
  element.set_definition(text[2]);
  element.set_required(required == 1);
  element.set_valid_inputs(text[4]);
  element.set_source(text[5]);
  element.set_notes(text[6]);
  element.set_guide_for_use(text[7]);
  *form_.content.mutable_technical()->mutable_data_elements()->add_elements() = element;
}

void FieldReader::Store() {
  if (unanswered_ != nullptr && ChoiceOf(*holder_, unanswered_->name, kAnswers).empty()) {
    Report(std::string(unanswered_->label) + ": no line begins with Yes or No");
  }
  if (!below_.empty()) {
    const Part* first = FirstPart();
    const bool whole = Join(texts_[first].lines, false).empty();
    if (whole) {
      Report("what stands below the last instruction was taken as \"" + std::string(first->label) +
             "\", not as \"" + std::string(below_part_->label) + "\"");
    }
    KeepBelow(whole ? first : below_part_);
  }
  for (const auto& [part, text] : texts_) {
    if (part->kind == PartKind::kDepartments) continue;
    if (part->kind == PartKind::kText) {
      SetText(*holder_, part->name, Join(text.lines, text.exact));
      continue;
    }
    for (const std::string& line : text.lines) {
      // People write lists with commas.
      for (size_t begin = 0; begin <= line.size();) {
        const size_t end = text.exact ? line.size() : std::min(line.find_first_of(",;", begin), line.size());
        std::string item = line.substr(begin, end - begin);
        if (!text.exact) item = WithoutBullet(Tidy(item));
        if (!item.empty()) AddItem(*holder_, part->name, item);
        begin = end + 1;
      }
    }
  }
  for (const auto& [part, list] : by_department_) {
    for (const Department& department : list) {
      const std::string text = Join(department.text.lines, department.text.exact);
      if (text.empty()) continue;
      v1::DepartmentText& entry = AddDepartment(*holder_, part->name);
      entry.set_entity(department.name);
      entry.set_text(text);
    }
  }
  if (guessed_) Report("no department is named before the text; it was taken as the first Data Recipient's");
}

}  // namespace idea::drafting::document
