#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "common/validation/text.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/docx_package.h"
#include "services/drafting/document/docx_styles.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/template.h"

// Writes the form as an Office Open XML text. The style of a paragraph says what it means, so that the reader
// can tell values from labels after any editing.
namespace idea::drafting::document {
namespace {

constexpr int kWidth = 13680;  // of the text, in twentieths of a point

// The runs of one line. A tab is an element.
std::string Runs(std::string_view line, std::string_view properties = "") {
  const std::string begin =
      "<w:r>" + (properties.empty() ? "" : "<w:rPr>" + std::string(properties) + "</w:rPr>");
  std::string out;
  for (size_t at = 0; at < line.size();) {
    const size_t tab = std::min(line.find('\t', at), line.size());
    if (tab > at) {
      out += begin + "<w:t xml:space=\"preserve\">" + validation::EscapeMarkup(line.substr(at, tab - at)) +
             "</w:t></w:r>";
    }
    if (tab < line.size()) out += begin + "<w:tab/></w:r>";
    at = tab + 1;
  }
  return out;
}

std::string Paragraph(std::string_view style, const std::string& runs) {
  return "<w:p><w:pPr><w:pStyle w:val=\"" + std::string(style) + "\"/></w:pPr>" + runs + "</w:p>";
}

std::string Lines(std::string_view style, std::string_view text) {
  std::string out;
  for (const std::string& line : LinesOf(text)) out += Paragraph(style, Runs(line));
  return out;
}

std::string Cell(int width, const std::string& inside, std::string_view more = "") {
  return "<w:tc><w:tcPr><w:tcW w:w=\"" + std::to_string(width) + "\" w:type=\"dxa\"/>" + std::string(more) +
         "</w:tcPr>" + inside + "</w:tc>";
}

constexpr char kShaded[] = "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E8EEF4\"/>";

std::string TableBegin(const std::vector<int>& widths) {
  int all = 0;
  std::string grid;
  for (const int width : widths) {
    all += width;
    grid += "<w:gridCol w:w=\"" + std::to_string(width) + "\"/>";
  }
  return "<w:tbl><w:tblPr><w:tblStyle w:val=\"IdeaTable\"/><w:tblW w:w=\"" + std::to_string(all) +
         "\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/><w:tblLook w:val=\"0420\" w:firstRow=\"1\"/>"
         "</w:tblPr><w:tblGrid>" +
         grid + "</w:tblGrid>";
}

// A row stays on one page. A header is repeated on each page.
constexpr char kWholeRow[] = "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
constexpr char kHeaderRow[] = "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";

std::string Grid(const std::vector<std::vector<std::string>>& rows, int width) {
  // Widths in percent: Field Name, Type, Definition, Required, Valid inputs, Source, Notes, Guide for use,
  // Providers.
  constexpr int kShares[] = {13, 10, 18, 12, 11, 14, 11, 11};
  constexpr int kSharesWithProviders[] = {12, 9, 15, 11, 10, 12, 9, 9, 13};
  std::vector<int> widths;
  const bool has_providers = rows[0].size() > std::size(kShares);
  for (const int share : has_providers ? std::span<const int>(kSharesWithProviders) : kShares)
    widths.push_back(width * share / 100);
  std::string out = TableBegin(widths);
  for (size_t i = 0; i < rows.size(); ++i) {
    out += i == 0 ? kHeaderRow : kWholeRow;
    for (size_t k = 0; k < rows[i].size(); ++k) {
      out += i == 0 ? Cell(widths.at(k), Lines("IdeaGridHead", rows[i][k]), kShaded)
                    : Cell(widths.at(k), Lines("IdeaGridAnswer", rows[i][k]));
    }
    out += "</w:tr>";
  }
  // A cell must end with a paragraph.
  return out + "</w:tbl>" + Paragraph("IdeaHelp", "");
}

std::string Show(const Block& block, int width) {
  switch (block.style) {
    case Style::kHelp:
      return Lines("IdeaHelp", block.text);
    case Style::kGroup:
      return Lines("IdeaGroup", block.text);
    case Style::kDepartment:
      return Lines("IdeaDepartment", block.text);
    case Style::kLabel:
      return Lines("IdeaLabel", block.text);
    case Style::kAnswer:
      return Lines("IdeaAnswer", block.text);
    case Style::kLine:
      return Paragraph("IdeaLine", Runs(block.label + ": ", "<w:b/>") + Runs(block.text));
    case Style::kWithheld:
      return Lines("IdeaWithheld", block.text);
    case Style::kGrid:
      return Grid(block.rows, width);
  }
  return "";
}

std::string ShowAll(const Blocks& blocks, int width) {
  std::string out;
  for (const Block& block : blocks) out += Show(block, width);
  return out;
}

std::string Checklist(const Form& form) {
  const int columns = static_cast<int>(form.columns.size());
  std::vector<int> widths = {columns > 4 ? 1500 : 2200, columns > 4 ? 2000 : 3400};
  const int rest = kWidth - widths[0] - widths[1];
  for (int i = 0; i < columns; ++i) widths.push_back(rest / columns);
  std::string out = TableBegin(widths) + kHeaderRow;
  out += Cell(widths[0], Lines("IdeaHead", "Task Name"), kShaded);
  out += Cell(widths[1], Lines("IdeaHead", "Task Description"), kShaded);
  for (int i = 0; i < columns; ++i) {
    out += Cell(
        widths.at(i + 2),
        Lines("IdeaHead", form.columns[i].side + "*") + Lines("IdeaDepartment", form.columns[i].department),
        kShaded);
  }
  out += "</w:tr>";
  for (const FormTask& task : form.tasks) {
    out += kWholeRow + Cell(widths[0], Lines("IdeaHead", task.name)) +
           Cell(widths[1], Lines("IdeaHelp", task.description));
    for (int i = 0; i < columns; ++i) {
      out += Cell(widths.at(i + 2), ShowAll(task.cells.at(i), widths.at(i + 2)));
    }
    out += "</w:tr>";
  }
  return out + "</w:tbl>";
}

// The title of a field, with its comments.
std::string Title(const FormField& field) {
  if (field.comments.empty()) return Lines("IdeaHead", field.title);
  std::string begin, end;
  for (const size_t comment : field.comments) {
    const std::string id = " w:id=\"" + std::to_string(comment) + "\"/>";
    begin += "<w:commentRangeStart" + id;
    end += "<w:commentRangeEnd" + id + "<w:r><w:commentReference" + id + "</w:r>";
  }
  return Paragraph("IdeaHead", begin + Runs(field.title) + end);
}

std::string Comments(const Form& form) {
  std::string out = std::string(kXmlBegin) + "<w:comments " + kWordSpace + ">";
  for (size_t i = 0; i < form.comments.size(); ++i) {
    const OpenComment& comment = form.comments[i];
    out += "<w:comment w:id=\"" + std::to_string(i) + "\" w:author=\"" +
           validation::EscapeMarkup(comment.author) + "\" w:date=\"" +
           validation::EscapeMarkup(comment.time) + "\">" + Lines("Normal", comment.text) + "</w:comment>";
  }
  return out + "</w:comments>";
}

// Returns the text with another entry before its end.
std::string With(std::string xml, const std::string& entry, std::string_view end) {
  return xml.insert(xml.rfind(end), entry);
}

std::string Table(const std::vector<FormSection>& sections, bool with_titles) {
  const std::vector<int> widths = {2900, 1600, kWidth - 4500};
  std::string out = TableBegin(widths) + kHeaderRow +
                    Cell(widths[0], Lines("IdeaHead", "BUCP Form Fields"), kShaded) +
                    Cell(widths[1], Lines("IdeaHead", "Required or Disputed Only"), kShaded) +
                    Cell(widths[2], Lines("IdeaHead", "Field Description"), kShaded) + "</w:tr>";
  for (const FormSection& section : sections) {
    if (with_titles) {
      out += kWholeRow +
             Cell(kWidth, Lines("IdeaSection", section.title),
                  std::string("<w:gridSpan w:val=\"3\"/>") + kShaded) +
             "</w:tr>";
    }
    for (const FormField& field : section.fields) {
      out += "<w:tr>" + Cell(widths[0], Title(field)) + Cell(widths[1], Lines("IdeaHelp", field.need)) +
             Cell(widths[2], ShowAll(field.blocks, widths[2] - 230)) + "</w:tr>";
    }
  }
  return out + "</w:tbl>";
}

std::string Body(const Form& form) {
  std::string out = Lines("Title", form.title) + Lines("IdeaHelp", "(" + form.version + ")");
  out += ShowAll(form.origin, kWidth);
  for (const std::string& note : form.notes) out += Lines("IdeaWithheld", note);
  out += Lines("Heading1", "BUCP Instructions and Checklist:") + Checklist(form) +
         Lines("IdeaHelp", "*See Appendix A for definitions.") +
         Lines("Heading1", "TEMPLATE FIELDS AND DESCRIPTIONS") + Table(form.sections, true) +
         Lines("Normal", "") + Lines("Normal", kFooter) +
         Lines("Heading1", "Appendix A: Additional Terms for Clarity");
  for (const Term& term : kTerms) {
    out += Paragraph("Normal", Runs(std::string(term.name) + ": ", "<w:b/>") + Runs(term.meaning));
  }
  for (const FormSection& section : form.addenda) {
    // A document must not end with a table.
    out += Lines("Heading1", section.title) + Table({section}, false) + Lines("Normal", "");
  }
  return out;
}

std::string FooterText(const Form& form) {
  std::string text;
  for (const Block& line : form.origin) text += (text.empty() ? "" : "   ") + line.label + " " + line.text;
  return text;
}

}  // namespace

std::string ToDocx(const Form& form) {
  const std::string document =
      std::string(kXmlBegin) + "<w:document " + kWordSpace +
      " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>" +
      Body(form) +
      "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"15840\" w:h=\"12240\" "
      "w:orient=\"landscape\"/><w:pgMar w:top=\"1080\" w:right=\"1080\" w:bottom=\"1080\" w:left=\"1080\" "
      "w:header=\"540\" w:footer=\"540\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>";
  const std::string footer =
      std::string(kXmlBegin) + "<w:ftr " + kWordSpace + ">" +
      Paragraph("IdeaFooter", Runs(FooterText(form) + "   page ") +
                                  "<w:fldSimple w:instr=\"PAGE\"><w:r><w:t>1</w:t></w:r></w:fldSimple>") +
      "</w:ftr>";
  const std::string core = std::string(kXmlBegin) + kCoreBegin + "<dc:title>" +
                           validation::EscapeMarkup(form.title) +
                           "</dc:title><dc:language>en-US</dc:language></cp:coreProperties>";
  std::string types = kContentTypes, relations = kDocumentRelations;
  if (!form.comments.empty()) {
    types = With(std::move(types), kCommentsType, "</Types>");
    relations = With(std::move(relations), kCommentsRelation, "</Relationships>");
  }
  std::vector<std::pair<std::string, std::string>> parts = {{"[Content_Types].xml", types},
                                                            {"_rels/.rels", kRelations},
                                                            {"docProps/core.xml", core},
                                                            {"word/document.xml", document},
                                                            {"word/_rels/document.xml.rels", relations},
                                                            {"word/styles.xml", kStyles},
                                                            {"word/footer1.xml", footer}};
  if (!form.comments.empty()) parts.emplace_back("word/comments.xml", Comments(form));
  return PackDocx(parts);
}

}  // namespace idea::drafting::document
