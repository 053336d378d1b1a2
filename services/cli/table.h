#ifndef IDEA_SERVICES_CLI_TABLE_H_
#define IDEA_SERVICES_CLI_TABLE_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// Messages as the cells of a table.
namespace idea::cli {

using Row = std::vector<std::string>;
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// Where a column is found: from the response on, or from the wrapped message on.
struct Column {
  FieldPath path;
  bool is_wrapped = false;
};

// The resource, or the list of them, that a response wraps: its first message field. Null if there is none.
const google::protobuf::FieldDescriptor* WrappedField(const google::protobuf::Descriptor& response);

// The column of a path such as "receipt.receipt_id"; none if it does not name a field of the response, or of
// what it wraps.
std::optional<Column> FindColumn(const google::protobuf::Descriptor& response, const std::string& path);
bool HasColumn(const google::protobuf::Descriptor& response, const std::string& path);

// The time zone in which cells show times, with its abbreviation: "2026-07-01 05:00:00 PDT". UTC until it is
// set, once, before anything is shown. JSON has UTC always.
void ShowTimesIn(const absl::TimeZone& zone);

// The text of one field: times are in the zone of ShowTimesIn, enum values lose their prefix, repeated values
// are joined, what is not set is "-".
std::string CellOf(const google::protobuf::Message& message, const FieldPath& path);

// What a table shows of a response, one row for each item of its list, or one for the response itself. Times
// are in the zone of ShowTimesIn, enum values lose their prefix, repeated values are joined by commas, what
// is not set is "-", control characters are "?".
std::vector<Row> RowsOf(const google::protobuf::Message& response, const std::vector<std::string>& columns);

// "RECEIPT_ID" for "receipt.receipt_id".
Row HeaderOf(const std::vector<std::string>& columns);

struct TableStyle {
  // Print the line of column names.
  bool headers = true;
  // Maximum number of characters on a line; longer cells end with "…". The first column, which names the row,
  // is never cut. 0: no maximum.
  size_t width = 0;
};

// Aligned columns, two spaces between them, the header first.
void PrintTable(const Row& header, const std::vector<Row>& rows, std::ostream& out,
                const TableStyle& style = {});

// A table whose rows arrive one by one: a column is as wide as the widest cell so far. The header comes with
// the first row.
class GrowingTable {
 public:
  GrowingTable(Row header, const TableStyle& style, std::ostream& out)
      : header_(std::move(header)), style_(style), out_(out) {}
  void Print(const Row& row);

 private:
  Row header_;
  TableStyle style_;
  std::ostream& out_;
  std::vector<size_t> widths_;
};

// One line: control characters become "?", line breaks spaces. For anything that another party wrote.
std::string OneLine(const std::string& text);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_TABLE_H_
