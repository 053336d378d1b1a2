#include "services/cli/command/field_values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "common/csv/csv.h"
#include "common/status/status.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "google/type/date.pb.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/json_input.h"

namespace idea::cli {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Problem(const std::string& problem = "") { return absl::InvalidArgumentError(problem); }

// Calls the singular setter or the repeated adder of Reflection.
#define IDEA_PUT(Type, value)                                                        \
  (field.is_repeated() ? message.GetReflection()->Add##Type(&message, &field, value) \
                       : message.GetReflection()->Set##Type(&message, &field, value))

Message* Part(const FieldDescriptor& field, Message& message) {
  return field.is_repeated() ? message.GetReflection()->AddMessage(&message, &field)
                             : message.GetReflection()->MutableMessage(&message, &field);
}

template <class Number>
bool ParseNumber(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string EnumNames(const FieldDescriptor& field) {
  std::string names;
  for (int i = 0; i < field.enum_type()->value_count(); ++i) {
    const EnumValueDescriptor* value = field.enum_type()->value(i);
    if (value->number() != 0) names += (names.empty() ? "" : "|") + ShortName(*value);
  }
  return names;
}

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Paths are as in the .proto. The JSON form useCaseName is accepted too.
std::string SnakeCase(const std::string& path) {
  std::string snake;
  for (const char c : path) {
    if (std::isupper(static_cast<unsigned char>(c)) == 0) {
      snake += c;
    } else {
      snake += '_';
      snake += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return snake;
}

absl::Status SetMask(const std::string& text, Message& mask) {
  google::protobuf::FieldMask value;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string path = text.substr(begin, end - begin);
    if (path.empty()) return Problem("an item is empty");
    value.add_paths(SnakeCase(path));
    begin = end + 1;
  }
  mask.CopyFrom(value);
  return absl::OkStatus();
}

template <class T>
absl::Status SetTime(const std::string& text, Message& message) {
  T value;
  if (!google::protobuf::util::TimeUtil::FromString(text, &value)) return Problem();
  message.CopyFrom(value);
  return absl::OkStatus();
}

absl::Status SetMessage(const std::string& text, Message& part) {
  const std::string& type = part.GetDescriptor()->full_name();
  if (type == "google.type.Date" && !text.starts_with("{")) {
    google::type::Date date;
    RETURN_IF_ERROR(ParseDate(text, date));
    part.CopyFrom(date);
    return absl::OkStatus();
  }
  if (type == "google.protobuf.FieldMask") return SetMask(text, part);
  if (type == "google.protobuf.Timestamp") return SetTime<google::protobuf::Timestamp>(text, part);
  if (type == "google.protobuf.Duration") return SetTime<google::protobuf::Duration>(text, part);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Problem("got nothing");
  ASSIGN_OR_RETURN(const std::string json, Proto3JsonOf(text, *part.GetDescriptor()));
  const auto status = google::protobuf::util::JsonStringToMessage(json, &part);
  if (!status.ok()) return Problem(std::string(status.message()));
  return absl::OkStatus();
}

template <class Number, class Put>
absl::Status SetNumber(const std::string& text, Put put) {
  Number number{};
  if (!ParseNumber(text, number)) return Problem();
  put(number);
  return absl::OkStatus();
}

absl::Status SetText(const FieldDescriptor& field, const std::string& text, Message& message) {
  if (field.type() == FieldDescriptor::TYPE_STRING && !csv::IsUtf8(text)) return Problem("it is not UTF-8");
  IDEA_PUT(String, text);
  return absl::OkStatus();
}

absl::Status SetBool(const FieldDescriptor& field, const std::string& text, Message& message) {
  if (text != "true" && text != "false") return Problem();
  IDEA_PUT(Bool, text == "true");
  return absl::OkStatus();
}

absl::Status SetEnum(const FieldDescriptor& field, const std::string& text, Message& message) {
  const absl::StatusOr<const EnumValueDescriptor*> found = EnumValueOf(*field.enum_type(), text);
  if (!found.ok()) {
    // The caller lists the values.
    const std::string problem(found.status().message());
    return Problem(problem.substr(0, problem.find("; expected one of")));
  }
  const EnumValueDescriptor* value = *found;
  IDEA_PUT(Enum, value);
  return absl::OkStatus();
}

// Whether the text looks like a mistyped file name: a path, or a name with an extension such as ".docx".
bool LooksLikeAFile(const std::string& typed) {
  if (typed.find('\n') != std::string::npos) return false;
  return typed.find('/') != std::string::npos ||
         (typed.find(',') == std::string::npos && std::filesystem::path(typed).has_extension());
}

}  // namespace

absl::Status ParseDate(const std::string& text, google::type::Date& date) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int year = 0, month = 0, day = 0;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                      ParseNumber(text.substr(0, 4), year) && ParseNumber(text.substr(5, 2), month) &&
                      ParseNumber(text.substr(8, 2), day);
  if (!shaped) return Problem();
  const bool exists = year > 0 && month >= 1 && month <= 12 && day >= 1 &&
                      day <= kDays[month - 1] + (month == 2 && IsLeap(year) ? 1 : 0);
  if (!exists) return Problem("this day does not exist");
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return absl::OkStatus();
}

std::string ExpectedValue(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumNames(field);
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "@file" : "text or @file";
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "number";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      return "whole number";
  }
  const std::string& type = field.message_type()->full_name();
  if (type == "google.type.Date") return "date such as 2026-07-01";
  if (type == "google.protobuf.Timestamp") return "time such as 2026-07-01T12:00:00Z";
  if (type == "google.protobuf.Duration") return "duration such as 3.5s";
  if (type == "google.protobuf.FieldMask") return "comma list of fields";
  return "JSON of " + field.message_type()->name() + " or @file.json";
}

absl::Status SetValue(const FieldDescriptor& field, const std::string& text, Message& message) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SetText(field, text, message);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(field, text, message);
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(field, text, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(text, *Part(field, message));
    case FieldDescriptor::CPPTYPE_INT32:
      return SetNumber<int32_t>(text, [&](auto n) { IDEA_PUT(Int32, n); });
    case FieldDescriptor::CPPTYPE_INT64:
      return SetNumber<int64_t>(text, [&](auto n) { IDEA_PUT(Int64, n); });
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetNumber<uint32_t>(text, [&](auto n) { IDEA_PUT(UInt32, n); });
    case FieldDescriptor::CPPTYPE_UINT64:
      return SetNumber<uint64_t>(text, [&](auto n) { IDEA_PUT(UInt64, n); });
    case FieldDescriptor::CPPTYPE_FLOAT:
      return SetNumber<float>(text, [&](auto n) { IDEA_PUT(Float, n); });
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetNumber<double>(text, [&](auto n) { IDEA_PUT(Double, n); });
  }
  return Problem("this field cannot be given on the command line");
}

absl::StatusOr<std::string> FileReader::ExpandText(const std::string& typed) {
  if (!typed.starts_with("@")) return typed;
  return ReadFile(typed.substr(1));
}

absl::StatusOr<std::string> FileReader::ReadFile(const std::string& path) {
  std::string content;
  if (path == "-") {
    if (in_is_read_) return Problem("standard input can be read only once");
    in_is_read_ = true;
    content.assign(std::istreambuf_iterator<char>(in_), {});
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) return Problem("cannot read " + path);
    content.assign(std::istreambuf_iterator<char>(file), {});
  }
  return content;
}

absl::StatusOr<std::string> FileReader::Expand(const FieldDescriptor& field, const std::string& typed) {
  const bool takes_files = field.is_repeated() || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                           field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  // For a field of bytes, the name of an existing file stands for its content.
  std::error_code no_name;
  const bool is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
  const bool is_name = is_bytes && std::filesystem::is_regular_file(typed, no_name);
  if (is_bytes && !is_name && !typed.starts_with("@") && LooksLikeAFile(typed)) {
    return Problem("the file " + typed + " does not exist");
  }
  if (!takes_files || (!typed.starts_with("@") && !is_name)) return typed;
  if (typed.starts_with("@@")) return typed.substr(1);
  ASSIGN_OR_RETURN(std::string content, ReadFile(is_name ? typed : typed.substr(1)));
  if (field.type() == FieldDescriptor::TYPE_STRING && content.ends_with("\n")) content.pop_back();
  return content;
}

}  // namespace idea::cli
