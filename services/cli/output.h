#ifndef IDEA_SERVICES_CLI_OUTPUT_H_
#define IDEA_SERVICES_CLI_OUTPUT_H_

#include <ostream>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/cli/commands.h"

// Answers as people (tables) and programs (JSON) read them.
namespace idea::cli {

enum class Format { kTable, kJson };

using Row = std::vector<std::string>;

// Whether a column path such as "receipt.receipt_id" names a field of the response, or of its first message
// field (the resource or the list of them that it wraps).
bool HasColumn(const google::protobuf::Descriptor& response, const std::string& path);

// What a table shows of a response, one row for each item of its list, or one for the response itself. Times
// are UTC, enum values lose their prefix, repeated values are joined by commas, what is not set is "-",
// control characters are "?".
std::vector<Row> RowsOf(const google::protobuf::Message& response, const std::vector<std::string>& columns);

// "RECEIPT_ID" for "receipt.receipt_id".
Row HeaderOf(const std::vector<std::string>& columns);

// Aligned columns, two spaces between them, the header first.
void PrintTable(const Row& header, const std::vector<Row>& rows, std::ostream& out);

// A whole response. The table is followed by what its columns leave out: other single values as `name:
// value`, texts of several lines below their name, files by their size, other lists, those of a single
// resource among them, as tables. The JSON is proto3 JSON with line breaks, its fields in the order of the
// .proto.
void PrintResponse(const Command& command, const google::protobuf::Message& response, Format format,
                   std::ostream& out);

// A stream's responses as they arrive: one row, or one line of JSON, each. The header comes with the first
// row.
class StreamPrinter {
 public:
  StreamPrinter(const Command& command, Format format, std::ostream& out);
  void Print(const google::protobuf::Message& response);

 private:
  void PrintRow(const Row& row);

  const Command& command_;
  Format format_;
  std::ostream& out_;
  std::vector<size_t> widths_;
};

// One line: control characters become "?", line breaks spaces. For anything that another party wrote.
std::string OneLine(const std::string& text);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_OUTPUT_H_
