#include "services/cli/output/table.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/type/date.pb.h"
#include "services/cli/command/commands.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kNothing[] = "-";

std::optional<FieldPath> FindPath(const Descriptor& type, const std::string& text) {
  FieldPath path;
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

absl::TimeZone& DisplayZone() {
  static absl::TimeZone zone = absl::UTCTimeZone();
  return zone;
}

std::string MessageText(const Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    google::protobuf::Timestamp stamp;
    stamp.CopyFrom(message);
    return TimeText(absl::FromUnixSeconds(stamp.seconds()));
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

// One value of a field. `index` is used for repeated fields only.
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

// The values at the end of the path; for a list of messages one per message.
std::vector<std::string> ValuesOf(const Message& message, const FieldPath& path, size_t depth) {
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
      values.push_back(
          absl::StrJoin(ValuesOf(get.GetRepeatedMessage(message, &field, i), path, depth + 1), ", "));
    } else {
      return ValuesOf(get.GetMessage(message, &field), path, depth + 1);
    }
  }
  return values;
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

// Cuts a text that is longer than `width` characters.
std::string Cut(const std::string& text, size_t width) {
  if (WidthOf(text) <= width) return text;
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (begins && ++characters == width) break;
  }
  return text.substr(0, end) + "…";
}

// Narrows the widest columns, except the first, until a line has at most `most` characters or no column is
// wide.
void Fit(std::vector<size_t>& widths, size_t most) {
  constexpr size_t kNarrow = 10;
  for (;;) {
    size_t line = 0;
    for (const size_t width : widths) line += width + 2;
    if (line <= most + 2) return;
    const auto widest = std::max_element(widths.begin() + std::min<size_t>(1, widths.size()), widths.end());
    if (widest == widths.end() || *widest <= kNarrow) return;
    *widest -= std::min(*widest - kNarrow, line - most - 2);
  }
}

std::string Lines(const Row& row, const std::vector<size_t>& widths) {
  std::vector<std::vector<std::string>> cells;
  size_t height = 1;
  for (const std::string& cell : row) height = std::max(height, cells.emplace_back(LinesOf(cell)).size());
  std::string out;
  for (size_t k = 0; k < height; ++k) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string part = k < cells[i].size() ? Cut(cells[i][k], widths[i]) : "";
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

}  // namespace

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", time, DisplayZone());
}

void ShowTimesIn(const absl::TimeZone& zone) { DisplayZone() = zone; }

const FieldDescriptor* WrappedField(const Descriptor& response) {
  for (int i = 0; i < response.field_count(); ++i) {
    if (response.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return response.field(i);
  }
  return nullptr;
}

std::optional<Column> FindColumn(const Descriptor& response, const std::string& text) {
  if (auto path = FindPath(response, text)) return Column{*path, false};
  const FieldDescriptor* wrapped = WrappedField(response);
  if (wrapped == nullptr) return std::nullopt;
  if (auto path = FindPath(*wrapped->message_type(), text)) return Column{*path, true};
  return std::nullopt;
}

// Several values are joined by commas. Sentences, and values of a list of messages, have a line each, so that
// columns of the same list are aligned.
std::string CellOf(const Message& message, const FieldPath& path) {
  std::vector<std::string> values = ValuesOf(message, path, 0);
  const bool of_things = std::any_of(path.begin(), path.end(), [](const FieldDescriptor* field) {
    return field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  });
  const bool by_line = of_things || std::any_of(values.begin(), values.end(), [](const std::string& value) {
                         return value.find(' ') != std::string::npos;
                       });
  for (std::string& value : values) value = value.empty() && by_line ? kNothing : OneLine(value);
  const std::string cell = absl::StrJoin(values, by_line ? "\n" : ",");
  return cell.empty() ? kNothing : cell;
}

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

void PrintTable(const Row& header, const std::vector<Row>& rows, std::ostream& out, const TableStyle& style) {
  std::vector<size_t> widths;
  if (style.headers) Widen(header, widths);
  for (const Row& row : rows) Widen(row, widths);
  if (style.width > 0) Fit(widths, style.width);
  if (style.headers) out << Lines(header, widths);
  for (const Row& row : rows) out << Lines(row, widths);
}

void GrowingTable::Print(const Row& row) {
  const bool is_first = widths_.empty();
  if (style_.headers) Widen(header_, widths_);
  Widen(row, widths_);
  std::vector<size_t> widths = widths_;
  if (style_.width > 0) Fit(widths, style_.width);
  if (is_first && style_.headers) out_ << Lines(header_, widths);
  out_ << Lines(row, widths) << std::flush;
}

}  // namespace idea::cli
