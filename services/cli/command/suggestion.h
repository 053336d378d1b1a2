#ifndef IDEA_SERVICES_CLI_COMMAND_SUGGESTION_H_
#define IDEA_SERVICES_CLI_COMMAND_SUGGESTION_H_

#include <string>
#include <vector>

namespace idea::cli {

// The candidate that is most similar to the word: one that begins with it, or with few different letters, in
// any case. Empty if none is similar.
std::string ClosestTo(const std::string& word, const std::vector<std::string>& candidates);

// "; did you mean bucps?", or nothing.
std::string DidYouMean(const std::string& word, const std::vector<std::string>& candidates);

// "a, b, c"
std::string Listed(const std::vector<std::string>& words);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_COMMAND_SUGGESTION_H_
