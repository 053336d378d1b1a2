#ifndef IDEA_SERVICES_CLI_COMMAND_COMMANDS_H_
#define IDEA_SERVICES_CLI_COMMAND_COMMANDS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "idea/common/v1/options.pb.h"

namespace idea::cli {

// One method of the suite as the command `ideactl <noun> <verb>`.
struct Command {
  const google::protobuf::MethodDescriptor* method = nullptr;
  // "drafting": the service to call.
  std::string service;
  // One or two words: "events dead-letters".
  std::string noun;
  std::string verb;
  std::string help;
  // Complete, after the word ideactl.
  std::string example;
  // Paths of the table's columns, see table.h.
  std::vector<std::string> columns;
  // Only services of the suite may call it. It is not shown in help, completion and suggestions.
  bool hidden = false;
};

// Every method with the option idea.common.v1.cli, in the order of the .proto files.
const std::vector<Command>& Commands();

// The columns of the option: each value holds one, or several with commas between them.
std::vector<std::string> ColumnsOf(const common::v1::CliCommand& cli);

// The command of that noun and verb. Null if it does not exist.
const Command* FindCommand(std::string_view noun, std::string_view verb);

// The first word of a noun, and the second; empty if it has one word.
std::string FirstWord(const std::string& noun);
std::string SecondWord(const std::string& noun);

// Aliases of a noun that are not nouns: its singular ("bucp" of "bucps"), and the service's name for the
// first noun of a service ("registry" of "entities").
std::vector<std::string> AliasesOf(const std::string& noun);

// An empty message of a compiled-in type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

// The field of the response that is a file: its only field of bytes, or its text `csv`. Null if it does not
// have one.
const google::protobuf::FieldDescriptor* FileFieldOf(const google::protobuf::Descriptor& response);

// The items of a page of a list. Null if the response is not a list.
const google::protobuf::FieldDescriptor* ItemsFieldOf(const google::protobuf::Descriptor& response);

// "CONTACT_ROLE_LEGAL" without the common prefix of its enum: "LEGAL".
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_COMMANDS_H_
