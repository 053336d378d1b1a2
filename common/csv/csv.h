#ifndef IDEA_COMMON_CSV_CSV_H_
#define IDEA_COMMON_CSV_CSV_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace idea::csv {

// Protection against formulas. Spreadsheets take a cell that begins with = + - @ for a formula, in some
// languages also with their full-width and small forms (U+FF1D and the like). Some skip blanks, tabs and line
// breaks before them. Such a text, and one that begins with a tab or a line break, is written with an
// apostrophe before it, which marks a text. A text that begins with apostrophes followed by one of these gets
// one more. ParseCsv() removes one apostrophe again. So every text survives a round trip, and files from
// other programs keep their meaning.

// One record of a CSV file.
struct CsvRecord {
  // The line of the file on which it begins, from 1.
  int line = 0;
  std::vector<std::string> fields;
  // The record is not well formed: a quote that is not closed, text after a closing quote, or a quote within
  // an unquoted field.
  bool broken = false;
};

// Splits comma-separated text into records (RFC 4180). Fields may be quoted, and a quote in them is doubled.
// Lines end with CRLF or LF. A byte order mark and empty lines are skipped. A broken record ends with its
// line.
std::vector<CsvRecord> ParseCsv(std::string_view text);

// The records of a table as spreadsheets save it: with commas, semicolons or tabs, detected from the first
// line or named by it ("sep=;"), and also with the line ends of old Macs. Records of empty fields and empty
// columns after the last heading are omitted. Fails with INVALID_FIELD on `field`, with line, column and how
// to save the file, if it is not UTF-8.
absl::StatusOr<std::vector<CsvRecord>> ParseSheet(std::string_view bytes, const std::string& field);

// A field as ParseCsv() reads it: quoted where necessary, and never a formula.
std::string CsvField(std::string_view text);
// One record as a line that ends with CRLF.
std::string CsvLine(const std::vector<std::string>& fields);

// Whether the bytes are well-formed UTF-8.
bool IsUtf8(std::string_view bytes);

}  // namespace idea::csv

#endif  // IDEA_COMMON_CSV_CSV_H_
