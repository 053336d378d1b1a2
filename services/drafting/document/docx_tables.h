#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/drafting/document/docx_package.h"

// A Word document as texts: all that the reader of forms needs of it.
namespace idea::drafting::document {

// How check boxes are read, whatever Word or LibreOffice make of them.
inline constexpr std::string_view kChecked = "\u2612";
inline constexpr std::string_view kUnchecked = "\u2610";

struct CellParagraph {
  // "IdeaAnswer"; empty for the default.
  std::string style;
  std::string text;
};

struct ReadCell;
using ReadRow = std::vector<ReadCell>;
using ReadTable = std::vector<ReadRow>;

struct ReadCell {
  std::vector<CellParagraph> paragraphs;
  // Tables inside of the cell.
  std::vector<ReadTable> tables;
  // How many columns of the grid it spans, and the first of them, from 0.
  int span = 1;
  int column = 0;
  // It continues the cell above, merged vertically.
  bool continues = false;
};

// What people added to a document beside its text.
struct Annotation {
  enum class Kind { kComment, kInsertion, kDeletion };
  Kind kind;
  // As Word recorded it; may be empty.
  std::string author;
  std::string text;
};

struct ReadBody {
  // Tables that are not inside of another one, in order.
  std::vector<ReadTable> tables;
  // Paragraphs outside of tables, then those of headers and footers, then notes that nothing refers to.
  std::vector<CellParagraph> loose;
  std::vector<Annotation> annotations;
};

// Reads the text of a document as it is if pending changes are accepted: insertions are text and annotations,
// deletions are annotations only. Content controls that show their prompt are empty. Footnotes and endnotes
// stand in brackets where the text refers to them, text boxes are paragraphs behind the one that holds them.
// Refuses XML that does not parse, that is no text document, or that declares a document type.
absl::StatusOr<ReadBody> ReadParts(const DocxParts& parts);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_TABLES_H_
