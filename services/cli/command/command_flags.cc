#include "services/cli/command/command_flags.h"

#include <algorithm>
#include <string>

namespace idea::cli {

// A switch takes a value only with =, as in --validate-only=false.
void AddFlag(CLI::App& app, const RequestFlag& flag, bool is_positional) {
  const std::string help = flag.expected + (flag.required ? " (required)" : "");
  if (flag.is_switch) {
    const std::string alias = flag.aliases.empty() ? "" : "," + flag.aliases[0];
    app.add_flag(flag.name + alias)->description("true if given; =false turns it off");
    return;
  }
  std::string names = is_positional ? flag.field->name() + "," + flag.name : flag.name;
  for (const std::string& alias : flag.aliases) names += "," + alias;
  // A positional list takes all remaining words.
  const bool words = is_positional && flag.field->is_repeated();
  app.add_option(names)->description(help)->type_name("VALUE")->allow_extra_args(words)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

void AddFlags(CLI::App& app, const google::protobuf::Descriptor& message) {
  const auto positionals = PositionalsOf(message);
  for (const RequestFlag& flag : FlagsOf(message)) {
    AddFlag(app, flag, std::find(positionals.begin(), positionals.end(), flag.field) != positionals.end());
  }
}

}  // namespace idea::cli
