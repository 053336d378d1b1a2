#include "services/drafting/document/field_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/date_phrases.h"
#include "services/drafting/document/element_reader.h"

namespace idea::drafting::document {
namespace {

constexpr size_t kMaxItem = 200;

std::string Join(std::vector<std::string> lines, bool exact) {
  if (!exact) {
    while (!lines.empty() && Tidy(lines.back()).empty()) lines.pop_back();
    while (!lines.empty() && Tidy(lines.front()).empty()) lines.erase(lines.begin());
  }
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "" : "\n") + lines[i];
  return text;
}

bool IsText(PartKind kind) {
  return kind == PartKind::kText || kind == PartKind::kNote || kind == PartKind::kItems ||
         kind == PartKind::kDepartments;
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

std::string TextOf(const ReadRow& row) {
  std::string text;
  for (const ReadCell& cell : row) {
    const std::string part = Tidy(TextOf(cell));
    if (!part.empty()) text += (text.empty() ? "" : " | ") + part;
  }
  return text;
}

std::string AllTextOf(const ReadTable& table) {
  std::string text;
  const auto add = [&](const std::string& line) {
    if (!line.empty()) text += (text.empty() ? "" : "\n") + line;
  };
  for (const ReadRow& row : table) {
    add(TextOf(row));
    for (const ReadCell& cell : row) {
      for (const ReadTable& inside : cell.tables) add(AllTextOf(inside));
    }
  }
  return text;
}

void ReadForm::Report(std::string_view field, v1::UnreadKind kind, const std::string& problem,
                      const std::string& text) {
  v1::UnreadField& report = unread.emplace_back();
  report.set_field(std::string(field));
  report.set_problem(problem);
  report.set_text(text);
  report.set_kind(kind);
}

void FieldReader::Report(v1::UnreadKind kind, const std::string& problem, const std::string& text) {
  form_.Report(field_.path, kind, problem, text);
}

const Part* FieldReader::FindPart(std::string_view name) const {
  const auto found = std::find_if(field_.parts.begin(), field_.parts.end(),
                                  [&](const Part& part) { return part.name == name; });
  return found == field_.parts.end() ? nullptr : &*found;
}

const Part* FieldReader::FirstPart() const {
  const auto found = std::find_if(field_.parts.begin(), field_.parts.end(), [](const Part& part) {
    return IsText(part.kind) && part.kind != PartKind::kNote;
  });
  return found == field_.parts.end() ? nullptr : &*found;
}

void FieldReader::Read(const std::vector<ReadCell>& cells) {
  holder_ = &FieldIn(form_.content, field_.path);
  beside_table_ =
      std::any_of(cells.begin(), cells.end(), [](const ReadCell& cell) { return !cell.tables.empty(); });
  for (const ReadCell& cell : cells) {
    for (const CellParagraph& paragraph : cell.paragraphs) ReadParagraph(paragraph);
    const bool elements = field_.parts[0].kind == PartKind::kElements;
    for (const ReadTable& table : cell.tables) {
      if (elements && ElementReader::IsElementTable(table, ElementReader::Headings::kAlike)) {
        ElementReader(form_).ReadElements(table);
        // Tables nested in its cells.
        for (const ReadRow& row : table) {
          for (const ReadCell& inner : row) {
            for (const ReadTable& inside : inner.tables) ReadTableAsText(inside);
          }
        }
      } else {
        ReadTableAsText(table);
      }
    }
  }
  Store();
}

void FieldReader::ReadTableAsText(const ReadTable& table) {
  const std::string text = AllTextOf(table);
  if (text.empty()) return;
  const Part* first = FirstPart();
  if (first == nullptr || ignores_) {
    return Report(v1::UNREAD_KIND_NOT_STORED,
                  field_.parts[0].kind == PartKind::kElements ? "the table has no column Field Name"
                                                              : "a table in this field was not read",
                  text);
  }
  Report(v1::UNREAD_KIND_GUESSED, "a table in this field was kept as text, one row on each line", text);
  for (const std::string& line : LinesOf(text)) Append(line, false);
}

void FieldReader::ReadParagraph(const CellParagraph& paragraph) {
  const std::string& style = paragraph.style;
  if (ignores_ && style.starts_with("Idea")) return;
  if (style == "IdeaHelp" && (Tidy(paragraph.text).empty() || paragraph.text == field_.help ||
                              context_.helps.contains(paragraph.text))) {
    return;
  }
  if (style == "IdeaWithheld")
    return Report(v1::UNREAD_KIND_NOT_STORED, "withheld: the file is a public view");
  const bool contacts = field_.parts[0].kind == PartKind::kContacts;
  if (style == "IdeaGroup") {
    ignores_ = !contacts;
    if (contacts) TakeContact(paragraph.text, true);
    return;
  }
  if (style == "IdeaDepartment") return NameDepartment(paragraph.text);
  if (contacts && style.starts_with("Idea")) {
    if (!TakeContact(paragraph.text, true) && !Tidy(paragraph.text).empty()) {
      Report(v1::UNREAD_KIND_NOT_STORED, "not understood", Tidy(paragraph.text));
    }
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
  const std::string tidy = Tidy(value), label(part.label);
  if (part.kind == PartKind::kLine || part.kind == PartKind::kDepartment) {
    if (value.empty()) return;
    const std::string before = drafting::TextOf(*holder_, part.name);
    if (!before.empty() && before != value) {
      Report(v1::UNREAD_KIND_NOT_STORED, label + ": it was stated twice; the later one was used", before);
    }
    return SetText(*holder_, part.name, part.kind == PartKind::kLine ? value : tidy);
  }
  if (tidy.empty() || tidy == "\u2014") return;
  if (part.kind == PartKind::kPurposes) return TakePurposes(part, tidy);
  if (part.kind == PartKind::kNumber) return TakeNumber(part, tidy);
  if (part.kind != PartKind::kDate) return TakeChoice(part, tidy);
  const auto dates = FindDates(tidy);
  if (dates.empty() || dates[0].uncertain) {
    return Report(v1::UNREAD_KIND_NOT_STORED, label + ": expected a date such as 01/31/2027", tidy);
  }
  MakeDate(*holder_, part.name) = dates[0].date;
  if (dates[0].end - dates[0].begin < tidy.size()) {
    Report(v1::UNREAD_KIND_GUESSED, label + ": it says more than a date", tidy);
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
    if (choice != 0 && comma != std::string::npos) {
      SetText(*holder_, "frequency", Tidy(value.substr(comma + 1)));
    } else if (choice != 0 &&
               key != KeyOf(kRecurrences.at(choice - 1)) + KeyOf(drafting::TextOf(*holder_, "frequency"))) {
      Report(v1::UNREAD_KIND_GUESSED, std::string(part.label) + ": it says more than that", value);
    }
  }
  if (choice == 0)
    return Report(v1::UNREAD_KIND_NOT_STORED, std::string(part.label) + ": not understood", value);
  SetChoice(*holder_, part.name, choice);
  if (rest.empty()) return;
  // The reason of a "No" is a note. What follows a "Yes" belongs to the part that needs it.
  const auto follows = std::find_if(field_.parts.begin(), field_.parts.end(), [&](const Part& each) {
    return each.kind == PartKind::kText && each.if_yes == part.name;
  });
  const Part* to = choice == v1::ANSWER_NO         ? FindPart("answer_note")
                   : follows != field_.parts.end() ? &*follows
                                                   : nullptr;
  const Part* before = std::exchange(part_, to == nullptr ? part_ : to);
  Append(rest, false);
  part_ = before;
}

void FieldReader::TakePurposes(const Part& part, const std::string& value) {
  for (const std::string& item : SplitList(value, ",;")) {
    const auto kind = std::find_if(kPurposes.begin(), kPurposes.end(),
                                   [&](std::string_view name) { return KeyOf(name) == KeyOf(item); });
    if (kind == kPurposes.end()) {
      Report(v1::UNREAD_KIND_NOT_STORED, std::string(part.label) + ": not understood", item);
    } else {
      AddChoice(*holder_, part.name, static_cast<int>(kind - kPurposes.begin()) + 1);
    }
  }
}

void FieldReader::TakeNumber(const Part& part, const std::string& value) {
  constexpr int kMaxDays = 36525;
  int number = 0;
  const std::string digits = value.substr(0, value.find(' '));
  const std::string unit = KeyOf(value.substr(digits.size()));
  const bool is_days = unit.empty() || unit == "day" || unit == "days";
  if (!is_days || !absl::SimpleAtoi(digits, &number) || number <= 0 || number > kMaxDays) {
    return Report(v1::UNREAD_KIND_NOT_STORED, std::string(part.label) + ": expected a number of days", value);
  }
  SetNumber(*holder_, part.name, number);
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
  if (part_ != nullptr && part_->kind == PartKind::kDepartments) {
    by_department_[part_].push_back({name, {}});
  } else {
    Report(v1::UNREAD_KIND_NOTE, "a department's name where none belongs", name);
  }
}

void FieldReader::Append(const std::string& line, bool exact) {
  if (part_ == nullptr || !IsText(part_->kind)) part_ = FirstPart();
  if (part_ == nullptr) {
    const std::string text = Tidy(line);
    if (text.empty()) return;
    if (field_.parts[0].kind != PartKind::kElements)
      return Report(v1::UNREAD_KIND_NOT_STORED, "not understood", text);
    if (beside_table_) return Report(v1::UNREAD_KIND_NOT_STORED, "it stands beside the table", text);
    if (!ElementReader(form_).ReadLine(text)) {
      Report(v1::UNREAD_KIND_NOT_STORED, "expected a table or a list of data elements, got a text", text);
    }
    return;
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

// Text that explains a "Yes" is a note if the answer is "No". Without an answer, a text is never the approval
// of research.
void FieldReader::MoveToNote() {
  const Part* note = FindPart("answer_note");
  if (note == nullptr) return;
  for (const Part& part : field_.parts) {
    if (part.if_yes.empty() || part.kind != PartKind::kText) continue;
    const auto found = texts_.find(&part);
    const std::string given = ChoiceOf(*holder_, part.if_yes, kAnswers);
    const bool moves = given == "No" || (given.empty() && part.if_yes == "research");
    if (found == texts_.end() || found->second.exact || !moves) continue;
    Lines& to = texts_[note];
    to.exact = false;
    to.lines.insert(to.lines.end(), found->second.lines.begin(), found->second.lines.end());
    texts_.erase(found);
  }
}

void FieldReader::StoreItems(const Part& part, const Lines& text) {
  for (const std::string& line : text.lines) {
    if (text.exact) {
      if (!line.empty()) AddItem(*holder_, part.name, line);
      continue;
    }
    // People write lists with commas.
    for (const std::string& item : SplitList(line, ",;")) {
      const std::string bare = WithoutBullet(item);
      if (bare.size() > kMaxItem) {
        Report(v1::UNREAD_KIND_NOT_STORED, "expected a list of short items, got a text", bare);
      } else if (!bare.empty()) {
        AddItem(*holder_, part.name, bare);
      }
    }
  }
}

void FieldReader::StoreDepartments(const Part& part, const std::vector<Department>& list) {
  for (const Department& department : list) {
    const std::string text = Join(department.text.lines, department.text.exact);
    if (text.empty()) continue;
    v1::DepartmentText& entry = AddDepartment(*holder_, part.name);
    entry.set_entity(department.name);
    entry.set_text(text);
  }
}

void FieldReader::Store() {
  if (unanswered_ != nullptr && ChoiceOf(*holder_, unanswered_->name, kAnswers).empty()) {
    Report(v1::UNREAD_KIND_GUESSED, std::string(unanswered_->label) + ": no line begins with Yes or No",
           unanswered_text_);
  }
  if (!below_.empty()) {
    const Part* first = FirstPart();
    const bool whole = Join(texts_[first].lines, false).empty();
    if (whole) {
      Report(v1::UNREAD_KIND_GUESSED, "text below the last instruction was taken as \"" +
                                          std::string(first->label) + "\", not as \"" +
                                          std::string(below_part_->label) + "\"");
    }
    KeepBelow(whole ? first : below_part_);
  }
  MoveToNote();
  for (const auto& [part, text] : texts_) {
    if (part->kind == PartKind::kText || part->kind == PartKind::kNote)
      SetText(*holder_, part->name, Join(text.lines, text.exact));
    if (part->kind == PartKind::kItems) StoreItems(*part, text);
  }
  for (const auto& [part, list] : by_department_) StoreDepartments(*part, list);
  if (guessed_) {
    Report(v1::UNREAD_KIND_GUESSED,
           "no department is named before the text; it was taken as the first Data Recipient's");
  }
}

}  // namespace idea::drafting::document
