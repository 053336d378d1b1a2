#ifndef IDEA_SERVICES_CLI_REQUEST_FLAGS_H_
#define IDEA_SERVICES_CLI_REQUEST_FLAGS_H_

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// Requests from the command line: each top-level field of the request message is a flag.
namespace idea::cli {

struct RequestFlag {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // "--update-mask"
  std::string name;
  // What a value looks like: "date such as 2026-07-01".
  std::string expected;
  // The method does not work without it. Never set for request_id, which is made up where it is not flags.
  bool required = false;
  // Needs no value: `--validate-only`.
  bool is_switch = false;
  // Other names: "--text", "--dry-run". Empty if there are none.
  std::vector<std::string> aliases;
  // The message field of the request that `field` is a part of; null for a field of the request itself.
  const google::protobuf::FieldDescriptor* part_of = nullptr;

  // What was typed is kept under this name: "reason", "comment.text".
  std::string Key() const;
};

// Whether servers set the field and ignore it in requests.
bool IsOutput(const google::protobuf::FieldDescriptor& field);

// The flags of a request type, in the order of its fields.
std::vector<RequestFlag> FlagsOf(const google::protobuf::Descriptor& request);

// The field that holds the free text of a request, and is also called --text: of its texts of any length the
// one that may be longest, the first of several. Where the request itself has none, that of a message in it
// that is short: `comments create --text`. Null if there is none.
struct FreeText {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const google::protobuf::FieldDescriptor* part_of = nullptr;
};
FreeText FreeTextOf(const google::protobuf::Descriptor& request);

// The fields that are also taken without their flags, in this order: every REQUIRED text that holds a
// resource name, then the first field of bytes; else the name of the resource that the request edits, else
// the first REQUIRED list of resource names, else the first REQUIRED text.
std::vector<const google::protobuf::FieldDescriptor*> PositionalsOf(
    const google::protobuf::Descriptor& request);

// The first of them. Null if there is none.
const google::protobuf::FieldDescriptor* PositionalOf(const google::protobuf::Descriptor& request);

// Where a file belongs that was given for `field`: a Markdown file to the field `markdown`, if the request
// has one.
const google::protobuf::FieldDescriptor* FieldForFile(const google::protobuf::Descriptor& request,
                                                      const google::protobuf::FieldDescriptor& field,
                                                      const std::string& file);

// What was typed, by field name; a flag may be repeated.
using FlagValues = std::map<std::string, std::vector<std::string>>;

// The key of --request, the request as a whole.
inline constexpr char kWholeRequest[] = "--request";

// Fills a request. A value is
//   text, a number, true/false; an enum value by name, with or without its prefix, in any case;
//   @file or @- (standard input, once) for texts, bytes and messages; @@ for a text that begins with @;
//   the proto3 JSON of a message; 2026-07-01 for a Date, RFC 3339 for a Timestamp, 3.5s for a Duration;
//   a comma list, a JSON array or a repeated flag where the field is repeated; a comma list for a FieldMask.
// The request as a whole may come as JSON first; the flags win over it.
// A request_id that is not given is a new random UUID. Fails with one line: the flag and what is wanted.
absl::Status FillRequest(const FlagValues& flags, std::istream& in, google::protobuf::Message& request);

// Fails with one line that names every REQUIRED flag that was not flags.
absl::Status CheckRequired(const FlagValues& flags, const google::protobuf::Descriptor& request);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_REQUEST_FLAGS_H_
