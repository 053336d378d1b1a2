#include "services/cli/help/about_commands.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/config/version.h"
#include "services/cli/command/commands.h"

namespace idea::cli {

ExitCode RunMethods(const Arguments& arguments, Environment& env) {
  std::vector<Row> rows;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Command& command : Commands()) {
    if (command.hidden) continue;
    const std::string rpc = command.method->service()->full_name() + "/" + command.method->name();
    rows.push_back({command.noun, command.verb, rpc, command.help});
    list.push_back({{"noun", command.noun}, {"verb", command.verb}, {"rpc", rpc}, {"help", command.help}});
  }
  if (IsForPrograms(arguments.options.style.format)) {
    PrintDocument(list, arguments.options.style, env.out);
  } else {
    PrintTable({"NOUN", "VERB", "RPC", "HELP"}, rows, env.out, arguments.options.style.table);
  }
  return kDone;
}

ExitCode RunVersion(const Arguments& arguments, Environment& env) {
  if (IsForPrograms(arguments.options.style.format)) {
    PrintDocument({{"version", config::Version()}, {"commit", config::Commit()}}, arguments.options.style,
                  env.out);
  } else {
    env.out << config::VersionLine("ideactl") << "\n";
  }
  return kDone;
}

}  // namespace idea::cli
