#include "services/drafting/document/docx_tables.h"

#include <algorithm>
#include <pugixml.hpp>
#include <string_view>

#include "common/validation/text.h"
#include "services/drafting/document/docx_package.h"

namespace idea::drafting::document {
namespace {

constexpr int kDeepest = 60;

// "p" of "w:p".
std::string_view LocalName(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node Child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node child : node.children()) {
    if (LocalName(child) == name) return child;
  }
  return {};
}

std::string Value(const pugi::xml_node& node) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    const std::string_view name = attribute.name();
    if (name == "val" || (name.size() > 4 && name.substr(name.size() - 4) == ":val"))
      return attribute.value();
  }
  return "";
}

// What is only around other elements: content controls, links, kept changes.
bool IsWrapper(std::string_view name) {
  constexpr std::string_view kWrappers[] = {"sdt",    "sdtContent", "hyperlink", "ins",
                                            "moveTo", "smartTag",   "customXml", "fldSimple"};
  return std::find(std::begin(kWrappers), std::end(kWrappers), name) != std::end(kWrappers);
}

class Reader {
 public:
  absl::StatusOr<std::vector<ReadTable>> Read(const pugi::xml_node& body) {
    std::vector<ReadTable> tables;
    ReadBlocks(body, nullptr, tables, 0);
    if (too_deep_) return RefuseDocument("BROKEN", "the document is nested too deeply");
    if (broken_) return RefuseDocument("BROKEN", "the document holds bytes that are no text");
    return tables;
  }

 private:
  bool Deep(int depth) {
    if (depth > kDeepest) too_deep_ = true;
    return too_deep_;
  }

  // Paragraphs go to `paragraphs`, if it is not null.
  void ReadBlocks(const pugi::xml_node& node, std::vector<CellParagraph>* paragraphs,
                  std::vector<ReadTable>& tables, int depth) {
    if (Deep(depth)) return;
    for (const pugi::xml_node child : node.children()) {
      const std::string_view name = LocalName(child);
      if (name == "tbl") {
        ReadRows(child, tables.emplace_back(), depth + 1);
      } else if (name == "p" && paragraphs != nullptr) {
        paragraphs->push_back(ReadOne(child, depth + 1));
      } else if (IsWrapper(name)) {
        ReadBlocks(child, paragraphs, tables, depth + 1);
      }
    }
  }

  void ReadRows(const pugi::xml_node& node, ReadTable& table, int depth) {
    if (Deep(depth)) return;
    for (const pugi::xml_node child : node.children()) {
      if (LocalName(child) == "tr") {
        ReadCells(child, table.emplace_back(), depth + 1);
      } else if (IsWrapper(LocalName(child))) {
        ReadRows(child, table, depth + 1);
      }
    }
  }

  void ReadCells(const pugi::xml_node& node, std::vector<ReadCell>& row, int depth) {
    if (Deep(depth)) return;
    for (const pugi::xml_node child : node.children()) {
      if (LocalName(child) == "tc") {
        ReadCell& cell = row.emplace_back();
        const std::string span = Value(Child(Child(child, "tcPr"), "gridSpan"));
        if (span.size() == 1 && span[0] > '1' && span[0] <= '9') cell.span = span[0] - '0';
        ReadBlocks(child, &cell.paragraphs, cell.tables, depth + 1);
      } else if (IsWrapper(LocalName(child))) {
        ReadCells(child, row, depth + 1);
      }
    }
  }

  CellParagraph ReadOne(const pugi::xml_node& node, int depth) {
    CellParagraph paragraph{Value(Child(Child(node, "pPr"), "pStyle")), ""};
    ReadRuns(node, paragraph.text, depth);
    if (validation::CheckText(paragraph.text, false).wanted == "text in UTF-8") broken_ = true;
    return paragraph;
  }

  void ReadRuns(const pugi::xml_node& node, std::string& text, int depth) {
    if (Deep(depth)) return;
    for (const pugi::xml_node child : node.children()) {
      if (LocalName(child) == "r") {
        ReadRun(child, text);
      } else if (IsWrapper(LocalName(child))) {
        ReadRuns(child, text, depth + 1);
      }
    }
  }

  static void ReadRun(const pugi::xml_node& run, std::string& text) {
    for (const pugi::xml_node child : run.children()) {
      const std::string_view name = LocalName(child);
      if (name == "t") {
        for (const pugi::xml_node part : child.children()) text += part.value();
      } else if (name == "tab") {
        text += '\t';
      } else if (name == "br" || name == "cr") {
        text += '\n';
      } else if (name == "noBreakHyphen") {
        text += '-';
      }
    }
  }

  bool too_deep_ = false;
  bool broken_ = false;
};

}  // namespace

absl::StatusOr<std::vector<ReadTable>> ReadTables(const std::string& document_xml) {
  pugi::xml_document document;
  // A text of spaces only is a text; line ends stay as they are escaped.
  const unsigned options =
      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_doctype | pugi::parse_ws_pcdata;
  if (!document.load_buffer(document_xml.data(), document_xml.size(), options)) {
    return RefuseDocument("BROKEN", "word/document.xml is no sound XML");
  }
  for (const pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) {
      return RefuseDocument("BROKEN", "the document declares a document type, which Word never writes");
    }
  }
  const pugi::xml_node body = Child(Child(document, "document"), "body");
  if (!body) return RefuseDocument("NOT_DOCX", "the file is no text document");
  return Reader().Read(body);
}

}  // namespace idea::drafting::document
