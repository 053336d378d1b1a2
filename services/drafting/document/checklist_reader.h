#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_CHECKLIST_READER_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_CHECKLIST_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/drafting/document/docx_tables.h"
#include "services/drafting/document/form_reader.h"

namespace idea::drafting::document {

// Reads the checklist, which has one column for each department and starts with header rows. Stores the
// parties and the first and last day. Reports everything else that people entered, such as dates of reviews,
// because the exchange records these itself.
class ChecklistReader {
 public:
  ChecklistReader(const ReadTable& table, const DepartmentFinder& finder, ReadForm& form);
  void Read();

  static bool IsChecklist(const ReadTable& table);

 private:
  struct Column {
    bool recipient;
    std::string department;
  };

  std::string NameOf(size_t column) const;
  std::string NamedBy(const CellParagraph& paragraph, bool header, bool first_row) const;
  void ReadOwnWords(const ReadCell& cell);
  void ReadCellOf(const std::string& task, const Column& column, const ReadCell& cell);
  bool ReadDate(const std::string& task, const Column& column, const std::string& text);

  const DepartmentFinder& finder_;
  ReadForm& form_;
  // Indexed by the columns of the grid.
  std::vector<std::vector<const ReadCell*>> rows_;
};

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_CHECKLIST_READER_H_
