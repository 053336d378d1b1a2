#include "services/cli/command/command_flags.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "services/cli/command/proto_comments.h"

namespace idea::cli {

std::string FlagFormatter::make_option_desc(const CLI::Option* option) const {
  const std::string expected = CLI::Formatter::make_option_desc(option);
  const auto field = fields_.find(option);
  if (field == fields_.end()) return expected;
  const std::string meaning = SummaryOf(field->second->full_name());
  // The comment of a name is its form.
  if (meaning.empty() || meaning.starts_with('"')) return expected;
  return absl::EndsWithIgnoreCase(meaning, expected) ? meaning : meaning + ": " + expected;
}

// A switch takes a value only with =, as in --validate-only=false.
void AddFlag(CLI::App& app, const RequestFlag& flag, bool is_positional) {
  auto& formatter = dynamic_cast<FlagFormatter&>(*app.get_formatter());
  const std::string help = flag.expected + (flag.required ? " (required)" : "");
  if (flag.is_switch) {
    const std::string alias = flag.aliases.empty() ? "" : "," + flag.aliases[0];
    const CLI::Option* option =
        app.add_flag(flag.name + alias)->description("true if given; =false turns it off");
    formatter.Describe(option, flag.field);
    return;
  }
  std::string names = is_positional ? flag.field->name() + "," + flag.name : flag.name;
  for (const std::string& alias : flag.aliases) names += "," + alias;
  // A positional list takes all remaining words.
  const bool words = is_positional && flag.field->is_repeated();
  const CLI::Option* option = app.add_option(names)
                                  ->description(help)
                                  ->type_name("VALUE")
                                  ->allow_extra_args(words)
                                  ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  formatter.Describe(option, flag.field);
}

void AddFlags(CLI::App& app, const google::protobuf::Descriptor& message) {
  const auto positionals = PositionalsOf(message);
  for (const RequestFlag& flag : FlagsOf(message)) {
    AddFlag(app, flag, std::find(positionals.begin(), positionals.end(), flag.field) != positionals.end());
  }
}

}  // namespace idea::cli
