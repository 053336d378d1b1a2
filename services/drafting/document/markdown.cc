#include <algorithm>

#include "common/validation/text.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/template.h"

// Writes the form as CommonMark with tables.
namespace idea::drafting::document {
namespace {

// Whether a line would begin a list or an underline.
bool BeginsBlock(std::string_view line) {
  if (line.empty()) return false;
  if (std::string_view("-+=").find(line[0]) != std::string_view::npos) return true;
  const size_t digits = line.find_first_not_of("0123456789");
  return digits > 0 && digits != std::string_view::npos && (line[digits] == '.' || line[digits] == ')');
}

// One line without Markdown or HTML syntax.
std::string Plain(std::string_view line) {
  const size_t indent = std::min(line.find_first_not_of(' '), line.size());
  std::string out;
  for (size_t i = 0; i < indent; ++i) out += "&nbsp;";
  line.remove_prefix(indent);
  // The dot after a number, or the first character.
  const size_t mark = BeginsBlock(line) ? line.find_first_not_of("0123456789") : line.size();
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '<' || c == '>' || c == '&') {
      out += validation::EscapeMarkup(std::string_view(&c, 1));
      continue;
    }
    if (i == mark || std::string_view("\\`*_[]#|~").find(c) != std::string_view::npos) out += '\\';
    out += c == '\t' ? ' ' : c;
  }
  return out;
}

// A text of several lines, joined by `separator`.
std::string Lines(std::string_view text, std::string_view separator) {
  std::string out;
  for (const std::string& line : LinesOf(text)) {
    if (!out.empty()) out += separator;
    out += line.empty() ? "&nbsp;" : Plain(line);
  }
  return out;
}

std::string Answer(const std::string& text, std::string_view separator) {
  return text.empty() ? "\u2014" : Lines(text, separator);
}

std::string TableRow(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  return out + "\n";
}

std::string Rule(size_t columns) { return TableRow(std::vector<std::string>(columns, "---")); }

std::string Grid(const std::vector<std::vector<std::string>>& rows) {
  std::string out;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : rows[i]) cells.push_back(cell.empty() ? "" : Lines(cell, "<br>"));
    out += TableRow(cells);
    if (i == 0) out += Rule(cells.size());
  }
  return out;
}

std::string Show(const Block& block) {
  switch (block.style) {
    case Style::kHelp:
    case Style::kWithheld:
      return "*" + Plain(block.text) + "*\n\n";
    case Style::kGroup:
      return "#### " + Plain(block.text) + "\n\n";
    case Style::kDepartment:
      return "##### " + Plain(block.text) + "\n\n";
    case Style::kLabel:
      return "**" + Plain(block.text) + "**\n\n";
    case Style::kAnswer:
      return Answer(block.text, "\\\n") + "\n\n";
    case Style::kLine:
      return "- **" + Plain(block.label) + ":** " + Answer(block.text, " ") + "\n";
    case Style::kGrid:
      return Grid(block.rows) + "\n";
  }
  return "";
}

std::string ShowAll(const Blocks& blocks) {
  std::string out;
  for (size_t i = 0; i < blocks.size(); ++i) {
    out += Show(blocks[i]);
    const bool list_ends =
        blocks[i].style == Style::kLine && (i + 1 == blocks.size() || blocks[i + 1].style != Style::kLine);
    if (list_ends) out += "\n";
  }
  return out;
}

std::string Show(const FormSection& section) {
  std::string out = "## " + Plain(section.title) + "\n\n";
  for (const FormField& field : section.fields) {
    out += "### " + Plain(field.title) + " (" + Plain(field.need) + ")\n\n" + ShowAll(field.blocks);
  }
  return out;
}

std::string CellOf(const Blocks& blocks) {
  std::string out;
  for (const Block& block : blocks) {
    if (!out.empty()) out += "<br>";
    out += block.style == Style::kLine ? Plain(block.label) + ": " + Answer(block.text, " ")
                                       : Answer(block.text, "<br>");
  }
  return out;
}

}  // namespace

std::string ToMarkdown(const Form& form) {
  std::string out =
      "# " + Plain(form.title) + "\n\n*(" + Plain(form.version) + ")*\n\n" + ShowAll(form.origin);
  for (const std::string& note : form.notes) out += "> " + Plain(note) + "\n\n";
  out += "## BUCP Instructions and Checklist\n\n";
  std::vector<std::string> head = {"Task Name", "Task Description"};
  for (const FormColumn& column : form.columns) {
    head.push_back(Plain(column.side) + "<br>" + Plain(column.department));
  }
  out += TableRow(head) + Rule(head.size());
  for (const FormTask& task : form.tasks) {
    std::vector<std::string> cells = {Plain(task.name), Plain(task.description)};
    for (const Blocks& cell : task.cells) cells.push_back(CellOf(cell));
    out += TableRow(cells);
  }
  out += "\n## TEMPLATE FIELDS AND DESCRIPTIONS\n\n";
  for (const FormSection& section : form.sections) out += Show(section);
  out += std::string(kFooter) + "\n\n## Appendix A: Additional Terms for Clarity\n\n";
  for (const Term& term : kTerms) out += "**" + Plain(term.name) + "**: " + Plain(term.meaning) + "\n\n";
  for (const FormSection& section : form.addenda) out += Show(section);
  return out;
}

}  // namespace idea::drafting::document
