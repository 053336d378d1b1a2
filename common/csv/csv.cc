#include "common/csv/csv.h"

#include <algorithm>

#include "common/status/status.h"

namespace idea::csv {
namespace {

// The characters that start a formula: = + - @, their full-width and small forms, and the minus sign.
constexpr std::string_view kOperators[] = {
    "=",      "+",      "-",      "@",      "\uff1d", "\uff0b", "\uff0d",
    "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b", "\u2212",
};
// The characters that may precede it: blanks, including those of zero width.
constexpr std::string_view kBlanks[] = {" ", "\t", "\r", "\n", "\u00a0", "\u3000", "\u200b", "\ufeff"};

// Whether a spreadsheet interprets the text as a formula, or would do so without the leading apostrophes.
bool IsFormula(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
  if (!text.empty() && std::string_view("\t\r\n").find(text[0]) != std::string_view::npos) return true;
  const auto begins_with = [&](const auto& beginnings) {
    const auto found = std::find_if(std::begin(beginnings), std::end(beginnings),
                                    [&](std::string_view each) { return text.starts_with(each); });
    return found == std::end(beginnings) ? 0 : found->size();
  };
  while (const size_t blank = begins_with(kBlanks)) text.remove_prefix(blank);
  return begins_with(kOperators) > 0;
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Reads a text record by record.
class Reader {
 public:
  explicit Reader(std::string_view text, char separator = ',') : text_(text), separator_(separator) {}

  bool AtEnd() const { return at_ >= text_.size(); }

  CsvRecord NextRecord() {
    CsvRecord record;
    record.line = line_;
    const size_t start = at_;
    do {
      std::string& field = record.fields.emplace_back();
      record.broken = !ReadField(field);
      if (field.starts_with('\'') && IsFormula(field)) field.erase(0, 1);
    } while (!record.broken && Accept(separator_));
    if (record.broken) Resume(start, record.line);
    AcceptLineEnd();
    return record;
  }

 private:
  // Reads one field up to a comma or the end of the record. Returns false if it is not well formed.
  bool ReadField(std::string& field) {
    if (Accept('"')) return ReadQuoted(field);
    while (!AtEnd() && !AtLineEnd() && text_[at_] != separator_) field += text_[at_++];
    return field.find('"') == std::string::npos;
  }

  bool ReadQuoted(std::string& field) {
    while (!AtEnd()) {
      const char c = text_[at_++];
      if (c == '\n') ++line_;
      if (c != '"') {
        field += c;
      } else if (Accept('"')) {
        field += '"';
      } else {
        return AtEnd() || AtLineEnd() || text_[at_] == separator_;
      }
    }
    return false;
  }

  // Skips the rest of the line on which a broken record began: the next line starts a new record.
  void Resume(size_t start, int line) {
    at_ = std::min(text_.find('\n', start), text_.size());
    line_ = line;
  }

  bool Accept(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool AtLineEnd() const { return text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n"; }

  void AcceptLineEnd() {
    Accept('\r');
    if (Accept('\n')) ++line_;
  }

  std::string_view text_;
  char separator_;
  size_t at_ = 0;
  int line_ = 1;
};

// The number of bytes that follow this first byte of a character; -1 if it is not a first byte.
int FollowersOf(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xc2 && first < 0xe0) return 1;
  if (first >= 0xe0 && first < 0xf0) return 2;
  if (first >= 0xf0 && first < 0xf5) return 3;
  return -1;
}

// The second byte reveals overlong forms, surrogates and numbers beyond U+10FFFF.
bool IsSecondByte(unsigned char first, unsigned char second) {
  if (first == 0xe0 && second < 0xa0) return false;
  if (first == 0xed && second > 0x9f) return false;
  if (first == 0xf0 && second < 0x90) return false;
  return first != 0xf4 || second <= 0x8f;
}

std::vector<CsvRecord> Parse(std::string_view text, char separator) {
  std::vector<CsvRecord> records;
  Reader reader(text, separator);
  while (!reader.AtEnd()) {
    CsvRecord record = reader.NextRecord();
    const bool empty = record.fields.size() == 1 && record.fields[0].empty() && !record.broken;
    if (!empty) records.push_back(std::move(record));
  }
  return records;
}

// The most frequent separator between the headings; a comma if there are none.
char SeparatorOf(std::string_view line) {
  char best = ',';
  long most = 0;
  for (const char separator : {',', ';', '\t'}) {
    bool quoted = false;
    long count = 0;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      if (c == separator && !quoted) ++count;
    }
    if (count <= most) continue;
    best = separator;
    most = count;
  }
  return best;
}

// Whether the record has only separators, also those of another kind of table.
bool IsBlank(const CsvRecord& record) {
  return !record.broken &&
         std::all_of(record.fields.begin(), record.fields.end(), [](const std::string& field) {
           return field.find_first_not_of(" \t,;") == std::string::npos;
         });
}

// Line and column of the first byte that is not UTF-8.
absl::Status NotUtf8(std::string_view bytes, const std::string& field) {
  size_t line = 1, column = 1, at = 0;
  while (at < bytes.size()) {
    const size_t size =
        static_cast<size_t>(std::max(FollowersOf(static_cast<unsigned char>(bytes[at])), 0)) + 1;
    if (!IsUtf8(bytes.substr(at, size))) break;
    const bool line_end = bytes[at] == '\n' || (bytes[at] == '\r' && bytes.substr(at, 2) != "\r\n");
    line += line_end ? 1 : 0;
    column = line_end ? 1 : column + 1;
    at += size;
  }
  const std::string where = "line " + std::to_string(line) + ", column " + std::to_string(column);
  return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD, "the file is not UTF-8 at " + where)
      .Field(field,
             "text in UTF-8; at " + where +
                 " it is not: in Excel save as \"CSV UTF-8 (Comma delimited)\", in LibreOffice choose the "
                 "character set Unicode (UTF-8)");
}

}  // namespace

std::vector<CsvRecord> ParseCsv(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return Parse(text, ',');
}

absl::StatusOr<std::vector<CsvRecord>> ParseSheet(std::string_view bytes, const std::string& field) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  // UTF-16 contains zero bytes, UTF-8 text does not.
  if (!IsUtf8(bytes) || bytes.find('\0') != std::string_view::npos) return NotUtf8(bytes, field);
  std::string text(bytes);
  if (text.find('\n') == std::string::npos) std::replace(text.begin(), text.end(), '\r', '\n');
  std::string_view first = std::string_view(text).substr(0, text.find('\n'));
  if (first.ends_with('\r')) first.remove_suffix(1);
  const bool names = first.size() == 5 && (first.starts_with("sep=") || first.starts_with("SEP="));
  std::vector<CsvRecord> records = Parse(text, names ? first[4] : SeparatorOf(first));
  if (names && !records.empty()) records.erase(records.begin());
  records.erase(std::remove_if(records.begin(), records.end(), IsBlank), records.end());
  if (records.empty()) return records;
  std::vector<std::string>& headings = records[0].fields;
  while (headings.size() > 1 && headings.back().find_first_not_of(" \t") == std::string::npos)
    headings.pop_back();
  for (CsvRecord& record : records) {
    while (record.fields.size() > headings.size() && record.fields.back().empty()) record.fields.pop_back();
  }
  return records;
}

std::string CsvField(std::string_view text) {
  const std::string mark = IsFormula(text) ? "'" : "";
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return mark + std::string(text);
  std::string field = '"' + mark;
  for (char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
  return field + '"';
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    line += CsvField(field);
  }
  return line + "\r\n";
}

bool IsUtf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[i++]);
    const int followers = FollowersOf(first);
    if (followers < 0 || bytes.size() - i < static_cast<size_t>(followers)) return false;
    for (int n = 0; n < followers; ++n) {
      const auto next = static_cast<unsigned char>(bytes[i++]);
      if ((next & 0xc0) != 0x80 || (n == 0 && !IsSecondByte(first, next))) return false;
    }
  }
  return true;
}

}  // namespace idea::csv
