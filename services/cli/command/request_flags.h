#ifndef IDEA_SERVICES_CLI_COMMAND_REQUEST_FLAGS_H_
#define IDEA_SERVICES_CLI_COMMAND_REQUEST_FLAGS_H_

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// Fills requests from the command line: each top-level field of the request message is a flag.
namespace idea::cli {

struct RequestFlag {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // "--update-mask"
  std::string name;
  // The form of a value: "date such as 2026-07-01".
  std::string expected;
  // The method requires it. Not set for request_id, which is generated if it is missing.
  bool required = false;
  // Does not need a value: `--validate-only`.
  bool is_switch = false;
  // Other names: "--text", "--dry-run".
  std::vector<std::string> aliases;
  // The message field of the request that contains `field`. Null for a field of the request itself.
  const google::protobuf::FieldDescriptor* part_of = nullptr;

  // The key in FlagValues: "reason", "comment.text".
  std::string Key() const;
};

// Whether servers set the field and ignore it in requests.
bool IsOutput(const google::protobuf::FieldDescriptor& field);

// The flags of a request type, in the order of its fields.
std::vector<RequestFlag> FlagsOf(const google::protobuf::Descriptor& request);

// The free text of a request, which has the alias --text: the text with the largest max_length, the first of
// several. If the request does not have one, that of a message in it without parts: `comments create --text`.
// Null if neither exists.
struct FreeText {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const google::protobuf::FieldDescriptor* part_of = nullptr;
};
FreeText FreeTextOf(const google::protobuf::Descriptor& request);

// The fields that are positional arguments too, in this order: every REQUIRED resource name, then the first
// field of bytes; else the name of the edited resource, else the first REQUIRED list of resource names, else
// the first REQUIRED text.
std::vector<const google::protobuf::FieldDescriptor*> PositionalsOf(
    const google::protobuf::Descriptor& request);

// The first positional field. Null if there are none.
const google::protobuf::FieldDescriptor* PositionalOf(const google::protobuf::Descriptor& request);

// The field for a file that was given for `field`: `markdown` for a Markdown file, if the request has that
// field.
const google::protobuf::FieldDescriptor* FieldForFile(const google::protobuf::Descriptor& request,
                                                      const google::protobuf::FieldDescriptor& field,
                                                      const std::string& file);

// The typed values by RequestFlag::Key. A flag may be repeated.
using FlagValues = std::map<std::string, std::vector<std::string>>;

// The key of --request, the whole request.
inline constexpr char kWholeRequest[] = "--request";

// Fills a request. A value is
//   text, a number, true/false; an enum value by name, with or without its prefix, in any case;
//   @file or @- (standard input, once) for texts, bytes and messages; @@ for a text that begins with @;
//   the proto3 JSON of a message; 2026-07-01 for a Date, RFC 3339 for a Timestamp, 3.5s for a Duration;
//   a comma list, a JSON array or a repeated flag where the field is repeated; a comma list for a FieldMask.
// The whole request may be given as JSON; flags override it. A missing request_id becomes a new random UUID.
// Fails with one line that names the flag and the expected value.
absl::Status FillRequest(const FlagValues& flags, std::istream& in, google::protobuf::Message& request);

// Fails with one line that names every missing REQUIRED flag.
absl::Status CheckRequired(const FlagValues& flags, const google::protobuf::Descriptor& request);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_REQUEST_FLAGS_H_
