#ifndef IDEA_SERVICES_CLI_OUTPUT_H_
#define IDEA_SERVICES_CLI_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/cli/commands.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

// Answers as people (tables) and programs (JSON) read them.
namespace idea::cli {

enum class Format { kTable, kWide, kJson, kJsonLines, kYaml, kName, kJsonPath };

// What -o, --columns and --no-headers ask for.
struct OutputStyle {
  OutputStyle(Format wanted = Format::kTable) : format(wanted) {}  // NOLINT(google-explicit-constructor)

  Format format;
  TableStyle table;
  // Of a table; empty: those of the command.
  std::vector<std::string> columns;
  JsonPath path;
};

// The values of -o, for --help and completion.
inline constexpr char kFormats[] = "table|wide|json|jsonl|yaml|name|jsonpath=PATH";

// Sets format and path from the value of -o. Fails with what is wanted.
absl::Status ParseFormat(const std::string& text, OutputStyle& style);

// Whether the format is for programs: errors are then JSON.
bool IsForPrograms(Format format);

// Fails if a column of `style` does not exist in the response of the command, with the columns that do.
absl::Status CheckColumns(const Command& command, const OutputStyle& style);

// A whole response. The table is followed by what its columns leave out, unless --columns chose them: other
// single values as `name: value`, texts of several lines below their name, parts of a resource as indented
// fields, files by their size, other lists, those of a single resource among them, as tables. kWide adds the
// other single values of a resource as columns. The JSON is proto3 JSON with line breaks, its fields in the
// order of the .proto. kJsonLines is a line for each item of a list. kName is the resource names, a line
// each.
void PrintResponse(const Command& command, const google::protobuf::Message& response,
                   const OutputStyle& style, std::ostream& out);

// A document that is not a message, in a format other than a table. `items`: the list that it is, one a line
// in kJsonLines.
void PrintDocument(const nlohmann::ordered_json& document, const OutputStyle& style, std::ostream& out);

// A stream's responses as they arrive: one row, one line of JSON, or one YAML document, each. The header
// comes with the first row.
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

#endif  // IDEA_SERVICES_CLI_OUTPUT_H_
