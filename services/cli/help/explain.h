#ifndef IDEA_SERVICES_CLI_HELP_EXPLAIN_H_
#define IDEA_SERVICES_CLI_HELP_EXPLAIN_H_

#include <string>
#include <vector>

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"
#include "services/cli/output/output.h"

namespace idea::cli {

// Describes a resource, a request or a part of one: `explain bucps.content.technical`, `explain bucps
// create`, `explain notices give kind`. The words are a noun, an optional verb and fields, separated by
// blanks or dots. With `skeleton` prints the JSON to fill in.
ExitCode Explain(const std::vector<std::string>& words, bool skeleton, const OutputStyle& style,
                 Environment& env);

// ideactl explain
ExitCode RunExplain(const Arguments& arguments, Environment& env);

// The same as a document, for -o json.
nlohmann::ordered_json ExplanationOf(const google::protobuf::Descriptor& message);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_HELP_EXPLAIN_H_
