#ifndef IDEA_SERVICES_CLI_MANUAL_H_
#define IDEA_SERVICES_CLI_MANUAL_H_

#include <map>
#include <string>

namespace idea::cli {

// The pages of the manual in the language of man(7), by file name: "ideactl.1", and "ideactl-bucps.1" for
// each noun with its verbs, their flags and examples.
std::map<std::string, std::string> ManualPages();

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_MANUAL_H_
