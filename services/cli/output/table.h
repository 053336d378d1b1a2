#ifndef IDEA_SERVICES_CLI_OUTPUT_TABLE_H_
#define IDEA_SERVICES_CLI_OUTPUT_TABLE_H_

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

// The path of a column, from the response or from the wrapped message.
struct Column {
  FieldPath path;
  bool is_wrapped = false;
};

// The resource or list of resources in a response: its first message field. Null if it does not have one.
const google::protobuf::FieldDescriptor* WrappedField(const google::protobuf::Descriptor& response);

// The column of a path such as "receipt.receipt_id". Nothing if it is not a field of the response or of the
// wrapped message.
std::optional<Column> FindColumn(const google::protobuf::Descriptor& response, const std::string& path);
bool HasColumn(const google::protobuf::Descriptor& response, const std::string& path);

// Sets the time zone of times in cells: "2026-07-01 05:00:00 PDT". The default is UTC. Call it once, before
// the first output. JSON always has UTC.
void ShowTimesIn(const absl::TimeZone& zone);

// A time in this zone: "2026-07-01 05:00:00 PDT".
std::string TimeText(absl::Time time);

// The text of one field: times in the zone of ShowTimesIn, enum values without their prefix, repeated values
// joined, "-" for a field that is not set.
std::string CellOf(const google::protobuf::Message& message, const FieldPath& path);

// The rows of a response: one per item of its list, or one for the response. Cells are as in CellOf, with
// control characters as "?".
std::vector<Row> RowsOf(const google::protobuf::Message& response, const std::vector<std::string>& columns);

// "RECEIPT_ID" for "receipt.receipt_id".
Row HeaderOf(const std::vector<std::string>& columns);

struct TableStyle {
  // Print the line of column names.
  bool headers = true;
  // Maximum number of characters on a line. Longer cells are cut and end with "…", except in the first
  // column. 0: unlimited.
  size_t width = 0;
};

// Aligned columns, two spaces between them, the header first.
void PrintTable(const Row& header, const std::vector<Row>& rows, std::ostream& out,
                const TableStyle& style = {});

// A table whose rows arrive one by one: a column is as wide as its widest cell so far. Prints the header with
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

// The text on one line, with "?" for control characters and spaces for line breaks. For texts of other
// parties.
std::string OneLine(const std::string& text);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_OUTPUT_TABLE_H_
