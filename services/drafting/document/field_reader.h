#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_FIELD_READER_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_FIELD_READER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/drafting/document/docx_tables.h"
#include "services/drafting/document/form_reader.h"
#include "services/drafting/document/template.h"

namespace idea::drafting::document {

// Stand for the first Data Recipient and the first Data Provider in a form that names no department; what
// follows is a name that may be one.
inline constexpr char kFirstRecipient = '\x01';
inline constexpr char kFirstProvider = '\x02';

// What a reader of fields knows besides the cell.
struct FieldContext {
  // The names by which a department's text begins, and what each is kept as.
  const std::map<std::string, std::string>& departments;
  const DepartmentFinder& finder;
  // Help texts of other versions of the template.
  const std::set<std::string>& helps;
};

// Reads one field's cells into form.content. A paragraph in one of our styles is what the style says; any
// other is known by its words. What is not read is reported.
class FieldReader {
 public:
  FieldReader(const Field& field, const FieldContext& context, ReadForm& form)
      : field_(field), context_(context), form_(form) {}

  void Read(const std::vector<ReadCell>& cells);

 private:
  // The lines of a part as they come.
  struct Lines {
    std::vector<std::string> lines;
    // Every line was in our style: nothing is trimmed.
    bool exact = true;
  };
  struct Department {
    std::string name;
    Lines text;
  };

  void Report(v1::UnreadKind kind, const std::string& problem, const std::string& text = "");
  void ReadParagraph(const CellParagraph& paragraph);
  void ReadTableAsText(const ReadTable& table);
  // A paragraph that is known by its words alone: plain_paragraphs.cc.
  void ReadPlain(std::string text);
  void ReadSignatureLine(const std::string& text);
  bool TakeLabel(const std::string& text);
  bool TakeLine(const std::string& text);
  void TakeValue(const Part& part, const std::string& value);
  void TakeChoice(const Part& part, const std::string& value);
  bool TakePlainAnswer(std::string& text);
  bool TakeOptions(std::string& text);
  void TakeDates(const std::string& text);
  bool TakeDepartment(std::string& text);
  void NameDepartment(const std::string& name);
  void Append(const std::string& line, bool exact);
  void KeepBelow(const Part* as);
  void MoveToNote();
  void StoreItems(const Part& part, const Lines& text);
  void StoreDepartments(const Part& part, const std::vector<Department>& list);
  void Store();

  // Lines about people: contact_lines.cc.
  bool TakeContact(const std::string& text, bool styled);
  bool TakePerson(const std::string& text);
  v1::DepartmentContacts& Contacts();

  const Part* FindPart(std::string_view name) const;
  const Part* FirstPart() const;

  const Field& field_;
  const FieldContext& context_;
  ReadForm& form_;
  google::protobuf::Message* holder_ = nullptr;

  const Part* part_ = nullptr;
  // An instruction of the official template named the part, not a label of ours.
  bool by_prompt_ = false;
  std::map<const Part*, Lines> texts_;
  std::map<const Part*, std::vector<Department>> by_department_;
  // Below the last instruction so far, and the part that it asks for: people who fill in a field as a whole
  // write there, too.
  std::vector<std::string> below_;
  const Part* below_part_ = nullptr;
  bool beside_table_ = false;
  // What some text was expected to answer, and did not.
  const Part* unanswered_ = nullptr;
  std::string unanswered_text_;
  // Whose text comes next, if no name said so.
  char side_ = 0;
  bool guessed_ = false;
  // Behind the acknowledgement: signatures are not read.
  bool ignores_ = false;
  bool begins_contacts_ = true;
  bool sponsor_ = false;
};

// The text of a cell, a line a paragraph.
std::string TextOf(const ReadCell& cell);
// The cells of a row that hold anything, with " | " between them.
std::string TextOf(const ReadRow& row);
// All text of a table, a line a row, with that of the tables inside.
std::string AllTextOf(const ReadTable& table);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FIELD_READER_H_
