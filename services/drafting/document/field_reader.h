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

// Placeholders for the first Data Recipient and the first Data Provider in a form without names of
// departments. The text after a placeholder may be a name.
inline constexpr char kFirstRecipient = '\x01';
inline constexpr char kFirstProvider = '\x02';

// What a reader of fields knows besides the cell.
struct FieldContext {
  // The names with which a department's text may begin, and the entity of each.
  const std::map<std::string, std::string>& departments;
  const DepartmentFinder& finder;
  // Help texts of other versions of the template.
  const std::set<std::string>& helps;
};

// Reads the cells of one field into form.content. A paragraph in a style of this suite means what the style
// says. Others are recognized by their words. Everything that is not read is reported.
class FieldReader {
 public:
  FieldReader(const Field& field, const FieldContext& context, ReadForm& form)
      : field_(field), context_(context), form_(form) {}

  void Read(const std::vector<ReadCell>& cells);

 private:
  // The lines of the current part.
  struct Lines {
    std::vector<std::string> lines;
    // All lines have a style of this suite, so nothing is trimmed.
    bool exact = true;
  };
  struct Department {
    std::string name;
    Lines text;
  };

  void Report(v1::UnreadKind kind, const std::string& problem, const std::string& text = "");
  void ReadParagraph(const CellParagraph& paragraph);
  void ReadTableAsText(const ReadTable& table);
  // Paragraphs that are recognized by their words (plain_paragraphs.cc).
  void ReadPlain(std::string text);
  void ReadSignatureLine(const std::string& text);
  bool TakeLabel(const std::string& text);
  bool TakeLine(const std::string& text);
  void TakeValue(const Part& part, const std::string& value);
  void TakeChoice(const Part& part, const std::string& value);
  void TakePurposes(const Part& part, const std::string& value);
  void TakeNumber(const Part& part, const std::string& value);
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

  // Lines about people (contact_lines.cc).
  bool TakeContact(const std::string& text, bool styled);
  bool TakePerson(const std::string& text);
  v1::DepartmentContacts& Contacts();
  // The text that names the person in form_.people.
  std::string& PersonKey();

  const Part* FindPart(std::string_view name) const;
  const Part* FirstPart() const;

  const Field& field_;
  const FieldContext& context_;
  ReadForm& form_;
  google::protobuf::Message* holder_ = nullptr;

  const Part* part_ = nullptr;
  // The part was set by an instruction of the official template, not by a label of this suite.
  bool by_prompt_ = false;
  std::map<const Part*, Lines> texts_;
  std::map<const Part*, std::vector<Department>> by_department_;
  // Whether the line is after the last instruction, and the part of that instruction. People who complete a
  // field as a whole write there, too.
  std::vector<std::string> below_;
  const Part* below_part_ = nullptr;
  bool beside_table_ = false;
  // The question that a text was expected to answer but did not.
  const Part* unanswered_ = nullptr;
  std::string unanswered_text_;
  // The department of the next text, unless a name says otherwise.
  char side_ = 0;
  bool guessed_ = false;
  // After the acknowledgement. Signatures are not read.
  bool ignores_ = false;
  bool begins_contacts_ = true;
  // The role of the person whom the next lines describe.
  enum class ContactPart { kCoordinator, kSponsor, kProgram } contact_ = ContactPart::kCoordinator;
};

// The text of a cell, one paragraph on each line.
std::string TextOf(const ReadCell& cell);
// The cells of a row that are not empty, separated by " | ".
std::string TextOf(const ReadRow& row);
// The text of a table and its nested tables, one row on each line.
std::string AllTextOf(const ReadTable& table);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FIELD_READER_H_
