#include "services/cli/output.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>
#include <set>
#include <sstream>

#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "google/type/date.pb.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Path = std::vector<const FieldDescriptor*>;

constexpr char kNothing[] = "-";

// Fields that steer a list or a stream and are no part of what was asked for.
bool IsToken(const FieldDescriptor& field) {
  return field.name() == "next_page_token" || field.name() == "resume_token";
}

std::optional<Path> FindPath(const Descriptor& type, const std::string& text) {
  Path path;
  const Descriptor* at = &type;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('.', begin), text.size());
    const FieldDescriptor* field =
        at == nullptr ? nullptr : at->FindFieldByName(text.substr(begin, end - begin));
    if (field == nullptr) return std::nullopt;
    path.push_back(field);
    at = field->message_type();
    begin = end + 1;
  }
  return path;
}

// The resource, or the list, that a response wraps; null if there is none.
const FieldDescriptor* WrappedField(const Descriptor& response) {
  for (int i = 0; i < response.field_count(); ++i) {
    if (response.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return response.field(i);
  }
  return nullptr;
}

// Where a column is found: from the response on, or from the wrapped message on.
struct Column {
  Path path;
  bool is_wrapped = false;
};

std::optional<Column> FindColumn(const Descriptor& response, const std::string& text) {
  if (auto path = FindPath(response, text)) return Column{*path, false};
  const FieldDescriptor* wrapped = WrappedField(response);
  if (wrapped == nullptr) return std::nullopt;
  if (auto path = FindPath(*wrapped->message_type(), text)) return Column{*path, true};
  return std::nullopt;
}

std::string MessageText(const Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    google::protobuf::Timestamp stamp;
    stamp.CopyFrom(message);
    stamp.set_nanos(0);
    std::string text = google::protobuf::util::TimeUtil::ToString(stamp);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
  }
  if (type == "google.type.Date") {
    google::type::Date date;
    date.CopyFrom(message);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year(), date.month(), date.day());
    return text;
  }
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json);
  return json;
}

// One value of a field; `index` counts for repeated fields only.
std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& get = *message.GetReflection();
  const bool list = field.is_repeated();
#define IDEA_GET(Type) (list ? get.GetRepeated##Type(message, &field, index) : get.Get##Type(message, &field))
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(IDEA_GET(Int32));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(IDEA_GET(Int64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(IDEA_GET(UInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(IDEA_GET(UInt64));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return std::to_string(IDEA_GET(Float));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return std::to_string(IDEA_GET(Double));
    case FieldDescriptor::CPPTYPE_BOOL:
      return IDEA_GET(Bool) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = IDEA_GET(Enum);
      return value->number() == 0 ? "" : ShortName(*value);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = IDEA_GET(String);
      if (field.type() != FieldDescriptor::TYPE_BYTES || text.empty()) return text;
      return std::to_string(text.size()) + " bytes";
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(IDEA_GET(Message));
  }
#undef IDEA_GET
  return "";
}

std::string Join(const std::vector<std::string>& values, std::string_view between) {
  std::string joined;
  for (size_t i = 0; i < values.size(); ++i) joined += (i > 0 ? std::string(between) : "") + values[i];
  return joined;
}

// The values at the end of the path; of a list of things one for each thing.
std::vector<std::string> ValuesOf(const Message& message, const Path& path, size_t depth) {
  const FieldDescriptor& field = *path[depth];
  const Reflection& get = *message.GetReflection();
  const bool list = field.is_repeated();
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  const int count =
      list ? get.FieldSize(message, &field) : (is_message && !get.HasField(message, &field) ? 0 : 1);
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) {
    if (depth + 1 == path.size()) {
      values.push_back(ValueText(message, field, i));
    } else if (list) {
      values.push_back(Join(ValuesOf(get.GetRepeatedMessage(message, &field, i), path, depth + 1), ", "));
    } else {
      return ValuesOf(get.GetMessage(message, &field), path, depth + 1);
    }
  }
  return values;
}

// Several values stand beside each other, but for sentences and for what belongs to a list of things: those
// have a line each, so that columns of the same list stand side by side.
std::string CellOf(const Message& message, const Path& path) {
  std::vector<std::string> values = ValuesOf(message, path, 0);
  const bool of_things = std::any_of(path.begin(), path.end(), [](const FieldDescriptor* field) {
    return field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  });
  const bool by_line = of_things || std::any_of(values.begin(), values.end(), [](const std::string& value) {
                         return value.find(' ') != std::string::npos;
                       });
  for (std::string& value : values) value = value.empty() && by_line ? kNothing : OneLine(value);
  const std::string cell = Join(values, by_line ? "\n" : ",");
  return cell.empty() ? kNothing : cell;
}

// Characters, not bytes.
size_t WidthOf(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

// The lines of a cell.
std::vector<std::string> LinesOf(const std::string& cell) {
  std::vector<std::string> lines;
  std::istringstream text(cell);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::string Lines(const Row& row, const std::vector<size_t>& widths) {
  std::vector<std::vector<std::string>> cells;
  size_t height = 1;
  for (const std::string& cell : row) height = std::max(height, cells.emplace_back(LinesOf(cell)).size());
  std::string out;
  for (size_t k = 0; k < height; ++k) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string part = k < cells[i].size() ? cells[i][k] : "";
      line += part;
      if (i + 1 < row.size())
        line += std::string(std::max(widths[i], WidthOf(part)) - WidthOf(part) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

void Widen(const Row& row, std::vector<size_t>& widths) {
  widths.resize(std::max(widths.size(), row.size()));
  for (size_t i = 0; i < row.size(); ++i) {
    for (const std::string& line : LinesOf(row[i])) widths[i] = std::max(widths[i], WidthOf(line));
  }
}

// The fields of the response, and of what it wraps, that the columns show.
std::set<const FieldDescriptor*> ShownFields(const Descriptor& response,
                                             const std::vector<std::string>& columns) {
  std::set<const FieldDescriptor*> shown;
  for (const std::string& text : columns) {
    if (auto column = FindColumn(response, text)) {
      if (column->is_wrapped) shown.insert(WrappedField(response));
      shown.insert(column->path.begin(), column->path.end());
    }
  }
  return shown;
}

void PrintList(const Message& response, const FieldDescriptor& field, std::ostream& out) {
  const Reflection& get = *response.GetReflection();
  std::vector<std::string> columns;
  std::vector<Row> rows(get.FieldSize(response, &field));
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    columns.push_back(field.message_type()->field(i)->name());
    for (size_t k = 0; k < rows.size(); ++k) {
      rows[k].push_back(CellOf(get.GetRepeatedMessage(response, &field, static_cast<int>(k)),
                               {field.message_type()->field(i)}));
    }
  }
  if (rows.empty()) return;
  out << "\n" << field.name() << ":\n";
  PrintTable(HeaderOf(columns), rows, out);
}

// The lists of the wrapped resource that are no columns: a template's fields, an entity's parentages.
void PrintLists(const Message& resource, const std::set<const FieldDescriptor*>& shown, std::ostream& out) {
  for (int i = 0; i < resource.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *resource.GetDescriptor()->field(i);
    const bool list = field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (list && !shown.contains(&field)) PrintList(resource, field, out);
  }
}

// A text of several lines stays one.
bool IsLongText(const Message& message, const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING && !field.is_repeated() &&
         message.GetReflection()->GetString(message, &field).find('\n') != std::string::npos;
}

void PrintLines(const std::string& text, const std::string& name, std::ostream& out) {
  out << "\n" << name << ":\n";
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    out << OneLine(text.substr(begin, end - begin)) << "\n";
    begin = end + 1;
  }
}

// Texts of several lines fit no table.
void PrintLongTexts(const Message& message, std::ostream& out) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (!IsLongText(message, field)) continue;
    PrintLines(message.GetReflection()->GetString(message, &field), field.name(), out);
  }
}

void PrintRest(const Message& response, const std::vector<std::string>& columns, std::ostream& out) {
  const Descriptor& type = *response.GetDescriptor();
  const std::set<const FieldDescriptor*> shown = ShownFields(type, columns);
  if (const FieldDescriptor* resource = WrappedField(type); resource != nullptr && !resource->is_repeated()) {
    PrintLongTexts(response.GetReflection()->GetMessage(response, resource), out);
    PrintLists(response.GetReflection()->GetMessage(response, resource), shown, out);
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool no_file = field.type() == FieldDescriptor::TYPE_BYTES && !field.is_repeated() &&
                         response.GetReflection()->GetString(response, &field).empty();
    if (shown.contains(&field) || IsToken(field) || no_file) continue;
    if (IsLongText(response, field)) {
      PrintLines(response.GetReflection()->GetString(response, &field), field.name(), out);
    } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      const std::string cell = CellOf(response, {&field});
      out << field.name() << (cell.find('\n') == std::string::npos ? ": " : ":\n") << cell << "\n";
    } else if (field.is_repeated()) {
      PrintList(response, field, out);
    }
  }
}

}  // namespace

std::string OneLine(const std::string& text) {
  std::string line = text;
  for (size_t i = 0; i < line.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    const bool is_c1 = c == 0xC2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xA0;
    if (c == '\n' || c == '\t') {
      line[i] = ' ';
    } else if (c < 0x20 || c == 0x7F) {
      line[i] = '?';
    } else if (is_c1) {
      line.replace(i, 2, "?");
    }
  }
  return line;
}

bool HasColumn(const Descriptor& response, const std::string& path) {
  return FindColumn(response, path).has_value();
}

std::vector<Row> RowsOf(const Message& response, const std::vector<std::string>& columns) {
  const Descriptor& type = *response.GetDescriptor();
  const Reflection& get = *response.GetReflection();
  const FieldDescriptor* wrapped = WrappedField(type);
  std::vector<std::optional<Column>> found;
  for (const std::string& column : columns) found.push_back(FindColumn(type, column));
  const bool per_item =
      std::any_of(found.begin(), found.end(), [](const auto& c) { return c && c->is_wrapped; });
  const int count = per_item && wrapped->is_repeated() ? get.FieldSize(response, wrapped) : 1;
  std::vector<Row> rows(count);
  for (int i = 0; i < count; ++i) {
    for (const auto& column : found) {
      if (!column || !column->is_wrapped) {
        rows[i].push_back(column ? CellOf(response, column->path) : kNothing);
        continue;
      }
      const Message& item = wrapped->is_repeated() ? get.GetRepeatedMessage(response, wrapped, i)
                                                   : get.GetMessage(response, wrapped);
      rows[i].push_back(CellOf(item, column->path));
    }
  }
  return rows;
}

Row HeaderOf(const std::vector<std::string>& columns) {
  Row header;
  for (const std::string& column : columns) {
    std::string name = column.substr(column.rfind('.') + 1);
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    header.push_back(name);
  }
  return header;
}

void PrintTable(const Row& header, const std::vector<Row>& rows, std::ostream& out) {
  std::vector<size_t> widths;
  Widen(header, widths);
  for (const Row& row : rows) Widen(row, widths);
  out << Lines(header, widths);
  for (const Row& row : rows) out << Lines(row, widths);
}

void PrintResponse(const Command& command, const Message& response, Format format, std::ostream& out) {
  if (format == Format::kTable) {
    PrintTable(HeaderOf(command.columns), RowsOf(response, command.columns), out);
    PrintRest(response, command.columns, out);
    return;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(response, &json, options);
  out << json;
  if (!json.ends_with("\n")) out << "\n";
}

StreamPrinter::StreamPrinter(const Command& command, Format format, std::ostream& out)
    : command_(command), format_(format), out_(out) {}

void StreamPrinter::PrintRow(const Row& row) {
  const Row header = HeaderOf(command_.columns);
  const bool is_first = widths_.empty();
  Widen(header, widths_);
  Widen(row, widths_);
  if (is_first) out_ << Lines(header, widths_);
  out_ << Lines(row, widths_) << std::flush;
}

void StreamPrinter::Print(const Message& response) {
  if (format_ == Format::kTable) {
    for (const Row& row : RowsOf(response, command_.columns)) PrintRow(row);
    return;
  }
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(response, &json);
  out_ << json << "\n" << std::flush;
}

}  // namespace idea::cli
