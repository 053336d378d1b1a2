#ifndef IDEA_SERVICES_CLI_OUTPUT_ERROR_TEXT_H_
#define IDEA_SERVICES_CLI_OUTPUT_ERROR_TEXT_H_

#include <string>

#include "google/protobuf/descriptor.h"

// Replaces names of rpcs and fields in servers' texts by commands and flags.
namespace idea::cli {

// Replaces each rpc that people can call, such as SendBucp, by its command: `ideactl bucps send`.
std::string InIdeactlsWords(const std::string& text);

// Replaces parts of the wire format by what ideactl prints and takes: "metadata `by`" by "the line `by`".
std::string InPrintedWords(std::string text);

// "--details description" for the path "details.description" of a request. Returns the path if it does not
// begin with a field of the request.
std::string FlagOfPath(const std::string& path, const google::protobuf::Descriptor& request);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_OUTPUT_ERROR_TEXT_H_
