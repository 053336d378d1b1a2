#ifndef IDEA_SERVICES_CLI_FIELD_VALUES_H_
#define IDEA_SERVICES_CLI_FIELD_VALUES_H_

#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"

// One value of a field, from what a person typed.
namespace idea::cli {

// What a single value of the field looks like: "date such as 2026-07-01".
std::string ExpectedValue(const google::protobuf::FieldDescriptor& field);

// "2026-07-01" as a date. Fails with the problem; empty if the text has another form.
absl::Status ParseDate(const std::string& text, google::type::Date& date);

// Sets a singular field, or adds to a repeated one. Fails with the problem, without the name of the flag;
// empty where ExpectedValue says all there is to say.
absl::Status SetValue(const google::protobuf::FieldDescriptor& field, const std::string& text,
                      google::protobuf::Message& message);

// Reads values that are kept in files: @file, or @- once for all of standard input.
class FileReader {
 public:
  explicit FileReader(std::istream& in) : in_(in) {}

  // The content where `typed` is @file and the field holds text, bytes, messages or a list; else `typed`
  // itself. A text loses its last line feed, as in a shell's $(...).
  absl::StatusOr<std::string> Expand(const google::protobuf::FieldDescriptor& field,
                                     const std::string& typed);

  // The content of @file or @-, else `typed` itself.
  absl::StatusOr<std::string> ExpandText(const std::string& typed);

 private:
  // "-" is standard input.
  absl::StatusOr<std::string> ReadFile(const std::string& path);

  std::istream& in_;
  bool in_is_read_ = false;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_FIELD_VALUES_H_
