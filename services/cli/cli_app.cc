#include "services/cli/cli_app.h"

#include "services/cli/arguments/arguments.h"
#include "services/cli/builtin/built_ins.h"
#include "services/cli/builtin/parser.h"
#include "services/cli/builtin/shell_completion.h"
#include "services/cli/method/method_command.h"
#include "services/cli/output/table.h"

namespace idea::cli {

ExitCode Run(const std::vector<std::string>& words, Environment& env) {
  ShowTimesIn(env.clock.zone());
  if (!words.empty() && words[0] == kCompleteCommand)
    return PrintCandidates({words.begin() + 1, words.end()}, env);
  Arguments arguments;
  if (auto code = ParseArguments(words, arguments, env)) return *code;
  return arguments.command != nullptr ? RunMethod(arguments, env) : arguments.built_in->run(arguments, env);
}

}  // namespace idea::cli
