#include "services/drafting/document/checklist_reader.h"

#include <algorithm>

#include "services/drafting/content/content_path.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/date_phrases.h"
#include "services/drafting/document/field_reader.h"
#include "services/drafting/document/fixed_texts.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/template.h"

namespace idea::drafting::document {
namespace {

constexpr std::string_view kDepartmentKey = "department";
constexpr char kDates[] = "administrative.critical_dates";

// "Department", or "Department 1" if there are several.
bool IsPlaceholder(const std::string& text) {
  const std::string key = KeyOf(text);
  return key.starts_with(kDepartmentKey) && key.size() <= kDepartmentKey.size() + 1;
}

// Placeholders of the checklist that nobody replaced.
bool IsBlank(const std::string& text) {
  for (const char* label : {"Date BUCP Draft Finalized", "Date BUCP Draft Sent", "Approval Date", "Name",
                            "Department", "Role", "Date of Signature"}) {
    const auto value = AfterLabel(text, label);
    if (value && (Tidy(*value).empty() || Tidy(*value).starts_with("MM/DD"))) return true;
  }
  return text.empty() || text == "N/A" || text.starts_with("MM/DD");
}

}  // namespace

ChecklistReader::ChecklistReader(const ReadTable& table, const DepartmentFinder& finder, ReadForm& form)
    : finder_(finder), form_(form) {
  for (const ReadRow& row : table) {
    std::vector<const ReadCell*>& out = rows_.emplace_back();
    for (const ReadCell& cell : row) out.insert(out.end(), static_cast<size_t>(cell.span), &cell);
  }
}

bool ChecklistReader::IsChecklist(const ReadTable& table) {
  return !table.empty() && !table[0].empty() && KeyOf(TextOf(table[0][0])) == "taskname";
}

void ChecklistReader::Read() {
  if (rows_.empty()) return;
  std::vector<Column> columns(rows_[0].size());
  for (size_t at = 2; at < columns.size(); ++at) {
    columns[at] = {KeyOf(TextOf(*rows_[0][at])).starts_with("datarecipient"), NameOf(at)};
    if (columns[at].department.empty()) continue;
    // A cell that spans two columns is one department.
    if (rows_[0][at] == rows_[0][at - 1] && columns[at].department == columns[at - 1].department) continue;
    auto& parties =
        *(columns[at].recipient ? form_.content.mutable_recipients() : form_.content.mutable_providers());
    *parties.Add() = columns[at].department;
  }
  if (columns.size() > 4) form_.version = "V2 multiple departments";
  for (size_t row = 0; row < rows_.size(); ++row) {
    for (size_t at = 0; at < std::min<size_t>(rows_[row].size(), 2); ++at) {
      if (at == 1 && rows_[row][0] == rows_[row][1]) continue;
      ReadOwnWords(*rows_[row][at]);
    }
    for (size_t at = 2; at < rows_[row].size() && at < columns.size(); ++at) {
      if (at > 2 && rows_[row][at] == rows_[row][at - 1]) continue;
      if (rows_[row][0] == rows_[row][at] || rows_[row][1] == rows_[row][at]) continue;
      ReadCellOf(Tidy(TextOf(*rows_[row][0])), columns[at], *rows_[row][at]);
    }
  }
}

// The department that a paragraph of a column names. Empty if it names none.
std::string ChecklistReader::NamedBy(const CellParagraph& paragraph, bool header, bool first_row) const {
  if (paragraph.style == "IdeaDepartment") return paragraph.text;
  std::string text = Tidy(paragraph.text);
  const auto named = AfterLabel(text, "Department");
  if (named && !named->empty() && !named->starts_with("MM/DD")) return *named;
  if (!header || text.empty()) return "";
  if (first_row) {
    // "Data Recipient*: CDSS" contains a name, "Data Recipient*" does not.
    if (!finder_.Find(text).entity.empty()) return text;
    return "";
  }
  const size_t colon = text.find(':');
  if (colon != std::string::npos) text = Tidy(text.substr(colon + 1));
  return IsPlaceholder(text) ? "" : text;
}

std::string ChecklistReader::NameOf(size_t column) const {
  for (size_t row = 0; row < rows_.size(); ++row) {
    if (column >= rows_[row].size()) continue;
    const bool header = row == 0 || Tidy(TextOf(*rows_[row][0])).empty();
    for (const CellParagraph& paragraph : rows_[row][column]->paragraphs) {
      const std::string name = NamedBy(paragraph, header, row == 0);
      if (!name.empty()) return name;
    }
  }
  return "";
}

// The columns with the template's texts.
void ChecklistReader::ReadOwnWords(const ReadCell& cell) {
  for (const CellParagraph& paragraph : cell.paragraphs) {
    const std::string text = Tidy(paragraph.text);
    const bool task = std::any_of(std::begin(kTasks), std::end(kTasks), [&](const Task& each) {
      return text == each.name || text == each.description;
    });
    if (text.empty() || task || paragraph.style.starts_with("Idea") || IsFixedText(text)) continue;
    form_.Report("", v1::UNREAD_KIND_NOTE, "it stands in a column of the template's own words", text);
  }
}

bool ChecklistReader::ReadDate(const std::string& task, const Column& column, const std::string& text) {
  const char* name = KeyOf(task) == "bucpstartdate" ? "start_date"
                     : KeyOf(task) == "bucpenddate" ? "end_date"
                                                    : nullptr;
  if (name == nullptr) return false;
  const auto dates = FindDates(text);
  if (dates.size() != 1 || dates[0].uncertain) {
    form_.Report(kDates, v1::UNREAD_KIND_NOT_STORED, task + ": not understood", text);
    return true;
  }
  auto& critical = *form_.content.mutable_administrative()->mutable_critical_dates();
  const std::string before = DateOf(critical, name);
  auto& date = MakeDate(critical, name);
  if (before.empty()) date = dates[0].date;
  const bool other = DateText(dates[0].date) != DateText(date);
  if (other || dates[0].end - dates[0].begin < text.size()) {
    form_.Report(kDates, other ? v1::UNREAD_KIND_NOT_STORED : v1::UNREAD_KIND_GUESSED,
                 task +
                     (other ? ": the columns name different days; the first one counts"
                            : ": it says more than a date") +
                     (column.department.empty() ? "" : " (" + column.department + ")"),
                 text);
  }
  return true;
}

void ChecklistReader::ReadCellOf(const std::string& task, const Column& column, const ReadCell& cell) {
  std::string filled;
  for (const CellParagraph& paragraph : cell.paragraphs) {
    const std::string text = Tidy(paragraph.text);
    if (paragraph.style.starts_with("Idea") && KeyOf(task) != "bucpstartdate" && KeyOf(task) != "bucpenddate")
      continue;
    const bool party = !column.department.empty() &&
                       (text == column.department || AfterLabel(text, "Department") == column.department);
    if (IsBlank(text) || party || IsPlaceholder(text) || IsFixedText(text) || ReadDate(task, column, text))
      continue;
    const bool header = task.empty() || KeyOf(task) == "taskname";
    if (header && !column.department.empty() && text.ends_with(column.department)) continue;
    filled += (filled.empty() ? "" : "\n") + text;
  }
  for (const ReadTable& table : cell.tables) {
    if (const std::string text = AllTextOf(table); !text.empty())
      filled += (filled.empty() ? "" : "\n") + text;
  }
  if (filled.empty()) return;
  form_.Report("", v1::UNREAD_KIND_NOTE,
               "the checklist, " + (task.empty() ? "its header" : task) + ", " +
                   (column.recipient ? "Data Recipient" : "Data Provider") +
                   ": the exchange records this itself, it was not read",
               filled);
}

}  // namespace idea::drafting::document
