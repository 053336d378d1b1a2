#include "services/drafting/document/element_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/listing/words.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/field_reader.h"
#include "services/drafting/document/template.h"

namespace idea::drafting::document {
namespace {

constexpr char kField[] = "technical.data_elements";
constexpr size_t kMaxName = 200;
// A line with commas is a list of elements if it has at least this many items of at most this many words.
constexpr size_t kFewestOfAList = 3;
constexpr long kMaxWordsOfAnItem = 5;
// The maximum number of heading rows of a table.
constexpr size_t kMaxHeadingRows = 4;

// Usual names of the columns, as KeyOf() writes them. The first is the template's name. The last column is
// the one of the Data Providers.
constexpr size_t kColumns = kElementColumns.size() + 1;
constexpr size_t kProviders = kElementColumns.size();
constexpr std::array<std::array<std::string_view, 12>, kColumns> kHeadings = {{
    {"fieldname", "dataelement", "dataelements", "elementname", "dataelementname", "element", "field", "name",
     "variable", "variablename", "columnname", "attribute"},
    {"type", "datatype", "fieldtype", "elementtype", "format", "dataformat"},
    {"definition", "description", "meaning", "datadefinition", "elementdescription", "fielddescription",
     "definitiondescription", "descriptiondefinition", "datadescription"},
    {"required", "mandatory", "requiredyn", "isrequired", "requiredoptional"},
    {"validinputs", "validvalues", "values", "allowedvalues", "codes", "range", "validcodes", "domain"},
    {"source", "datasource", "sourcesystem", "system", "origin", "sourceofdata"},
    {"notes", "note", "comments", "comment", "remarks", "qualityissues"},
    {"guideforuse", "guide", "guidance", "use", "usage", "guidetouse"},
    {"providers", "provider", "dataprovider", "dataproviders", "providedby"},
}};

constexpr std::pair<std::string_view, v1::ElementType> kTypeWords[] = {
    {"number", v1::ELEMENT_TYPE_NUMERIC},    {"integer", v1::ELEMENT_TYPE_NUMERIC},
    {"int", v1::ELEMENT_TYPE_NUMERIC},       {"decimal", v1::ELEMENT_TYPE_NUMERIC},
    {"float", v1::ELEMENT_TYPE_NUMERIC},     {"string", v1::ELEMENT_TYPE_TEXT},
    {"char", v1::ELEMENT_TYPE_TEXT},         {"varchar", v1::ELEMENT_TYPE_TEXT},
    {"alphanumeric", v1::ELEMENT_TYPE_TEXT}, {"character", v1::ELEMENT_TYPE_TEXT},
    {"date", v1::ELEMENT_TYPE_DATE_TIME},    {"datetime", v1::ELEMENT_TYPE_DATE_TIME},
    {"time", v1::ELEMENT_TYPE_DATE_TIME},    {"timestamp", v1::ELEMENT_TYPE_DATE_TIME},
    {"money", v1::ELEMENT_TYPE_CURRENCY},    {"bool", v1::ELEMENT_TYPE_BOOLEAN},
    {"yesno", v1::ELEMENT_TYPE_BOOLEAN},     {"yn", v1::ELEMENT_TYPE_BOOLEAN},
    {"flag", v1::ELEMENT_TYPE_BOOLEAN},      {"geolocation", v1::ELEMENT_TYPE_COORDINATES}};

// The number of the type. 0 if the text is neither a type of the template nor a usual word for one.
v1::ElementType TypeOf(const std::string& text) {
  const std::string key = KeyOf(text);
  for (size_t i = 0; i < kElementTypes.size(); ++i) {
    if (KeyOf(kElementTypes.at(i)) == key) return static_cast<v1::ElementType>(i + 1);
  }
  for (const auto& [word, type] : kTypeWords) {
    if (key == word) return type;
  }
  return v1::ELEMENT_TYPE_UNSPECIFIED;
}

// The column that a word in a longer heading names: "Data Field Name", "Business Definition", "SQL type". -1
// if none does, or several do.
int FieldByWord(const std::string& key) {
  constexpr size_t kHeadingBytes = 40;
  constexpr std::pair<std::string_view, int> kWords[] = {
      {"fieldname", 0}, {"elementname", 0}, {"attributename", 0}, {"variablename", 0}, {"columnname", 0},
      {"itemname", 0},  {"dataelement", 0}, {"datafield", 0},     {"datatype", 1},     {"fieldtype", 1},
      {"type", 1},      {"format", 1},      {"definition", 2},    {"description", 2},  {"meaning", 2},
      {"mandatory", 3}, {"required", 3},    {"validvalues", 4},   {"allowedvalues", 4}};
  if (key.size() > kHeadingBytes) return -1;
  std::set<int> fields;
  for (const auto& [word, field] : kWords) {
    if (key.find(word) != std::string::npos) fields.insert(field);
  }
  // "Data Element Description" describes.
  if (fields.size() > 1) fields.erase(0);
  return fields.size() == 1 ? *fields.begin() : -1;
}

int FieldOf(const std::string& heading) {
  const std::string key = KeyOf(heading);
  for (size_t field = 0; field < kHeadings.size() && !key.empty(); ++field) {
    const auto& names = kHeadings.at(field);
    if (std::find(names.begin(), names.end(), key) != names.end()) return static_cast<int>(field);
  }
  return -1;
}

std::string TextOfRow(const ReadRow& row) {
  std::string text;
  for (const ReadCell& cell : row) {
    const std::string part = Tidy(TextOf(cell));
    if (!part.empty()) text += (text.empty() ? "" : " | ") + part;
  }
  return text;
}

bool IsSentence(const std::string& line) {
  return line.ends_with('.') && std::count(line.begin(), line.end(), ' ') > 1;
}

// "See the attached list." and other sentences that name no element.
bool PointsElsewhere(const std::string& line) {
  return (IsSentence(line) && line.find_first_of(";,") == std::string::npos) ||
         absl::StartsWithIgnoreCase(line, "see ") ||
         absl::StrContains(absl::AsciiStrToLower(line), "attached");
}

// "County: county of residence", "County - county of residence".
std::pair<std::string, std::string> NameAndDefinition(const std::string& item) {
  size_t at = std::string::npos, size = 0;
  for (const std::string_view mark : {": ", " - ", " \u2013 ", " \u2014 "}) {
    const size_t found = item.find(mark);
    if (found == 0 || found >= at) continue;
    at = found;
    size = mark.size();
  }
  if (at == std::string::npos) return {item, ""};
  return {Tidy(item.substr(0, at)), Tidy(item.substr(at + size))};
}

}  // namespace

ElementReader::ElementReader(ReadForm& form) : form_(form) {
  for (const auto& element : form_.content.technical().data_elements().elements()) {
    names_.insert(listing::NameKey(element.field_name()));
  }
}

void ElementReader::Report(v1::UnreadKind kind, const std::string& problem, const std::string& text) {
  form_.Report(kField, kind, problem, text);
}

ElementReader::Columns ElementReader::ColumnsOf(const ReadRow& row, Headings headings) {
  Columns columns;
  std::set<int> fields;
  for (const ReadCell& cell : row) {
    const std::string heading = Tidy(TextOf(cell));
    int field = FieldOf(heading);
    if (field < 0 && headings == Headings::kAlike) field = FieldByWord(KeyOf(heading));
    if (field >= 0 && !fields.insert(field).second) field = -1;
    columns[cell.column] = {field, heading};
  }
  // One heading alone may be a coincidence. The name and another heading make a table of elements.
  const auto known =
      std::count_if(columns.begin(), columns.end(), [](const auto& each) { return each.second.field >= 0; });
  const bool certain = FieldOf(row.empty() ? "" : TextOf(row[0])) == 0 && row.size() == 1;
  return fields.contains(0) && (known > 1 || certain) ? columns : Columns();
}

bool ElementReader::IsElementTable(const ReadTable& table, Headings headings) {
  for (size_t i = 0; i < std::min(table.size(), kMaxHeadingRows); ++i) {
    if (!ColumnsOf(table[i], headings).empty()) return true;
  }
  return false;
}

void ElementReader::ReadElements(const ReadTable& table) {
  above_.clear();
  Columns columns;
  size_t begin = 0;
  const Headings headings = IsElementTable(table, Headings::kUsual) ? Headings::kUsual : Headings::kAlike;
  while (begin < std::min(table.size(), kMaxHeadingRows) && columns.empty()) {
    if (!ColumnsOf(table[begin], headings).empty()) columns = ColumnsOf(table[begin], Headings::kAlike);
    ++begin;
  }
  if (columns.empty()) {
    std::string text;
    for (const ReadRow& row : table) text += (text.empty() ? "" : "\n") + TextOfRow(row);
    return Report(v1::UNREAD_KIND_NOT_STORED, "the table has no column Field Name", text);
  }
  for (size_t i = 0; i + 1 < begin; ++i) {
    const std::string text = TextOfRow(table[i]);
    if (!text.empty())
      Report(v1::UNREAD_KIND_NOTE, "a line above the headings of the table of elements", text);
  }
  std::string others, alike;
  for (const auto& [at, column] : columns) {
    if (column.field < 0 && !column.heading.empty()) others += (others.empty() ? "" : ", ") + column.heading;
    if (column.field >= 0 && FieldOf(column.heading) < 0)
      alike += (alike.empty() ? "" : ", ") + column.heading;
  }
  if (!alike.empty()) {
    Report(v1::UNREAD_KIND_GUESSED, "these headings were read by a word in them", alike);
  }
  if (!others.empty()) {
    Report(v1::UNREAD_KIND_GUESSED, "columns that the template does not have were kept in the notes", others);
  }
  for (size_t row = begin; row < table.size(); ++row)
    ReadRowOf(columns, table[row], static_cast<int>(row) + 1);
}

void ElementReader::ReadRowOf(const Columns& columns, const ReadRow& row, int number) {
  const std::string where = "row " + std::to_string(number) + ": ";
  std::array<std::string, kColumns> text;
  std::string others;
  bool blank = true, name_continues = false;
  size_t filled = 0;
  for (const ReadCell& cell : row) {
    // The last column that begins at the cell or before it.
    auto column = columns.upper_bound(cell.column);
    if (column == columns.begin()) continue;
    --column;
    std::string value = TextOf(cell);
    if (!Tidy(value).empty()) ++filled;
    const int field = column->second.field;
    if (cell.continues) {
      if (field == 0) {
        name_continues = true;
      } else if (Tidy(value).empty()) {
        value = above_[cell.column];
      }
    } else {
      above_[cell.column] = value;
    }
    if (Tidy(value).empty() && (field < 0 || !text.at(field).empty())) continue;
    if (field < 0) {
      others += (others.empty() ? "" : "\n") +
                (column->second.heading.empty() ? "" : column->second.heading + ": ") + Tidy(value);
    } else {
      text.at(field) += (text.at(field).empty() ? "" : "\n") + value;
    }
    if (!cell.continues && !Tidy(value).empty()) blank = false;
  }
  const std::string whole = TextOfRow(row);
  if (whole.empty() || (blank && !name_continues)) return;
  if (!ColumnsOf(row, Headings::kUsual).empty()) return;  // the headings again, on another page
  auto& elements = *form_.content.mutable_technical()->mutable_data_elements()->mutable_elements();
  if (name_continues && text[0].empty() && !elements.empty()) {
    // Another line of the same element.
    std::string* notes = elements.rbegin()->mutable_notes();
    *notes += (notes->empty() ? "" : "\n") + whole;
    return Report(v1::UNREAD_KIND_GUESSED,
                  where + "it continues the element above, and was kept in its notes", whole);
  }
  const bool group = filled == 1 && row.size() >= 1 && columns.size() > 1 &&
                     (row[0].span > 1 || Tidy(text[0]).empty()) && !Tidy(TextOf(row[0])).empty();
  if (group) return Report(v1::UNREAD_KIND_NOTE, where + "a heading within the table of elements", whole);
  v1::DataElement element;
  // A single line is kept unchanged.
  std::string name = text[0].find('\n') == std::string::npos ? text[0] : Tidy(text[0]);
  if (WithoutBullet(name) != Tidy(name)) name = WithoutBullet(name);
  if (Tidy(name).empty()) return Report(v1::UNREAD_KIND_NOT_STORED, where + "it has no Field Name", whole);
  element.set_field_name(name);
  element.set_type(TypeOf(text[1]));
  if (element.type() == v1::ELEMENT_TYPE_UNSPECIFIED) {
    element.set_type(v1::ELEMENT_TYPE_OTHER);
    Report(v1::UNREAD_KIND_GUESSED, where + "its Type is none of the template's, taken as Other",
           Tidy(text[1]));
  } else if (Tidy(text[1]).find('(') != std::string::npos) {
    Report(v1::UNREAD_KIND_GUESSED, where + "its Type says more than the template's", Tidy(text[1]));
  }
  std::string rest;
  std::string answer = Tidy(text[3]);
  for (const Option& option : OptionsOf(answer)) {
    if (option.checked) answer = option.text.empty() ? "Yes" : option.text;
  }
  if (answer == kChecked || answer == "X" || answer == "x") answer = "Yes";
  if (answer == kUnchecked) answer = "No";
  const std::string key = KeyOf(answer);
  const int required = key == "required" || key == "mandatory" ? 1
                       : key == "optional"                     ? 2
                                                               : LeadingAnswer(answer, rest);
  const bool asked =
      std::any_of(columns.begin(), columns.end(), [](const auto& at) { return at.second.field == 3; });
  if (asked && (required == 0 || !rest.empty())) {
    Report(required == 0 ? v1::UNREAD_KIND_NOT_STORED : v1::UNREAD_KIND_GUESSED,
           where + (required == 0 ? "Required is neither Yes nor No" : "Required says more than Yes or No"),
           answer);
  }
  element.set_definition(text[2]);
  element.set_required(required == 1);
  element.set_valid_inputs(text[4]);
  element.set_source(text[5]);
  element.set_notes(text[6] + (text[6].empty() || others.empty() ? "" : "\n") + others);
  element.set_guide_for_use(text[7]);
  for (const std::string& provider : SplitList(text[kProviders], ";\n")) {
    if (!provider.empty()) element.add_providers(provider);
  }
  Add(std::move(element), where, whole);
}

void ElementReader::Add(v1::DataElement element, const std::string& where, const std::string& text) {
  if (element.field_name().size() > kMaxName) {
    return Report(v1::UNREAD_KIND_NOT_STORED, where + "expected the name of a data element, got a text",
                  text);
  }
  if (!names_.insert(listing::NameKey(element.field_name())).second) {
    return Report(
        v1::UNREAD_KIND_NOT_STORED,
        where + "an element with this name was read before: " + Cut(Tidy(element.field_name()), 100), text);
  }
  *form_.content.mutable_technical()->mutable_data_elements()->add_elements() = std::move(element);
}

// "Person: first name; last name": a colon in the first item only makes it a heading.
void ElementReader::TakeHeading(std::vector<std::string>& items) {
  const auto has_colon = [](const std::string& item) { return absl::StrContains(item, ": "); };
  if (items.size() < 2 || !has_colon(items[0]) || std::any_of(items.begin() + 1, items.end(), has_colon))
    return;
  const size_t colon = items[0].find(": ");
  Report(v1::UNREAD_KIND_NOTE, "a heading within the list of elements", items[0].substr(0, colon));
  items[0] = Tidy(std::string_view(items[0]).substr(colon + 1));
}

bool ElementReader::ReadLine(const std::string& line) {
  const std::string bare = WithoutBullet(line);
  if (bare.empty()) return true;
  if (const std::vector<Option> options = OptionsOf(bare); !options.empty()) {
    for (const Option& option : options) {
      if (option.checked && !option.text.empty()) {
        if (!ReadLine(option.text)) return false;
      } else if (!option.text.empty()) {
        Report(v1::UNREAD_KIND_NOTE, "it is not checked", option.text);
      }
    }
    return true;
  }
  if (bare.ends_with(':') || PointsElsewhere(bare)) return false;
  // The items of a list are short, those of a sentence are not.
  std::vector<std::string> items = SplitList(bare, ";");
  if (items.size() == 1) {
    const std::vector<std::string> parted = SplitList(bare, ",");
    const bool short_items = std::all_of(parted.begin(), parted.end(), [](const std::string& item) {
      return std::count(item.begin(), item.end(), ' ') < kMaxWordsOfAnItem;
    });
    if (parted.size() >= kFewestOfAList && short_items) items = parted;
  }
  if (items.size() == 1 && IsSentence(bare)) return false;
  if (items.size() > 1 && items.back().ends_with('.')) items.back().pop_back();
  TakeHeading(items);
  for (const std::string& item : items) {
    if (item.size() > kMaxName) return false;
  }
  if (items.size() > 1 && absl::StartsWithIgnoreCase(items.back(), "and ")) items.back().erase(0, 4);
  for (const std::string& item : items) {
    const auto [name, definition] = NameAndDefinition(WithoutBullet(item));
    v1::DataElement element;
    element.set_field_name(name);
    element.set_definition(definition);
    element.set_type(v1::ELEMENT_TYPE_OTHER);
    Add(std::move(element), "", item);
    Report(
        v1::UNREAD_KIND_GUESSED,
        Cut(name, 100) + (definition.empty() ? ": only its name is given" : ": its Type was taken as Other"),
        "");
  }
  return true;
}

}  // namespace idea::drafting::document
