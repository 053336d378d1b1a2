#ifndef IDEA_SERVICES_CLI_COMMAND_FIELD_VALUES_H_
#define IDEA_SERVICES_CLI_COMMAND_FIELD_VALUES_H_

#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"

// Converts typed text to the value of a field.
namespace idea::cli {

// The form of a single value of the field: "date such as 2026-07-01".
std::string ExpectedValue(const google::protobuf::FieldDescriptor& field);

// Parses "2026-07-01". Fails with the problem, or with an empty message if the text has another form.
absl::Status ParseDate(const std::string& text, google::type::Date& date);

// Sets a singular field, or adds to a repeated one. Fails with the problem, without the name of the flag, or
// with an empty message if ExpectedValue is the whole explanation.
absl::Status SetValue(const google::protobuf::FieldDescriptor& field, const std::string& text,
                      google::protobuf::Message& message);

// Reads values from files: @file, or @- for standard input, at most once.
class FileReader {
 public:
  explicit FileReader(std::istream& in) : in_(in) {}

  // The content of the file if `typed` is @file and the field holds text, bytes, messages or a list; else
  // `typed`. The last line feed of a text is removed, as in a shell's $(...).
  absl::StatusOr<std::string> Expand(const google::protobuf::FieldDescriptor& field,
                                     const std::string& typed);

  // The content of @file or @-, else `typed`.
  absl::StatusOr<std::string> ExpandText(const std::string& typed);

 private:
  // "-" is standard input.
  absl::StatusOr<std::string> ReadFile(const std::string& path);

  std::istream& in_;
  bool in_is_read_ = false;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_FIELD_VALUES_H_
