#ifndef IDEA_SERVICES_CLI_COMMAND_PROTO_COMMENTS_H_
#define IDEA_SERVICES_CLI_COMMAND_PROTO_COMMENTS_H_

#include <string>

namespace idea::cli {

// The comment of a message, field, enum, enum value or method in its .proto, by its full name, as one
// paragraph. Empty if it does not have one. The comments are compiled in.
std::string CommentOf(const std::string& full_name);

// Its first sentence, without the full stop.
std::string SummaryOf(const std::string& full_name);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_PROTO_COMMENTS_H_
