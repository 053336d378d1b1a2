#include "services/drafting/element/element_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/csv/csv.h"
#include "common/listing/words.h"
#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

constexpr std::pair<v1::ElementType, std::string_view> kTypes[] = {
    {v1::ELEMENT_TYPE_NUMERIC, "numeric"},     {v1::ELEMENT_TYPE_TEXT, "text"},
    {v1::ELEMENT_TYPE_DATE_TIME, "date/time"}, {v1::ELEMENT_TYPE_CURRENCY, "currency"},
    {v1::ELEMENT_TYPE_BOOLEAN, "boolean"},     {v1::ELEMENT_TYPE_COORDINATES, "coordinates"},
    {v1::ELEMENT_TYPE_OTHER, "other"},
};
constexpr size_t kMaxElements = 2000;
constexpr int kMaxProblems = 50;

std::string LowerTrimmed(std::string_view text) {
  std::string out;
  for (unsigned char c : text) out += static_cast<char>(std::tolower(c));
  const size_t begin = out.find_first_not_of(" \t");
  return begin == std::string::npos ? "" : out.substr(begin, out.find_last_not_of(" \t") - begin + 1);
}

std::string TypeName(const v1::DataElement& element) {
  for (const auto& [type, name] : kTypes) {
    if (type == element.type()) return std::string(name);
  }
  return "";
}

// Reads a cell. Returns false if the text is not valid in the column.
bool SetType(v1::DataElement& element, const std::string& cell) {
  std::string word = LowerTrimmed(cell);
  if (word == "date" || word == "time" || word == "date and time" || word == "datetime") word = "date/time";
  for (const auto& [type, name] : kTypes) {
    if (word == name) element.set_type(type);
  }
  return element.type() != v1::ELEMENT_TYPE_UNSPECIFIED;
}

bool SetRequired(v1::DataElement& element, const std::string& cell) {
  const std::string word = LowerTrimmed(cell);
  element.set_required(word == "yes" || word == "y" || word == "true");
  return element.required() || word.empty() || word == "no" || word == "n" || word == "false";
}

// A column. Without functions, the text field of its name.
struct Column {
  std::string_view title;
  const char* field;
  std::string_view wanted = {};
  std::string (*get)(const v1::DataElement&) = nullptr;
  bool (*set)(v1::DataElement&, const std::string&) = nullptr;
};

constexpr auto kColumns = std::to_array<Column>({
    {"Field Name", "field_name"},
    {"Type", "type", "numeric, text, date/time, currency, boolean, coordinates or other", TypeName, SetType},
    {"Definition", "definition"},
    {"Required", "required", "Yes or No",
     [](const v1::DataElement& e) { return std::string(e.required() ? "Yes" : "No"); }, SetRequired},
    {"Valid inputs", "valid_inputs"},
    {"Source", "source"},
    {"Notes", "notes"},
    {"Guide for use", "guide_for_use"},
});

std::string CellOf(const v1::DataElement& element, const Column& column) {
  if (column.get != nullptr) return column.get(element);
  return element.GetReflection()->GetString(element, element.GetDescriptor()->FindFieldByName(column.field));
}

bool SetCell(v1::DataElement& element, const Column& column, const std::string& cell) {
  if (column.set != nullptr) return column.set(element, cell);
  element.GetReflection()->SetString(&element, element.GetDescriptor()->FindFieldByName(column.field), cell);
  return true;
}

// The problems of a file, by line.
class Problems {
 public:
  void Add(int line, const std::string& wanted) {
    if (++count_ <= kMaxProblems) error_.Field("csv line " + std::to_string(line), wanted);
  }
  bool empty() const { return count_ == 0; }
  absl::Status ToStatus() const { return error_; }

 private:
  Error error_{Reason::ERROR_REASON_INVALID_FIELD, "rows of the file cannot be read"};
  int count_ = 0;
};

// The column of each cell of a row.
absl::StatusOr<std::vector<const Column*>> ReadHeader(const csv::CsvRecord& header) {
  std::vector<const Column*> columns;
  std::set<const Column*> seen;
  for (const std::string& title : header.fields) {
    const auto column = std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& each) {
      return LowerTrimmed(each.title) == LowerTrimmed(title);
    });
    if (column == kColumns.end() || !seen.insert(&*column).second) break;
    columns.push_back(&*column);
  }
  if (columns.size() == header.fields.size() && seen.contains(&kColumns[0]) && seen.contains(&kColumns[1])) {
    return columns;
  }
  return Error(Reason::ERROR_REASON_INVALID_FIELD, "the file does not have the columns of the template")
      .Field("csv line " + std::to_string(header.line),
             "Field Name, Type, Definition, Required, Valid inputs, Source, Notes, Guide for use; each once");
}

void ReadRow(const csv::CsvRecord& record, const std::vector<const Column*>& columns,
             v1::DataElement& element, Problems& problems) {
  if (record.broken) return problems.Add(record.line, "quotation marks that open and close");
  if (record.fields.size() != columns.size()) {
    return problems.Add(record.line, std::to_string(columns.size()) + " fields, as the header has");
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const Column& column = *columns[i];
    if (!SetCell(element, column, record.fields[i])) {
      problems.Add(record.line, std::string(column.title) + ": " + std::string(column.wanted));
    }
  }
  const absl::Status valid = validation::Validate(element);
  if (!valid.ok()) problems.Add(record.line, std::string(valid.message()));
}

}  // namespace

std::string ElementsToCsv(const v1::DataElements& elements) {
  std::string csv;
  const auto line = [&](auto cell_of) {
    for (const Column& column : kColumns) {
      csv += (&column == kColumns.begin() ? "" : ",") + csv::CsvField(cell_of(column));
    }
    csv += "\r\n";
  };
  line([](const Column& column) { return std::string(column.title); });
  for (const v1::DataElement& element : elements.elements()) {
    line([&](const Column& column) { return CellOf(element, column); });
  }
  return csv;
}

absl::StatusOr<v1::DataElements> ElementsFromCsv(std::string_view csv) {
  ASSIGN_OR_RETURN(const std::vector<csv::CsvRecord> records, csv::ParseSheet(csv, "csv"));
  if (records.empty()) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "the file is empty")
        .Field("csv", "a header line and rows");
  }
  if (records.size() > kMaxElements + 1) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "the file has too many rows")
        .Field("csv", "at most " + std::to_string(kMaxElements) + " rows");
  }
  ASSIGN_OR_RETURN(const std::vector<const Column*> columns, ReadHeader(records.front()));
  v1::DataElements elements;
  Problems problems;
  std::set<std::string> names;
  for (size_t i = 1; i < records.size(); ++i) {
    v1::DataElement& element = *elements.add_elements();
    ReadRow(records[i], columns, element, problems);
    if (!element.field_name().empty() && !names.insert(listing::NameKey(element.field_name())).second) {
      problems.Add(records[i].line, "another field name: " + element.field_name() + " exists twice");
    }
  }
  if (!problems.empty()) return problems.ToStatus();
  return elements;
}

}  // namespace idea::drafting
