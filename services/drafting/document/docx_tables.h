#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/drafting/document/docx_package.h"

// A Word document as texts, as the reader of forms needs it.
namespace idea::drafting::document {

// Check boxes are read as these characters, in whatever form Word or LibreOffice write them.
inline constexpr std::string_view kChecked = "\u2612";
inline constexpr std::string_view kUnchecked = "\u2610";

struct CellParagraph {
  // The style: "IdeaAnswer". Empty for the default style.
  std::string style;
  std::string text;
};

struct ReadCell;
using ReadRow = std::vector<ReadCell>;
using ReadTable = std::vector<ReadRow>;

struct ReadCell {
  std::vector<CellParagraph> paragraphs;
  // Nested tables.
  std::vector<ReadTable> tables;
  // The number of columns of the grid that the cell spans, and the first of them, from 0.
  int span = 1;
  int column = 0;
  // The cell continues the one above, merged vertically.
  bool continues = false;
};

// What a document contains besides its text: comments and changes that people added, and objects that are not
// text.
struct Annotation {
  enum class Kind { kComment, kInsertion, kDeletion, kObject };
  Kind kind;
  // As recorded by Word. May be empty.
  std::string author;
  // Of an object, what it is: "a picture".
  std::string text;
};

struct ReadBody {
  // Tables that are not nested, in order.
  std::vector<ReadTable> tables;
  // Paragraphs outside of tables, then those of headers and footers, then notes without a reference.
  std::vector<CellParagraph> loose;
  std::vector<Annotation> annotations;
};

// Reads the text of a document as if pending changes were accepted. Insertions are text and annotations,
// deletions are only annotations. Content controls that show their prompt are empty. Footnotes and endnotes
// are in brackets at their reference, except those of the templates, text boxes are paragraphs after the
// paragraph that contains them. Refuses XML that does not parse, is not a text document, or declares a
// document type.
absl::StatusOr<ReadBody> ReadParts(const DocxParts& parts);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_
