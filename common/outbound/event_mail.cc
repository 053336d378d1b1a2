#include "common/outbound/event_mail.h"

#include <algorithm>

#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/validation/text.h"

namespace idea::outbound {
namespace {

using validation::EscapeMarkup;

constexpr size_t kMaxAddress = 254;
constexpr size_t kMaxSubject = 150;
// RFC 2047: an encoded word has at most 75 characters.
constexpr size_t kMaxEncodedBytes = 42;
// RFC 2045: a line of base64 has at most 76 characters.
constexpr size_t kMaxLineBytes = 57;
constexpr char kBoundary[] = "idea-exchange-alternative";

// The number of bytes, at most `most`, after which no UTF-8 character is cut.
size_t WholeCharacters(std::string_view text, size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return most;
}

// Text of a header as encoded words, which contain no line feed of it.
std::string Encoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t bytes = WholeCharacters(text, kMaxEncodedBytes);
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + ids::Base64(text.substr(0, bytes)) + "?=";
    text.remove_prefix(bytes);
  }
  return out;
}

std::string BodyPart(std::string_view type, std::string_view text) {
  std::string out = std::string("--") + kBoundary + "\r\nContent-Type: " + std::string(type) +
                    "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  for (; !text.empty(); text.remove_prefix(std::min(kMaxLineBytes, text.size())))
    out += ids::Base64(text.substr(0, kMaxLineBytes)) + "\r\n";
  return out;
}

std::string TimeOf(const common::v1::Event& event, const absl::TimeZone& zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", absl::FromUnixMicros(clock::FromProto(event.time())), zone);
}

std::string SummaryOf(const common::v1::Event& event) {
  return event.summary().empty() ? event.type() + " " + event.subject() : event.summary();
}

std::string SourceOf(const common::v1::Event& event) {
  return event.citation().empty() ? "" : " (" + event.citation() + ")";
}

std::string PlainText(const std::vector<common::v1::Event>& events, const absl::TimeZone& zone) {
  std::string text;
  for (const common::v1::Event& event : events) {
    text += SummaryOf(event) + "\r\n  " + TimeOf(event, zone) + ", " + event.type() + SourceOf(event) +
            "\r\n  " + event.subject() + "\r\n\r\n";
  }
  return text + "Your entity has subscribed to these events in IDEA Exchange.\r\n";
}

std::string Html(const std::vector<common::v1::Event>& events, const absl::TimeZone& zone) {
  std::string html = "<!DOCTYPE html>\r\n<html lang=\"en\"><body>\r\n<ul>\r\n";
  for (const common::v1::Event& event : events) {
    html += "<li><p><strong>" + EscapeMarkup(SummaryOf(event)) + "</strong><br>" +
            EscapeMarkup(TimeOf(event, zone)) + ", " + EscapeMarkup(event.type() + SourceOf(event)) +
            "<br><code>" + EscapeMarkup(event.subject()) + "</code></p></li>\r\n";
  }
  return html +
         "</ul>\r\n<p>Your entity has subscribed to these events in IDEA Exchange.</p>\r\n</body></html>\r\n";
}

std::string SubjectOf(const std::vector<common::v1::Event>& events) {
  if (events.size() != 1) return "IDEA: " + std::to_string(events.size()) + " events";
  const std::string summary = SummaryOf(events.front());
  return "IDEA: " + summary.substr(0, WholeCharacters(summary, kMaxSubject));
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  return text.size() <= kMaxAddress && std::count(text.begin(), text.end(), '@') == 1 &&
         text.front() != '@' && text.back() != '@' && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7f && c != ',' && c != '<' && c != '>' && c != '"' && c != '\\' &&
                  c != ';' && c != ':' && c != '(' && c != ')';
         });
}

std::string EventMail(const MailHeader& header, const std::vector<common::v1::Event>& events,
                      const absl::TimeZone& zone) {
  std::string to;
  for (const std::string& address : header.to) to += (to.empty() ? "<" : ",\r\n <") + address + ">";
  const std::string domain = header.from.substr(header.from.find('@') + 1);
  return "From: IDEA Exchange <" + header.from + ">\r\nTo: " + to +
         "\r\nSubject: " + Encoded(SubjectOf(events)) +
         "\r\nDate: " + absl::FormatTime(absl::RFC1123_full, header.time, absl::UTCTimeZone()) +
         "\r\nMessage-ID: <" + ids::Sha256Hex(header.id).substr(0, 32) + "@" + domain +
         ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; "
         "boundary=\"" +
         kBoundary + "\"\r\n\r\n" + BodyPart("text/plain", PlainText(events, zone)) +
         BodyPart("text/html", Html(events, zone)) + "--" + kBoundary + "--\r\n";
}

}  // namespace idea::outbound
