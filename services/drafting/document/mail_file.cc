#include "services/drafting/document/mail_file.h"

#include <algorithm>
#include <string_view>

#include "common/ids/ids.h"
#include "common/validation/text.h"

namespace idea::drafting::document {
namespace {

// RFC 2045: at most 76 characters on a line of base64.
constexpr size_t kMaxBase64Line = 76;
// Bytes of text in one encoded word. With its frame the word stays below the 75 characters of RFC 2047.
constexpr size_t kMaxWordBytes = 42;

// The text of a header: unchanged, or as encoded words. Line breaks, which would begin another header, become
// spaces.
std::string HeaderText(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x7f; });
  if (ascii) return text;
  std::string words;
  for (size_t at = 0; at < text.size();) {
    size_t size = std::min(kMaxWordBytes, text.size() - at);
    // Does not split a character.
    while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xc0) == 0x80) --size;
    words += (words.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + ids::Base64(text.substr(at, size)) + "?=");
    at += size;
  }
  return words;
}

}  // namespace

std::string ToMailFile(const v1::RenderMessageResponse& message, const Person& sender, absl::Time now) {
  std::string to;
  for (const std::string& address : message.to()) {
    if (validation::IsEmail(address)) to += (to.empty() ? "" : ",\r\n ") + address;
  }
  std::string file;
  if (validation::IsEmail(sender.email)) {
    const std::string name = HeaderText(sender.name);
    const bool encoded = name.starts_with("=?");
    std::string quoted;
    for (const char c : name) quoted += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
    file += "From: " + (encoded ? name : "\"" + quoted + "\"") + " <" + sender.email + ">\r\n";
  }
  if (!to.empty()) file += "To: " + to + "\r\n";
  file += "Subject: " + HeaderText(message.subject()) + "\r\n";
  file += "Date: " + absl::FormatTime(absl::RFC1123_full, now, absl::UTCTimeZone()) + "\r\n";
  // Mail programs that support this header open the file as a draft.
  file +=
      "X-Unsent: 1\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n";
  const std::string body = ids::Base64(message.body());
  for (size_t at = 0; at < body.size(); at += kMaxBase64Line)
    file += body.substr(at, kMaxBase64Line) + "\r\n";
  return file;
}

}  // namespace idea::drafting::document
