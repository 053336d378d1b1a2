#include "common/digest/digest.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/csv/csv.h"
#include "common/ids/ids.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"

namespace idea::digest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// UTF-8 sorts like UTF-16, except that characters above U+FFFF (lead bytes from 0xF0), which are surrogates
// in UTF-16, precede U+E000 to U+FFFF (0xEE and 0xEF).
int Utf16Rank(char c) {
  const int byte = static_cast<unsigned char>(c);
  if (byte == 0xEE || byte == 0xEF) return byte + 0x100;
  return byte;
}

bool Utf16Less(const std::string& a, const std::string& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return Utf16Rank(x) < Utf16Rank(y); });
}

void WriteEscaped(char c, std::string& out) {
  constexpr std::string_view kShort[] = {"\\b", "\\t", "\\n", "", "\\f", "\\r"};
  constexpr std::string_view kHex = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    out += {'\\', c};
  } else if (c >= '\b' && c <= '\r' && c != '\v') {
    out += kShort[c - '\b'];
  } else {
    out += "\\u00";
    out += {kHex[c >> 4], kHex[c & 15]};
  }
}

void WriteText(const std::string& text, std::string& out) {
  out += '"';
  for (char c : text) {
    const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    if (plain) {
      out += c;
    } else {
      WriteEscaped(c, out);
    }
  }
  out += '"';
}

void WriteString(const FieldDescriptor& field, const std::string& text, std::string& out) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    out += '"' + absl::Base64Escape(text) + '"';
  } else if (csv::IsUtf8(text)) {
    WriteText(text, out);
  } else {
    throw std::invalid_argument("a text is not UTF-8");
  }
}

void WriteMessage(const Message& message, std::string& out);

// The value of a field, or of one element (`at` >= 0) of a repeated field.
void WriteValue(const Message& message, const FieldDescriptor& field, int at, std::string& out) {
  const Reflection& held = *message.GetReflection();
  const auto get = [&](auto one, auto nth) {
    return at < 0 ? (held.*one)(message, &field) : (held.*nth)(message, &field, at);
  };
  const auto number = [&](auto value, const char* quote) { out += quote + std::to_string(value) + quote; };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      out += get(&Reflection::GetBool, &Reflection::GetRepeatedBool) ? "true" : "false";
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      return number(get(&Reflection::GetInt32, &Reflection::GetRepeatedInt32), "");
    case FieldDescriptor::CPPTYPE_UINT32:
      return number(get(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32), "");
    case FieldDescriptor::CPPTYPE_INT64:
      return number(get(&Reflection::GetInt64, &Reflection::GetRepeatedInt64), "\"");
    case FieldDescriptor::CPPTYPE_UINT64:
      return number(get(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64), "\"");
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = get(&Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue);
      const auto* named = field.enum_type()->FindValueByNumber(value);
      if (named == nullptr) return number(value, "");
      out += '"' + named->name() + '"';
      return;
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return WriteString(field, get(&Reflection::GetString, &Reflection::GetRepeatedString), out);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(
          at < 0 ? held.GetMessage(message, &field) : held.GetRepeatedMessage(message, &field, at), out);
    default:
      throw std::invalid_argument("a digest covers no floating-point numbers");
  }
}

// The members of an object: their names and written values.
using Members = std::vector<std::pair<std::string, std::string>>;

void WriteObject(Members members, std::string& out) {
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return Utf16Less(a.first, b.first); });
  out += '{';
  for (const auto& [name, value] : members) {
    if (&name != &members.front().first) out += ',';
    WriteText(name, out);
    out += ':';
    out += value;
  }
  out += '}';
}

void WriteMap(const Message& message, const FieldDescriptor& field, std::string& out) {
  const Reflection& held = *message.GetReflection();
  Members members(static_cast<size_t>(held.FieldSize(message, &field)));
  for (size_t i = 0; i < members.size(); ++i) {
    const Message& entry = held.GetRepeatedMessage(message, &field, static_cast<int>(i));
    const FieldDescriptor& key = *field.message_type()->map_key();
    if (key.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      throw std::invalid_argument("a digest covers no map but of texts");
    }
    members[i].first = entry.GetReflection()->GetString(entry, &key);
    WriteValue(entry, *field.message_type()->map_value(), -1, members[i].second);
  }
  WriteObject(std::move(members), out);
}

void WriteArray(const Message& message, const FieldDescriptor& field, std::string& out) {
  out += '[';
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    if (i > 0) out += ',';
    WriteValue(message, field, i, out);
  }
  out += ']';
}

// The types that proto3 JSON writes in a special form: as a text without characters to escape.
void WriteWellKnown(const Message& message, std::string& out) {
  std::string text;
  const auto written = google::protobuf::util::MessageToJsonString(message, &text);
  if (!written.ok()) throw std::invalid_argument(written.ToString());
  if (!text.starts_with('"')) throw std::invalid_argument("a digest covers no " + message.GetTypeName());
  out += text;
}

void WriteMessage(const Message& message, std::string& out) {
  if (message.GetDescriptor()->well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED) {
    return WriteWellKnown(message, out);
  }
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  Members members(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    auto& [name, value] = members[i];
    const FieldDescriptor& field = *fields[i];
    name = field.json_name();
    if (field.is_map()) {
      WriteMap(message, field, value);
    } else if (field.is_repeated()) {
      WriteArray(message, field, value);
    } else {
      WriteValue(message, field, -1, value);
    }
  }
  WriteObject(std::move(members), out);
}

}  // namespace

std::string CanonicalJson(const Message& message) {
  std::string canonical;
  WriteMessage(message, canonical);
  return canonical;
}

std::string Digest(const Message& message) { return ids::Sha256Hex(CanonicalJson(message)); }

}  // namespace idea::digest
