#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_ELEMENT_READER_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_ELEMENT_READER_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/drafting/document/docx_tables.h"
#include "services/drafting/document/form_reader.h"

namespace idea::drafting::document {

// Reads data elements (field 6) into form.content: the Data Field Definitions, tables with other headings,
// and lists.
class ElementReader {
 public:
  explicit ElementReader(ReadForm& form);

  // The headings of columns that are known: usual ones, or also longer ones with a usual word, "Business
  // Definition".
  enum class Headings { kUsual, kAlike };
  // Whether a row of the table has headings, one of which is the name of an element.
  static bool IsElementTable(const ReadTable& table, Headings headings);

  // Reads a table that has headings in one of its first rows. Columns are matched by their position in the
  // grid. Text without a column of the template is kept in the notes of the element.
  void ReadElements(const ReadTable& table);

  // Reads a line that names one element, or several separated by semicolons or commas. Returns whether it was
  // read.
  bool ReadLine(const std::string& line);

 private:
  // By the first column of the grid: the number of the template's column, or -1 with its heading.
  struct Column {
    int field;
    std::string heading;
  };
  using Columns = std::map<int, Column>;

  static Columns ColumnsOf(const ReadRow& row, Headings headings);
  void ReadRowOf(const Columns& columns, const ReadRow& row, int number);
  void TakeHeading(std::vector<std::string>& items);
  void Add(v1::DataElement element, const std::string& where, const std::string& text);
  void Report(v1::UnreadKind kind, const std::string& problem, const std::string& text);

  ReadForm& form_;
  // Names in the form in which they are compared.
  std::set<std::string> names_;
  // The texts of the previous row, for cells that are merged vertically.
  std::map<int, std::string> above_;
};

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_ELEMENT_READER_H_
