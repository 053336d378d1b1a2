#include "services/cli/output/error_text.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "absl/strings/str_replace.h"
#include "services/cli/command/commands.h"

namespace idea::cli {
namespace {

const std::map<std::string, const Command*>& CommandsByRpc() {
  static const std::map<std::string, const Command*>& commands = *[] {
    auto* found = new std::map<std::string, const Command*>;
    for (const Command& command : Commands()) {
      if (!command.hidden) (*found)[command.method->name()] = &command;
    }
    return found;
  }();
  return commands;
}

bool IsLetter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

}  // namespace

std::string InIdeactlsWords(const std::string& text) {
  std::string words;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && IsLetter(text[end])) ++end;
    if (end == i) {
      words += text[i++];
      continue;
    }
    // A period ends a sentence, not a name.
    size_t stop = end;
    while (stop > i && text[stop - 1] == '.') --stop;
    const std::string word = text.substr(i, stop - i);
    const auto found = CommandsByRpc().find(word);
    words += found == CommandsByRpc().end()
                 ? word
                 : "`ideactl " + found->second->noun + " " + found->second->verb + "`";
    words += text.substr(stop, end - stop);
    i = end;
  }
  return words;
}

std::string InPrintedWords(std::string text) {
  return absl::StrReplaceAll(
      text, {{"as metadata `authorization: Bearer <JWT>`", "--as DEPT/PERSON or --token-file FILE"},
             {"Send the person's signed token", "Name the person with"},
             {"that BadRequest.field_violations names", "that are named above"},
             {"the fields in PreconditionFailure.violations", "the fields above"},
             {"the pause in RetryInfo", "a pause"},
             {"Metadata `", "The line `"},
             {"metadata `", "the line `"},
             {"same request_id", "same --request-id"}});
}

std::string FlagOfPath(const std::string& path, const google::protobuf::Descriptor& request) {
  const size_t end = std::min(path.find_first_of(".["), path.size());
  const std::string first = path.substr(0, end);
  if (request.FindFieldByName(first) == nullptr) return path;
  std::string flag = "--" + first;
  std::replace(flag.begin(), flag.end(), '_', '-');
  const std::string rest = path.substr(end);
  if (rest.empty()) return flag;
  return flag + (rest[0] == '.' ? " " + rest.substr(1) : rest);
}

}  // namespace idea::cli
