#ifndef IDEA_COMMON_CSV_CSV_H_
#define IDEA_COMMON_CSV_CSV_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace idea::csv {

// Spreadsheets take a cell that begins with = + - @ for a formula, in some languages also their full-width
// and small forms (U+FF1D and the like), and some skip blanks, tabs and line breaks before them. So such a
// text, and one that begins with a tab or a line break, is written with an apostrophe before it, which
// spreadsheets take for "this is text", and so is one that begins with apostrophes and then one of these;
// ParseCsv() takes one apostrophe away again. Every text comes back as it was, and a file by another hand
// means what its author saw.

// One record of a CSV file.
struct CsvRecord {
  // Line of the file on which it begins, from 1.
  int line = 0;
  std::vector<std::string> fields;
  // The record is not well formed: a quote that does not close, text behind a closing quote, a quote within a
  // bare field.
  bool broken = false;
};

// Splits comma-separated text into records (RFC 4180): fields may be quoted, a quote in them is doubled, line
// ends are CRLF or LF; a byte order mark is skipped, and so are empty lines. A broken record ends with its
// line.
std::vector<CsvRecord> ParseCsv(std::string_view text);

// The records of a table as spreadsheets save it: with commas, semicolons or tabs, which the first line shows
// or names
// ("sep=;"), and with the line ends of old Macs. Records of empty fields only are left out, and so are empty
// columns behind the last heading. INVALID_FIELD about `field`, with line and column and how to save the
// file, if it is not UTF-8.
absl::StatusOr<std::vector<CsvRecord>> ParseSheet(std::string_view bytes, const std::string& field);

// A field as it stands in a file that ParseCsv() reads: in quotes where it has to be, and no formula.
std::string CsvField(std::string_view text);
// One record as a line, CRLF at its end.
std::string CsvLine(const std::vector<std::string>& fields);

// Whether the bytes are well-formed UTF-8.
bool IsUtf8(std::string_view bytes);

}  // namespace idea::csv

#endif  // IDEA_COMMON_CSV_CSV_H_
