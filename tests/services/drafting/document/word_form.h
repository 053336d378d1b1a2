#ifndef IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_WORD_FORM_H_
#define IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_WORD_FORM_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/validation/text.h"
#include "services/drafting/document/docx_package.h"
#include "services/drafting/document/docx_styles.h"
#include "services/drafting/document/template.h"

// The template as a Word file without styles of this suite, filled in by a test. XML as Word writes it.
namespace idea::drafting::document {

inline std::string TextRun(const std::string& text) {
  return "<w:r><w:t xml:space=\"preserve\">" + validation::EscapeMarkup(text) + "</w:t></w:r>";
}
inline std::string P(const std::string& text) { return "<w:p>" + TextRun(text) + "</w:p>"; }
inline std::string Tc(const std::string& blocks, const std::string& properties = "") {
  return "<w:tc><w:tcPr>" + properties + "</w:tcPr>" + blocks + "</w:tc>";
}
inline std::string Tr(const std::vector<std::string>& cells) {
  std::string row = "<w:tr>";
  for (const std::string& cell : cells) row += cell;
  return row + "</w:tr>";
}
// A table of plain cells.
inline std::string Tbl(const std::vector<std::vector<std::string>>& rows) {
  std::string table = "<w:tbl>";
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& text : row) cells.push_back(Tc(P(text)));
    table += Tr(cells);
  }
  return table + "</w:tbl>";
}

class WordForm {
 public:
  // The paragraphs of a field, by its path.
  WordForm& Put(const std::string& path, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) cells_[path] += P(line);
    return *this;
  }
  WordForm& PutXml(const std::string& path, const std::string& xml) {
    cells_[path] += xml;
    return *this;
  }
  // All rows of a field, instead of the usual one.
  WordForm& PutRows(const std::string& path, const std::string& rows) {
    rows_[path] = rows;
    return *this;
  }
  // Blocks after the tables.
  WordForm& Behind(const std::string& xml) {
    behind_ += xml;
    return *this;
  }
  WordForm& Checklist(const std::string& table) {
    checklist_ = table;
    return *this;
  }
  // A part that the main document names by its type.
  WordForm& Part(const std::string& type, const std::string& xml) {
    parts_.emplace_back(type, xml);
    return *this;
  }
  // A new table begins at the field.
  WordForm& SplitAt(const std::string& path) {
    splits_.push_back(path);
    return *this;
  }
  WordForm& LeaveOut(const std::string& path) {
    rows_[path] = "";
    return *this;
  }

  std::string Docx(const std::string& main = "word/document.xml") const {
    std::string tables = "<w:tbl>";
    for (const Field& field : Fields()) {
      if (field.added) continue;
      const std::string path(field.path);
      for (const std::string& split : splits_) tables += split == path ? "</w:tbl><w:p/><w:tbl>" : "";
      const auto rows = rows_.find(path);
      const auto cell = cells_.find(path);
      tables += rows != rows_.end() ? rows->second
                                    : Tr({Tc(P(std::string(field.title))), Tc(P("Required")),
                                          Tc(cell == cells_.end() ? "<w:p/>" : cell->second)});
    }
    const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    std::string relations = "<Relationships>";
    std::vector<std::pair<std::string, std::string>> files = {
        {"[Content_Types].xml", kContentTypes},
        {"_rels/.rels", "<Relationships><Relationship Type=\"" + office + "officeDocument\" Target=\"" +
                            main + "\"/></Relationships>"},
        {main,
         "<w:document><w:body>" + checklist_ + tables + "</w:tbl>" + behind_ + "</w:body></w:document>"}};
    for (size_t i = 0; i < parts_.size(); ++i) {
      const std::string name = "part" + std::to_string(i) + ".xml";
      relations += "<Relationship Type=\"" + office + parts_[i].first + "\" Target=\"" + name + "\"/>";
      files.emplace_back("word/" + name, parts_[i].second);
    }
    files.emplace_back("word/_rels/" + main.substr(main.rfind('/') + 1) + ".rels",
                       relations + "</Relationships>");
    return PackDocx(files);
  }

 private:
  std::map<std::string, std::string> cells_, rows_;
  std::string checklist_, behind_;
  std::vector<std::pair<std::string, std::string>> parts_;
  std::vector<std::string> splits_;
};

}  // namespace idea::drafting::document

#endif  // IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_WORD_FORM_H_
