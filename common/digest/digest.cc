#include "common/digest/digest.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "common/ids/ids.h"
#include "google/protobuf/util/json_util.h"

namespace idea::digest {
namespace {

using nlohmann::json;

// UTF-8 sorts like UTF-16 except that characters above U+FFFF (a lead byte of 0xF0 or more) stand, as
// surrogates, before U+E000 to U+FFFF (0xEE and 0xEF).
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

void Write(const json& value, std::string& out);

void WriteObject(const json& object, std::string& out) {
  std::vector<std::pair<std::string, const json*>> members;
  for (const auto& [key, value] : object.items()) members.emplace_back(key, &value);
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return Utf16Less(a.first, b.first); });
  out += '{';
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    WriteText(members[i].first, out);
    out += ':';
    Write(*members[i].second, out);
  }
  out += '}';
}

void WriteArray(const json& array, std::string& out) {
  out += '[';
  for (size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    Write(array[i], out);
  }
  out += ']';
}

void Write(const json& value, std::string& out) {
  if (value.is_number_float()) throw std::invalid_argument("a digest covers no floating-point numbers");
  if (value.is_object()) return WriteObject(value, out);
  if (value.is_array()) return WriteArray(value, out);
  if (value.is_string()) return WriteText(value.get_ref<const std::string&>(), out);
  out += value.dump();
}

}  // namespace

std::string CanonicalJson(const google::protobuf::Message& message) {
  std::string text;
  const auto written = google::protobuf::util::MessageToJsonString(message, &text);
  if (!written.ok()) throw std::invalid_argument(written.ToString());
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) throw std::invalid_argument("a text is not UTF-8");
  std::string canonical;
  Write(parsed, canonical);
  return canonical;
}

std::string Digest(const google::protobuf::Message& message) {
  return ids::Sha256Hex(CanonicalJson(message));
}

}  // namespace idea::digest
