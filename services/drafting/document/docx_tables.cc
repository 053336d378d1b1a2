#include "services/drafting/document/docx_tables.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "common/status/status.h"
#include "common/validation/text.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/date_phrases.h"
#include "services/drafting/document/docx_controls.h"
#include "services/drafting/document/fixed_texts.h"

namespace idea::drafting::document {
namespace {

constexpr int kDeepest = 60;
// Larger numbers of columns are ignored. Tables of people do not have more.
constexpr int kMaxColumns = 100;

int NumberOf(const std::string& text, int otherwise) {
  const long number = std::strtol(text.c_str(), nullptr, 10);
  return number < 1 || number > kMaxColumns ? otherwise : static_cast<int>(number);
}

// Elements without text of the document: properties, marks, and text that was moved elsewhere.
bool HoldsNoText(std::string_view name) {
  constexpr std::string_view kNames[] = {"pPr",     "rPr",          "tblPr",    "tblGrid",  "trPr",
                                         "tcPr",    "sdtPr",        "sectPr",   "sdtEndPr", "instrText",
                                         "fldData", "delInstrText", "moveFrom", "tblPrEx"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

using Notes = std::map<std::string, std::string>;

class Reader {
 public:
  explicit Reader(ReadBody& out) : out_(out) {}

  void ReadNotes(const pugi::xml_node& root, std::string_view name, Notes& notes) {
    for (const pugi::xml_node node : root.children()) {
      if (LocalName(node) != name) continue;
      std::vector<CellParagraph> paragraphs;
      std::vector<ReadTable> tables;
      ReadBlocks(node, paragraphs, tables, 0);
      const std::string text = JoinAll(paragraphs, tables);
      if (!text.empty()) notes[Attribute(node, "id")] = text;
    }
  }

  void ReadComments(const pugi::xml_node& root) {
    Notes notes;
    ReadNotes(root, "comment", notes);
    for (const pugi::xml_node node : root.children()) {
      const auto found = notes.find(Attribute(node, "id"));
      if (LocalName(node) != "comment" || found == notes.end()) continue;
      out_.annotations.push_back({Annotation::Kind::kComment, Attribute(node, "author"), found->second});
      notes.erase(found);
    }
  }

  void ReadBodyOf(const pugi::xml_node& body) { ReadBlocks(body, out_.loose, out_.tables, 0); }

  // In a header or a footer, tables are read as paragraphs.
  void ReadMargin(const pugi::xml_node& root) {
    in_margin_ = true;
    std::vector<ReadTable> tables;
    ReadBlocks(root, out_.loose, tables, 0);
    if (const std::string text = JoinAll({}, tables); !text.empty()) out_.loose.push_back({"", text});
  }

  // Notes to which the text does not refer.
  void KeepUnusedNotes() {
    for (const Notes* notes : {&footnotes, &endnotes}) {
      for (const auto& [id, text] : *notes) {
        if (!used_notes_.contains(&text)) out_.loose.push_back({"", text});
      }
    }
  }

  absl::Status Faults() const {
    if (too_deep_) return RefuseDocument("BROKEN", "the document is nested too deeply");
    if (broken_) return RefuseDocument("BROKEN", "the document contains bytes that are not text");
    return absl::OkStatus();
  }

  Notes footnotes;
  Notes endnotes;

 private:
  bool Deep(int depth) {
    if (depth > kDeepest) too_deep_ = true;
    return too_deep_;
  }

  static std::string JoinAll(const std::vector<CellParagraph>& paragraphs,
                             const std::vector<ReadTable>& tables) {
    std::string text;
    for (const CellParagraph& paragraph : paragraphs) {
      const std::string tidy = Tidy(paragraph.text);
      if (!tidy.empty()) text += (text.empty() ? "" : "\n") + tidy;
    }
    for (const ReadTable& table : tables) {
      for (const ReadRow& row : table) {
        for (const ReadCell& cell : row) {
          const std::string inside = JoinAll(cell.paragraphs, cell.tables);
          if (!inside.empty()) text += (text.empty() ? "" : "\n") + inside;
        }
      }
    }
    return text;
  }

  // The content of a control that shows its prompt is not text.
  class Control {
   public:
    Control(Reader& reader, const pugi::xml_node& node) : reader_(reader), hides_(ShowsPrompt(node)) {
      if (hides_) ++reader_.hidden_;
    }
    ~Control() {
      if (hides_) --reader_.hidden_;
    }
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

   private:
    Reader& reader_;
    const bool hides_;
  };

  void ReadBlocks(const pugi::xml_node& node, std::vector<CellParagraph>& paragraphs,
                  std::vector<ReadTable>& tables, int depth) {
    if (Deep(depth)) return;
    const Control control(*this, node);
    for (const pugi::xml_node child : node.children()) {
      const std::string_view name = LocalName(child);
      if (name == "tbl") {
        ReadRows(child, tables.emplace_back(), depth + 1);
      } else if (name == "p") {
        ReadOne(child, paragraphs, depth + 1);
      } else if (name == "r" || IsCheckBox(child)) {
        // Not in a paragraph, which Word never writes.
        CellParagraph paragraph;
        ReadInline(node, paragraph.text, depth + 1);
        Keep(std::move(paragraph), paragraphs);
        return;
      } else if (name == "del") {
        ReadDeletion(child);
      } else if (!HoldsNoText(name)) {
        NoteObject(child);
        ReadBlocks(child, paragraphs, tables, depth + 1);
      }
    }
  }

  void ReadRows(const pugi::xml_node& node, ReadTable& table, int depth) {
    if (Deep(depth)) return;
    const Control control(*this, node);
    for (const pugi::xml_node child : node.children()) {
      const std::string_view name = LocalName(child);
      if (name == "tr") {
        ReadRow& row = table.emplace_back();
        next_column_ = NumberOf(Value(Child(Child(child, "trPr"), "gridBefore")), 0);
        ReadCells(child, row, depth + 1);
      } else if (!HoldsNoText(name)) {
        ReadRows(child, table, depth + 1);
      }
    }
  }

  void ReadCells(const pugi::xml_node& node, ReadRow& row, int depth) {
    if (Deep(depth)) return;
    const Control control(*this, node);
    for (const pugi::xml_node child : node.children()) {
      const std::string_view name = LocalName(child);
      if (name == "tc") {
        ReadCell cell;
        const pugi::xml_node properties = Child(child, "tcPr");
        cell.span = NumberOf(Value(Child(properties, "gridSpan")), 1);
        cell.column = next_column_;
        const pugi::xml_node merge = Child(properties, "vMerge");
        cell.continues = merge && Value(merge) != "restart";
        next_column_ += cell.span;
        // A nested table counts its own columns.
        const int next = next_column_;
        ReadBlocks(child, cell.paragraphs, cell.tables, depth + 1);
        next_column_ = next;
        row.push_back(std::move(cell));
      } else if (!HoldsNoText(name)) {
        ReadCells(child, row, depth + 1);
      }
    }
  }

  void ReadOne(const pugi::xml_node& node, std::vector<CellParagraph>& paragraphs, int depth) {
    CellParagraph paragraph{Value(Child(Child(node, "pPr"), "pStyle")), ""};
    ReadInline(node, paragraph.text, depth);
    Keep(std::move(paragraph), paragraphs);
  }

  void Keep(CellParagraph paragraph, std::vector<CellParagraph>& paragraphs) {
    paragraph.text = WithoutPrompts(std::move(paragraph.text));
    if (validation::CheckText(paragraph.text, false).wanted == "text in UTF-8") broken_ = true;
    paragraphs.push_back(std::move(paragraph));
    std::vector<CellParagraph> boxes = std::exchange(boxes_, {});
    paragraphs.insert(paragraphs.end(), boxes.begin(), boxes.end());
  }

  // Runs and the elements that may contain them.
  void ReadInline(const pugi::xml_node& node, std::string& text, int depth) {
    if (Deep(depth)) return;
    if (IsCheckBox(node)) {
      text += IsChecked(node) ? kChecked : kUnchecked;
      return;
    }
    if (const std::string day = ChosenDay(node); !day.empty()) {
      std::string shown;
      ReadInline(Child(node, "sdtContent"), shown, depth + 1);
      // The order of day and month may be uncertain in the text, but not in the control.
      const std::vector<WrittenDate> dates = FindDates(shown);
      text += shown.empty() || (dates.size() == 1 && !dates[0].uncertain) ? shown : day;
      return;
    }
    const Control control(*this, node);
    const bool inserted = LocalName(node) == "ins" || LocalName(node) == "moveTo";
    const size_t begin = text.size();
    for (const pugi::xml_node child : node.children()) {
      const std::string_view name = LocalName(child);
      if (name == "t") {
        for (const pugi::xml_node part : child.children()) Add(part.value(), text);
      } else if (name == "tab" || name == "ptab") {
        Add("\t", text);
      } else if (name == "br" || name == "cr") {
        Add("\n", text);
      } else if (name == "noBreakHyphen") {
        Add("-", text);
      } else if (name == "sym") {
        Add(SymbolOf(child), text);
      } else if (name == "fldChar") {
        Add(FormFieldOf(child), text);
      } else if (name == "footnoteReference" || name == "endnoteReference") {
        AddNote(name == "footnoteReference" ? footnotes : endnotes, Attribute(child, "id"), text);
      } else if (name == "del") {
        ReadDeletion(child);
      } else if (name == "AlternateContent") {
        // Word writes the same text box twice, for itself and for older programs.
        const pugi::xml_node choice = Child(child, "Choice");
        ReadInline(choice ? choice : child, text, depth + 1);
      } else if (name == "txbxContent") {
        ReadTextBox(child, depth + 1);
      } else if (!HoldsNoText(name)) {
        NoteObject(child);
        ReadInline(child, text, depth + 1);
      }
    }
    if (inserted && text.size() > begin) {
      out_.annotations.push_back(
          {Annotation::Kind::kInsertion, Attribute(node, "author"), text.substr(begin)});
    }
  }

  void Add(std::string_view more, std::string& text) const {
    if (hidden_ == 0) text += more;
  }

  // Records an object that is not text. A drawing that has text is a text box, a picture in a header is a
  // logo.
  void NoteObject(const pugi::xml_node& node) {
    if (in_margin_) return;
    const std::string_view name = LocalName(node);
    const char* object = name == "object"     ? "an embedded object"
                         : name == "altChunk" ? "an inserted file"
                                              : nullptr;
    if (name == "drawing" || name == "pict") {
      const auto has = [&](const char* inside) {
        return !node.select_node((".//*[local-name()='" + std::string(inside) + "']").c_str()).node().empty();
      };
      // "relIds" is the content of a SmartArt diagram.
      object = has("chart") ? "a chart" : has("relIds") ? "a diagram" : nullptr;
      if (object == nullptr && (has("blip") || has("imagedata"))) object = "a picture";
    }
    if (object != nullptr && hidden_ == 0)
      out_.annotations.push_back({Annotation::Kind::kObject, "", object});
  }

  void AddNote(const Notes& notes, const std::string& id, std::string& text) {
    const auto found = notes.find(id);
    if (found == notes.end()) return;
    used_notes_.insert(&found->second);
    // The templates have footnotes themselves.
    if (!IsFixedText(found->second)) Add(" [Note: " + found->second + "]", text);
  }

  void ReadTextBox(const pugi::xml_node& node, int depth) {
    std::vector<CellParagraph> paragraphs;
    std::vector<ReadTable> tables;
    // Nested boxes come first.
    std::vector<CellParagraph> before = std::exchange(boxes_, {});
    ReadBlocks(node, paragraphs, tables, depth);
    if (std::string text = JoinAll({}, tables); !text.empty()) paragraphs.push_back({"", std::move(text)});
    before.insert(before.end(), paragraphs.begin(), paragraphs.end());
    boxes_ = std::move(before);
  }

  void ReadDeletion(const pugi::xml_node& node) {
    std::string text;
    for (const pugi::xpath_node found :
         node.select_nodes(".//*[local-name()='delText' or local-name()='t']")) {
      text += found.node().child_value();
    }
    if (!text.empty()) {
      out_.annotations.push_back({Annotation::Kind::kDeletion, Attribute(node, "author"), std::move(text)});
    }
  }

  ReadBody& out_;
  std::vector<CellParagraph> boxes_;
  std::set<const std::string*> used_notes_;
  int hidden_ = 0;
  int next_column_ = 0;
  bool in_margin_ = false;
  bool too_deep_ = false;
  bool broken_ = false;
};

}  // namespace

absl::StatusOr<ReadBody> ReadParts(const DocxParts& parts) {
  ReadBody out;
  Reader reader(out);
  for (const auto& [xml, name, notes] : {std::tuple(&parts.footnotes, "footnote", &reader.footnotes),
                                         {&parts.endnotes, "endnote", &reader.endnotes}}) {
    if (xml->empty()) continue;
    pugi::xml_document document;
    RETURN_IF_ERROR(ParseXml(*xml, document));
    reader.ReadNotes(document.document_element(), name, *notes);
  }
  if (!parts.comments.empty()) {
    pugi::xml_document document;
    RETURN_IF_ERROR(ParseXml(parts.comments, document));
    reader.ReadComments(document.document_element());
  }
  {
    pugi::xml_document document;
    RETURN_IF_ERROR(ParseXml(parts.document, document));
    const pugi::xml_node body = Child(Child(document, "document"), "body");
    if (!body) return RefuseDocument("NOT_DOCX", "the file is not a text document");
    reader.ReadBodyOf(body);
  }
  for (const std::string& margin : parts.margins) {
    pugi::xml_document document;
    RETURN_IF_ERROR(ParseXml(margin, document));
    reader.ReadMargin(document.document_element());
  }
  reader.KeepUnusedNotes();
  RETURN_IF_ERROR(reader.Faults());
  return out;
}

}  // namespace idea::drafting::document
