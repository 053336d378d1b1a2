#include "services/cli/output/output.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "services/cli/command/suggestion.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = nlohmann::ordered_json;

// Fields that control a list or a stream, which are not printed.
bool IsToken(const FieldDescriptor& field) {
  return field.name() == "next_page_token" || field.name() == "resume_token";
}

// Whether the field is a message with fields to print. A time or a date is one value.
bool IsPart(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !field.message_type()->full_name().starts_with("google.");
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

// Prints the lists of the wrapped resource that are not columns: a template's fields, an entity's parentages.
void PrintLists(const Message& resource, const std::set<const FieldDescriptor*>& shown, std::ostream& out) {
  for (int i = 0; i < resource.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *resource.GetDescriptor()->field(i);
    const bool list = field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (list && !shown.contains(&field)) PrintList(resource, field, out);
  }
}

// Whether the field is a text of several lines.
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

// Prints texts of several lines, which do not fit into a table.
void PrintLongTexts(const Message& message, std::ostream& out) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (!IsLongText(message, field)) continue;
    PrintLines(message.GetReflection()->GetString(message, &field), field.name(), out);
  }
}

std::string Indented(const std::string& text) {
  std::string indented;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) indented += (line.empty() ? "" : "  ") + line + "\n";
  return indented;
}

// Prints every field of a part of a resource, its parts indented below their names.
void PrintPart(const Message& part, std::ostream& out) {
  std::vector<const FieldDescriptor*> set;
  part.GetReflection()->ListFields(part, &set);
  for (const FieldDescriptor* field : set) {
    std::ostringstream inner;
    if (IsPart(*field) && field->is_repeated()) {
      PrintList(part, *field, inner);
      out << inner.str().substr(1);
    } else if (IsPart(*field)) {
      PrintPart(part.GetReflection()->GetMessage(part, field), inner);
      out << field->name() << ":\n" << Indented(inner.str());
    } else if (IsLongText(part, *field)) {
      PrintLines(part.GetReflection()->GetString(part, field), field->name(), inner);
      const std::string text = inner.str().substr(1);
      const size_t below = text.find('\n') + 1;
      out << text.substr(0, below) << Indented(text.substr(below));
    } else {
      const std::string cell = CellOf(part, {field});
      const bool is_list = cell.find('\n') != std::string::npos;
      out << field->name() << (is_list ? ":\n" + Indented(cell) : ": " + cell + "\n");
    }
  }
}

// Prints the parts of the wrapped resource that are not columns: a BUCP's content.
void PrintParts(const Message& resource, const std::set<const FieldDescriptor*>& shown, std::ostream& out) {
  std::vector<const FieldDescriptor*> set;
  resource.GetReflection()->ListFields(resource, &set);
  for (const FieldDescriptor* field : set) {
    if (!IsPart(*field) || field->is_repeated() || shown.contains(field)) continue;
    std::ostringstream inner;
    PrintPart(resource.GetReflection()->GetMessage(resource, field), inner);
    out << "\n" << field->name() << ":\n" << Indented(inner.str());
  }
}

void PrintRest(const Message& response, const std::vector<std::string>& columns, std::ostream& out) {
  const Descriptor& type = *response.GetDescriptor();
  const std::set<const FieldDescriptor*> shown = ShownFields(type, columns);
  if (const FieldDescriptor* resource = WrappedField(type); resource != nullptr && !resource->is_repeated()) {
    PrintLongTexts(response.GetReflection()->GetMessage(response, resource), out);
    PrintParts(response.GetReflection()->GetMessage(response, resource), shown, out);
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

// The list in a response. Null if the response is not a list.
const FieldDescriptor* ListOf(const Descriptor& response) {
  if (const FieldDescriptor* items = ItemsFieldOf(response)) return items;
  const FieldDescriptor* wrapped = WrappedField(response);
  return wrapped != nullptr && wrapped->is_repeated() ? wrapped : nullptr;
}

// The columns of the command and the other single values of the wrapped resource.
std::vector<std::string> WideColumns(const Command& command) {
  std::vector<std::string> columns = command.columns;
  const Descriptor& response = *command.method->output_type();
  const std::set<const FieldDescriptor*> shown = ShownFields(response, columns);
  const FieldDescriptor* wrapped = WrappedField(response);
  if (wrapped == nullptr || !shown.contains(wrapped)) return columns;
  for (int i = 0; i < wrapped->message_type()->field_count(); ++i) {
    const FieldDescriptor& field = *wrapped->message_type()->field(i);
    const bool is_message = field.message_type() != nullptr;
    if (shown.contains(&field) || IsToken(field) || (is_message && (IsPart(field) || field.is_repeated())))
      continue;
    columns.push_back(field.name());
  }
  return columns;
}

// The last name of a column's path, which is its heading in lower case.
std::string HeadingOf(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// The path of a typed column, which may be a heading of the table: "TIME" of "event.time".
std::string PathOfColumn(const Command& command, const std::string& typed) {
  if (HasColumn(*command.method->output_type(), typed)) return typed;
  for (const std::string& path : command.columns) {
    if (HeadingOf(path) == absl::AsciiStrToLower(typed)) return path;
  }
  return typed;
}

std::vector<std::string> ColumnsOf(const Command& command, const OutputStyle& style) {
  if (!style.columns.empty()) {
    std::vector<std::string> paths;
    for (const std::string& typed : style.columns) paths.push_back(PathOfColumn(command, typed));
    return paths;
  }
  return style.format == Format::kWide ? WideColumns(command) : command.columns;
}

std::string Line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Prints the name of each resource, or its first column if it does not have a name.
void PrintNames(const Command& command, const Message& response, std::ostream& out) {
  const bool has_name = HasColumn(*response.GetDescriptor(), "name");
  for (const Row& row : RowsOf(response, {has_name ? "name" : command.columns[0]})) out << row[0] << "\n";
}

}  // namespace

absl::Status ParseFormat(const std::string& text, OutputStyle& style) {
  static const std::vector<std::pair<std::string, Format>>& formats =
      *new std::vector<std::pair<std::string, Format>>{
          {"table", Format::kTable},     {"wide", Format::kWide}, {"json", Format::kJson},
          {"jsonl", Format::kJsonLines}, {"yaml", Format::kYaml}, {"name", Format::kName}};
  for (const auto& [name, format] : formats) {
    if (text != name) continue;
    style.format = format;
    return absl::OkStatus();
  }
  constexpr std::string_view kPath = "jsonpath=";
  if (!text.starts_with(kPath)) {
    return absl::InvalidArgumentError(std::string("expected ") + kFormats + ", got \"" + text + "\"");
  }
  absl::StatusOr<JsonPath> path = JsonPath::Parse(text.substr(kPath.size()));
  if (!path.ok()) return path.status();
  style.format = Format::kJsonPath;
  style.path = *std::move(path);
  return absl::OkStatus();
}

bool IsForPrograms(Format format) {
  return format != Format::kTable && format != Format::kWide && format != Format::kName;
}

absl::Status CheckColumns(const Command& command, const OutputStyle& style) {
  const Descriptor& response = *command.method->output_type();
  for (const std::string& column : style.columns) {
    if (HasColumn(response, PathOfColumn(command, column))) continue;
    std::vector<std::string> known;
    for (const std::string& path : command.columns) {
      if (path.find('.') != std::string::npos) known.push_back(HeadingOf(path));
    }
    const FieldDescriptor* wrapped = WrappedField(response);
    const Descriptor& type = wrapped == nullptr ? response : *wrapped->message_type();
    for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->name());
    return absl::InvalidArgumentError("--columns: \"" + column + "\" is not a column" +
                                      DidYouMean(column, known) + "; expected one of " + Listed(known));
  }
  return absl::OkStatus();
}

void PrintDocument(const Json& document, const OutputStyle& style, std::ostream& out) {
  switch (style.format) {
    case Format::kJsonLines:
      if (!document.is_array()) {
        out << Line(document);
      } else {
        for (const Json& item : document) out << Line(item);
      }
      return;
    case Format::kYaml:
      out << YamlOf(document);
      return;
    case Format::kJsonPath:
      for (const Json& found : style.path.Find(document))
        out << (found.is_string() ? found.get<std::string>() + "\n" : Line(found));
      return;
    default:
      out << document.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
  }
}

void PrintResponse(const Command& command, const Message& response, const OutputStyle& style,
                   std::ostream& out) {
  if (style.format == Format::kTable || style.format == Format::kWide) {
    std::vector<std::string> columns = ColumnsOf(command, style);
    // A list of messages in a single resource is a table below it.
    const bool is_list = ListOf(*response.GetDescriptor()) != nullptr;
    std::erase_if(columns, [&](const std::string& path) {
      const auto column = FindColumn(*response.GetDescriptor(), path);
      return !is_list && style.columns.empty() && column && column->path.back()->is_repeated() &&
             IsPart(*column->path.back());
    });
    PrintTable(HeaderOf(columns), RowsOf(response, columns), out, style.table);
    if (style.columns.empty()) PrintRest(response, columns, out);
    return;
  }
  if (style.format == Format::kName) return PrintNames(command, response, out);
  Json json = JsonOf(response);
  const FieldDescriptor* list = ListOf(*response.GetDescriptor());
  const bool is_lines = style.format == Format::kJsonLines && list != nullptr;
  PrintDocument(is_lines ? json[list->json_name()] : json, style, out);
}

StreamPrinter::StreamPrinter(const Command& command, const OutputStyle& style, std::ostream& out)
    : command_(command),
      style_(style),
      out_(out),
      columns_(ColumnsOf(command, style)),
      table_(HeaderOf(columns_), style.table, out) {}

void StreamPrinter::Print(const Message& response) {
  if (style_.format == Format::kTable || style_.format == Format::kWide) {
    for (const Row& row : RowsOf(response, columns_)) table_.Print(row);
  } else if (style_.format == Format::kName) {
    PrintNames(command_, response, out_);
  } else if (style_.format == Format::kJson) {
    out_ << Line(JsonOf(response));
  } else {
    if (style_.format == Format::kYaml) out_ << "---\n";
    PrintDocument(JsonOf(response), style_, out_);
  }
  out_ << std::flush;
}

}  // namespace idea::cli
