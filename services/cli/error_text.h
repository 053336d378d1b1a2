#ifndef IDEA_SERVICES_CLI_ERROR_TEXT_H_
#define IDEA_SERVICES_CLI_ERROR_TEXT_H_

#include <string>

#include "google/protobuf/descriptor.h"

// Texts of servers in the words of ideactl's users.
namespace idea::cli {

// The text with `ideactl bucps send` in place of SendBucp, for each rpc that people can call.
std::string InIdeactlsWords(const std::string& text);

// "--details description" for the path "details.description" of a request; the path itself if it does not
// begin with a field of the request.
std::string FlagOfPath(const std::string& path, const google::protobuf::Descriptor& request);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_ERROR_TEXT_H_
