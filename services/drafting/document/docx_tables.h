#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

// The tables of a Word document as texts: all that the reader of forms needs of it.
namespace idea::drafting::document {

struct CellParagraph {
  // "IdeaAnswer"; empty for the default.
  std::string style;
  std::string text;
};

struct ReadCell;
using ReadTable = std::vector<std::vector<ReadCell>>;

struct ReadCell {
  std::vector<CellParagraph> paragraphs;
  // Tables inside of the cell.
  std::vector<ReadTable> tables;
  // How many columns it spans.
  int span = 1;
};

// The tables of word/document.xml, in order. What was struck out by a tracked change is left out. Refuses XML
// that does not parse, that is no text document, or that declares a document type: Office never writes one.
absl::StatusOr<std::vector<ReadTable>> ReadTables(const std::string& document_xml);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_
