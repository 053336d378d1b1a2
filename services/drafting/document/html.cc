#include "common/ids/ids.h"
#include "common/validation/text.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/template.h"

// Writes the form as one HTML file without scripts or external resources, for paper and for screen readers.
namespace idea::drafting::document {
namespace {

using validation::EscapeMarkup;

constexpr char kStyle[] = R"css(
:root { color-scheme: light; }
body { font: 11pt/1.45 Georgia, "Times New Roman", serif; color: #1a1a1a; background: #fff; margin: 2rem auto;
  max-width: 75rem; padding: 0 1rem; }
h1, h2, h3, th, dt, .label, .group, .department { font-family: "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 2px solid #1f4e79; padding-bottom: .2rem; color: #1f4e79; }
.version { margin: .2rem 0 1rem; font-style: italic; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
caption { text-align: left; font-style: italic; margin-bottom: .3rem; }
th, td { border: 1px solid #8a8a8a; padding: .45rem .55rem; vertical-align: top; text-align: left;
  overflow-wrap: break-word; }
thead th { background: #e8eef4; }
.form { table-layout: fixed; }
.field { width: 21%; }
.need { width: 11%; }
.scroll { overflow-x: auto; }
.scroll table { font-size: .85em; }
.grid td { min-width: 4em; }
.grid td:nth-child(3) { min-width: 10em; }
.help { color: #555; font-size: .9em; margin: 0 0 .5rem; }
.group { font-weight: bold; margin: .9rem 0 .2rem; color: #1f4e79; }
.department { font-weight: bold; margin: .6rem 0 .2rem; }
.label { font-weight: 600; font-size: .9em; margin: .6rem 0 .1rem; }
.answer { white-space: pre-wrap; margin: 0 0 .4rem; }
.line { margin: .1rem 0; }
.withheld { border: 1px dashed #8a8a8a; padding: .4rem; font-style: italic; }
.note { border-left: 4px solid #b45309; padding: .3rem .7rem; background: #fff7ed; }
.digest { font-family: ui-monospace, Consolas, monospace; font-size: .85em; overflow-wrap: anywhere; }
@page { size: letter landscape; margin: .6in; }
@media print { body { margin: 0; max-width: none; padding: 0 1px; font-size: 9.5pt; } .field { width: 17%; } thead { display: table-header-group; }
  .scroll { overflow: visible; } .scroll tr, .line { break-inside: avoid; }
  .scroll .grid { table-layout: fixed; font-size: 7.5pt; } .grid th, .grid td { padding: .2rem; min-width: 0; overflow-wrap: anywhere; }
  .grid th:nth-child(3) { width: 20%; }
  h2, h3, dt, .label, .group, .department { break-inside: avoid; break-after: avoid; } }
)css";

// Allows only the style above. Even if a text got past the escaping, a browser would neither load nor run it.
std::string Policy() {
  return "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" +
         ids::Sha256Base64(kStyle) + "'; base-uri 'none'; form-action 'none'\">\n";
}

std::string Tag(const std::string& name, const std::string& type, const std::string& inside) {
  return "<" + name + (type.empty() ? "" : " class=\"" + type + "\"") + ">" + inside + "</" + name + ">\n";
}

std::string Grid(const std::vector<std::vector<std::string>>& rows) {
  std::string out =
      "<div class=\"scroll\" role=\"region\" aria-label=\"Data elements\" "
      "tabindex=\"0\"><table class=\"grid\">\n<thead><tr>";
  for (const std::string& cell : rows.front()) out += "<th scope=\"col\">" + EscapeMarkup(cell) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (size_t i = 1; i < rows.size(); ++i) {
    out += "<tr>";
    for (size_t k = 0; k < rows[i].size(); ++k) {
      out += k == 0 ? "<th scope=\"row\">" + EscapeMarkup(rows[i][k]) + "</th>"
                    : "<td class=\"answer\">" + EscapeMarkup(rows[i][k]) + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string Show(const Block& block) {
  const std::string text = EscapeMarkup(block.text);
  switch (block.style) {
    case Style::kHelp:
      return Tag("p", "help", text);
    case Style::kGroup:
      return Tag("p", "group", text);
    case Style::kDepartment:
      return Tag("p", "department", text);
    case Style::kLabel:
      return Tag("p", "label", text);
    case Style::kAnswer:
      return Tag("div", "answer", text.empty() ? "&#8212;" : text);
    case Style::kLine:
      return Tag("p", "line",
                 "<b>" + EscapeMarkup(block.label) + ":</b> " + (text.empty() ? "&#8212;" : text));
    case Style::kWithheld:
      return Tag("p", "withheld", text);
    case Style::kGrid:
      return Grid(block.rows);
  }
  return "";
}

std::string ShowAll(const Blocks& blocks) {
  std::string out;
  for (const Block& block : blocks) out += Show(block);
  return out;
}

std::string Checklist(const Form& form) {
  std::string out =
      "<div class=\"scroll\" role=\"region\" aria-label=\"Checklist\" tabindex=\"0\"><table>\n"
      "<caption>Who did what, and when</caption>\n<thead><tr><th scope=\"col\">Task Name</th>"
      "<th scope=\"col\">Task Description</th>";
  for (const FormColumn& column : form.columns) {
    out +=
        "<th scope=\"col\">" + EscapeMarkup(column.side) + "<br>" + EscapeMarkup(column.department) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const FormTask& task : form.tasks) {
    out += "<tr><th scope=\"row\">" + EscapeMarkup(task.name) + "</th><td>" + EscapeMarkup(task.description) +
           "</td>\n";
    for (const Blocks& cell : task.cells) out += "<td>" + ShowAll(cell) + "</td>\n";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string Show(const FormSection& section, const std::string& heading) {
  std::string out =
      "<section>\n" + Tag(heading, "", EscapeMarkup(section.title)) +
      "<table class=\"form\">\n<thead><tr><th scope=\"col\" class=\"field\">BUCP Form Fields</th>"
      "<th scope=\"col\" class=\"need\">Required or Disputed Only</th>"
      "<th scope=\"col\">Field Description</th></tr></thead>\n<tbody>\n";
  for (const FormField& field : section.fields) {
    out += "<tr><th scope=\"row\">" + EscapeMarkup(field.title) + "</th><td>" + EscapeMarkup(field.need) +
           "</td><td>\n" + ShowAll(field.blocks) + "</td></tr>\n";
  }
  return out + "</tbody></table>\n</section>\n";
}

}  // namespace

std::string ToHtml(const Form& form) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" + Policy() +
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
                    EscapeMarkup(form.title) + "</title>\n<style>" + kStyle +
                    "</style>\n</head>\n<body>\n<header>\n";
  out +=
      Tag("h1", "", EscapeMarkup(form.title)) + Tag("p", "version", "(" + EscapeMarkup(form.version) + ")");
  for (const Block& line : form.origin) {
    out += Tag("p", "line",
               "<b>" + EscapeMarkup(line.label) + ":</b> <span class=\"digest\">" + EscapeMarkup(line.text) +
                   "</span>");
  }
  for (const std::string& note : form.notes) out += Tag("p", "note", EscapeMarkup(note));
  out += "</header>\n<main>\n<h2>BUCP Instructions and Checklist</h2>\n" + Checklist(form);
  out += "<h2>TEMPLATE FIELDS AND DESCRIPTIONS</h2>\n";
  for (const FormSection& section : form.sections) out += Show(section, "h3");
  out += Tag("p", "", EscapeMarkup(kFooter)) + "<h2>Appendix A: Additional Terms for Clarity</h2>\n<dl>\n";
  for (const Term& term : kTerms)
    out += Tag("dt", "label", EscapeMarkup(term.name)) + Tag("dd", "", EscapeMarkup(term.meaning));
  out += "</dl>\n";
  for (const FormSection& section : form.addenda) out += Show(section, "h2");
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace idea::drafting::document
