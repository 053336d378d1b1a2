#ifndef IDEA_SERVICES_CLI_COMMAND_COMMAND_FLAGS_H_
#define IDEA_SERVICES_CLI_COMMAND_COMMAND_FLAGS_H_

#include <CLI/CLI.hpp>

#include "google/protobuf/descriptor.h"
#include "services/cli/command/request_flags.h"

// The flags of a request as options of CLI11.
namespace idea::cli {

void AddFlag(CLI::App& app, const RequestFlag& flag, bool is_positional);

// Adds each field of the message as a flag.
void AddFlags(CLI::App& app, const google::protobuf::Descriptor& message);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_COMMAND_FLAGS_H_
