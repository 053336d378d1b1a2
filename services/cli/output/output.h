#ifndef IDEA_SERVICES_CLI_OUTPUT_OUTPUT_H_
#define IDEA_SERVICES_CLI_OUTPUT_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/cli/command/commands.h"
#include "services/cli/output/json_output.h"
#include "services/cli/output/table.h"

// Prints responses as tables for people and as JSON or YAML for programs.
namespace idea::cli {

enum class Format { kTable, kWide, kJson, kJsonLines, kYaml, kName, kJsonPath };

// The values of -o, --columns and --no-headers.
struct OutputStyle {
  OutputStyle(Format expected = Format::kTable) : format(expected) {}  // NOLINT(google-explicit-constructor)

  Format format;
  TableStyle table;
  // Columns of a table. Empty: those of the command.
  std::vector<std::string> columns;
  JsonPath path;
};

// The values of -o, for --help and completion.
inline constexpr char kFormats[] = "table|wide|json|jsonl|yaml|name|jsonpath=PATH";

// Sets format and path from the value of -o. Fails with the expected values.
absl::Status ParseFormat(const std::string& text, OutputStyle& style);

// Whether the format is for programs. Errors are JSON then.
bool IsForPrograms(Format format);

// Fails with the existing columns if a column of `style` does not exist in the response of the command.
absl::Status CheckColumns(const Command& command, const OutputStyle& style);

// Prints a whole response. The table is followed by the fields that are not columns, unless --columns is
// given: single values as `name: value`, texts of several lines below their name, parts of a resource as
// indented fields, files by their size, and lists as tables. kWide adds the other single values of a resource
// as columns. The JSON is proto3 JSON with line breaks, its fields in the order of the .proto. kJsonLines
// prints a line per item of a list, kName a line per resource name.
void PrintResponse(const Command& command, const google::protobuf::Message& response,
                   const OutputStyle& style, std::ostream& out);

// Prints a document that is not a message, in a format other than a table. kJsonLines prints a line per item
// of an array.
void PrintDocument(const nlohmann::ordered_json& document, const OutputStyle& style, std::ostream& out);

// Prints each response of a stream as a row, a line of JSON, or a YAML document. Prints the header with the
// first row.
class StreamPrinter {
 public:
  StreamPrinter(const Command& command, const OutputStyle& style, std::ostream& out);
  void Print(const google::protobuf::Message& response);

 private:
  const Command& command_;
  OutputStyle style_;
  std::ostream& out_;
  std::vector<std::string> columns_;
  GrowingTable table_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_OUTPUT_OUTPUT_H_
