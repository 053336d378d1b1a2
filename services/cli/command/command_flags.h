#ifndef IDEA_SERVICES_CLI_COMMAND_COMMAND_FLAGS_H_
#define IDEA_SERVICES_CLI_COMMAND_COMMAND_FLAGS_H_

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "google/protobuf/descriptor.h"
#include "services/cli/command/request_flags.h"

// The flags of a request as options of CLI11.
namespace idea::cli {

// Writes the help. Adds what each flag means, which is read from the comments of the protos only then.
class FlagFormatter : public CLI::Formatter {
 public:
  void Describe(const CLI::Option* option, const google::protobuf::FieldDescriptor* field) {
    fields_[option] = field;
  }
  std::string make_option_desc(const CLI::Option* option) const override;

 private:
  std::map<const CLI::Option*, const google::protobuf::FieldDescriptor*> fields_;
};

// The app's formatter must be a FlagFormatter.
void AddFlag(CLI::App& app, const RequestFlag& flag, bool is_positional);

// Adds each field of the message as a flag.
void AddFlags(CLI::App& app, const google::protobuf::Descriptor& message);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_COMMAND_FLAGS_H_
